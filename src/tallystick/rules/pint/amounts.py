"""Prices, percentages and line amounts as most countries' versions of PINT judge them."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from tallystick.canonical import AllowanceOrCharge, Line, Step
from tallystick.rules.case import shown
from tallystick.rules.pint.case import Faults, PintCase

__all__ = ["amounts", "net_step", "percentage_step", "percentages", "prices", "share"]


_QUOTIENT: Final = Decimal("1E-18")
_CENTS: Final = Decimal("0.01")
_TOTALS: Final = (
    *("sum_of_invoice_line_net_amount", "total_amount_without_tax", "total_amount_with_tax"),
    *("sum_of_allowances", "sum_of_charges", "paid_amount", "rounding_amount", "amount_due_for_payment"),
    *("total_tax_amount", "total_tax_amount_in_accounting_currency"),
)


def amounts(case: PintCase) -> Iterator[tuple[str, Decimal]]:
    """Pointer and value of every amount that is written, but for what belongs to a price."""
    for pointer, one, _, _ in case.adjustments():
        yield from _given(pointer, one, ("amount", "base_amount"))
    for index, line in enumerate(case.invoice.lines):
        yield from _given(f"/lines/{index}", line, ("net_amount",))
    for index, entry in enumerate(case.invoice.tax_breakdown):
        names = ("tax_category_taxable_amount", "tax_category_tax_amount")
        yield from _given(f"/tax_breakdown/{index}", entry, names)
    yield from _given("/document_totals", case.totals, _TOTALS)


def _given(pointer: str, group: object, names: tuple[str, ...]) -> Iterator[tuple[str, Decimal]]:
    for name in names:
        value: Decimal | None = getattr(group, name)
        if value is not None:
            yield f"{pointer}/{name}", value


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


def share(one: AllowanceOrCharge) -> Decimal:
    """What base amount and percentage come to, to 18 decimals: so far the publishers' processor divides."""
    product = (one.base_amount or Decimal(0)) * (one.percentage or Decimal(0))
    return (product / 100).quantize(_QUOTIENT, ROUND_HALF_UP)


def percentage_step(one: AllowanceOrCharge) -> Step:
    """What the amount of an allowance or charge follows from."""
    result = share(one)
    cents = result.quantize(_CENTS)
    operands = (shown(one.base_amount), shown(one.percentage))
    return Step(
        "base amount times percentage / 100",
        operands,
        shown(cents if cents == result else result.normalize()),
    )


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
