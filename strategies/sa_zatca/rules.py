"""The table of rules that are checked here, and the one way to say that one of them is broken."""

from typing import Any, Final

from tallystick.canonical import Fault, Step
from tallystick.rules.table import read

__all__ = ["OURS", "RULES", "broken"]

OURS: Final = "sa"
"""The set of our own rules: traps that the authority's leave open. Their numbers are fault codes."""
RULES: Final = {number: rule for number, rule in read("sa_zatca", OURS).items() if rule.told}


def broken(
    number: str,
    pointer: str,
    *,
    expected: str = "",
    actual: str = "",
    calculation: tuple[Step, ...] = (),
    term: str = "",
    fix: tuple[dict[str, Any], ...] = (),
) -> Fault:
    """The rule `number` is broken at `pointer`, which names a member even when the member is missing.

    `fix` is a JSON Patch, only where there is no doubt about what was meant.
    """
    return RULES[number].fault(
        pointer, expected=expected, actual=actual, calculation=calculation, term=term, fix=fix
    )
