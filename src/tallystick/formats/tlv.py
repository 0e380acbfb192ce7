"""Tag, length, value: one byte, one byte, so many bytes. How some authorities pack the content of a QR code.

Authorities describe it alike; a value longer than 255 bytes has no spelling.
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["LONGEST", "TlvError", "decode", "encode"]

LONGEST: Final = 255


class TlvError(ValueError):
    """Bytes that are no sequence of tags, or a value that cannot be written as one."""


def encode(values: Mapping[int, bytes]) -> bytes:
    """The values in the order given. Raises TlvError for a tag or a length that fits no byte."""
    written = bytearray()
    try:
        for tag, value in values.items():
            written.append(tag)
            written.append(len(value))
            written += value
    except ValueError:
        raise TlvError(f"tag {tag} with {len(value)} bytes does not fit") from None
    return bytes(written)


def decode(data: bytes) -> dict[int, bytes]:
    """The values by tag. Raises TlvError unless each length is right, to the last byte, and each tag new."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise TlvError(f"a tag without a length at byte {at}")
        tag, end = data[at], at + 2 + data[at + 1]
        if end > len(data):
            raise TlvError(f"tag {tag} ends {end - len(data)} bytes behind the end")
        if tag in found:
            raise TlvError(f"tag {tag} stands twice")
        found[tag] = data[at + 2 : end]
        at = end
    return found
