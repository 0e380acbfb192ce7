"""What the network wants of the lines: net amounts and prices that follow, periods within the document's."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from tallystick.canonical import InvoicingPeriod, Line, LinePeriod, Step
from tallystick.rules.en16931.case import NOTHING, EuropeanCase, Faults
from tallystick.rules.en16931.steps import off, put, rounded, step
from tallystick.rules.lexical import cents, divided, shown

_ONE: Final = Decimal(1)


def lines(case: EuropeanCase) -> Faults:
    """Rules on BG-25, BG-26 and BG-29."""
    whole = case.invoice.invoicing_period
    for place, line in enumerate(case.invoice.lines):
        price, amount = line.price, line.net_amount
        if amount is not None:
            expected = net_amount(line)
            if abs(amount - expected) > case.slack:
                yield from _net_amount(case, line, f"/lines/{place}/net_amount", expected)
        if price.item_gross_price is not None or price.base_quantity is not None:
            yield from _price(case, line, f"/lines/{place}/price")
        unit = price.base_quantity_unit_code
        if unit is not None and unit != line.unit_of_measure_code:  # without a quantity it is written with 1
            at, wanted = f"/lines/{place}/price/base_quantity_unit_code", line.unit_of_measure_code
            yield from case.broken("PEPPOL-EN16931-R130", at, expected=wanted, actual=unit)
        if whole is not None and line.period is not None:
            yield from _period(case, whole, line.period, f"/lines/{place}/period")


def net_amount(line: Line) -> Decimal:
    """What the line comes to. A base quantity of zero counts as one."""
    price = line.price
    base: Decimal = price.base_quantity or _ONE
    each: Decimal = price.item_net_price
    if base != 1:
        each = divided(each, base)
    expected = line.invoiced_quantity * each
    if line.charges:
        expected += cents(sum((charge.amount for charge in line.charges), NOTHING))
    if line.allowances:
        expected -= cents(sum((allowance.amount for allowance in line.allowances), NOTHING))
    return expected


def _net_amount(case: EuropeanCase, line: Line, at: str, expected: Decimal) -> Faults:
    amount, right = line.net_amount or NOTHING, cents(expected)
    yield from case.broken(
        "PEPPOL-EN16931-R120",
        at,
        expected=shown(right),
        actual=shown(amount),
        calculation=(*_steps(line, expected), off(amount, expected, f"{case.slack}")),
        fix=put(at, right),
    )


def _steps(line: Line, expected: Decimal) -> Iterator[Step]:
    """How the net amount comes about, one step per thing that was done, divided before multiplied."""
    quantity, price, base = line.invoiced_quantity, line.price.item_net_price, line.price.base_quantity
    if base is not None and base not in (0, 1):
        each = divided(price, base)
        yield step("BT-146 ÷ BT-149, to 18 decimals", (price, base), each)
        yield step("BT-129 × price of one", (quantity, each), quantity * each)
    else:
        yield step("BT-129 × BT-146", (quantity, price), quantity * price)
    for operation, entries in (("+ sum of BT-141", line.charges), ("- sum of BT-136", line.allowances)):
        amounts = [entry.amount for entry in entries]
        if amounts:
            exact = sum(amounts, NOTHING)
            yield from rounded(operation, amounts, exact, cents(exact))
    yield from rounded("net amount", (), expected, cents(expected))


def _price(case: EuropeanCase, line: Line, at: str) -> Faults:
    price = line.price
    gross = price.item_gross_price
    if gross is not None:
        discount = price.item_price_discount or NOTHING
        net = gross - discount
        if price.item_net_price != net:
            yield from case.broken(
                "PEPPOL-EN16931-R046",
                f"{at}/item_net_price",
                expected=shown(net),
                actual=shown(price.item_net_price),
                calculation=(step("BT-148 - BT-147", (gross, discount), net),),
            )
    base = price.base_quantity
    if base is not None and base <= 0:
        expected, actual = "more than 0", shown(base)
        yield from case.broken("PEPPOL-EN16931-R121", f"{at}/base_quantity", expected=expected, actual=actual)


def _period(case: EuropeanCase, whole: InvoicingPeriod, period: LinePeriod, at: str) -> Faults:
    start, end = period.start_date, period.end_date
    if start is not None and whole.start_date is not None and start < whole.start_date:
        expected, actual = f"{whole.start_date} or later", start.isoformat()
        yield from case.broken("PEPPOL-EN16931-R110", f"{at}/start_date", expected=expected, actual=actual)
    if end is not None and whole.end_date is not None and end > whole.end_date:
        expected, actual = f"{whole.end_date} or earlier", end.isoformat()
        yield from case.broken("PEPPOL-EN16931-R111", f"{at}/end_date", expected=expected, actual=actual)
