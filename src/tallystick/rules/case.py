"""An invoice under judgement, and the one way to say that a rule is broken."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tallystick.canonical import Fault, Step
from tallystick.rules.table import Rule

__all__ = ["Case", "decimals", "halves_up", "normal", "shown"]

_BLANKS: Final = " \t\r\n"


class Case:
    """What rules are asked about. Subclasses add the facts that several rules share.

    `rules` are those of the profile that are in force, by number: a predicate whose number is not among them
    says nothing.
    """

    __slots__ = ("rules",)

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules: Final = rules

    def broken(
        self,
        number: str,
        pointer: str,
        *,
        expected: str = "",
        actual: str = "",
        calculation: tuple[Step, ...] = (),
        term: str = "",
        fix: tuple[dict[str, Any], ...] = (),
    ) -> tuple[Fault, ...]:
        """The rule `number` is broken at `pointer`, which names a member even when that is missing.

        `fix` is a JSON Patch, only where there is no doubt about what was meant.
        """
        rule = self.rules.get(number)
        if rule is None:
            return ()
        fault = rule.fault(
            pointer, expected=expected, actual=actual, calculation=calculation, term=term, fix=fix
        )
        return (fault,)


def normal(text: str | None) -> str:
    """The text without blanks around it and with single ones inside, as XPath's `normalize-space`."""
    if not text:
        return ""
    for blank in _BLANKS[1:]:
        text = text.replace(blank, " ")
    return " ".join(part for part in text.split(" ") if part)


def decimals(number: Decimal) -> int:
    """How many decimals the number is written with: `1.50` has two, `15` none."""
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def halves_up(value: Decimal) -> Decimal:
    """The value to two decimals, ties towards plus infinity, as XPath rounds: -0.005 becomes 0."""
    return (value * 100 + Decimal("0.5")).__floor__() / Decimal(100)


def shown(number: Decimal | None) -> str:
    """The number for a reader, without an exponent; empty for no number."""
    return "" if number is None else format(number, "f")
