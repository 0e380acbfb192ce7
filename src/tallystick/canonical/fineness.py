"""How fine amounts are written: none has more decimals than its currency has.

Nearly every document writes all its amounts as fine as its currency is, or leaves them out: that is asked
first, and only where it is not so each amount is looked at by itself.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import fields

from tallystick.canonical.amounts import NO_TOTALS, AllowanceOrCharge
from tallystick.canonical.arithmetic import rounded, unit
from tallystick.canonical.currencies import EXPONENTS
from tallystick.canonical.fault import Fault
from tallystick.canonical.invoice import Invoice
from tallystick.canonical.line import Line
from tallystick.canonical.numbers import Amount, plain
from tallystick.canonical.shape import Shape, shape_of

TOTALS: Final = "/document_totals/"
FEWEST_DECIMALS: Final = 2
"""EN 16931 lets any currency's amounts be written with two."""


def decimal_faults(invoice: Invoice, finer: int) -> list[Fault]:
    """Amounts with more decimals than their currency has, or, but for totals, with more than `finer`."""
    currency, tax_currency = invoice.currency_code, invoice.tax_currency_code
    decimals = EXPONENTS[currency]
    if tax_currency is not None:
        decimals = min(decimals, EXPONENTS[tax_currency])
    smallest = unit(decimals)
    if _lines_as_fine(invoice.lines, smallest) and _document_as_fine(invoice, smallest):
        return []
    return list(_told(invoice, finer))


def finer_fault(pointer: str, term: str, amount: Decimal, code: str) -> Fault:
    """What is told of an amount that is too fine for the currency of this code."""
    return Fault(
        code="invoice/too-many-decimals",
        pointer=pointer,
        message=f"An amount in {code} has at most {EXPONENTS[code]} decimals.",
        term=term,
        expected=f"at most {EXPONENTS[code]} decimals",
        actual=plain(amount),
    )


def too_fine(amount: Decimal, decimals: int) -> bool:
    """Whether the amount has decimals its currency has not; trailing zeros up to two are no sin."""
    exponent = amount.as_tuple().exponent
    written = -exponent if isinstance(exponent, int) else 0
    if written <= decimals:
        return False
    return written > FEWEST_DECIMALS or amount != rounded(amount, decimals)


def _told(invoice: Invoice, finer: int) -> Iterator[Fault]:
    currency, tax_currency = invoice.currency_code, invoice.tax_currency_code
    for pointer, term, amount in _amounts(invoice, ""):
        code = tax_currency if term == "BT-111" and tax_currency else currency
        most = EXPONENTS[code] if pointer.startswith(TOTALS) else max(EXPONENTS[code], finer)
        if too_fine(amount, most):
            yield finer_fault(pointer, term, amount, code)


def _lines_as_fine(lines: tuple[Line, ...], smallest: Decimal) -> bool:
    """Whether every amount of the lines, and of what is below them, has as many decimals as `smallest`."""
    for line in lines:
        net, tax = line.net_amount, line.tax
        if net is not None and not net.same_quantum(smallest):
            return False
        if line.allowances and not _adjustments_as_fine(line.allowances, smallest):
            return False
        if line.charges and not _adjustments_as_fine(line.charges, smallest):
            return False
        if tax.components and not _as_fine(tax.components, smallest):
            return False
    return True


def _adjustments_as_fine(adjustments: tuple[AllowanceOrCharge, ...], smallest: Decimal) -> bool:
    for adjustment in adjustments:
        base = adjustment.base_amount
        if not adjustment.amount.same_quantum(smallest):
            return False
        if base is not None and not base.same_quantum(smallest):
            return False
    return True


def _document_as_fine(invoice: Invoice, smallest: Decimal) -> bool:
    """The same of the amounts that do not belong to a line."""
    totals = invoice.document_totals
    return (
        (totals is NO_TOTALS or _as_fine((totals,), smallest))
        and (not invoice.tax_breakdown or _as_fine(invoice.tax_breakdown, smallest))
        and _adjustments_as_fine(invoice.allowances, smallest)
        and _adjustments_as_fine(invoice.charges, smallest)
    )


def _as_fine(groups: tuple[Struct, ...], smallest: Decimal) -> bool:
    """The same of the amounts of groups that have no groups with amounts below them."""
    names = _amounts_of(type(groups[0]))
    for group in groups:
        for name in names:
            amount = getattr(group, name)
            if amount is not None and not amount.same_quantum(smallest):
                return False
    return True


@cache
def _amounts_of(struct: type[Struct]) -> tuple[str, ...]:
    """The names of a struct's own amounts."""
    return tuple([attribute for attribute, _, shape in _moneyed(struct) if shape.kind == "number"])


def _amounts(group: Struct, pointer: str) -> Iterator[tuple[str, str, Amount]]:
    """Pointer, term and value of every amount in a group and the groups below it."""
    for attribute, name, shape in _moneyed(type(group)):
        value: Any = getattr(group, attribute)
        if not value and not isinstance(value, Decimal):
            continue
        if shape.kind == "number":
            yield f"{pointer}/{name}", shape.term, value
        elif shape.kind == "struct":
            yield from _amounts(value, f"{pointer}/{name}")
        else:
            for index, item in enumerate(value):
                yield from _amounts(item, f"{pointer}/{name}/{index}")


@cache
def _moneyed(struct: type[Struct]) -> tuple[tuple[str, str, Shape], ...]:
    """The fields of a struct that are amounts or have amounts somewhere below."""
    shapes = shape_of(struct)
    found = ((info.name, info.encode_name, shapes[info.encode_name].shape) for info in fields(struct))
    return tuple(entry for entry in found if _has_amounts(entry[2]))


def _has_amounts(shape: Shape) -> bool:
    if shape.kind == "number":
        return shape.number is Amount
    inner = shape if shape.kind == "struct" else shape.item
    return inner is not None and inner.struct is not None and bool(_moneyed(inner.struct))
