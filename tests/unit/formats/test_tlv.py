"""Tag, length, value: what is written comes back, and nothing else is taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tallystick.formats import tlv

values = some.dictionaries(some.integers(0, 255), some.binary(max_size=255), max_size=12)


@given(values)
def test_what_is_written_comes_back_in_its_order(given_values: dict[int, bytes]) -> None:
    found = tlv.decode(tlv.encode(given_values))
    assert list(found.items()) == list(given_values.items())


def test_lengths_count_bytes_not_letters() -> None:
    assert tlv.encode({1: "نجد".encode()}) == b"\x01\x06" + "نجد".encode()


@pytest.mark.parametrize("wrong", [{1: bytes(256)}, {256: b""}, {-1: b""}])
def test_what_fits_no_byte_is_refused(wrong: dict[int, bytes]) -> None:
    with pytest.raises(tlv.TlvError):
        tlv.encode(wrong)


@pytest.mark.parametrize(
    "wrong", [b"\x01", b"\x01\x02a", b"\x01\x01ab", b"\x01\x00\x01\x00", b"\x01\x81\x01a"]
)
def test_a_length_that_is_wrong_and_a_tag_that_repeats_are_refused(wrong: bytes) -> None:
    with pytest.raises(tlv.TlvError):
        tlv.decode(wrong)


@given(some.binary(max_size=64))
def test_any_bytes_are_read_whole_or_refused(data: bytes) -> None:
    try:
        found = tlv.decode(data)
    except tlv.TlvError:
        return
    assert tlv.encode(found) == data
