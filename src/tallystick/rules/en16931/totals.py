"""The sums of the document: every total is what its parts add up to, in two decimals."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from tallystick.canonical import AllowanceOrCharge, DocumentTotals, Fault, Invoice, Step
from tallystick.rules.en16931.adjustments import adjustments
from tallystick.rules.en16931.case import NOTHING, EuropeanCase, Faults, too_fine
from tallystick.rules.en16931.kinds import DOCUMENT_ALLOWANCE, DOCUMENT_CHARGE
from tallystick.rules.en16931.steps import put, rounded
from tallystick.rules.lexical import cents, is_too_fine, shown

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


def totals(case: EuropeanCase) -> Iterable[Fault]:
    """Rules on BG-20 to BG-22. Sums are judged once they are all there."""
    return () if _is_plain(case) else _told(case)


def unfinished(case: EuropeanCase) -> Iterable[Fault]:
    """Without all sums there is no amount due, whatever else was found."""
    return () if case.completed else case.broken("BR-15", "/document_totals/amount_due_for_payment")


def _is_plain(case: EuropeanCase) -> bool:
    """Whether the lines are all there is to add up, in one currency, and every sum is right."""
    invoice, amounts = case.invoice, _amounts(case.totals)
    lines, less, more, net, tax, gross, accounted, paid, rounding, due = amounts
    return not (
        invoice.allowances
        or invoice.charges
        or less
        or more
        or accounted is not None
        or invoice.tax_currency_code is not None
        or _is_any_too_fine(amounts)
        or not _is_sum_of_lines(lines, invoice)
        or not _is_net(net, lines, less, more)
        or not _is_gross(gross, net, tax)
        or not _is_due(due, gross, paid, rounding)
    )


def _told(case: EuropeanCase) -> Faults:
    invoice = case.invoice
    yield from adjustments(case, invoice.allowances, DOCUMENT_ALLOWANCE, "/allowances")
    yield from adjustments(case, invoice.charges, DOCUMENT_CHARGE, "/charges")
    for (number, member), amount in zip(_DECIMALS, _amounts(case.totals), strict=True):
        yield from too_fine(case, amount, f"/document_totals/{member}", number)
    yield from _accounted(case)
    if case.completed:
        yield from _parts(case)
        yield from _without_tax(case)
        yield from _with_tax(case)
        yield from _due(case)


def _amounts(sums: DocumentTotals) -> tuple[Decimal | None, ...]:
    """Those of `_DECIMALS`, in its order."""
    return (
        sums.sum_of_invoice_line_net_amount,
        sums.sum_of_allowances,
        sums.sum_of_charges,
        sums.total_amount_without_tax,
        sums.total_tax_amount,
        sums.total_amount_with_tax,
        sums.total_tax_amount_in_accounting_currency,
        sums.paid_amount,
        sums.rounding_amount,
        sums.amount_due_for_payment,
    )


def _is_any_too_fine(amounts: tuple[Decimal | None, ...]) -> bool:
    for amount in amounts:
        found = amount is not None and is_too_fine(amount)
        if found:
            return True
    return False


def _of_lines(invoice: Invoice) -> list[Decimal]:
    """The net amounts of all lines that have one."""
    return [amount for line in invoice.lines if (amount := line.net_amount) is not None]


def _is_sum_of_lines(total: Decimal | None, invoice: Invoice) -> bool:
    """Whether the sum of the lines, where it is stated, is that."""
    return total is None or total == cents(sum(_of_lines(invoice), NOTHING))


def _parts(case: EuropeanCase) -> Faults:
    invoice, sums = case.invoice, case.totals
    total = sums.sum_of_invoice_line_net_amount
    if not _is_sum_of_lines(total, invoice):
        amounts = _of_lines(invoice)
        exact = sum(amounts, NOTHING)
        steps = rounded("sum of BT-131", amounts, exact, cents(exact))
        yield from _wrong(case, "BR-CO-10", "sum_of_invoice_line_net_amount", total, cents(exact), steps)
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


def _is_net(total: Decimal | None, lines: Decimal | None, less: Decimal | None, more: Decimal | None) -> bool:
    """Whether the total without tax, where it is stated, is what the lines and the adjustments come to."""
    return total is None or lines is None or total == _net(lines, less, more)


def _net(lines: Decimal, less: Decimal | None, more: Decimal | None) -> Decimal:
    """Rounded only where something is taken off or added."""
    if less is None and more is None:
        return lines
    return cents(lines - (less or NOTHING) + (more or NOTHING))


def _without_tax(case: EuropeanCase) -> Faults:
    sums = case.totals
    lines, total = sums.sum_of_invoice_line_net_amount, sums.total_amount_without_tax
    less, more = sums.sum_of_allowances, sums.sum_of_charges
    if lines is None or _is_net(total, lines, less, more):
        return
    operands = (lines, less or NOTHING, more or NOTHING)
    exact = operands[0] - operands[1] + operands[2]
    expected = _net(lines + NOTHING, less, more)  # a rounded nothing may have a sign, which this drops
    steps = rounded("BT-106 - BT-107 + BT-108", operands, exact, expected)
    yield from _wrong(case, "BR-CO-13", "total_amount_without_tax", total, expected, steps)


def _is_gross(total: Decimal | None, net: Decimal | None, tax: Decimal | None) -> bool:
    """Whether the total with tax, where it is stated, is that."""
    return total is None or net is None or tax is None or total == cents(net + tax)


def _with_tax(case: EuropeanCase) -> Faults:
    sums, mends = case.totals, _one_tax(case)
    net, tax, total = sums.total_amount_without_tax, sums.total_tax_amount, sums.total_amount_with_tax
    if net is None or tax is None or total is None or (mends and _is_gross(total, net, tax)):
        return
    expected = cents(net + tax)
    steps = rounded("BT-109 + BT-110", (net, tax), net + tax, expected)
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


def _is_due(
    due: Decimal | None, total: Decimal | None, paid: Decimal | None, rounding: Decimal | None
) -> bool:
    """Whether the amount due, where it is stated, follows: rounded only where something is taken off."""
    if due is None or total is None:
        return True
    to_pay = total if paid is None else cents(total - paid)
    return to_pay == (due if rounding is None else cents(due - rounding))


def _due(case: EuropeanCase) -> Faults:
    sums = case.totals
    total, due = sums.total_amount_with_tax, sums.amount_due_for_payment
    if total is None or _is_due(due, total, sums.paid_amount, sums.rounding_amount):
        return
    paid, rounding = sums.paid_amount or NOTHING, sums.rounding_amount or NOTHING
    exact = expected = total - paid + rounding
    if sums.paid_amount is not None:
        expected = cents(total - paid) + rounding
    steps = rounded("BT-112 - BT-113 + BT-114", (total, paid, rounding), exact, expected)
    mends = _is_due(expected, total, sums.paid_amount, sums.rounding_amount)
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
