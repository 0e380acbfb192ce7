"""The sums of an invoice, as EN 16931 fixes them: computed where absent, checked where present.

A line's net amount that is given is taken as it is: whether it follows from quantity and price is for the
strategies to judge, since networks differ in how far it may be off.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import fields, replace

from tallystick.canonical.amounts import DocumentTotals, ExchangeRate, TaxBreakdown
from tallystick.canonical.arithmetic import ZERO, exact_line_net_amount, exactly, rounded, unit
from tallystick.canonical.breakdown import tax_breakdown
from tallystick.canonical.components import additional_amounts, with_additional
from tallystick.canonical.currencies import EXPONENTS
from tallystick.canonical.fault import Fault
from tallystick.canonical.inclusive import remainder, with_net_prices
from tallystick.canonical.invoice import Invoice
from tallystick.canonical.line import Line
from tallystick.canonical.numbers import Amount, plain
from tallystick.canonical.reckoning import Reckoning, Sum
from tallystick.canonical.regime import SaysPaid
from tallystick.canonical.shape import Shape, shape_of

_TOTALS: Final = "/document_totals/"
_LINES: Final = Sum(_TOTALS + "sum_of_invoice_line_net_amount", "BT-106", "BR-CO-10", "the sum of BT-131")
_ALLOWANCES: Final = Sum(_TOTALS + "sum_of_allowances", "BT-107", "BR-CO-11", "the sum of BT-92")
_CHARGES: Final = Sum(_TOTALS + "sum_of_charges", "BT-108", "BR-CO-12", "the sum of BT-99")
_WITHOUT_TAX: Final = Sum(
    _TOTALS + "total_amount_without_tax", "BT-109", "BR-CO-13", "BT-106 - BT-107 + BT-108"
)
_TAX: Final = Sum(_TOTALS + "total_tax_amount", "BT-110", "BR-CO-14", "the sum of BT-117")
_WITH_TAX: Final = Sum(_TOTALS + "total_amount_with_tax", "BT-112", "BR-CO-15", "BT-109 + BT-110")
_ADDITIONAL: Final = Sum(
    _TOTALS + "additional_tax_amount", "additional_tax_amount", "", "the sum of the components on top"
)
_WITH_ALL_TAX: Final = _WITH_TAX._replace(operation="BT-109 + BT-110 + additional_tax_amount")
_PAID: Final = _TOTALS + "paid_amount"
_DUE: Final = Sum(_TOTALS + "amount_due_for_payment", "BT-115", "BR-CO-16", "BT-112 - BT-113 + BT-114")
_MOST_DECIMALS: Final = max(EXPONENTS.values())
_FEWEST_DECIMALS: Final = 2  # EN 16931 lets any currency's amounts be written with two


class Completed(Struct, frozen=True):
    """An invoice with all its sums, the pointers of what was computed, and what did not add up."""

    invoice: Invoice
    computed: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def complete(invoice: Invoice, decimals: int | None = None) -> Completed:
    """Compute the absent amounts of an invoice and check the present ones.

    `decimals`: how many amounts have at most, where that is fewer than their currency has. Where it is more
    than any currency has, lines, allowances, charges and tax categories may be as fine; the document's sums
    have the decimals of the currency, two at most. Pure. An invoice that is already complete and right comes
    back as it was, with nothing computed.
    """
    faults = list(_currency_faults(invoice))
    if faults:
        return Completed(invoice, (), tuple(faults))
    with exactly():
        own = EXPONENTS[invoice.currency_code]
        finer = decimals if decimals is not None and decimals > _MOST_DECIMALS else 0
        most = _MOST_DECIMALS if decimals is None else _FEWEST_DECIMALS if finer else decimals
        reckoning = Reckoning(min(own, most), finer, most)
        reckoning.faults.extend(_decimal_faults(invoice, finer))
        lines = _lines(with_net_prices(invoice.lines, reckoning), reckoning)
        if lines is None:
            return Completed(invoice, (), tuple(reckoning.faults))
        lines = with_additional(lines, reckoning)
        breakdown = tax_breakdown(invoice, lines, reckoning)
        totals = _totals(invoice, lines, breakdown, reckoning)
    if reckoning.computed:
        invoice = replace(invoice, lines=lines, tax_breakdown=breakdown, document_totals=totals)
    return Completed(invoice, tuple(reckoning.computed), tuple(reckoning.faults))


def _currency_faults(invoice: Invoice) -> Iterator[Fault]:
    for name, term in (("currency_code", "BT-5"), ("tax_currency_code", "BT-6")):
        code = getattr(invoice, name)
        if code is not None and code not in EXPONENTS:
            yield Fault(
                code="invoice/unknown-currency",
                pointer=f"/{name}",
                message=f"ISO 4217 knows no currency {code} with a minor unit.",
                term=term,
                expected="an ISO 4217 currency code",
                actual=code,
            )


def _lines(lines: tuple[Line, ...], reckoning: Reckoning) -> tuple[Line, ...] | None:
    """The lines with their net amounts, or None where one cannot be computed."""
    completed = list(lines)
    for index, line in enumerate(lines):
        if line.net_amount is not None:
            continue
        if line.price.base_quantity == 0:
            reckoning.faults.append(_zero_base(index))
            continue
        pointer = f"/lines/{index}/net_amount"
        reckoning.computed.append(pointer)
        net = exact_line_net_amount(line, reckoning.smallest)
        completed[index] = replace(line, net_amount=reckoning.fitting(pointer, "BT-131", net))
    return (
        None if reckoning.faults and any(line.net_amount is None for line in completed) else tuple(completed)
    )


def _zero_base(index: int) -> Fault:
    return Fault(
        code="invoice/zero-base-quantity",
        pointer=f"/lines/{index}/price/base_quantity",
        message="The price is for zero units, so the line's net amount cannot be computed.",
        term="BT-149",
        expected="a quantity other than zero",
        actual="0",
    )


def _totals(
    invoice: Invoice, lines: tuple[Line, ...], breakdown: tuple[TaxBreakdown, ...], reckoning: Reckoning
) -> DocumentTotals:
    given = invoice.document_totals
    nets = [line.net_amount or ZERO for line in lines]
    of_lines = _sum(_LINES, given.sum_of_invoice_line_net_amount, nets, reckoning)
    reduced = [allowance.amount for allowance in invoice.allowances]
    of_allowances = _optional_sum(_ALLOWANCES, given.sum_of_allowances, reduced, reckoning)
    charged = [charge.amount for charge in invoice.charges]
    of_charges = _optional_sum(_CHARGES, given.sum_of_charges, charged, reckoning)
    parts = [of_lines, -(of_allowances or ZERO), of_charges or ZERO]
    without_tax = _sum(_WITHOUT_TAX, given.total_amount_without_tax, parts, reckoning)
    taxes = [entry.tax_category_tax_amount or ZERO for entry in breakdown]
    tax = _sum(_TAX, given.total_tax_amount, taxes, reckoning)
    additional = _optional_sum(_ADDITIONAL, given.additional_tax_amount, additional_amounts(lines), reckoning)
    parts = [without_tax, tax] if additional is None else [without_tax, tax, additional]
    of_all = _WITH_TAX if additional is None else _WITH_ALL_TAX
    with_tax = _sum(of_all, given.total_amount_with_tax, parts, reckoning)
    rounding = given.rounding_amount
    if rounding is None:
        rounding = remainder(invoice, lines, with_tax, reckoning)
    paid = _paid(invoice, reckoning)
    parts = [with_tax, -(paid or ZERO), rounding or ZERO]
    return replace(
        given,
        paid_amount=paid,
        rounding_amount=rounding,
        sum_of_invoice_line_net_amount=of_lines,
        sum_of_allowances=of_allowances,
        sum_of_charges=of_charges,
        total_amount_without_tax=without_tax,
        total_tax_amount=tax,
        total_tax_amount_in_accounting_currency=_accounted(invoice, tax, reckoning),
        additional_tax_amount=additional,
        total_amount_with_tax=with_tax,
        amount_due_for_payment=_sum(_DUE, given.amount_due_for_payment, parts, reckoning),
    )


def _sum(amount: Sum, given: Amount | None, parts: list[Any], reckoning: Reckoning) -> Amount:
    expected = sum(parts, ZERO).quantize(reckoning.smallest)
    return reckoning.settle(amount, given, expected, parts)


def _optional_sum(
    amount: Sum, given: Amount | None, parts: list[Amount], reckoning: Reckoning
) -> Amount | None:
    """A sum that is only there if it has something to sum, or if it was given."""
    return _sum(amount, given, parts, reckoning) if parts or given is not None else None


def _paid(invoice: Invoice, reckoning: Reckoning) -> Amount | None:
    """BT-113: as given, or what a block says was paid in advance."""
    if invoice.document_totals.paid_amount is not None:
        return invoice.document_totals.paid_amount
    blocks = [block for block in invoice.regime_data.values() if isinstance(block, SaysPaid)]
    amounts = [block.paid_in_advance(reckoning.decimals) for block in blocks]
    paid = next((amount for amount in amounts if amount is not None), None)
    if paid is None:
        return None
    reckoning.computed.append(_PAID)
    if _too_fine(paid, EXPONENTS[invoice.currency_code]):
        reckoning.faults.append(_finer(_PAID, "BT-113", paid, invoice.currency_code))
    return reckoning.fitting(_PAID, "BT-113", paid)


def _accounted(invoice: Invoice, tax: Amount, reckoning: Reckoning) -> Amount | None:
    """BT-111: the tax in the accounting currency, as given or by the exchange rate."""
    given = invoice.document_totals.total_tax_amount_in_accounting_currency
    to, exchange = invoice.tax_currency_code, invoice.exchange_rate
    if given is not None or exchange is None or to is None or to == invoice.currency_code:
        return given
    if (exchange.from_currency, exchange.to_currency) != (invoice.currency_code, to):
        reckoning.faults.append(_wrong_exchange(invoice.currency_code, to, exchange))
        return None
    pointer = _TOTALS + "total_tax_amount_in_accounting_currency"
    reckoning.computed.append(pointer)
    return reckoning.fitting(
        pointer, "BT-111", rounded(tax * exchange.rate, min(EXPONENTS[to], reckoning.most))
    )


def _wrong_exchange(from_currency: str, to_currency: str, exchange: ExchangeRate) -> Fault:
    return Fault(
        code="invoice/wrong-exchange-rate",
        pointer="/exchange_rate",
        message="The exchange rate does not lead from the document currency to the accounting currency.",
        expected=f"from {from_currency} to {to_currency}",
        actual=f"from {exchange.from_currency} to {exchange.to_currency}",
        hint="Send the rate of that direction, or the tax in the accounting currency itself.",
    )


def _decimal_faults(invoice: Invoice, finer: int) -> Iterator[Fault]:
    """Amounts with more decimals than their currency has, or, but for totals, with more than `finer`."""
    currency, tax_currency = invoice.currency_code, invoice.tax_currency_code
    decimals = min(EXPONENTS[currency], EXPONENTS[tax_currency or currency])
    if _all_in(unit(decimals), invoice):
        return
    for pointer, term, amount in _amounts(invoice, ""):
        code = tax_currency if term == "BT-111" and tax_currency else currency
        most = EXPONENTS[code] if pointer.startswith(_TOTALS) else max(EXPONENTS[code], finer)
        if _too_fine(amount, most):
            yield _finer(pointer, term, amount, code)


def _finer(pointer: str, term: str, amount: Decimal, code: str) -> Fault:
    return Fault(
        code="invoice/too-many-decimals",
        pointer=pointer,
        message=f"An amount in {code} has at most {EXPONENTS[code]} decimals.",
        term=term,
        expected=f"at most {EXPONENTS[code]} decimals",
        actual=plain(amount),
    )


def _too_fine(amount: Decimal, decimals: int) -> bool:
    """Whether the amount has decimals its currency has not; trailing zeros up to two are no sin."""
    exponent = amount.as_tuple().exponent
    written = -exponent if isinstance(exponent, int) else 0
    if written <= decimals:
        return False
    return written > _FEWEST_DECIMALS or amount != rounded(amount, decimals)


def _all_in(smallest: Decimal, group: Struct) -> bool:
    """Whether every amount in a group and the groups below it has as many decimals as `smallest`."""
    numbers, structs, arrays = _moneyed_by_kind(type(group))
    for name in numbers:
        amount = getattr(group, name)
        if amount is not None and not amount.same_quantum(smallest):
            return False
    for name in structs:
        inner = getattr(group, name)
        if inner is not None and not _all_in(smallest, inner):
            return False
    for name in arrays:
        for item in getattr(group, name):
            if not (type(item) is Line and _bare(item)) and not _all_in(smallest, item):
                return False
    return True


def _bare(line: Line) -> bool:
    """Whether the line has no amounts: none of its own, and nothing below that could have one."""
    return line.net_amount is None and not (line.allowances or line.charges or line.tax.components)


@cache
def _moneyed_by_kind(struct: type[Struct]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The names of a struct's amounts, of its groups with amounts below, and of its arrays of such."""
    kinds = {
        kind: tuple(a for a, _, s in _moneyed(struct) if s.kind == kind) for kind in ("number", "struct")
    }
    others = tuple(a for a, _, s in _moneyed(struct) if s.kind not in kinds)
    return kinds["number"], kinds["struct"], others


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
