"""What is wrong with an invoice, said so that the sender can mend it."""

from typing import Any, Literal

from msgspec import Struct

Severity = Literal["error", "warning", "info"]


class RuleRef(Struct, frozen=True, omit_defaults=True):
    """A rule of a published set: `RuleRef("en16931", "BR-CO-15")`."""

    set: str
    id: str
    version: str = ""


class Step(Struct, frozen=True, omit_defaults=True):
    """One line of a calculation: what was done (`sum of BT-131`), with which operands, and the result."""

    operation: str
    operands: tuple[str, ...] = ()
    result: str = ""


class Fault(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One broken rule.

    `code` is stable and never reused for another meaning; `pointer` is an RFC 6901 JSON Pointer into the
    sender's document; `term` is the business term; `calculation` shows the arithmetic; `fix` is an RFC 6902
    JSON Patch that would mend it; `wire_location` is an XPath, for faults found in a wire document.
    """

    code: str
    pointer: str
    message: str
    severity: Severity = "error"
    rule: RuleRef | None = None
    term: str = ""
    expected: str = ""
    actual: str = ""
    calculation: tuple[Step, ...] = ()
    hint: str = ""
    fix: tuple[dict[str, Any], ...] = ()
    wire_location: str = ""
