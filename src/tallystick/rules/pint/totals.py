"""The document's sums: each with its calculation."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from tallystick.canonical import Amount, Step
from tallystick.rules.case import decimals, halves_up, shown
from tallystick.rules.pint.case import Faults, PintCase

__all__ = ["totals"]

_NOTHING: Final = Decimal(0)
_TOTALS: Final = "/document_totals/"
_MOST_SHOWN: Final = 40
_IN_CENTS: Final = (
    ("ibr-091", "amount_due_for_payment"),
    ("ibr-121", "sum_of_allowances"),
    ("ibr-122", "sum_of_charges"),
    ("ibr-123", "total_amount_without_tax"),
    ("ibr-125", "total_amount_with_tax"),
)
_TAXES: Final = ("total_tax_amount", "total_tax_amount_in_accounting_currency")


def totals(case: PintCase) -> Faults:
    """The sums; nothing where the model could not complete them, but for the last of them."""
    if not case.completed:
        yield from case.broken("ibr-015", f"{_TOTALS}amount_due_for_payment")
        return
    yield from _cents(case)
    yield from _of_parts(case)
    yield from _of_totals(case)


def _cents(case: PintCase) -> Faults:
    taxes = [] if case.credit_note else [("ibr-124", name) for name in _TAXES]
    for number, name in (*_IN_CENTS, *taxes):
        amount = getattr(case.totals, name)
        if amount is not None and decimals(amount) > 2:
            expected, actual = "at most two decimals", shown(amount)
            yield from case.broken(number, f"{_TOTALS}{name}", expected=expected, actual=actual)


def _of_parts(case: PintCase) -> Faults:
    sums, invoice = case.totals, case.invoice
    nets = [line.net_amount or _NOTHING for line in invoice.lines]
    yield from _sum(case, "ibr-co-10", "sum_of_invoice_line_net_amount", nets, "BT-131")
    for number, name, term, parts in (
        ("ibr-co-11", "sum_of_allowances", "BT-92", invoice.allowances),
        ("ibr-co-12", "sum_of_charges", "BT-99", invoice.charges),
    ):
        if parts or getattr(sums, name) is not None:
            yield from _sum(case, number, name, [one.amount for one in parts], term)
    if invoice.tax_breakdown and not case.credit_note:
        taxes = [entry.tax_category_tax_amount or _NOTHING for entry in invoice.tax_breakdown]
        yield from _sum(case, "ibr-co-14", "total_tax_amount", taxes, "BT-117")


def _sum(case: PintCase, number: str, name: str, parts: list[Decimal], term: str) -> Faults:
    expected, given = halves_up(sum(parts, _NOTHING)), getattr(case.totals, name)
    if given != expected:
        yield from _wrong(case, number, name, given, expected, f"the sum of {term}", parts)


def _of_totals(case: PintCase) -> Faults:
    sums = case.totals
    lines, tax = sums.sum_of_invoice_line_net_amount, sums.total_tax_amount
    net, gross = sums.total_amount_without_tax, sums.total_amount_with_tax
    if lines is None or net is None or gross is None or tax is None:
        return
    less, more = sums.sum_of_allowances, sums.sum_of_charges
    parts = [lines, -(less or _NOTHING), more or _NOTHING]
    expected = lines if less is None and more is None else halves_up(sum(parts, _NOTHING))
    if net != expected:
        how = "BT-106 - BT-107 + BT-108"
        yield from _wrong(case, "ibr-co-13", "total_amount_without_tax", net, expected, how, parts)
    if gross != halves_up(net + tax):
        how = "BT-109 + BT-110"
        expected = halves_up(net + tax)
        yield from _wrong(case, "ibr-co-15", "total_amount_with_tax", gross, expected, how, [net, tax])
    yield from _due(case, gross)


def _due(case: PintCase, gross: Amount) -> Faults:
    """A paid or rounding amount of zero is as good as none."""
    sums = case.totals
    due, paid, rounding = sums.amount_due_for_payment, sums.paid_amount, sums.rounding_amount
    if due is None:
        return
    right = halves_up(gross - paid) if paid else gross
    given = halves_up(due - rounding) if rounding else due
    if given != right:
        parts = [gross, -(paid or _NOTHING), rounding or _NOTHING]
        expected, how = sum(parts, _NOTHING), "BT-112 - BT-113 + BT-114"
        yield from _wrong(case, "ibr-co-16", "amount_due_for_payment", due, expected, how, parts)


def _wrong(
    case: PintCase,
    number: str,
    name: str,
    given: Decimal | None,
    expected: Decimal,
    how: str,
    parts: Iterable[Decimal],
) -> Faults:
    operands = [shown(part) for part in parts]
    if len(operands) > _MOST_SHOWN:
        operands[_MOST_SHOWN:] = [f"… and {len(operands) - _MOST_SHOWN} more"]
    right, pointer = shown(expected), f"{_TOTALS}{name}"
    step = Step(f"{how}, rounded to cents with ties upwards", tuple(operands), right)
    fix = ({"op": "replace", "path": pointer, "value": right},)
    yield from case.broken(number, pointer, expected=right, actual=shown(given), calculation=(step,), fix=fix)
