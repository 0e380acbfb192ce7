"""The sums of the document: every total is what its parts add up to, in two decimals."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tallystick.canonical import AllowanceOrCharge, DocumentTotals, Step
from tallystick.rules.en16931.adjustments import DOCUMENT_ALLOWANCE, DOCUMENT_CHARGE, adjustments
from tallystick.rules.en16931.case import NOTHING, EuropeanCase, Faults, is_too_fine, too_fine
from tallystick.rules.en16931.steps import put, rounded
from tallystick.rules.lexical import cents, shown

_DECIMALS: Final = (
    ("BR-DEC-09", "sum_of_invoice_line_net_amount"),
    ("BR-DEC-10", "sum_of_allowances"),
    ("BR-DEC-11", "sum_of_charges"),
    ("BR-DEC-12", "total_amount_without_tax"),
    ("", "total_tax_amount"),
    ("BR-DEC-14", "total_amount_with_tax"),
    ("", "total_tax_amount_in_accounting_currency"),
    ("BR-DEC-16", "paid_amount"),
    ("BR-DEC-17", "rounding_amount"),
    ("BR-DEC-18", "amount_due_for_payment"),
)


def totals(case: EuropeanCase) -> Faults:
    """Rules on BG-20 to BG-22. Sums are judged once they are all there."""
    invoice, sums = case.invoice, case.totals
    if invoice.allowances:
        yield from adjustments(case, invoice.allowances, DOCUMENT_ALLOWANCE, "/allowances")
    if invoice.charges:
        yield from adjustments(case, invoice.charges, DOCUMENT_CHARGE, "/charges")
    for number, member in _DECIMALS:
        amount = getattr(sums, member)
        if is_too_fine(amount):
            yield from too_fine(case, amount, f"/document_totals/{member}", number)
    if invoice.tax_currency_code is not None:
        yield from _accounted(case)
    if case.completed:
        yield from _parts(case)
        yield from _without_tax(case)
        yield from _with_tax(case)
        yield from _due(case)


def unfinished(case: EuropeanCase) -> Faults:
    """Without all sums there is no amount due, whatever else was found."""
    if not case.completed:
        yield from case.broken("BR-15", "/document_totals/amount_due_for_payment")


def _parts(case: EuropeanCase) -> Faults:
    amounts = [line.net_amount for line in case.invoice.lines if line.net_amount is not None]
    total = case.totals.sum_of_invoice_line_net_amount
    exact = sum(amounts, NOTHING)
    if total is not None and total != cents(exact):
        steps = rounded("sum of BT-131", amounts, exact, cents(exact))
        yield from _wrong(case, "BR-CO-10", "sum_of_invoice_line_net_amount", total, cents(exact), steps)
    invoice, sums = case.invoice, case.totals
    less, more = sums.sum_of_allowances, sums.sum_of_charges
    if less is not None or invoice.allowances:
        yield from _part(case, "BR-CO-11", "sum_of_allowances", less, invoice.allowances, "BT-92")
    if more is not None or invoice.charges:
        yield from _part(case, "BR-CO-12", "sum_of_charges", more, invoice.charges, "BT-99")


def _part(
    case: EuropeanCase,
    number: str,
    member: str,
    total: Decimal | None,
    entries: Sequence[AllowanceOrCharge],
    term: str,
) -> Faults:
    amounts = [entry.amount for entry in entries]
    exact = sum(amounts, NOTHING)
    expected = cents(exact)
    if (total is None and entries) or (total is not None and total != expected):
        steps = rounded(f"sum of {term}", amounts, exact, expected)
        yield from _wrong(case, number, member, total, expected, steps)


def _without_tax(case: EuropeanCase) -> Faults:
    """Rounded only where something is taken off or added."""
    totals = case.totals
    parts, total = totals.sum_of_invoice_line_net_amount, totals.total_amount_without_tax
    if parts is None or total is None:
        return
    allowances, charges = totals.sum_of_allowances, totals.sum_of_charges
    operands = (parts, allowances or NOTHING, charges or NOTHING)
    exact = expected = parts - operands[1] + operands[2]
    if allowances is not None or charges is not None:
        expected = cents(exact)
    if total != expected:
        steps = rounded("BT-106 - BT-107 + BT-108", operands, exact, expected)
        yield from _wrong(case, "BR-CO-13", "total_amount_without_tax", total, expected, steps)


def _with_tax(case: EuropeanCase) -> Faults:
    totals = case.totals
    net, tax, total = totals.total_amount_without_tax, totals.total_tax_amount, totals.total_amount_with_tax
    if net is None or tax is None or total is None:
        return
    expected = cents(net + tax)
    if total != expected or not _one_tax(case):
        steps = rounded("BT-109 + BT-110", (net, tax), net + tax, expected)
        mends = _one_tax(case)
        yield from _wrong(case, "BR-CO-15", "total_amount_with_tax", total, expected, steps, mends=mends)


def _accounted(case: EuropeanCase) -> Faults:
    """A currency of its own for the tax needs the tax in it."""
    amount, currency = case.totals.total_tax_amount_in_accounting_currency, case.invoice.tax_currency_code
    if currency is not None and amount is None and currency != case.invoice.currency_code:
        yield from case.broken("BR-53", "/document_totals/total_tax_amount_in_accounting_currency")


def _one_tax(case: EuropeanCase) -> bool:
    """Whether one total of tax only is in the document's currency."""
    accounted = case.totals.total_tax_amount_in_accounting_currency
    currency = case.invoice.tax_currency_code or case.invoice.currency_code
    return accounted is None or currency != case.invoice.currency_code


def _due(case: EuropeanCase) -> Faults:
    totals = case.totals
    total, due = totals.total_amount_with_tax, totals.amount_due_for_payment
    if total is None or due is None or _adds_up(totals, total, due):
        return
    paid, rounding = totals.paid_amount or NOTHING, totals.rounding_amount or NOTHING
    exact = expected = total - paid + rounding
    if totals.paid_amount is not None:
        expected = cents(total - paid) + rounding
    steps = rounded("BT-112 - BT-113 + BT-114", (total, paid, rounding), exact, expected)
    mends = _adds_up(totals, total, expected)
    yield from _wrong(case, "BR-CO-16", "amount_due_for_payment", due, expected, steps, mends=mends)


def _wrong(
    case: EuropeanCase,
    number: str,
    member: str,
    total: Decimal | None,
    expected: Decimal,
    steps: tuple[Step, ...],
    *,
    mends: bool = True,
) -> Faults:
    """A total that does not follow; `mends` tells whether the right one is all that the rule wants."""
    at = f"/document_totals/{member}"
    yield from case.broken(
        number,
        at,
        expected=shown(expected),
        actual=shown(total),
        calculation=steps,
        fix=put(at, expected) if mends else (),
    )


def _adds_up(totals: DocumentTotals, total: Decimal, due: Decimal) -> bool:
    """Whether the amount due follows: a side is rounded only where something is taken off it."""
    paid, rounding = totals.paid_amount, totals.rounding_amount
    to_pay = total if paid is None else cents(total - paid)
    return to_pay == (due if rounding is None else cents(due - rounding))
