"""The lines: quantity, price, net amount, item, period. One pass, linear in the lines."""

from collections.abc import Iterable

from tallystick.canonical import Fault, Line
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.adjustments import adjustments, are_right
from tallystick.rules.en16931.case import EuropeanCase, Faults, too_fine
from tallystick.rules.en16931.kinds import LINE_ALLOWANCE, LINE_CHARGE
from tallystick.rules.lexical import is_too_fine, normal, shown


def lines(case: EuropeanCase) -> Iterable[Fault]:
    """Rules on BG-25 to BG-32, except those on tax."""
    found: list[Fault] = []
    units = codes.UNITS
    for place, line in enumerate(case.invoice.lines):
        price, item, allowances, charges = line.price, line.item, line.allowances, line.charges
        if (
            line.unit_of_measure_code not in units
            or price.item_net_price.is_signed()
            or price.item_gross_price is not None
            or price.base_quantity_unit_code is not None
            or line.object_identifier is not None
            or line.period is not None
            or item.standard_identifier is not None
            or item.country_of_origin is not None
            or item.classification_identifiers
            or is_too_fine(line.net_amount)
            or (allowances and not are_right(allowances, LINE_ALLOWANCE))
            or (charges and not are_right(charges, LINE_CHARGE))
        ):
            found.extend(_told(case, line, place))
    return found


def _told(case: EuropeanCase, line: Line, place: int) -> Faults:
    at = f"/lines/{place}"
    yield from too_fine(case, line.net_amount, f"{at}/net_amount", "BR-DEC-23")
    yield from _prices(case, line, f"{at}/price")
    yield from _codes(case, line, at)
    if line.period is not None:
        yield from _period(case, line, f"{at}/period")
    yield from adjustments(case, line.allowances, LINE_ALLOWANCE, f"{at}/allowances")
    yield from adjustments(case, line.charges, LINE_CHARGE, f"{at}/charges")


def _prices(case: EuropeanCase, line: Line, at: str) -> Faults:
    net, gross = line.price.item_net_price, line.price.item_gross_price
    if net < 0:
        yield from case.broken("BR-27", f"{at}/item_net_price", expected="0 or more", actual=shown(net))
    if gross is not None and gross < 0:
        yield from case.broken("BR-28", f"{at}/item_gross_price", expected="0 or more", actual=shown(gross))


def _codes(case: EuropeanCase, line: Line, at: str) -> Faults:
    if normal(line.unit_of_measure_code) not in codes.UNITS:
        yield from case.broken("BR-CL-23", f"{at}/unit_of_measure_code", actual=line.unit_of_measure_code)
    unit = line.price.base_quantity_unit_code
    if unit is not None and normal(unit) not in codes.UNITS:
        yield from case.broken("BR-CL-23", f"{at}/price/base_quantity_unit_code", actual=unit, term="BT-150")
    thing = line.object_identifier
    if thing is not None and thing.scheme is not None and normal(thing.scheme) not in codes.OBJECT_SCHEMES:
        yield from case.broken(
            "BR-CL-07", f"{at}/object_identifier/scheme", actual=thing.scheme, term="BT-128"
        )
    item = line.item
    standard = item.standard_identifier
    if standard is not None and normal(standard.scheme) not in codes.IDENTIFIER_SCHEMES:
        yield from case.broken("BR-CL-21", f"{at}/item/standard_identifier/scheme", actual=standard.scheme)
    origin = item.country_of_origin
    if origin is not None and origin not in codes.COUNTRIES:
        yield from case.broken("BR-CL-15", f"{at}/item/country_of_origin", actual=origin)
    for index, found in enumerate(item.classification_identifiers):
        if normal(found.scheme) not in codes.ITEM_CLASSIFICATIONS:
            where = f"{at}/item/classification_identifiers/{index}/scheme"
            yield from case.broken("BR-CL-13", where, actual=found.scheme)


def _period(case: EuropeanCase, line: Line, at: str) -> Faults:
    period = line.period
    assert period is not None
    start, end = period.start_date, period.end_date
    if start is not None and end is not None and end < start:
        expected, actual = f"{start} or later", end.isoformat()
        yield from case.broken("BR-30", f"{at}/end_date", expected=expected, actual=actual)
