"""The table of rules that are checked here, and the one way to say that one of them is broken."""

from typing import Any, Final

from msgspec.structs import replace

from tallystick.canonical import Fault, Step
from tallystick.rules.table import read

__all__ = ["OURS", "RULES", "broken", "hard"]

OURS: Final = "in"
"""The set of the rules that no code of the portal stands for. Their numbers are fault codes."""
RULES: Final = {number: rule for number, rule in read("in_irp", OURS).items() if rule.told}


def broken(
    number: str,
    pointer: str,
    *,
    expected: str = "",
    actual: str = "",
    calculation: tuple[Step, ...] = (),
    where: str = "",
    hint: str = "",
    fix: tuple[dict[str, Any], ...] = (),
) -> Fault:
    """The rule `number` is broken at `pointer`; `where` is the place in the wire document."""
    return RULES[number].fault(
        pointer,
        expected=expected,
        actual=actual,
        calculation=calculation,
        hint=hint,
        fix=fix,
        wire_location=where,
    )


def hard(fault: Fault) -> Fault:
    """The same fault as an error."""
    return replace(fault, severity="error")
