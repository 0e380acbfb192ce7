"""An invoice under judgement, and the one way to say that a rule is broken."""

from collections.abc import Mapping
from typing import Any, Final

from tallystick.canonical import Fault, Step
from tallystick.rules.lexical import cents as halves_up
from tallystick.rules.lexical import decimals, normal, shown
from tallystick.rules.table import Rule

__all__ = ["Case", "decimals", "halves_up", "normal", "shown"]


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
