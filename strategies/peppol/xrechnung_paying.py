"""How it is paid, in the Cross Industry Invoice: mandate and creditor stand on the whole document there."""

from typing import Final

from tallystick.canonical import CreditTransfer, DirectDebit, PaymentInstructions
from tallystick.formats import cii
from tallystick.rules.cii import Case, Faults
from tallystick.rules.lexical import normal

from .germany import TAXED, is_iban

_SEPA_TRANSFER: Final = "58"
_DIRECT_DEBIT: Final = "59"
_GROUPS: Final = {
    "30": ("credit_transfers", "BR-DE-23"),
    "48": ("payment_card", "BR-DE-24"),
    "54": ("payment_card", "BR-DE-24"),
    "55": ("payment_card", "BR-DE-24"),
    "58": ("credit_transfers", "BR-DE-23"),
    "59": ("direct_debit", "BR-DE-25"),
}
"""A means of payment: the group it brings, and how the numbers of its rules begin."""


def paying(case: Case) -> Faults:
    """Each means of payment brings its own group, and no other."""
    if not case.invoice.payment_instructions:
        yield from case.broken("BR-DE-1", "/payment_instructions")
    debits = [entry.direct_debit or DirectDebit() for entry in case.invoice.payment_instructions]
    mandate = any(one.mandate_reference_identifier for one in debits)
    creditor = any(one.bank_assigned_creditor_identifier for one in debits)
    debited = any(one.debited_account_identifier for one in debits)
    at = f"/payment_instructions/{_first_debit(case)}/direct_debit"
    if (mandate or debited or creditor) and not ((mandate or debited) and creditor):
        yield from case.broken("BR-DE-30", f"{at}/bank_assigned_creditor_identifier")
    if (mandate or debited or creditor) and not ((mandate or creditor) and debited):
        yield from case.broken("BR-DE-31", f"{at}/debited_account_identifier")
    for place, entry in enumerate(case.invoice.payment_instructions):
        accounts: tuple[CreditTransfer | None, ...] = entry.credit_transfers or (None,)
        for index, account in enumerate(accounts):
            yield from _means(
                case, entry, f"/payment_instructions/{place}", index, account, mandate or creditor
            )


def _first_debit(case: Case) -> int:
    entries = case.invoice.payment_instructions
    return next((place for place, entry in enumerate(entries) if entry.direct_debit is not None), 0)


def _means(
    case: Case,
    entry: PaymentInstructions,
    at: str,
    index: int,
    account: CreditTransfer | None,
    collected: bool,
) -> Faults:
    """One means as it is written: card and debited account stand in the first of an entry's."""
    code, first = normal(entry.payment_means_type_code), index == 0
    debit = entry.direct_debit
    debited = debit.debited_account_identifier if debit and first else None
    groups = {
        "credit_transfers": account is not None,
        "payment_card": first and entry.payment_card is not None,
        "direct_debit": collected or debited is not None,
    }
    if code not in _GROUPS:
        return
    own, number = _GROUPS[code]
    if code == _SEPA_TRANSFER and not (account and _written_as_iban(account)):
        said = account.payment_account_identifier if account else ""
        yield from case.broken("BR-DE-19", f"{at}/credit_transfers/{index}", actual=said)
    if code == _DIRECT_DEBIT and not is_iban(debited or ""):
        yield from case.broken(
            "BR-DE-20", f"{at}/direct_debit/debited_account_identifier", actual=debited or ""
        )
    if not groups.pop(own):
        yield from case.broken(f"{number}-a", f"{at}/{own}")
    others = [member for member, there in groups.items() if there]
    if others:
        yield from case.broken(f"{number}-b", f"{at}/{others[0]}", expected=f"only {own}")


def _written_as_iban(account: CreditTransfer) -> bool:
    """Whether it is a correct IBAN in the form that the syntax has an element for."""
    number = account.payment_account_identifier
    return cii.has_form_of_iban(number) and is_iban(number)


def taxpayer(case: Case) -> Faults:
    """Whoever charges or exempts tax names his tax number, or a representative. Only the lines count here."""
    seller = case.seller
    if seller.tax_identifier or seller.tax_registration_identifier or case.invoice.seller_tax_representative:
        return
    named = {one.code for one in case.taxed if one.group == "line"} & TAXED
    if named:
        yield from case.broken("BR-DE-16", "/seller/tax_identifier", actual=" ".join(sorted(named)))
