"""Arithmetic as the publishers' processors do it where their rules name no decimal type: in binary fractions.

A rule that compares untyped numbers is judged in doubles. Whoever wants its verdict must compute as it does;
nothing of this ever reaches a document.
"""

from collections.abc import Iterable
from decimal import Decimal
from math import floor

__all__ = ["net_follows", "percentage_follows"]


def _cents(value: float) -> float:
    """XPath's `round(value * 100) div 100`: ties towards plus infinity."""
    return floor(value * 100 + 0.5) / 100


def percentage_follows(amount: Decimal, base: Decimal, percentage: Decimal) -> bool:
    """Whether the amount is that percentage of the base, as it is or rounded to cents."""
    exact = float(base) * float(percentage) / 100
    return float(amount) in (exact, _cents(exact))


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
    value = value + _sum(charges) - _sum(allowances)
    return _cents(float(net)) == _cents(value)


def _sum(amounts: Iterable[Decimal]) -> float:
    total = 0.0
    for amount in amounts:
        total += float(amount)
    return total
