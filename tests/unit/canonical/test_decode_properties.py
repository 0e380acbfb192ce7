"""Properties of decoding that hold for every document, right or wrong."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tallystick.canonical import FAULT_CODES, decode, encode
from tallystick.canonical.decode import _fast, _thorough
from unit.canonical.documents import body_of, documents, mangled, plain_document

_calm = settings(deadline=None, max_examples=300)
_NONE: dict[str, Any] = {}


def _resolves(document: Any, pointer: str, *, but_last: bool) -> bool:
    """Whether the pointer leads to a place of the document, or (but_last) to its parent at least."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    for token in tokens[: len(tokens) - but_last]:
        if isinstance(document, list):
            if not token.isdigit() or int(token) >= len(document):
                return False
            document = document[int(token)]
        elif isinstance(document, dict) and token in document:
            document = document[token]
        else:
            return False
    return True


@_calm
@given(documents)
def test_every_good_document_is_accepted_by_both_ways_alike(document: dict[str, Any]) -> None:
    body = body_of(document)
    thorough = _thorough(body, _NONE)
    assert thorough.faults == ()
    assert decode(body).invoice == thorough.invoice
    fast = _fast(body, _NONE)
    assert fast is None or fast == thorough.invoice


@_calm
@given(documents)
def test_what_is_encoded_decodes_to_the_same(document: dict[str, Any]) -> None:
    invoice = decode(body_of(document)).invoice
    assert invoice is not None
    assert decode(encode(invoice)).invoice == invoice


@_calm
@given(documents)
def test_what_is_encoded_is_what_was_sent_digit_by_digit(document: dict[str, Any]) -> None:
    invoice = decode(body_of(document)).invoice
    assert invoice is not None
    assert json.loads(encode(invoice)) == _without_defaults(document)


def _without_defaults(node: Any) -> Any:
    """The document as it comes back: empty lists and `false` are the same as absent."""
    if isinstance(node, list):
        return [_without_defaults(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _without_defaults(value) for name, value in node.items()}
    return {
        name: value
        for name, value in kept.items()
        if value != [] and value is not False and not (name == "metadata" and value == {})
    }


@_calm
@given(mangled)
@example({})
def test_both_ways_agree_on_every_document(document: dict[str, Any]) -> None:
    body = body_of(document)
    fast, thorough = _fast(body, _NONE), _thorough(body, _NONE)
    if fast is not None:
        assert thorough.invoice == fast
    assert (thorough.invoice is None) == bool(thorough.faults)


@_calm
@given(mangled)
def test_every_fault_points_to_its_place_or_to_what_is_missing_there(document: dict[str, Any]) -> None:
    for fault in decode(body_of(document)).faults:
        missing = fault.code == "invoice/missing-term"
        assert _resolves(document, fault.pointer, but_last=missing), fault
        assert fault.code in FAULT_CODES
        assert fault.message
        msgspec.json.encode(fault)


@_calm
@given(mangled)
def test_no_two_faults_say_the_same(document: dict[str, Any]) -> None:
    said = [(fault.code, fault.pointer, fault.message) for fault in decode(body_of(document)).faults]
    assert len(said) == len(set(said))


@_calm
@given(st.binary(max_size=64))
def test_any_bytes_get_an_answer(body: bytes) -> None:
    decoded = decode(body)
    assert decoded.invoice is None
    assert decoded.faults
    assert all(fault.code in FAULT_CODES for fault in decoded.faults)


_LAYOUTS: list[dict[str, Any]] = [{}, {"separators": (",", ":")}, {"indent": 1, "separators": (" ,", " : ")}]


@_calm
@given(documents, st.integers(0), st.sampled_from(_LAYOUTS), st.booleans())
def test_no_member_of_any_document_may_be_named_twice(
    document: dict[str, Any], place: int, layout: dict[str, Any], escaped: bool
) -> None:
    text = json.dumps(document, ensure_ascii=escaped, **layout)
    assert decode(text.encode()).invoice is not None
    names = [found for found in re.finditer(r'("(?:[^"\\]|\\.)*")(\s*:)?', text) if found[2]]
    name = names[place % len(names)]
    doubled = f"{text[: name.start()]}{name[1]}: null, {text[name.start() :]}"
    assert "request/duplicate-key" in {fault.code for fault in decode(doubled.encode()).faults}


@pytest.mark.parametrize("empty", [{"metadata": {}}, {"notes": []}, {"buyer_reference": None}])
@pytest.mark.parametrize("layout", _LAYOUTS)
def test_what_is_said_in_vain_is_read_on_the_fast_way_all_the_same(
    empty: dict[str, Any], layout: dict[str, Any]
) -> None:
    body = json.dumps(plain_document() | empty, **layout).encode()
    invoice = _fast(body, _NONE)
    assert invoice is not None and invoice == _thorough(body, _NONE).invoice


_GOOD = body_of(plain_document(metadata={"note": "1"}, issue_time="10:00:00", notes=[{"content": "ä"}]))


@_calm
@given(st.integers(0, len(_GOOD) - 1), st.binary(max_size=3))
def test_a_document_with_bytes_changed_gets_one_answer_by_both_ways(place: int, change: bytes) -> None:
    body = _GOOD[:place] + change + _GOOD[place + 1 :]
    decoded = decode(body)
    assert (decoded.invoice is None) == bool(decoded.faults)
    if decoded.invoice is not None:
        assert _thorough(body, _NONE).invoice == decoded.invoice
    msgspec.json.encode(decoded.faults)
