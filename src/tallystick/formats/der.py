"""DER (X.690) for what is written here: tags, lengths and values, nothing that reads.

Every function gives the whole encoding of one value. Texts are refused where their type cannot hold them.
"""

import re
from typing import Final

__all__ = [
    "bits",
    "directory",
    "explicit",
    "integer",
    "null",
    "octets",
    "oid",
    "printable",
    "sequence",
    "set_of",
    "tlv",
    "utf8",
]

PRINTABLE: Final = re.compile(r"[A-Za-z0-9 '()+,\-./:=?]*", re.ASCII)


def tlv(tag: int, content: bytes) -> bytes:
    """One value of this tag (one octet), with its length in the shortest form."""
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 | len(length))) + length + content


def sequence(*members: bytes) -> bytes:
    """SEQUENCE of these values, in this order."""
    return tlv(0x30, b"".join(members))


def set_of(*members: bytes) -> bytes:
    """SET OF these values, in the order that DER wants."""
    return tlv(0x31, b"".join(sorted(members)))


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER of its dotted form. Raises ValueError for anything else."""
    arcs = [int(arc) for arc in dotted.split(".")]
    if len(arcs) < 2 or arcs[0] > 2 or (arcs[0] < 2 and arcs[1] > 39) or min(arcs) < 0:
        raise ValueError(f"no object identifier: {dotted}")
    return tlv(0x06, b"".join(_base128(arc) for arc in (arcs[0] * 40 + arcs[1], *arcs[2:])))


def _base128(number: int) -> bytes:
    pieces = [number & 127]
    while number := number >> 7:
        pieces.append(number & 127 | 128)
    return bytes(reversed(pieces))


def integer(number: int) -> bytes:
    """INTEGER."""
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def null() -> bytes:
    """NULL."""
    return b"\x05\x00"


def octets(content: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(0x04, content)


def bits(content: bytes) -> bytes:
    """BIT STRING of whole octets."""
    return tlv(0x03, b"\x00" + content)


def utf8(text: str) -> bytes:
    """UTF8String."""
    return tlv(0x0C, text.encode())


def printable(text: str) -> bytes:
    """PrintableString. Raises ValueError for a character that it cannot hold."""
    if not PRINTABLE.fullmatch(text):
        raise ValueError("not a printable string")
    return tlv(0x13, text.encode("ascii"))


def explicit(number: int, content: bytes) -> bytes:
    """A context-specific, constructed tag around a value, or around nothing."""
    return tlv(0xA0 | number, content)


def directory(*attributes: tuple[str, bytes]) -> bytes:
    """A Name (X.501): each attribute (dotted type, encoded value) in a relative name of its own."""
    return sequence(*(set_of(sequence(oid(kind), value)) for kind, value in attributes))
