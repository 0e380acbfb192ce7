"""The sums of the document: every total is what its parts add up to, in two decimals."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tallystick.canonical import AllowanceOrCharge, DocumentTotals, Step
from tallystick.rules.en16931.adjustments import DOCUMENT_ALLOWANCE, DOCUMENT_CHARGE, adjustments
from tallystick.rules.en16931.case import NOTHING, EuropeanCase, Faults, is_too_fine, too_fine
from tallystick.rules.lexical import cents, shown

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


def step(operation: str, operands: Sequence[Decimal], result: Decimal) -> Step:
    """A step that lists its operands, or says how many there are when they are too many to read."""
    if len(operands) > _MOST_OPERANDS:
        return Step(f"{operation} ({len(operands)} operands)", (), shown(result))
    return Step(operation, tuple(map(shown, operands)), shown(result))


def _parts(case: EuropeanCase) -> Faults:
    amounts = [line.net_amount for line in case.invoice.lines if line.net_amount is not None]
    total = case.totals.sum_of_invoice_line_net_amount
    expected = cents(sum(amounts, NOTHING))
    if total is not None and total != expected:
        yield from case.broken(
            "BR-CO-10",
            "/document_totals/sum_of_invoice_line_net_amount",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step("sum of BT-131", amounts, expected),),
        )
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
    expected = cents(sum(amounts, NOTHING))
    if (total is None and entries) or (total is not None and total != expected):
        yield from case.broken(
            number,
            f"/document_totals/{member}",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step(f"sum of {term}", amounts, expected),),
        )


def _without_tax(case: EuropeanCase) -> Faults:
    totals = case.totals
    parts, total = totals.sum_of_invoice_line_net_amount, totals.total_amount_without_tax
    if parts is None or total is None:
        return
    allowances, charges = totals.sum_of_allowances or NOTHING, totals.sum_of_charges or NOTHING
    expected = parts - allowances + charges
    if totals.sum_of_allowances is not None or totals.sum_of_charges is not None:
        expected = cents(expected)
    if total != expected:
        yield from case.broken(
            "BR-CO-13",
            "/document_totals/total_amount_without_tax",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step("BT-106 - BT-107 + BT-108", (parts, allowances, charges), expected),),
        )


def _with_tax(case: EuropeanCase) -> Faults:
    totals = case.totals
    net, tax, total = totals.total_amount_without_tax, totals.total_tax_amount, totals.total_amount_with_tax
    if net is None or tax is None or total is None:
        return
    expected = cents(net + tax)
    if total != expected or not _one_tax(case):
        yield from case.broken(
            "BR-CO-15",
            "/document_totals/total_amount_with_tax",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step("BT-109 + BT-110", (net, tax), expected),),
        )


def _accounted(case: EuropeanCase) -> Faults:
    """A currency of its own for the tax needs the tax in it."""
    invoice, totals = case.invoice, case.totals
    amount, currency = totals.total_tax_amount_in_accounting_currency, invoice.tax_currency_code
    at = "/document_totals/total_tax_amount_in_accounting_currency"
    same = currency == invoice.currency_code
    if currency is not None and amount is None and not same:
        yield from case.broken("BR-53", at)


def _one_tax(case: EuropeanCase) -> bool:
    """Whether one total of tax only is in the document's currency."""
    accounted = case.totals.total_tax_amount_in_accounting_currency
    currency = case.invoice.tax_currency_code or case.invoice.currency_code
    return accounted is None or currency != case.invoice.currency_code


def _due(case: EuropeanCase) -> Faults:
    totals = case.totals
    total, due = totals.total_amount_with_tax, totals.amount_due_for_payment
    if total is None or due is None:
        return
    paid, rounding = totals.paid_amount or NOTHING, totals.rounding_amount or NOTHING
    expected = total - paid + rounding
    if not _adds_up(totals, total, due):
        yield from case.broken(
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
