"""What is wrong with an invoice, said so that the sender can mend it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from msgspec import Struct, field

Severity = Literal["error", "warning", "info"]


def _refused() -> Severity:
    return "error"


class RuleRef(Struct, frozen=True, omit_defaults=True):
    """A rule of a published set: `RuleRef("en16931", "BR-CO-15")`. `href` leads to what is told of it."""

    set: str
    id: str
    version: str = ""
    href: str = ""


class Step(Struct, frozen=True, omit_defaults=True):
    """One line of a calculation: what was done (`sum of BT-131`), with which operands, and the result."""

    operation: str
    operands: tuple[str, ...] = ()
    result: str = ""


class Fault(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One broken rule.

    `code` is stable and never reused for another meaning; `pointer` is an RFC 6901 JSON Pointer into the
    sender's document, to a member that is there or to one that a member lacks; `computed` is the pointer into
    the completed invoice, where the gateway computed what is wrong; `term` is the business term;
    `calculation` shows the arithmetic; `fix` is an RFC 6902 JSON Patch of the sender's document that would
    mend it; `wire_location` is an XPath, for faults found in a wire document.
    """

    code: str
    pointer: str
    message: str
    severity: Severity = field(default_factory=_refused)  # thus always written
    rule: RuleRef | None = None
    term: str = ""
    expected: str = ""
    actual: str = ""
    calculation: tuple[Step, ...] = ()
    hint: str = ""
    fix: tuple[dict[str, Any], ...] = ()
    wire_location: str = ""
    computed: str = ""


FAULT_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "request/empty": "The body is empty.",
        "request/too-large": "The body is larger than a document may be.",
        "request/too-deep": "Arrays and objects nest too deeply.",
        "request/too-many-values": "The document has more values than an invoice can need.",
        "request/too-many-faults": "There are more faults than are told.",
        "request/encoding": "The body is not plain UTF-8.",
        "request/malformed": "The body is not JSON.",
        "request/not-an-object": "The body is JSON, but not an object.",
        "request/duplicate-key": "A name is given more than once in one object.",
        "request/forbidden-character": "A text holds a character that no document may hold.",
        "request/float-money": "A number is sent as a JSON number instead of a string.",
        "invoice/unknown-field": "There is no such term.",
        "invoice/missing-term": "A required term is missing.",
        "invoice/wrong-type": "A value is of another kind than its term.",
        "invoice/too-few": "A list has fewer entries than it needs.",
        "invoice/bad-number": "A number is not spelled in plain digits.",
        "invoice/bad-date": "A date is no real day, or not written YYYY-MM-DD.",
        "invoice/date-out-of-range": "A date lies outside the years 1900 to 2100.",
        "invoice/bad-time": "A time is not written HH:MM:SS.",
        "invoice/bad-text": "A text does not have the form its term wants.",
        "invoice/blank-text": "A text is given but has nothing in it.",
        "invoice/unknown-value": "A value is not one of those its term knows.",
        "invoice/bad-value": "A value cannot be read as its type.",
        "invoice/unknown-regime": "No loaded regime brings data under this code.",
        "invoice/regime-level": "The regime has no data at this level.",
        "invoice/unknown-currency": "The currency is not one that ISO 4217 gives a minor unit.",
        "invoice/too-many-decimals": "An amount has more decimals than its currency.",
        "invoice/amount-too-large": "A computed amount has more digits than an amount may have.",
        "invoice/zero-base-quantity": "A price is for zero units.",
        "invoice/underivable-price": "No price without tax follows from the price with tax.",
        "invoice/incomplete-component": "A tax that comes on top has neither an amount nor a rate.",
        "invoice/wrong-exchange-rate": "The exchange rate leads between other currencies than the invoice's.",
        "invoice/arithmetic": "An amount is not what it must be by the rules of arithmetic.",
        "invoice/incomplete-tax-breakdown": "A category and rate in use has no entry in the tax breakdown.",
        "invoice/unmatched-tax-breakdown": "An entry of the tax breakdown stands for nothing in the invoice.",
        "invoice/ambiguous-tax-breakdown": "Entries share a category and rate and lack taxable amounts.",
    }
)
"""Every code of the canonical model, with what it means. Codes never change their meaning."""
