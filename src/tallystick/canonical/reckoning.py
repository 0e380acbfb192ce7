"""The bookkeeping of a calculation: what was computed, what was checked, what did not add up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tallystick.canonical.arithmetic import ZERO, unit
from tallystick.canonical.fault import Fault, RuleRef, Step
from tallystick.canonical.numbers import Amount, plain

EN16931: Final = "en16931"
EDITION: Final = "1.3.16"

_OPERANDS_SHOWN: Final = 40
MOST_DIGITS: Final = 18
"""How many digits before the point the model can carry."""


class Sum:
    """An amount that follows from others: where it stands, which term it is, which rule fixes it."""

    __slots__ = ("operation", "pointer", "rule", "term")

    def __init__(self, pointer: str, term: str, rule: str, operation: str) -> None:
        self.pointer = pointer
        self.term = term
        self.rule = rule
        self.operation = operation


class Reckoning:
    """Settles amounts one by one; `computed` and `faults` tell what happened, in that order.

    Sums have `decimals` decimals; what they are made of may have up to `finer`, if that is more. No sum has
    more than `most`, in whatever currency it is.
    """

    def __init__(self, decimals: int, finer: int, most: int) -> None:
        self.decimals = decimals
        self.most = most
        self.finer = finer
        self.smallest = unit(decimals)
        self.computed: list[str] = []
        self.faults: list[Fault] = []

    def total(self, parts: Sequence[Decimal]) -> Decimal:
        """The sum, as fine as sums are."""
        if len(parts) == 1:
            only = parts[0]
            if only and only.same_quantum(self.smallest):  # nothing may have a sign, which its sum has not
                return only
        return sum(parts, ZERO).quantize(self.smallest)

    def part(self, parts: Sequence[Decimal]) -> Decimal:
        """The sum, as a part of another: as fine as sums are, or as much finer as it is and may be."""
        coarse = self.total(parts)
        if self.finer <= self.decimals:
            return coarse
        exact = sum(parts, ZERO)
        return coarse if coarse == exact else exact.quantize(unit(self.finer)).normalize()

    def settle(
        self,
        amount: Sum,
        given: Amount | None,
        expected: Decimal,
        operands: Sequence[Decimal],
        slack: Decimal = ZERO,
    ) -> Amount:
        """The amount as it stands from now on: computed if it was absent, else as given and checked.

        `slack` is how far a given amount may be off, exclusively; zero asks for equality.
        """
        if given is None:
            pointer = amount.pointer
            self.computed.append(pointer)
            return self.fitting(pointer, amount.term, expected)
        if given != expected and abs(given - expected) >= slack:
            self._mismatch(amount, given, expected, operands)
        return given

    def fitting(self, pointer: str, term: str, value: Decimal, name: str = "") -> Amount:
        """The computed value as an amount; a fault where it has more digits than the model can carry.

        The amount stands at `pointer`, or there in the member of this `name`.
        """
        if value.adjusted() >= MOST_DIGITS:
            fault = Fault(
                code="invoice/amount-too-large",
                pointer=f"{pointer}/{name}" if name else pointer,
                message="The amount that follows from the invoice has more than 18 digits before the point.",
                term=term,
                expected="at most 18 digits before the point",
                actual=plain(value),
            )
            self.faults.append(fault)
        return value if type(value) is Amount else Amount(value)

    def _mismatch(self, amount: Sum, given: Amount, expected: Decimal, operands: Sequence[Decimal]) -> None:
        shown = [plain(operand) for operand in operands]
        if len(shown) > _OPERANDS_SHOWN:
            shown[_OPERANDS_SHOWN:] = [f"… and {len(shown) - _OPERANDS_SHOWN} more"]
        right = plain(expected)
        fault = Fault(
            code="invoice/arithmetic",
            pointer=amount.pointer,
            message=f"{amount.term} is {plain(given)}, but {amount.operation} is {right}.",
            rule=RuleRef(EN16931, amount.rule, EDITION) if amount.rule else None,
            term=amount.term,
            expected=right,
            actual=plain(given),
            calculation=(Step(amount.operation, tuple(shown), right),),
            hint="Send the expected amount, or leave the term out to have it computed.",
            fix=({"op": "replace", "path": amount.pointer, "value": right},),
        )
        self.faults.append(fault)
