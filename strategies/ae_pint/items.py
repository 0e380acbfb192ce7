"""The lines: what they come to, in which category, and what is said of goods and services."""

from typing import Final

from tallystick.canonical import Line
from tallystick.rules.binary import net_follows
from tallystick.rules.case import normal, shown
from tallystick.rules.pint.amounts import net_step
from tallystick.rules.pint.case import Faults

from .blocks import AeLine
from .case import AeCase, is_nothing

__all__ = ["items"]

_GOODS_LIST: Final = "HS"
_STANDARD_SCHEME: Final = "0160"
_NATURES: Final = ("DL8.48.8.2", "DL8.48.8.1", "DL8.48.3.1", "DL8.48.3.2", "DL8.48.3.3")


def items(case: AeCase) -> Faults:
    """All rules about lines, line by line."""
    for index, (line, block) in enumerate(zip(case.invoice.lines, case.lines, strict=True)):
        pointer = f"/lines/{index}"
        yield from _amounts(case, pointer, line, block)
        yield from _category(case, pointer, line, block)
        yield from _reverse_charge(case, pointer, line, block)
        yield from _commodity(case, pointer, line, block)


def _amounts(case: AeCase, pointer: str, line: Line, block: AeLine) -> Faults:
    where = f"{pointer}/regime_data/ae"
    amount, tax = block.amount_in_aed, block.tax_in_aed
    if amount is None:
        yield from case.broken("ibr-194-ae", f"{where}/amount_in_aed")
    if normal(line.tax.category_code) != "E" and (amount is None or tax is None):
        yield from case.broken("ibr-104-ae", f"{where}/tax_in_aed")
    yield from _net_amount(case, pointer, line)


def _net_amount(case: AeCase, pointer: str, line: Line) -> Faults:
    price, net = line.price, line.net_amount
    if net is None or price.base_quantity is None:
        return
    charges = [one.amount for one in line.charges]
    allowances = [one.amount for one in line.allowances]
    quantity = line.invoiced_quantity
    if not net_follows(net, quantity, price.item_net_price, price.base_quantity, charges, allowances):
        step, where = net_step(line), f"{pointer}/net_amount"
        yield from case.broken(
            "ibr-147-ae", where, expected=step.result, actual=shown(net), calculation=(step,)
        )


def _category(case: AeCase, pointer: str, line: Line, block: AeLine) -> Faults:
    raw, rate = line.tax.category_code, line.tax.rate
    code, where, given = normal(raw), f"{pointer}/tax/rate", shown(line.tax.rate)
    if raw == "N" and not (rate is not None and rate > 0):
        yield from case.broken("ibr-111-ae", where, expected="more than 0", actual=given)
    if code == "Z":
        yield from _without_tax(case, "ibr-165-ae", pointer, block)
    if raw == "E" and block.exemption_reason_code is None:
        yield from case.broken("ibr-167-ae", f"{pointer}/regime_data/ae/exemption_reason_code")
    if code == "E" and block.tax_in_aed is not None and block.amount_in_aed is not None:
        tax = f"{pointer}/regime_data/ae/tax_in_aed"
        fix = ({"op": "remove", "path": tax},)
        yield from case.broken("ibr-163-ae", tax, actual=shown(block.tax_in_aed), fix=fix)


def _without_tax(case: AeCase, number: str, pointer: str, block: AeLine) -> Faults:
    """The line states a tax in dirhams, and it is zero."""
    tax = block.tax_in_aed if block.amount_in_aed is not None else None
    if not is_nothing(tax):
        where = f"{pointer}/regime_data/ae/tax_in_aed"
        fix = () if tax is None else ({"op": "remove", "path": where},)
        yield from case.broken(number, where, expected="0", actual=shown(tax), fix=fix)


def _reverse_charge(case: AeCase, pointer: str, line: Line, block: AeLine) -> Faults:
    if line.tax.category_code == "AE" and block.nature is None:
        yield from case.broken("ibr-166-ae", f"{pointer}/regime_data/ae/nature")
    if block.nature is not None and normal(block.nature) not in _NATURES:
        where = f"{pointer}/regime_data/ae/nature"
        yield from case.broken("ibr-006-ae", where, expected=" or ".join(_NATURES), actual=block.nature)
    if normal(line.tax.category_code) != "AE":
        return
    yield from _without_tax(case, "ibr-162-ae", pointer, block)
    standard = line.item.standard_identifier
    if standard is None or standard.scheme != _STANDARD_SCHEME:
        where, actual = f"{pointer}/item/standard_identifier", standard.scheme if standard else ""
        yield from case.broken("ibr-174-ae", where, expected=f"scheme {_STANDARD_SCHEME}", actual=actual)


def _commodity(case: AeCase, pointer: str, line: Line, block: AeLine) -> Faults:
    item, kind = line.item, block.commodity
    classes = item.classification_identifiers
    if item.description is None:
        yield from case.broken("ibr-125-ae", f"{pointer}/item/description")
    where, service = f"{pointer}/item/classification_identifiers", f"{pointer}/regime_data/ae/service_code"
    if kind == "G" and not classes:
        yield from case.broken("ibr-184-ae", where)
    if kind == "S" and block.service_code is None:
        yield from case.broken("ibr-185-ae", service)
    if kind == "B" and (not classes or block.service_code is None):
        yield from case.broken("ibr-186-ae", where if not classes else service)
    if classes and all(one.scheme != _GOODS_LIST for one in classes):
        actual = classes[0].scheme
        yield from case.broken("ibr-188-ae", f"{where}/0/scheme", expected=_GOODS_LIST, actual=actual)
