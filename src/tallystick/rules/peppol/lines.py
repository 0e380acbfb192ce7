"""What the network wants of the lines: net amounts and prices that follow, periods within the document's."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from tallystick.canonical import AllowanceOrCharge, Fault, InvoicingPeriod, Line, LinePeriod, Price, Step
from tallystick.rules.en16931.case import NOTHING, EuropeanCase, Faults
from tallystick.rules.en16931.steps import off, put, rounded, step
from tallystick.rules.lexical import cents, divided, shown

_ONE: Final = Decimal(1)


def lines(case: EuropeanCase) -> list[Fault]:
    """Rules on BG-25, BG-26 and BG-29."""
    faults: list[Fault] = []
    whole, slack = case.invoice.invoicing_period, case.slack
    for place, line in enumerate(case.invoice.lines):
        price, amount = line.price, line.net_amount
        base, unit = price.base_quantity, price.base_quantity_unit_code
        if amount is not None:
            expected = _expected(line, price.item_net_price, base)
            if amount != expected and abs(amount - expected) > slack:
                faults.extend(_net_amount(case, line, f"/lines/{place}/net_amount", expected))
        if price.item_gross_price is not None:
            faults.extend(_net_price(case, price, price.item_gross_price, f"/lines/{place}/price"))
        if base is not None and base <= NOTHING:
            faults.extend(_no_quantity(case, base, f"/lines/{place}/price/base_quantity"))
        if unit is not None and unit != line.unit_of_measure_code:  # without a quantity it is written with 1
            faults.extend(_other_unit(case, line, unit, f"/lines/{place}/price/base_quantity_unit_code"))
        if whole is not None and line.period is not None:
            faults.extend(_period(case, whole, line.period, f"/lines/{place}/period"))
    return faults


def _expected(line: Line, price: Decimal, base: Decimal | None) -> Decimal:
    """What the line comes to. A base quantity of zero counts as one."""
    if base is not None and base and base != _ONE:
        price = divided(price, base)
    expected: Decimal = line.invoiced_quantity * price
    if line.charges:
        expected += _sum(line.charges)
    if line.allowances:
        expected -= _sum(line.allowances)
    return expected


def _sum(entries: Sequence[AllowanceOrCharge]) -> Decimal:
    """What allowances or charges come to, in cents."""
    amount = NOTHING
    for entry in entries:
        amount += entry.amount
    return cents(amount)


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


def _net_price(case: EuropeanCase, price: Price, gross: Decimal, at: str) -> Faults:
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


def _no_quantity(case: EuropeanCase, base: Decimal, at: str) -> Faults:
    yield from case.broken("PEPPOL-EN16931-R121", at, expected="more than 0", actual=shown(base))


def _other_unit(case: EuropeanCase, line: Line, unit: str, at: str) -> Faults:
    yield from case.broken("PEPPOL-EN16931-R130", at, expected=line.unit_of_measure_code, actual=unit)


def _period(case: EuropeanCase, whole: InvoicingPeriod, period: LinePeriod, at: str) -> Faults:
    start, end = period.start_date, period.end_date
    if start is not None and whole.start_date is not None and start < whole.start_date:
        expected, actual = f"{whole.start_date} or later", start.isoformat()
        yield from case.broken("PEPPOL-EN16931-R110", f"{at}/start_date", expected=expected, actual=actual)
    if end is not None and whole.end_date is not None and end > whole.end_date:
        expected, actual = f"{whole.end_date} or earlier", end.isoformat()
        yield from case.broken("PEPPOL-EN16931-R111", f"{at}/end_date", expected=expected, actual=actual)
