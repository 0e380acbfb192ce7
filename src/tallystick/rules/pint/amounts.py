"""Prices, percentages and line amounts as most countries' versions of PINT judge them."""

from decimal import Decimal

from tallystick.canonical import AllowanceOrCharge, Line, Step
from tallystick.rules.case import shown
from tallystick.rules.pint.case import Faults, PintCase

__all__ = ["net_step", "percentage_step", "percentages", "prices"]


def prices(case: PintCase) -> Faults:
    """Each net price is the gross price less the discount."""
    for index, line in enumerate(case.invoice.lines):
        price = line.price
        gross, discount = price.item_gross_price, price.item_price_discount or Decimal(0)
        if gross is None or price.item_net_price == gross - discount:
            continue
        where, right = f"/lines/{index}/price/item_net_price", shown(gross - discount)
        yield from case.broken(
            "aligned-ibrp-004",
            where,
            expected=right,
            actual=shown(price.item_net_price),
            calculation=(Step("BT-148 - BT-147", (shown(gross), shown(-discount)), right),),
        )


def percentages(case: PintCase) -> Faults:
    """A percentage and what it is taken of are there together, or neither."""
    for pointer, one, is_charge, _ in case.adjustments():
        if (one.percentage is None) != (one.base_amount is None):
            missing = "percentage" if one.percentage is None else "base_amount"
            number = "aligned-ibrp-058" if is_charge else "aligned-ibrp-057"
            yield from case.broken(number, f"{pointer}/{missing}")


def percentage_step(one: AllowanceOrCharge) -> Step:
    """What the amount of an allowance or charge follows from."""
    base, percentage = one.base_amount or Decimal(0), one.percentage or Decimal(0)
    return Step(
        "base amount times percentage / 100", (shown(base), shown(percentage)), _result(base, percentage)
    )


def _result(base: Decimal, percentage: Decimal) -> str:
    return shown((base * percentage / 100).normalize() if base * percentage else Decimal(0))


def net_step(line: Line) -> Step:
    """What a line's net amount follows from; without a result where the price is for no units."""
    price = line.price
    per = Decimal(1) if price.base_quantity is None else price.base_quantity
    extra = [charge.amount for charge in line.charges] + [-less.amount for less in line.allowances]
    operands = (shown(line.invoiced_quantity), shown(price.item_net_price), shown(per), *map(shown, extra))
    result = ""
    if per != 0:
        exact = line.invoiced_quantity * price.item_net_price / per + sum(extra, Decimal(0))
        result = shown(round(exact, 4))
    return Step("BT-129 times BT-146 / BT-149, plus charges, less allowances", operands, result)
