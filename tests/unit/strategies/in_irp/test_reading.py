"""INV-01 as others write it: names in any case, numbers as texts; what cannot be carried is named."""

import json
from typing import Any

import pytest

from tallystick.canonical import decode
from tallystick.formats import Unreadable
from tallystick.strategy import Reading
from unit.strategies.in_irp.talks import irp, ready


def _content(case: str = "standard") -> dict[str, Any]:
    document, _ = ready(case)
    content: dict[str, Any] = json.loads(document.body)
    return content


def _read(content: Any) -> Reading:
    strategy: Any = irp()
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    reading: Reading = strategy.read(body)
    return reading


def _folded(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {change(name): _folded(member, change) for name, member in value.items()}
    return [_folded(one, change) for one in value] if isinstance(value, list) else value


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _texts(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_texts(one) for one in value]
    return str(value) if isinstance(value, (int, float)) else value


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase])
@pytest.mark.parametrize("case", ["every_cess", "references", "batches_and_attributes", "eway_bill_by_road"])
def test_names_are_read_in_any_case(case: str, change: Any) -> None:
    assert _read(_folded(_content(case), change)) == _read(_content(case))


def test_numbers_are_read_from_texts() -> None:
    plain, texts = _read(_content("every_cess")), _read(_texts(_content("every_cess")))

    assert texts.unread == ()
    assert _invoice(plain).document_totals == _invoice(texts).document_totals
    assert _invoice(plain).lines[0].tax == _invoice(texts).lines[0].tax


def _invoice(reading: Reading) -> Any:
    strategy: Any = irp()
    return decode(reading.invoice, {strategy.regime: strategy.blocks}).invoice


@pytest.mark.parametrize("change", [(b"Mumbai", b"\\ud800"), (b'"Version"', b'"\\uDFFF":1,"Version"')])
def test_half_a_character_is_no_text(change: tuple[bytes, bytes]) -> None:
    body = json.dumps(_content()).encode()

    with pytest.raises(Unreadable, match="not JSON"):
        _read(body.replace(*change))
    assert _read(body.replace(b"Mumbai", b"\\ud83c\\udf43")).unread == ()


def test_a_member_that_is_there_twice_is_not_guessed_at() -> None:
    body = json.dumps(_content()).encode()

    with pytest.raises(Unreadable, match="not JSON"):
        _read(body.replace(b'"Version"', b'"Version": "1.0", "Version"'))


def test_nulls_and_empty_texts_say_nothing() -> None:
    content = _content()
    content["TranDtls"] |= {"EcmGstin": None}
    content["BuyerDtls"] |= {"Em": ""}
    content |= {"EwbDtls": {}, "AddlDocDtls": []}

    assert _read(content) == _read(_content())


@pytest.mark.parametrize(
    ("place", "value", "path"),
    [
        ((), {"Irn": "a" * 64}, "/Irn"),
        (("SellerDtls",), {"Fax": "080 1"}, "/SellerDtls/Fax"),
        (("ItemList", 0), {"Colour": "red"}, "/ItemList/0/Colour"),
        (("ItemList", 0), {"Qty": "many"}, "/ItemList/0/Qty"),
        (("ItemList", 0), {"TotAmt": 1}, "/ItemList/0/TotAmt"),
        (("ItemList", 0), {"TotItemVal": 1}, "/ItemList/0/TotItemVal"),
        (("ItemList", 0), {"IsServc": "Y"}, "/ItemList/0/IsServc"),
        (("ItemList", 0), {"FreeQty": 1e30}, "/ItemList/0/FreeQty"),
        (("ValDtls",), {"TotInvVal": 1}, "/ValDtls/TotInvVal"),
        (("DocDtls",), {"Dt": "2026-10-05"}, "/DocDtls/Dt"),
        (("DocDtls",), {"Typ": "BIL"}, "/DocDtls/Typ"),
        (("TranDtls",), {"TaxSch": "VAT"}, "/TranDtls/TaxSch"),
        ((), {"Version": "1.0"}, "/Version"),
        ((), {"RefDtls": "none"}, "/RefDtls"),
        ((), {"RefDtls": {"PrecDocDtls": {}, "ContrDtls": "x"}}, "/RefDtls/ContrDtls"),
        ((), {"PayDtls": {"FinInsBr": "HDFC0000240"}}, "/PayDtls/FinInsBr"),
    ],
)
def test_what_cannot_be_carried_is_named(place: tuple[Any, ...], value: dict[str, Any], path: str) -> None:
    content = _content()
    part: Any = content
    for step in place:
        part = part[step]
    part |= value

    assert path in [one.path for one in _read(content).unread]


def test_a_member_that_is_there_twice_is_named() -> None:
    body = json.dumps(_content()).replace('"Loc"', '"LOC": "Mysuru", "Loc"', 1).encode()

    assert "/SellerDtls/Loc" in [one.path for one in _read(body).unread]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"{}", b'{"DocDtls": {}}', b"\xff", b'{"a": NaN}', b"[" * 100_000]
)
def test_what_is_no_inv_01_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        _read(body)


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, [[]], [None], True, {"a": 1}])
def test_odd_values_in_any_block_are_read_or_named_and_never_raise(odd: Any) -> None:
    for name in _content("references"):
        if name not in ("DocDtls", "ItemList"):
            assert _read({**_content("references"), name: odd}).invoice
    for name in _content()["ItemList"][0]:
        content = _content()
        content["ItemList"][0][name] = odd
        assert _read(content).invoice


def test_bytes_are_recognised_without_raising() -> None:
    strategy: Any = irp()
    document, _ = ready("standard")

    assert strategy.recognises(document.body)
    assert strategy.recognises(b" \n" + document.body.replace(b"ItemList", b"ITEMLIST"))
    assert not any(strategy.recognises(body) for body in (b"", b"{", b"<a/>", b"\xff\xfe", b'{"lines": []}'))
