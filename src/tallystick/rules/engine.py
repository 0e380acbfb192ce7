"""All families of rules over one invoice, once."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Context, localcontext
from typing import Any, Final, TypeAlias

from tallystick.canonical import Fault

__all__ = ["Family", "judge"]

Family: TypeAlias = Callable[[Any], Iterator[Fault]]

_EXACT: Final = Context(prec=100)
"""Wide enough for every product and sum of the model's numbers; a quotient is rounded where it is taken."""


def judge(case: object, families: Iterable[Family]) -> tuple[Fault, ...]:
    """Every rule of the case's profile that its invoice breaks, in the order of the families. Pure."""
    with localcontext(_EXACT):
        return tuple([fault for family in families for fault in family(case)])
