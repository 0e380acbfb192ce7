"""How an amount comes about, step by step, and the patch that puts it in place of another."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from tallystick.canonical import Step
from tallystick.rules.lexical import shown

__all__ = ["Patch", "off", "put", "rounded", "step"]

Patch: TypeAlias = tuple[dict[str, Any], ...]

_MOST_OPERANDS: Final = 20
"""How many operands a step lists; a longer sum shows its count."""

_ROUNDING: Final = "rounded to two decimals, ties upwards"


def step(operation: str, operands: Sequence[Decimal], result: Decimal) -> Step:
    """A step that lists its operands, or says how many there are when they are too many to read."""
    if len(operands) > _MOST_OPERANDS:
        return Step(f"{operation} ({len(operands)} operands)", (), shown(result))
    return Step(operation, tuple(map(shown, operands)), shown(result))


def rounded(operation: str, operands: Sequence[Decimal], exact: Decimal, result: Decimal) -> tuple[Step, ...]:
    """The operation, and how its exact outcome became the `result` where the two are not the same."""
    first = step(operation, operands, exact)
    return (first,) if exact == result else (first, step(_ROUNDING, (exact,), result))


def off(actual: Decimal, expected: Decimal, allowed: str) -> Step:
    """How far the two are apart, and how far they may be."""
    return step(f"difference, allowed is {allowed}", (actual, expected), abs(actual - expected))


def put(pointer: str, value: Decimal) -> Patch:
    """The patch that writes the number at the pointer."""
    return ({"op": "replace", "path": pointer, "value": shown(value)},)
