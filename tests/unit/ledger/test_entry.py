"""Entries: canonical bytes against an independent encoder, published hashes, no way around."""

import hashlib
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger import (
    GENESIS,
    Entry,
    ObjectRef,
    OutsideProfile,
    canonical,
    entry_bytes,
    entry_hash,
    fill,
    object_digest,
    read_entry,
    template,
)

TENANT = "01920000-0000-7000-8000-000000000001"
INVOICE = "01920000-0000-7000-8000-000000000002"
AT = "2026-11-20T10:11:12.000123Z"


def entry(**changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "tenant": TENANT,
        "stream_kind": "invoice",
        "stream_id": INVOICE,
        "stream_seq": 1,
        "prev_hash": GENESIS,
        "event": "invoice.accepted",
        "at": AT,
        "actor": "key:abc",
    }
    return Entry(**fields | changes)


values = st.one_of(
    st.text(), st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none(), st.lists(st.text(), max_size=3)
)
data = st.dictionaries(st.text(st.characters(codec="ascii"), max_size=8), values, max_size=6)


@given(data)
def test_bytes_equal_an_independent_rfc_8785_encoder(made: dict[str, Any]) -> None:
    one = entry(
        data=made, objects=(ObjectRef(digest="ab", media="application/xml", name="wire", salt="00", size=7),)
    )
    assert entry_bytes(one) == rfc8785.dumps(msgspec.json.decode(msgspec.json.encode(one)))
    assert canonical(made) == rfc8785.dumps(made)


@given(data)
def test_reading_gives_back_what_was_written(made: dict[str, Any]) -> None:
    one = entry(data=made)
    assert entry_bytes(read_entry(entry_bytes(one))) == entry_bytes(one)


@given(data, st.text())
def test_a_filled_template_is_the_entry(made: dict[str, Any], actor: str) -> None:
    one = entry(data=made, actor=actor)
    assert fill(template(one), AT, GENESIS, 1) == entry_bytes(one)


def test_a_mark_inside_the_data_moves_no_cut() -> None:
    data = {"at": "\x01", "prev_hash": GENESIS, "stream_seq": 0, "b": '"at":""\x02', "c": '"stream_seq":0'}
    one = entry(
        data=data, actor='"at":""\x03', endpoint=f'"prev_hash":"{GENESIS}"', stream_seq=7, prev_hash="a" * 64
    )
    assert fill(template(one), AT, "a" * 64, 7) == entry_bytes(one)


def test_the_hash_is_separated_by_its_domain() -> None:
    body = entry_bytes(entry())
    assert entry_hash(body) == hashlib.sha256(b"tallystick/log-entry/v1\n" + body).digest()
    assert entry_hash(body) != hashlib.sha256(body).digest()


def test_every_member_is_in_the_bytes() -> None:
    assert sorted(msgspec.json.decode(entry_bytes(entry()))) == [
        *("actor", "at", "attempt", "authority", "data", "endpoint", "event", "objects", "prev_hash"),
        *("stream_id", "stream_kind", "stream_seq", "tenant", "terminal", "v"),
    ]


@pytest.mark.parametrize("bad", [1.5, 2**53, -(2**53), {"x": 1}, b"bytes", {1}, ["a", 0.1], "\ud800"])
def test_what_is_outside_the_profile_is_refused(bad: Any) -> None:
    with pytest.raises(OutsideProfile):
        entry_bytes(entry(data={"k": bad}))


def test_a_key_that_is_not_ascii_is_refused() -> None:
    with pytest.raises(OutsideProfile):
        entry_bytes(entry(data={"ключ": 1}))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b'{"actor"', b'{ "actor"'),
        lambda body: body.replace(b'"v":1', b'"v":2'),
        lambda body: body[:-1] + b',"x":1}',
        lambda body: body[:-1] + b',"v":1}',
        lambda body: body.replace(b'"terminal":false', b'"terminal":0'),
        lambda body: body.replace(b'"kind":"invoice"', b'"kind":"planet"').replace(b"_kind", b"_kin"),
        lambda body: body[:-1],
    ],
)
def test_bytes_that_are_not_canonical_are_refused(change: Any) -> None:
    body = entry_bytes(entry())
    assert change(body) != body
    with pytest.raises(ValueError):
        read_entry(change(body))


def test_an_object_digest_covers_salt_and_body() -> None:
    assert object_digest(b"s" * 16, b"body") == hashlib.sha256(b"s" * 16 + b"body").digest()
    assert object_digest(b"s" * 16, b"body") != object_digest(b"t" * 16, b"body")
