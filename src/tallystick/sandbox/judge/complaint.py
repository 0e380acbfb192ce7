"""What a judge finds wrong, and what the envelope or the path said about the document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tallystick.sandbox.judge.paper import Part


@dataclass(frozen=True, slots=True)
class Complaint:
    """One broken rule: its public id and a sentence with what was found; `at` is the place, as an XPath."""

    rule: str
    text: str
    at: str = ""

    def __str__(self) -> str:
        place = f" at {self.at}" if self.at else ""
        return f"[{self.rule}] {self.text}{place}"


@dataclass(frozen=True, slots=True)
class Addressing:
    """Where the sender says the document goes: identifiers without their scheme prefix.

    sender, receiver: `0088:7300010000001`; doc_type: `{ns}::{root}##{customization}::{version}`;
    process: the profile id; country: ISO 3166-1 of the sender (C1).
    """

    sender: str
    receiver: str
    doc_type: str
    process: str
    country: str


Rule = Callable[[Part, Addressing], Iterator[Complaint]]
"""A group of rules: reads the document's root and says what is wrong."""


def lines_of(root: Part) -> list[Part]:
    """The invoice or credit note lines."""
    return root.all("cac:InvoiceLine" if root.name == "Invoice" else "cac:CreditNoteLine")


def label(line: Part, number: int) -> str:
    """How a complaint names a line: by its id, or its position when it has none."""
    return f"line {line.text('cbc:ID') or '#' + str(number)}"
