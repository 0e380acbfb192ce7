"""What the syntax has no room for: said where the invoice says it, so that nothing is left out in silence."""

from collections.abc import Callable
from typing import Final

from tallystick.canonical import PaymentInstructions
from tallystick.rules.cii.case import Case, Faults

__all__ = ["room"]


def _quoted(one: PaymentInstructions) -> str | None:
    return one.remittance_information


def _mandate(one: PaymentInstructions) -> str | None:
    return one.direct_debit.mandate_reference_identifier if one.direct_debit else None


def _creditor(one: PaymentInstructions) -> str | None:
    return one.direct_debit.bank_assigned_creditor_identifier if one.direct_debit else None


_ONCE: Final[tuple[tuple[str, str, Callable[[PaymentInstructions], str | None]], ...]] = (
    ("remittance_information", "BT-83", _quoted),
    ("direct_debit/mandate_reference_identifier", "BT-89", _mandate),
    ("direct_debit/bank_assigned_creditor_identifier", "BT-90", _creditor),
)


def room(case: Case) -> Faults:
    """Everything that would have to be left out."""
    preceding = case.invoice.preceding_invoice_references
    if len(preceding) > 1:
        at, found = "/preceding_invoice_references/1", f"{len(preceding)} invoices"
        yield from case.broken("cii/one-preceding-invoice", at, expected="only one", actual=found)
    for member, term, taken in _ONCE:
        said = [(place, taken(one)) for place, one in enumerate(case.invoice.payment_instructions)]
        there = [(place, value) for place, value in said if value is not None]
        other = next(((place, value) for place, value in there if value != there[0][1]), None)
        if other is not None:
            at = f"/payment_instructions/{other[0]}/{member}"
            yield from case.broken(
                "cii/said-once", at, expected=there[0][1] or "", actual=other[1] or "", term=term
            )
