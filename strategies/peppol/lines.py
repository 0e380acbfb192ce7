"""The lines: quantity, price, net amount, item, period. One pass, linear in the lines."""

from decimal import Decimal

from tallystick.canonical import Line, Step

from . import codes
from .adjustments import LINE_ALLOWANCE, LINE_CHARGE, SLACK, adjustments
from .case import NOTHING, Case, Faults, shown, too_fine
from .lexical import cents, divided, normal
from .rules import broken


def lines(case: Case) -> Faults:
    """Rules on BG-25 to BG-32, except those on tax."""
    for place, line in enumerate(case.invoice.lines):
        at = f"/lines/{place}"
        yield from _amount(case, line, at)
        yield from _price(case, line, at)
        yield from _codes(line, at)
        if line.period is not None:
            yield from _period(case, line, at)
        if line.allowances:
            yield from adjustments(case, line.allowances, LINE_ALLOWANCE, f"{at}/allowances")
        if line.charges:
            yield from adjustments(case, line.charges, LINE_CHARGE, f"{at}/charges")


def _amount(case: Case, line: Line, at: str) -> Faults:
    amount = line.net_amount
    if amount is None:
        return
    yield from too_fine(amount, f"{at}/net_amount", "BR-DEC-23")
    if not case.rules.peppol:
        return
    base: Decimal = line.price.base_quantity or Decimal(1)
    price: Decimal = line.price.item_net_price
    if base != 1:
        price = divided(price, base)
    expected = line.invoiced_quantity * price
    if line.charges:
        expected += cents(sum((charge.amount for charge in line.charges), NOTHING))
    if line.allowances:
        expected -= cents(sum((allowance.amount for allowance in line.allowances), NOTHING))
    if abs(amount - expected) > SLACK:
        yield broken(
            "PEPPOL-EN16931-R120",
            f"{at}/net_amount",
            expected=shown(expected.quantize(Decimal("0.01"), "ROUND_HALF_UP")),
            actual=shown(amount),
            calculation=_steps(line, expected),
        )


def _steps(line: Line, expected: Decimal) -> tuple[Step, ...]:
    """How the net amount comes about, one step per thing that was done."""
    gross = line.invoiced_quantity * line.price.item_net_price
    base = line.price.base_quantity or Decimal(1)
    steps = [
        Step(
            "BT-129 × BT-146 ÷ BT-149",
            (shown(line.invoiced_quantity), shown(line.price.item_net_price), shown(base)),
            shown((gross / base).quantize(Decimal("0.0001"), "ROUND_HALF_UP")),
        )
    ]
    for operation, entries in (("+ sum of BT-141", line.charges), ("- sum of BT-136", line.allowances)):
        if entries:
            amounts = tuple(entry.amount for entry in entries)
            steps.append(Step(operation, tuple(map(shown, amounts)), shown(sum(amounts, NOTHING))))
    steps.append(Step("=", (), shown(expected)))
    return tuple(steps)


def _price(case: Case, line: Line, at: str) -> Faults:
    price = line.price
    if price.item_net_price < 0:
        yield broken(
            "BR-27", f"{at}/price/item_net_price", expected="0 or more", actual=shown(price.item_net_price)
        )
    gross = price.item_gross_price
    if gross is not None:
        if gross < 0:
            yield broken("BR-28", f"{at}/price/item_gross_price", expected="0 or more", actual=shown(gross))
        discount = price.item_price_discount or NOTHING
        if case.rules.peppol and price.item_net_price != gross - discount:
            yield broken(
                "PEPPOL-EN16931-R046",
                f"{at}/price/item_net_price",
                expected=shown(gross - discount),
                actual=shown(price.item_net_price),
                calculation=(
                    Step("BT-148 - BT-147", (shown(gross), shown(discount)), shown(gross - discount)),
                ),
            )
    base = price.base_quantity
    if base is None or not case.rules.peppol:
        return
    if base <= 0:
        yield broken(
            "PEPPOL-EN16931-R121", f"{at}/price/base_quantity", expected="more than 0", actual=shown(base)
        )
    unit = price.base_quantity_unit_code
    if unit is not None and unit != line.unit_of_measure_code:
        yield broken(
            "PEPPOL-EN16931-R130",
            f"{at}/price/base_quantity_unit_code",
            expected=line.unit_of_measure_code,
            actual=unit,
        )


def _codes(line: Line, at: str) -> Faults:
    if normal(line.unit_of_measure_code) not in codes.UNITS:
        yield broken("BR-CL-23", f"{at}/unit_of_measure_code", actual=line.unit_of_measure_code)
    unit = line.price.base_quantity_unit_code
    if unit is not None and normal(unit) not in codes.UNITS:
        yield broken("BR-CL-23", f"{at}/price/base_quantity_unit_code", actual=unit, term="BT-150")
    thing = line.object_identifier
    if thing is not None and thing.scheme is not None and normal(thing.scheme) not in codes.OBJECT_SCHEMES:
        yield broken("BR-CL-07", f"{at}/object_identifier/scheme", actual=thing.scheme, term="BT-128")
    item = line.item
    standard = item.standard_identifier
    if standard is not None and normal(standard.scheme) not in codes.IDENTIFIER_SCHEMES:
        yield broken("BR-CL-21", f"{at}/item/standard_identifier/scheme", actual=standard.scheme)
    origin = item.country_of_origin
    if origin is not None and origin not in codes.COUNTRIES:
        yield broken("BR-CL-15", f"{at}/item/country_of_origin", actual=origin)
    for place, found in enumerate(item.classification_identifiers):
        if normal(found.scheme) not in codes.ITEM_CLASSIFICATIONS:
            yield broken(
                "BR-CL-13", f"{at}/item/classification_identifiers/{place}/scheme", actual=found.scheme
            )


def _period(case: Case, line: Line, at: str) -> Faults:
    period = line.period
    assert period is not None
    start, end = period.start_date, period.end_date
    if start is not None and end is not None and end < start:
        yield broken("BR-30", f"{at}/period/end_date", expected=f"{start} or later", actual=end.isoformat())
    whole = case.invoice.invoicing_period
    if whole is None or not case.rules.peppol:
        return
    if start is not None and whole.start_date is not None and start < whole.start_date:
        yield broken(
            "PEPPOL-EN16931-R110",
            f"{at}/period/start_date",
            expected=f"{whole.start_date} or later",
            actual=start.isoformat(),
        )
    if end is not None and whole.end_date is not None and end > whole.end_date:
        yield broken(
            "PEPPOL-EN16931-R111",
            f"{at}/period/end_date",
            expected=f"{whole.end_date} or earlier",
            actual=end.isoformat(),
        )
