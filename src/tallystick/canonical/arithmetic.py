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
"""Shared by all who calculate; nobody changes it."""

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
    """The same for who works in `EXACT` already. `smallest` is the `unit` of the currency."""
    price = line.price
    base, charges, allowances = price.base_quantity, line.charges, line.allowances
    value = line.invoiced_quantity * price.item_net_price
    net = (value if base is None else value / base).quantize(smallest)
    if charges or allowances:
        net += ZERO  # a sum that is nothing has no sign
        for charge in charges:
            net += charge.amount
        for allowance in allowances:
            net -= allowance.amount
    return net
