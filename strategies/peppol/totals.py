"""The sums of the document: every total is what its parts add up to, in two decimals."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tallystick.canonical import AllowanceOrCharge, DocumentTotals, Step

from .adjustments import DOCUMENT_ALLOWANCE, DOCUMENT_CHARGE, adjustments
from .case import NOTHING, Case, Faults, shown, too_fine
from .lexical import cents
from .rules import broken

_MOST_OPERANDS: Final = 20
"""How many operands a step lists; a longer sum shows its count."""

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


def totals(case: Case) -> Faults:
    """Rules on BG-20 to BG-22. Sums are judged once they are all there."""
    yield from adjustments(case, case.invoice.allowances, DOCUMENT_ALLOWANCE, "/allowances")
    yield from adjustments(case, case.invoice.charges, DOCUMENT_CHARGE, "/charges")
    for number, member in _DECIMALS:
        yield from too_fine(getattr(case.totals, member), f"/document_totals/{member}", number)
    yield from _accounting(case)
    if case.completed:
        yield from _parts(case)
        yield from _without_tax(case)
        yield from _with_tax(case)
        yield from _due(case)


def step(operation: str, operands: Sequence[Decimal], result: Decimal) -> Step:
    """A step that lists its operands, or says how many there are when they are too many to read."""
    if len(operands) > _MOST_OPERANDS:
        return Step(f"{operation} ({len(operands)} operands)", (), shown(result))
    return Step(operation, tuple(map(shown, operands)), shown(result))


def _parts(case: Case) -> Faults:
    amounts = [line.net_amount for line in case.invoice.lines if line.net_amount is not None]
    total = case.totals.sum_of_invoice_line_net_amount
    expected = cents(sum(amounts, NOTHING))
    if total is not None and total != expected:
        yield broken(
            "BR-CO-10",
            "/document_totals/sum_of_invoice_line_net_amount",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step("sum of BT-131", amounts, expected),),
        )
    invoice, sums = case.invoice, case.totals
    yield from _part("BR-CO-11", "sum_of_allowances", sums.sum_of_allowances, invoice.allowances, "BT-92")
    yield from _part("BR-CO-12", "sum_of_charges", sums.sum_of_charges, invoice.charges, "BT-99")


def _part(
    number: str, member: str, total: Decimal | None, entries: Sequence[AllowanceOrCharge], term: str
) -> Faults:
    amounts = [entry.amount for entry in entries]
    expected = cents(sum(amounts, NOTHING))
    if (total is None and entries) or (total is not None and total != expected):
        yield broken(
            number,
            f"/document_totals/{member}",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step(f"sum of {term}", amounts, expected),),
        )


def _without_tax(case: Case) -> Faults:
    totals = case.totals
    parts, total = totals.sum_of_invoice_line_net_amount, totals.total_amount_without_tax
    if parts is None or total is None:
        return
    allowances, charges = totals.sum_of_allowances or NOTHING, totals.sum_of_charges or NOTHING
    expected = parts - allowances + charges
    if totals.sum_of_allowances is not None or totals.sum_of_charges is not None:
        expected = cents(expected)
    if total != expected:
        yield broken(
            "BR-CO-13",
            "/document_totals/total_amount_without_tax",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step("BT-106 - BT-107 + BT-108", (parts, allowances, charges), expected),),
        )


def _with_tax(case: Case) -> Faults:
    totals = case.totals
    net, tax, total = totals.total_amount_without_tax, totals.total_tax_amount, totals.total_amount_with_tax
    if net is None or tax is None or total is None:
        return
    expected = cents(net + tax)
    if total != expected or not _one_tax(case):
        yield broken(
            "BR-CO-15",
            "/document_totals/total_amount_with_tax",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step("BT-109 + BT-110", (net, tax), expected),),
        )


def _accounting(case: Case) -> Faults:
    """BT-6 and BT-111 come together, in a currency of their own, and with the sign of BT-110."""
    invoice, totals = case.invoice, case.totals
    amount, currency = totals.total_tax_amount_in_accounting_currency, invoice.tax_currency_code
    at = "/document_totals/total_tax_amount_in_accounting_currency"
    same = currency == invoice.currency_code
    if currency is not None and amount is None and not same:
        yield broken("BR-53", at)
    if not case.rules.peppol:
        return
    without_entries = (amount is not None) + (
        totals.total_tax_amount is not None and not invoice.tax_breakdown
    )
    if without_entries != (currency is not None):
        missing = "/tax_currency_code" if currency is None else at
        yield broken("PEPPOL-EN16931-R054", missing, term="BT-6" if currency is None else "BT-111")
    tax = totals.total_tax_amount or NOTHING
    if currency is not None and not same and (amount is None or amount * tax < 0):
        wanted = f"the sign of {shown(tax)}"
        yield broken("PEPPOL-EN16931-R055", at, expected=wanted, actual=shown(amount))


def _one_tax(case: Case) -> bool:
    """Whether one total of tax only is in the document's currency."""
    accounted = case.totals.total_tax_amount_in_accounting_currency
    currency = case.invoice.tax_currency_code or case.invoice.currency_code
    return accounted is None or currency != case.invoice.currency_code


def _due(case: Case) -> Faults:
    totals = case.totals
    total, due = totals.total_amount_with_tax, totals.amount_due_for_payment
    if total is None or due is None:
        return
    paid, rounding = totals.paid_amount or NOTHING, totals.rounding_amount or NOTHING
    expected = total - paid + rounding
    if not _adds_up(totals, total, due):
        yield broken(
            "BR-CO-16",
            "/document_totals/amount_due_for_payment",
            expected=shown(expected),
            actual=shown(due),
            calculation=(step("BT-112 - BT-113 + BT-114", (total, paid, rounding), expected),),
        )


def _adds_up(totals: DocumentTotals, total: Decimal, due: Decimal) -> bool:
    """Whether the amount due follows: a side is rounded only where something is taken off it."""
    paid, rounding = totals.paid_amount, totals.rounding_amount
    to_pay = total if paid is None else cents(total - paid)
    return to_pay == (due if rounding is None else cents(due - rounding))
