"""The sums of an invoice, as EN 16931 fixes them: computed where absent, checked where present.

A line's net amount that is given is taken as it is: whether it follows from quantity and price is for the
strategies to judge, since networks differ in how far it may be off.
"""

from collections.abc import Sequence
from decimal import Decimal, getcontext, setcontext
from typing import Final

from msgspec.structs import replace

from tallystick.canonical.amounts import NO_TOTALS, DocumentTotals, ExchangeRate, TaxBreakdown
from tallystick.canonical.arithmetic import EXACT, ZERO, exact_line_net_amount, exactly, rounded
from tallystick.canonical.breakdown import tax_breakdown
from tallystick.canonical.components import additional_amounts, with_additional
from tallystick.canonical.currencies import EXPONENTS
from tallystick.canonical.fault import Fault
from tallystick.canonical.fineness import FEWEST_DECIMALS, TOTALS, decimal_faults, finer_fault, too_fine
from tallystick.canonical.inclusive import remainder, with_net_prices
from tallystick.canonical.invoice import Invoice
from tallystick.canonical.line import Line
from tallystick.canonical.numbers import Amount
from tallystick.canonical.reckoning import MOST_DIGITS, Reckoning, Sum
from tallystick.canonical.regime import SaysPaid
from tallystick.canonical.results import Completed

_LINES: Final = Sum(TOTALS + "sum_of_invoice_line_net_amount", "BT-106", "BR-CO-10", "the sum of BT-131")
_ALLOWANCES: Final = Sum(TOTALS + "sum_of_allowances", "BT-107", "BR-CO-11", "the sum of BT-92")
_CHARGES: Final = Sum(TOTALS + "sum_of_charges", "BT-108", "BR-CO-12", "the sum of BT-99")
_WITHOUT_TAX: Final = Sum(
    TOTALS + "total_amount_without_tax", "BT-109", "BR-CO-13", "BT-106 - BT-107 + BT-108"
)
_TAX: Final = Sum(TOTALS + "total_tax_amount", "BT-110", "BR-CO-14", "the sum of BT-117")
_WITH_TAX: Final = Sum(TOTALS + "total_amount_with_tax", "BT-112", "BR-CO-15", "BT-109 + BT-110")
_ADDITIONAL: Final = Sum(
    TOTALS + "additional_tax_amount", "additional_tax_amount", "", "the sum of the components on top"
)
_WITH_ALL_TAX: Final = Sum(
    _WITH_TAX.pointer, _WITH_TAX.term, _WITH_TAX.rule, "BT-109 + BT-110 + additional_tax_amount"
)
_PAID: Final = TOTALS + "paid_amount"
_DUE: Final = Sum(TOTALS + "amount_due_for_payment", "BT-115", "BR-CO-16", "BT-112 - BT-113 + BT-114")
_OF_LINES_ALONE: Final = (_LINES.pointer, _WITHOUT_TAX.pointer, _TAX.pointer, _WITH_TAX.pointer, _DUE.pointer)
_MOST_DECIMALS: Final = max(EXPONENTS.values())


def complete(invoice: Invoice, decimals: int | None = None) -> Completed:
    """Compute the absent amounts of an invoice and check the present ones.

    `decimals`: how many amounts have at most, where that is fewer than their currency has. Where it is more
    than any currency has, lines, allowances, charges and tax categories may be as fine; the document's sums
    have the decimals of the currency, two at most. Pure. An invoice that is already complete and right comes
    back as it was, with nothing computed.
    """
    faults = _currency_faults(invoice)
    if faults:
        return Completed(invoice, (), tuple(faults))
    context = getcontext()
    setcontext(EXACT)
    try:
        return _completed(invoice, decimals)
    finally:
        setcontext(context)


def _completed(invoice: Invoice, decimals: int | None) -> Completed:
    own = EXPONENTS[invoice.currency_code]
    finer = decimals if decimals is not None and decimals > _MOST_DECIMALS else 0
    most = _MOST_DECIMALS if decimals is None else FEWEST_DECIMALS if finer else decimals
    reckoning = Reckoning(min(own, most), finer, most)
    reckoning.faults += decimal_faults(invoice, finer)
    lines, special = invoice.lines, _any_special(invoice.lines)
    if special:
        lines = with_net_prices(lines, reckoning)
    completed = _with_nets(lines, reckoning)
    if completed is None:
        return Completed(invoice, (), tuple(reckoning.faults))
    lines = with_additional(completed, reckoning) if special else completed
    nets = [line.net_amount or ZERO for line in lines]
    breakdown = tax_breakdown(invoice, lines, reckoning)
    totals = None if special or _changes_sums(invoice) else _of_lines_alone(nets, breakdown, reckoning)
    if totals is None:
        totals = _totals(invoice, lines if special else (), nets, breakdown, reckoning)
    if reckoning.computed:
        invoice = replace(invoice, lines=lines, tax_breakdown=breakdown, document_totals=totals)
    return Completed(invoice, tuple(reckoning.computed), tuple(reckoning.faults))


def _currency_faults(invoice: Invoice) -> list[Fault]:
    faults, other = [], invoice.tax_currency_code
    if invoice.currency_code not in EXPONENTS:
        faults.append(_unknown("currency_code", "BT-5", invoice.currency_code))
    if other is not None and other not in EXPONENTS:
        faults.append(_unknown("tax_currency_code", "BT-6", other))
    return faults


def _unknown(name: str, term: str, code: str) -> Fault:
    return Fault(
        code="invoice/unknown-currency",
        pointer=f"/{name}",
        message=f"ISO 4217 knows no currency {code} with a minor unit.",
        term=term,
        expected="an ISO 4217 currency code",
        actual=code,
    )


def _any_special(lines: tuple[Line, ...]) -> bool:
    """Whether a line has a price with tax, or a tax in components: most invoices have neither."""
    for line in lines:
        price, tax = line.price, line.tax
        if price.item_price_with_tax is not None or tax.components:
            return True
    return False


def _with_nets(lines: tuple[Line, ...], reckoning: Reckoning) -> tuple[Line, ...] | None:
    """The lines with their net amounts, or None where one cannot be computed."""
    completed, lacking = list(lines), False
    for index, line in enumerate(lines):
        if line.net_amount is not None:
            continue
        if line.price.base_quantity == 0:
            reckoning.faults.append(_zero_base(index))
            lacking = True
            continue
        pointer = f"/lines/{index}/net_amount"
        reckoning.computed.append(pointer)
        net = exact_line_net_amount(line, reckoning.smallest)
        completed[index] = replace(line, net_amount=reckoning.fitting(pointer, "BT-131", net))
    return None if lacking else tuple(completed)


def _zero_base(index: int) -> Fault:
    return Fault(
        code="invoice/zero-base-quantity",
        pointer=f"/lines/{index}/price/base_quantity",
        message="The price is for zero units, so the line's net amount cannot be computed.",
        term="BT-149",
        expected="a quantity other than zero",
        actual="0",
    )


def _changes_sums(invoice: Invoice) -> bool:
    """Whether sums are given, or anything beside the lines may change them."""
    return (
        invoice.document_totals is not NO_TOTALS
        or invoice.exchange_rate is not None
        or bool(invoice.allowances or invoice.charges or invoice.regime_data)
    )


def _of_lines_alone(
    nets: Sequence[Decimal], breakdown: tuple[TaxBreakdown, ...], reckoning: Reckoning
) -> DocumentTotals | None:
    """What `_totals` computes where lines and their tax are all there is; None where a sum is too large, or
    where lines come to nothing: a rounded nothing may have a sign, which sums made of it have not.
    """
    of_lines = reckoning.total(nets)
    tax = reckoning.total([entry.tax_category_tax_amount or ZERO for entry in breakdown])
    with_tax = of_lines + tax
    if not of_lines or max(of_lines.adjusted(), tax.adjusted(), with_tax.adjusted()) >= MOST_DIGITS:
        return None
    reckoning.computed += _OF_LINES_ALONE
    without_tax, due = Amount(of_lines), Amount(with_tax)
    return DocumentTotals(
        sum_of_invoice_line_net_amount=without_tax,
        total_amount_without_tax=without_tax,
        total_tax_amount=Amount(tax),
        total_amount_with_tax=due,
        amount_due_for_payment=due,
    )


def _totals(
    invoice: Invoice,
    special: tuple[Line, ...],
    nets: Sequence[Decimal],
    breakdown: tuple[TaxBreakdown, ...],
    reckoning: Reckoning,
) -> DocumentTotals:
    """The document's sums. `special` are the lines where `_any_special` is one of them, else none."""
    given = invoice.document_totals
    of_lines = _sum(_LINES, given.sum_of_invoice_line_net_amount, nets, reckoning)
    reduced = [allowance.amount for allowance in invoice.allowances]
    of_allowances = _optional_sum(_ALLOWANCES, given.sum_of_allowances, reduced, reckoning)
    charged = [charge.amount for charge in invoice.charges]
    of_charges = _optional_sum(_CHARGES, given.sum_of_charges, charged, reckoning)
    without_tax = _changed(
        _WITHOUT_TAX, given.total_amount_without_tax, of_lines, of_allowances, of_charges, reckoning
    )
    taxes = [entry.tax_category_tax_amount or ZERO for entry in breakdown]
    tax = _sum(_TAX, given.total_tax_amount, taxes, reckoning)
    on_top = additional_amounts(special) if special else []
    additional = _optional_sum(_ADDITIONAL, given.additional_tax_amount, on_top, reckoning)
    parts = [without_tax, tax] if additional is None else [without_tax, tax, additional]
    of_all = _WITH_TAX if additional is None else _WITH_ALL_TAX
    with_tax = _sum(of_all, given.total_amount_with_tax, parts, reckoning)
    rounding = given.rounding_amount
    if rounding is None and special:
        rounding = remainder(invoice, special, with_tax, reckoning)
    paid = _paid(invoice, reckoning)
    accounted = _accounted(invoice, tax, reckoning)
    due = _changed(_DUE, given.amount_due_for_payment, with_tax, paid, rounding, reckoning)
    return replace(
        given,
        paid_amount=paid,
        rounding_amount=rounding,
        sum_of_invoice_line_net_amount=of_lines,
        sum_of_allowances=of_allowances,
        sum_of_charges=of_charges,
        total_amount_without_tax=without_tax,
        total_tax_amount=tax,
        total_tax_amount_in_accounting_currency=accounted,
        additional_tax_amount=additional,
        total_amount_with_tax=with_tax,
        amount_due_for_payment=due,
    )


def _sum(amount: Sum, given: Amount | None, parts: Sequence[Decimal], reckoning: Reckoning) -> Amount:
    return reckoning.settle(amount, given, reckoning.total(parts), parts)


def _optional_sum(
    amount: Sum, given: Amount | None, parts: Sequence[Decimal], reckoning: Reckoning
) -> Amount | None:
    """A sum that is only there if it has something to sum, or if it was given."""
    return _sum(amount, given, parts, reckoning) if parts or given is not None else None


def _changed(
    amount: Sum,
    given: Amount | None,
    start: Amount,
    less: Amount | None,
    more: Amount | None,
    reckoning: Reckoning,
) -> Amount:
    """An amount that is `start` less the one and plus the other, if they are there."""
    if given is None and less is None and more is None:
        return _sum(amount, None, [start], reckoning)
    return _sum(amount, given, [start, -(less or ZERO), more or ZERO], reckoning)


def _paid(invoice: Invoice, reckoning: Reckoning) -> Amount | None:
    """BT-113: as given, or what a block says was paid in advance."""
    if invoice.document_totals.paid_amount is not None:
        return invoice.document_totals.paid_amount
    blocks = [block for block in invoice.regime_data.values() if isinstance(block, SaysPaid)]
    if not blocks:
        return None
    with exactly():  # a copy: what is strange here cannot change it for anyone
        amounts = [block.paid_in_advance(reckoning.decimals) for block in blocks]
    paid = next((amount for amount in amounts if amount is not None), None)
    if paid is None:
        return None
    reckoning.computed.append(_PAID)
    if too_fine(paid, EXPONENTS[invoice.currency_code]):
        reckoning.faults.append(finer_fault(_PAID, "BT-113", paid, invoice.currency_code))
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
    pointer = TOTALS + "total_tax_amount_in_accounting_currency"
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
