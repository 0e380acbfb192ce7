"""Exact decimal arithmetic: sums never lose a digit, rounding is half away from zero and happens once.

`Decimal`'s ordinary context keeps 28 digits, which a sum of an invoice's numbers can exceed; everything here
works in a context wide enough for any product, quotient and sum of numbers of the canonical model.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from functools import cache
from typing import Final

from tallystick.canonical.line import Line

EXACT: Final = Context(prec=150, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
ZERO: Final = Decimal(0)


def exactly() -> AbstractContextManager[Context]:
    """Inside this block `+ - * /` on decimals are exact (a quotient: to 150 digits)."""
    return localcontext(EXACT)


@cache
def unit(decimals: int) -> Decimal:
    """The smallest amount of a currency with so many decimals."""
    return Decimal(1).scaleb(-decimals)


def rounded(value: Decimal, decimals: int) -> Decimal:
    """The value with exactly so many decimals, ties away from zero."""
    return value.quantize(unit(decimals), context=EXACT)


def total(values: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    with exactly():
        return sum(values, ZERO)


def line_net_amount(line: Line, decimals: int) -> Decimal:
    """BT-131: quantity times price per unit, rounded, plus charges, less allowances.

    Raises `decimal.DivisionByZero` where the price is for a base quantity of zero.
    """
    with exactly():
        return exact_line_net_amount(line, unit(decimals))


def exact_line_net_amount(line: Line, smallest: Decimal) -> Decimal:
    """The same for who is inside `exactly()` already. `smallest` is the `unit` of the currency."""
    price = line.price
    value = line.invoiced_quantity * price.item_net_price
    if price.base_quantity is not None:
        value = value / price.base_quantity
    net = value.quantize(smallest)
    if line.charges or line.allowances:
        net += sum((charge.amount for charge in line.charges), ZERO)
        net -= sum((allowance.amount for allowance in line.allowances), ZERO)
    return net
