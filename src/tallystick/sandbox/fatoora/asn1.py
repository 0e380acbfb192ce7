"""Just enough DER to see which string types and sets a certificate request really uses."""

from __future__ import annotations

from dataclasses import dataclass

SEQUENCE, SET, OBJECT_IDENTIFIER, OCTET_STRING = 0x30, 0x31, 0x06, 0x04
UTF8, PRINTABLE, BOOLEAN = 0x0C, 0x13, 0x01
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Node:
    """One value: its tag byte, its content, and (for constructed ones) what it is made of."""

    tag: int
    content: bytes
    children: tuple[Node, ...] = ()

    @property
    def text(self) -> str:
        """Content as UTF-8. Raises ValueError when it is none."""
        return self.content.decode("utf-8")

    @property
    def identifier(self) -> str:
        """Dotted form of an object identifier. Raises ValueError for anything else."""
        if self.tag != OBJECT_IDENTIFIER or not self.content:
            raise ValueError("no object identifier")
        arcs, value = [min(self.content[0] // 40, 2)], 0
        arcs.append(self.content[0] - 40 * arcs[0])
        for byte in self.content[1:]:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                arcs.append(value)
                value = 0
        return ".".join(map(str, arcs))


def read(der: bytes) -> Node:
    """The one value in these bytes. Raises ValueError for anything but one whole DER value."""
    node, end = _value(der, 0, 0)
    if end != len(der):
        raise ValueError("bytes after the end")
    return node


def _value(der: bytes, at: int, depth: int) -> tuple[Node, int]:
    if depth > _DEEPEST or at + 2 > len(der):
        raise ValueError("cut off or too deep")
    tag, length, at = der[at], der[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length = int.from_bytes(der[at : at + octets], "big")
        at += octets
        if not 1 <= octets <= 4 or length < 0x80:
            raise ValueError("a length that is not DER")
    end = at + length
    if end > len(der):
        raise ValueError("cut off")
    children = []
    if tag & 0x20:
        place = at
        while place < end:
            child, place = _value(der[:end], place, depth + 1)
            children.append(child)
    return Node(tag, der[at:end], tuple(children)), end
