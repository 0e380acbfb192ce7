"""All families of rules over one invoice, once."""

from collections.abc import Callable, Iterable
from decimal import Context, getcontext, setcontext
from typing import Any, Final, TypeAlias

from tallystick.canonical import Fault

__all__ = ["Family", "judge"]

Family: TypeAlias = Callable[[Any], Iterable[Fault]]
"""What a case is asked together. Most invoices break nothing: a family that sees so returns an empty tuple,
and looks closer only where something may be wrong."""

_EXACT: Final = Context(prec=100)
"""Wide enough for every product and sum of the model's numbers; a quotient is rounded where it is taken. Only
copies of it are handed out: what a family does to its context, no other judgement meets.
"""


def judge(case: object, families: Iterable[Family]) -> tuple[Fault, ...]:
    """Every rule of the case's profile that its invoice breaks, in the order of the families. Pure."""
    found: list[Fault] = []
    callers = getcontext()
    setcontext(_EXACT.copy())
    try:
        for family in families:
            found.extend(family(case))
    finally:
        setcontext(callers)
    return tuple(found)
