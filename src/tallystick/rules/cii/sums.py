"""The sums of the document as the syntax's rules add them up: some in decimals, some in binary fractions."""

from collections.abc import Iterable
from decimal import Decimal
from math import floor
from typing import Final

from tallystick.canonical import AllowanceOrCharge, Step
from tallystick.rules.binary import cents, total_of
from tallystick.rules.case import halves_up, shown
from tallystick.rules.cii.case import NOTHING, Case, Faults
from tallystick.rules.en16931.steps import put, rounded, step

__all__ = ["sums"]

_CENT: Final = Decimal("0.01")


def sums(case: Case) -> Faults:
    """Rules on BG-22 and on prices. Sums are judged once they are all there."""
    yield from _prices(case)
    yield from _accounting(case)
    yield from _decimals(case)
    if case.completed:
        yield from _parts(case)
        yield from _without_tax(case)
        yield from _with_tax(case)
        yield from _tax(case)
        yield from _due(case)


def _prices(case: Case) -> Faults:
    """A discount is written beside the price it is taken off, which is computed where it was not said."""
    for place, line in enumerate(case.invoice.lines):
        gross: Decimal | None = line.price.item_gross_price
        discount = line.price.item_price_discount
        at = f"/lines/{place}/price/item_gross_price"
        if gross is None and discount is not None:
            gross = line.price.item_net_price + discount
            at = f"/lines/{place}/price/item_price_discount"
        if gross is not None and gross < 0:
            yield from case.broken("BR-28", at, expected="0 or more", actual=shown(gross))


def _accounting(case: Case) -> Faults:
    """BT-6 comes with an amount in that currency, which is not the invoice's own."""
    currency, accounted = case.accounting_currency, case.totals.total_tax_amount_in_accounting_currency
    if currency is not None and (currency == case.invoice.currency_code or accounted is None):
        at = "/document_totals/total_tax_amount_in_accounting_currency"
        if currency == case.invoice.currency_code:
            at = "/tax_currency_code"
        yield from case.broken("BR-53", at, actual=currency)


def _decimals(case: Case) -> Faults:
    """Both totals of tax have cents at most. As published: one that has suffices where several stand."""
    if not case.taxes:
        return
    own, accounting = case.invoice.currency_code, case.accounting_currency
    at, _, amount = case.taxes[0]
    if not any(currency != own or _in_cents(value) for _, currency, value in case.taxes):
        yield from case.broken("BR-DEC-13", at, expected="at most two decimals", actual=shown(amount))
    good = [at for at, currency, value in case.taxes if currency == accounting and _in_cents(value)]
    if accounting is not None and not good:
        at, _, amount = case.taxes[-1]
        yield from case.broken("BR-DEC-15", at, expected="at most two decimals", actual=shown(amount))


def _in_cents(amount: Decimal) -> bool:
    return float(amount) == cents(float(amount))


def _in_tens(value: float) -> float:
    """To cents, by ten and by ten again: as published, and not the same in binary fractions."""
    return floor(value * 10 * 10 + 0.5) / 100


def _wrong(
    case: Case,
    number: str,
    at: str,
    stated: Decimal | None,
    expected: Decimal,
    steps: tuple[Step, ...],
    *,
    mends: bool = True,
) -> Faults:
    """A sum that does not follow; `mends` tells whether the right one is all that the rule wants."""
    yield from case.broken(
        number,
        at,
        expected=shown(expected),
        actual=shown(stated),
        calculation=steps,
        fix=put(at, expected) if mends and stated is not None else (),
    )


def _parts(case: Case) -> Faults:
    amounts = [line.net_amount for line in case.invoice.lines if line.net_amount is not None]
    total, expected = case.totals.sum_of_invoice_line_net_amount, halves_up(Decimal(total_of(amounts)))
    if total is not None and total != expected:
        at = "/document_totals/sum_of_invoice_line_net_amount"
        steps = rounded("sum of BT-131", amounts, sum(amounts, NOTHING), expected)
        yield from _wrong(case, "BR-CO-10", at, total, expected, steps)
    totals, invoice = case.totals, case.invoice
    yield from _part(case, "BR-CO-11", "sum_of_allowances", totals.sum_of_allowances, invoice.allowances)
    yield from _part(case, "BR-CO-12", "sum_of_charges", totals.sum_of_charges, invoice.charges)


def _part(
    case: Case, number: str, member: str, total: Decimal | None, entries: Iterable[AllowanceOrCharge]
) -> Faults:
    amounts = [one.amount for one in entries]
    if total is None and not amounts:
        return
    found = _in_tens(total_of(amounts))
    if total is None or float(total) != found:
        term = "BT-92" if number == "BR-CO-11" else "BT-99"
        expected = _plain(found)
        steps = rounded(f"sum of {term}", amounts, sum(amounts, NOTHING), expected)
        yield from _wrong(case, number, f"/document_totals/{member}", total, expected, steps)


def _plain(value: float) -> Decimal:
    """A binary fraction of cents as the number that is written."""
    return Decimal(repr(value)).quantize(_CENT)


def _without_tax(case: Case) -> Faults:
    totals = case.totals
    parts, total = totals.sum_of_invoice_line_net_amount, totals.total_amount_without_tax
    if parts is None or total is None:
        return
    operands = (parts, totals.sum_of_allowances or NOTHING, totals.sum_of_charges or NOTHING)
    exact = operands[0] - operands[1] + operands[2]
    expected = halves_up(exact)
    if total != expected:
        steps = rounded("BT-106 - BT-107 + BT-108", operands, exact, expected)
        at = "/document_totals/total_amount_without_tax"
        yield from _wrong(case, "BR-CO-13", at, total, expected, steps)


def _with_tax(case: Case) -> Faults:
    """Net and tax make gross. As published: gross may also be net, whatever the tax."""
    net, total = case.totals.total_amount_without_tax, case.totals.total_amount_with_tax
    if net is None or total is None or total == net:
        return
    taxes = [amount for _, currency, amount in case.taxes if currency == case.invoice.currency_code]
    tax = taxes[0] if taxes else NOTHING
    expected = halves_up(net + tax)
    if len(taxes) != 1 or total != expected:
        steps = rounded("BT-109 + BT-110", (net, tax), net + tax, expected)
        at = "/document_totals/total_amount_with_tax"
        yield from _wrong(case, "BR-CO-15", at, total, expected, steps, mends=len(taxes) == 1)


def _tax(case: Case) -> Faults:
    """Every total of tax in the invoice's currency is the sum of the breakdown's amounts."""
    entries = case.invoice.tax_breakdown
    amounts = [one.tax_category_tax_amount for one in entries if one.tax_category_tax_amount is not None]
    found = _in_tens(total_of(amounts))
    for at, currency, total in case.taxes:
        if currency == case.invoice.currency_code and float(total) != found:
            expected = _plain(found)
            steps = rounded("sum of BT-117", amounts, sum(amounts, NOTHING), expected)
            yield from _wrong(case, "BR-CO-14", at, total, expected, steps)


def _due(case: Case) -> Faults:
    totals = case.totals
    total, due = totals.total_amount_with_tax, totals.amount_due_for_payment
    if total is None or due is None:
        return
    operands = (total, totals.paid_amount or NOTHING, totals.rounding_amount or NOTHING)
    expected = operands[0] - operands[1] + operands[2]
    if due != expected:
        at = "/document_totals/amount_due_for_payment"
        steps = (step("BT-112 - BT-113 + BT-114", operands, expected),)
        yield from _wrong(case, "BR-CO-16", at, due, expected, steps)
