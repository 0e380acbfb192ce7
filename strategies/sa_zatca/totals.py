"""The sums of the document: every total is what its parts add up to, in two decimals."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tallystick.canonical import AllowanceOrCharge, Step

from .case import Case, Faults
from .doubles import added
from .money import RIYAL
from .reckoning import EXACT, NOTHING, below_zero, cents, exact, fine, shown
from .rules import broken

__all__ = ["totals"]

_AT: Final = "/document_totals/"
_DECIMALS: Final = (
    ("BR-DEC-09", "sum_of_invoice_line_net_amount"),
    ("BR-DEC-10", "sum_of_allowances"),
    ("BR-DEC-11", "sum_of_charges"),
    ("BR-DEC-12", "total_amount_without_tax"),
    ("BR-DEC-14", "total_amount_with_tax"),
    ("BR-DEC-16", "paid_amount"),
    ("BR-DEC-17", "rounding_amount"),
    ("BR-DEC-18", "amount_due_for_payment"),
)
_NEVER_BELOW_ZERO: Final = (
    ("sum_of_invoice_line_net_amount", "BT-106"),
    ("sum_of_allowances", "BT-107"),
    ("sum_of_charges", "BT-108"),
    ("total_amount_without_tax", "BT-109"),
    ("total_tax_amount", "BT-110"),
    ("total_tax_amount_in_accounting_currency", "BT-111"),
    ("total_amount_with_tax", "BT-112"),
    ("paid_amount", "BT-113"),
)
_MOST_OPERANDS: Final = 20
"""How many operands a step lists; a longer sum shows its count."""


def totals(case: Case) -> Faults:
    """Rules on BG-22, once all sums are there."""
    if case.totals.amount_due_for_payment is None:
        return
    for number, member in _DECIMALS:
        total = getattr(case.totals, member)
        if fine(total):
            yield broken(number, f"{_AT}{member}", actual=shown(total))
    for member, term in _NEVER_BELOW_ZERO:
        total = getattr(case.totals, member)
        if below_zero(total):
            yield broken("BR-KSA-F-04", f"{_AT}{member}", actual=shown(total), term=term)
    yield from _tax_decimals(case)
    yield from _parts(case)
    yield from _without_tax(case)
    yield from _tax(case)
    yield from _with_tax(case)
    yield from _due(case)


def _tax_decimals(case: Case) -> Faults:
    """Each total tax is judged by every currency it is in: both stand there twice in a document in riyals."""
    currency, accounting = case.invoice.currency_code, case.invoice.tax_currency_code or RIYAL
    amounts = (
        ("total_tax_amount", currency),
        ("total_tax_amount_in_accounting_currency", accounting),
    )
    for member, unit in amounts:
        total = getattr(case.totals, member)
        if not fine(total):
            continue
        if unit == currency:
            yield broken("BR-DEC-13", f"{_AT}{member}", actual=shown(total))
        if unit == accounting:
            yield broken("BR-DEC-15", f"{_AT}{member}", actual=shown(total))


def _step(operation: str, operands: Sequence[Decimal], result: Decimal) -> Step:
    if len(operands) > _MOST_OPERANDS:
        return Step(f"{operation} ({len(operands)} operands)", (), shown(result))
    return Step(operation, tuple(map(shown, operands)), shown(result))


def _unequal(
    number: str,
    member: str,
    total: Decimal | None,
    expected: Decimal,
    operation: str,
    parts: Sequence[Decimal],
) -> Faults:
    if total == expected:
        return
    yield broken(
        number,
        f"{_AT}{member}",
        expected=shown(expected),
        actual=shown(total),
        calculation=(_step(operation, parts, expected),),
    )


def _parts(case: Case) -> Faults:
    invoice, sums = case.invoice, case.totals
    nets = [line.net_amount or NOTHING for line in invoice.lines]
    of_lines = sums.sum_of_invoice_line_net_amount
    yield from _unequal(
        "BR-CO-10", "sum_of_invoice_line_net_amount", of_lines, cents(exact(nets)), "sum of BT-131", nets
    )
    yield from _part("BR-CO-11", "sum_of_allowances", sums.sum_of_allowances, invoice.allowances, "BT-92")
    yield from _part("BR-CO-12", "sum_of_charges", sums.sum_of_charges, invoice.charges, "BT-99")


def _part(
    number: str, member: str, total: Decimal | None, entries: Sequence[AllowanceOrCharge], term: str
) -> Faults:
    if total is None and not entries:
        return
    amounts = [entry.amount for entry in entries]
    yield from _unequal(number, member, total, cents(exact(amounts)), f"sum of {term}", amounts)


def _without_tax(case: Case) -> Faults:
    """From the lines themselves, in doubles; where nothing comes on top or off, from their stated sum."""
    sums = case.totals
    allowances, charges = sums.sum_of_allowances, sums.sum_of_charges
    stated = sums.sum_of_invoice_line_net_amount or NOTHING
    if allowances is None and charges is None:
        expected, parts = stated, [stated]
    else:
        nets = [line.net_amount or NOTHING for line in case.invoice.lines]
        net = added(nets) if any(map(fine, nets)) else exact(nets)
        parts = [stated, allowances or NOTHING, charges or NOTHING]
        expected = cents(EXACT.subtract(EXACT.add(net, charges or NOTHING), allowances or NOTHING))
    total = sums.total_amount_without_tax
    yield from _unequal(
        "BR-CO-13", "total_amount_without_tax", total, expected, "BT-106 - BT-107 + BT-108", parts
    )


def _tax(case: Case) -> Faults:
    taxes = [entry.tax_category_tax_amount or NOTHING for entry in case.invoice.tax_breakdown]
    if taxes:
        total = case.totals.total_tax_amount
        yield from _unequal(
            "BR-CO-14", "total_tax_amount", total, cents(exact(taxes)), "sum of BT-117", taxes
        )


def _with_tax(case: Case) -> Faults:
    taxes = [entry.tax_category_tax_amount or NOTHING for entry in case.invoice.tax_breakdown]
    parts = [case.totals.total_amount_without_tax or NOTHING, *taxes]
    total = case.totals.total_amount_with_tax
    yield from _unequal(
        "BR-CO-15", "total_amount_with_tax", total, cents(exact(parts)), "BT-109 + sum of BT-117", parts
    )


def _due(case: Case) -> Faults:
    sums = case.totals
    with_tax, due = sums.total_amount_with_tax or NOTHING, sums.amount_due_for_payment or NOTHING
    paid, rounding = sums.paid_amount, sums.rounding_amount
    left = EXACT.subtract(with_tax, paid or NOTHING)
    if rounding is None:
        holds = due == (with_tax if paid is None else cents(left))
    else:
        less = cents(EXACT.subtract(due, rounding))
        holds = less == (with_tax if paid is None else cents(left))
    if not holds:
        parts = (with_tax, paid or NOTHING, rounding or NOTHING)
        expected = EXACT.add(with_tax if paid is None else cents(left), rounding or NOTHING)
        yield broken(
            "BR-CO-16",
            f"{_AT}amount_due_for_payment",
            expected=shown(expected),
            actual=shown(due),
            calculation=(_step("BT-112 - BT-113 + BT-114", parts, expected),),
        )
