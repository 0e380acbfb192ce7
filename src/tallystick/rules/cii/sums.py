"""The sums of the document as the syntax's rules add them up: some in decimals, some in binary fractions."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import floor

from tallystick.canonical import AllowanceOrCharge, Step
from tallystick.rules.binary import cents, total_of
from tallystick.rules.case import halves_up, shown
from tallystick.rules.cii.case import NOTHING, Case, Faults

__all__ = ["step", "sums"]

_MOST_OPERANDS = 20


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


def step(operation: str, operands: Sequence[Decimal], result: Decimal) -> Step:
    """A step that lists its operands, or says how many there are when they are too many to read."""
    if len(operands) > _MOST_OPERANDS:
        return Step(f"{operation} ({len(operands)} operands)", (), shown(result))
    return Step(operation, tuple(map(shown, operands)), shown(result))


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


def _parts(case: Case) -> Faults:
    amounts = [line.net_amount for line in case.invoice.lines if line.net_amount is not None]
    total, expected = case.totals.sum_of_invoice_line_net_amount, halves_up(Decimal(total_of(amounts)))
    if total is not None and total != expected:
        yield from case.broken(
            "BR-CO-10",
            "/document_totals/sum_of_invoice_line_net_amount",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step("sum of BT-131", amounts, expected),),
        )
    totals, invoice = case.totals, case.invoice
    yield from _part(case, "BR-CO-11", "sum_of_allowances", totals.sum_of_allowances, invoice.allowances)
    yield from _part(case, "BR-CO-12", "sum_of_charges", totals.sum_of_charges, invoice.charges)


def _part(
    case: Case, number: str, member: str, total: Decimal | None, entries: Iterable[AllowanceOrCharge]
) -> Faults:
    amounts = [one.amount for one in entries]
    expected = halves_up(sum(amounts, NOTHING))
    if total is None and not amounts:
        return
    if total is None or float(total) != _in_tens(total_of(amounts)):
        term = "BT-92" if number == "BR-CO-11" else "BT-99"
        yield from case.broken(
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
    expected = halves_up(parts - allowances + charges)
    if total != expected:
        yield from case.broken(
            "BR-CO-13",
            "/document_totals/total_amount_without_tax",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step("BT-106 - BT-107 + BT-108", (parts, allowances, charges), expected),),
        )


def _with_tax(case: Case) -> Faults:
    """Net and tax make gross. As published: gross may also be net, whatever the tax."""
    net, total = case.totals.total_amount_without_tax, case.totals.total_amount_with_tax
    if net is None or total is None or total == net:
        return
    taxes = [amount for _, currency, amount in case.taxes if currency == case.invoice.currency_code]
    tax = taxes[0] if taxes else NOTHING
    expected = halves_up(net + tax)
    if len(taxes) != 1 or total != expected:
        yield from case.broken(
            "BR-CO-15",
            "/document_totals/total_amount_with_tax",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step("BT-109 + BT-110", (net, tax), expected),),
        )


def _tax(case: Case) -> Faults:
    """Every total of tax in the invoice's currency is the sum of the breakdown's amounts."""
    entries = case.invoice.tax_breakdown
    amounts = [one.tax_category_tax_amount for one in entries if one.tax_category_tax_amount is not None]
    found, expected = _in_tens(total_of(amounts)), halves_up(sum(amounts, NOTHING))
    for at, currency, total in case.taxes:
        if currency == case.invoice.currency_code and float(total) != found:
            yield from case.broken(
                "BR-CO-14",
                at,
                expected=shown(expected),
                actual=shown(total),
                calculation=(step("sum of BT-117", amounts, expected),),
            )


def _due(case: Case) -> Faults:
    totals = case.totals
    total, due = totals.total_amount_with_tax, totals.amount_due_for_payment
    if total is None or due is None:
        return
    paid, rounding = totals.paid_amount or NOTHING, totals.rounding_amount or NOTHING
    expected = total - paid + rounding
    if due != expected:
        yield from case.broken(
            "BR-CO-16",
            "/document_totals/amount_due_for_payment",
            expected=shown(expected),
            actual=shown(due),
            calculation=(step("BT-112 - BT-113 + BT-114", (total, paid, rounding), expected),),
        )
