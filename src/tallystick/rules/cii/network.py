"""The network's rules as far as they are judged otherwise in this syntax than in UBL.

Source: rules PEPPOL-EN16931-R005 to R061 in the CII binding, as specifications repeat them that know both.
"""

from decimal import Decimal
from typing import Final

from tallystick.rules.case import normal, shown
from tallystick.rules.cii.case import Case, Faults

__all__ = ["NETWORK_APART", "network"]

NETWORK_APART: Final = frozenset(
    f"PEPPOL-EN16931-R{number}" for number in ("005", "053", "054", "055", "061")
)
"""The numbers that this module judges."""

_DIRECT_DEBITS: Final = ("49", "59")


def network(case: Case) -> Faults:
    """Accounting currency, totals of tax, mandates."""
    currency = case.accounting_currency
    own = case.invoice.currency_code
    if currency is not None and normal(currency) == normal(own):
        yield from case.broken("PEPPOL-EN16931-R005", "/tax_currency_code", actual=currency)
    yield from _totals(case)
    mandates = [
        one.direct_debit.mandate_reference_identifier if one.direct_debit else None
        for one in case.invoice.payment_instructions
    ]
    if any(mandates):
        return
    for place, entry in enumerate(case.invoice.payment_instructions):
        if normal(entry.payment_means_type_code) in _DIRECT_DEBITS:
            at = f"/payment_instructions/{place}/direct_debit/mandate_reference_identifier"
            for _ in entry.credit_transfers or (None,):
                yield from case.broken("PEPPOL-EN16931-R061", at)


def _totals(case: Case) -> Faults:
    own, currency = case.invoice.currency_code, case.accounting_currency
    at = "/document_totals/total_tax_amount_in_accounting_currency"
    in_own = [amount for _, said, amount in case.taxes if said == own]
    in_other = [amount for _, said, amount in case.taxes if said != own]
    if len(in_own) > 1:
        yield from case.broken("PEPPOL-EN16931-R053", at, expected=f"one total in {own}")
    if len(in_other) != (currency is not None):
        missing, term = ("/tax_currency_code", "BT-6") if currency is None else (at, "BT-111")
        yield from case.broken("PEPPOL-EN16931-R054", missing, term=term)
    if currency is None or not in_own:
        return
    accounted = [amount for _, said, amount in case.taxes if said == currency]
    if not _alike(accounted, in_own):
        wanted = f"the sign of {shown(in_own[0])}"
        yield from case.broken(
            "PEPPOL-EN16931-R055", at, expected=wanted, actual=shown(accounted[0]) if accounted else ""
        )


def _alike(one: list[Decimal], other: list[Decimal]) -> bool:
    """Whether both are less than nothing somewhere, or neither is."""
    if any(amount < 0 for amount in one) and any(amount < 0 for amount in other):
        return True
    return any(amount >= 0 for amount in one) and any(amount >= 0 for amount in other)
