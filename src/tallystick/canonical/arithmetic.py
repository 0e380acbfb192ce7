"""Exact decimal arithmetic: sums never lose a digit, rounding is half away from zero and happens once.

`Decimal`'s ordinary context keeps 28 digits, which a sum of an invoice's numbers can exceed; everything here
works in a context wide enough for any product, quotient and sum of numbers of the canonical model.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from typing import Final

from tallystick.canonical.line import Line

EXACT: Final = Context(prec=150, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
ZERO: Final = Decimal(0)


def exactly() -> AbstractContextManager[Context]:
    """Inside this block `+ - * /` on decimals are exact (a quotient: to 150 digits)."""
    return localcontext(EXACT)


def rounded(value: Decimal, decimals: int) -> Decimal:
    """The value with exactly so many decimals, ties away from zero."""
    return value.quantize(Decimal(1).scaleb(-decimals), context=EXACT)


def total(values: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    with exactly():
        return sum(values, ZERO)


def line_net_amount(line: Line, decimals: int) -> Decimal:
    """BT-131: quantity times price per unit, rounded, plus charges, less allowances.

    Raises `decimal.DivisionByZero` where the price is for a base quantity of zero.
    """
    base = line.price.base_quantity
    with exactly():
        value = line.invoiced_quantity * line.price.item_net_price
        if base is not None:
            value = value / base
        charges = sum((charge.amount for charge in line.charges), ZERO)
        allowances = sum((allowance.amount for allowance in line.allowances), ZERO)
        return rounded(value, decimals) + charges - allowances
