"""Arithmetic as the publishers' processors do it where their rules name no decimal type: in binary fractions.

A rule that compares untyped numbers is judged in doubles. Whoever wants its verdict must compute as it does;
nothing of this ever reaches a document.
"""

from collections.abc import Iterable
from decimal import Decimal
from math import floor

__all__ = ["cents", "net_follows", "net_is_near", "percentage_follows", "total_of"]


def cents(value: float) -> float:
    """XPath's `round(value * 100) div 100`: ties towards plus infinity."""
    return floor(value * 100 + 0.5) / 100


def percentage_follows(amount: Decimal, base: Decimal, percentage: Decimal) -> bool:
    """Whether the amount is that percentage of the base, as it is or rounded to cents."""
    exact = float(base) * float(percentage) / 100
    return float(amount) in (exact, cents(exact))


def net_follows(
    net: Decimal,
    quantity: Decimal,
    price: Decimal,
    per: Decimal,
    charges: Iterable[Decimal],
    allowances: Iterable[Decimal],
) -> bool:
    """Whether a line's net amount is quantity times price, plus charges, less allowances, both in cents."""
    if per == 0:
        return False
    value = float(quantity) * (float(price) / float(per))
    value = value + total_of(charges) - total_of(allowances)
    return cents(float(net)) == cents(value)


def net_is_near(
    net: Decimal,
    quantity: Decimal,
    price: Decimal,
    per: Decimal | None,
    charges: Iterable[Decimal],
    allowances: Iterable[Decimal],
    slack: Decimal,
) -> bool:
    """The same, off by no more than the slack, neither in cents. `per` is None where none is stated."""
    if per is not None and per == 0:
        return False
    value = float(price) if per is None else float(price) / float(per)
    value = float(quantity) * value + total_of(charges) - total_of(allowances)
    return net - slack <= Decimal(value) <= net + slack


def total_of(amounts: Iterable[Decimal]) -> float:
    """The amounts added up one after the other."""
    total = 0.0
    for amount in amounts:
        total += float(amount)
    return total
