"""The lines: quantities, prices, periods, items and their codes."""

from tallystick.canonical import Line
from tallystick.rules.case import normal, shown
from tallystick.rules.pint import codes
from tallystick.rules.pint.case import Faults, PintCase

__all__ = ["lines"]


def lines(case: PintCase) -> Faults:
    """All rules about lines, line by line."""
    for index, line in enumerate(case.invoice.lines):
        pointer = f"/lines/{index}"
        yield from _price(case, pointer, line)
        yield from _units(case, pointer, line)
        yield from _item(case, pointer, line)
        if line.period is not None:
            yield from _period(case, pointer, line)


def _price(case: PintCase, pointer: str, line: Line) -> Faults:
    price = line.price
    if price.item_net_price < 0:
        actual = shown(price.item_net_price)
        yield from case.broken("ibr-027", f"{pointer}/price/item_net_price", actual=actual)
    if price.item_gross_price is not None and price.item_gross_price < 0:
        actual = shown(price.item_gross_price)
        yield from case.broken("ibr-028", f"{pointer}/price/item_gross_price", actual=actual)
    if price.base_quantity is not None and price.base_quantity <= 0:
        actual = shown(price.base_quantity)
        yield from case.broken("ibr-087", f"{pointer}/price/base_quantity", actual=actual)


def _units(case: PintCase, pointer: str, line: Line) -> Faults:
    unit, base = line.unit_of_measure_code, line.price.base_quantity_unit_code
    if normal(unit) not in codes.UNITS:
        yield from case.broken("ibr-cl-23", f"{pointer}/unit_of_measure_code", actual=unit)
    if base is None:
        return
    where = f"{pointer}/price/base_quantity_unit_code"
    if normal(base) not in codes.UNITS:
        yield from case.broken("ibr-cl-23", where, actual=base)
    if base != unit:
        fix = ({"op": "replace", "path": where, "value": unit},)
        yield from case.broken("ibr-088", where, expected=unit, actual=base, fix=fix)


def _item(case: PintCase, pointer: str, line: Line) -> Faults:
    item, thing = line.item, line.object_identifier
    if thing and thing.scheme is not None and normal(thing.scheme) not in codes.OBJECT_SCHEMES:
        yield from case.broken("ibr-cl-07", f"{pointer}/object_identifier/scheme", actual=thing.scheme)
    for index, one in enumerate(item.classification_identifiers):
        if normal(one.scheme) not in codes.ITEM_CLASSIFICATIONS:
            where = f"{pointer}/item/classification_identifiers/{index}/scheme"
            yield from case.broken("ibr-cl-13", where, actual=one.scheme)
    if item.country_of_origin is not None and item.country_of_origin not in codes.COUNTRIES:
        where = f"{pointer}/item/country_of_origin"
        yield from case.broken("ibr-cl-15", where, actual=item.country_of_origin)
    standard = item.standard_identifier
    if standard and normal(standard.scheme) not in codes.IDENTIFIER_SCHEMES:
        where = f"{pointer}/item/standard_identifier/scheme"
        yield from case.broken("ibr-cl-21", where, actual=standard.scheme)


def _period(case: PintCase, pointer: str, line: Line) -> Faults:
    period, around = line.period, case.invoice.invoicing_period
    if period is None:
        return
    start, end = period.start_date, period.end_date
    if start and end and end < start:
        where = f"{pointer}/period/end_date"
        yield from case.broken("ibr-030", where, expected=f"{start} or later", actual=str(end))
    if around is None:
        return
    if start and around.start_date and start < around.start_date:
        where, expected = f"{pointer}/period/start_date", f"{around.start_date} or later"
        yield from case.broken("ibr-085", where, expected=expected, actual=str(start))
    if end and around.end_date and end > around.end_date:
        where, expected = f"{pointer}/period/end_date", f"{around.end_date} or earlier"
        yield from case.broken("ibr-086", where, expected=expected, actual=str(end))
