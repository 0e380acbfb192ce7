"""Chains: every kind of tampering is seen, and at its place."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger import GENESIS, Break, Entry, entry_bytes, entry_hash, follow

STREAM = "01920000-0000-7000-8000-000000000002"


def chain(length: int, stream: str = STREAM) -> list[bytes]:
    bodies: list[bytes] = []
    for number in range(1, length + 1):
        link = entry_hash(bodies[-1]).hex() if bodies else GENESIS
        made = Entry(
            tenant="01920000-0000-7000-8000-000000000001",
            stream_kind="invoice",
            stream_id=stream,
            stream_seq=number,
            prev_hash=link,
            event="authority.request",
            at="2026-11-20T10:11:12.000123Z",
            actor="worker",
            data={"n": number},
        )
        bodies.append(entry_bytes(made))
    return bodies


def broken(bodies: list[bytes]) -> list[int]:
    return [found.place for found in follow(bodies) if isinstance(found, Break)]


def test_an_untouched_chain_has_no_break() -> None:
    assert broken(chain(5)) == []
    assert broken([]) == []
    assert [found.stream_seq for found in follow(chain(3)) if isinstance(found, Entry)] == [1, 2, 3]


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_a_missing_entry_is_seen(place: int) -> None:
    bodies = chain(5)
    del bodies[place - 1]
    assert broken(bodies)[0] == place


def test_an_extra_entry_is_seen() -> None:
    bodies = chain(4)
    assert broken([*bodies[:2], bodies[1], *bodies[2:]])[0] == 3


def test_swapped_entries_are_seen() -> None:
    bodies = chain(4)
    assert broken([bodies[0], bodies[2], bodies[1], bodies[3]])[0] == 2


def test_another_streams_entry_is_seen() -> None:
    bodies = chain(3)
    assert broken([*bodies[:2], chain(3, "01920000-0000-7000-8000-00000000000f")[2]])[0] == 3


def test_a_rewritten_entry_breaks_the_next_link() -> None:
    bodies = chain(3)
    first = msgspec.json.decode(bodies[0], type=Entry)
    bodies[0] = entry_bytes(msgspec.structs.replace(first, actor="mallory"))
    assert broken(bodies) == [2]


@given(st.data())
def test_any_changed_byte_but_the_last_entrys_is_seen(draw: st.DataObject) -> None:
    bodies = chain(3)
    place = draw.draw(st.integers(0, 1))
    at = draw.draw(st.integers(0, len(bodies[place]) - 1))
    flip = draw.draw(st.integers(1, 255))
    body = bytearray(bodies[place])
    body[at] ^= flip
    bodies[place] = bytes(body)
    assert broken(bodies)
