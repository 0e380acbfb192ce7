"""How it is paid: each entry of `payment_instructions` becomes one or more UBL payment means."""

from typing import Final

from tallystick.canonical import DirectDebit, PaymentInstructions

from . import codes
from .case import Case, Faults
from .parties import BANK_ASSIGNED
from .rules import broken

_CREDIT_TRANSFERS: Final = frozenset({"30", "58"})
_DIRECT_DEBITS: Final = frozenset({"49", "59"})


def payment(case: Case) -> Faults:
    """Rules on BG-16 to BG-19."""
    for place, means in enumerate(case.invoice.payment_instructions):
        yield from _means(case, means, f"/payment_instructions/{place}")
    if len(case.invoice.payment_instructions) > 1:
        yield from _all_alike(case)
        yield from _only_once(case)
    yield from _creditor(case)


def _means(case: Case, means: PaymentInstructions, at: str) -> Faults:
    code = means.payment_means_type_code
    if code not in codes.PAYMENT_MEANS:
        yield broken("BR-CL-16", f"{at}/payment_means_type_code", actual=code)
    if code in _CREDIT_TRANSFERS and not means.credit_transfers:
        yield broken("BR-61", f"{at}/credit_transfers")
    debit = means.direct_debit
    named = debit is not None and debit.mandate_reference_identifier is not None
    if code in _DIRECT_DEBITS and case.rules.billing and (not named or len(means.credit_transfers) > 1):
        yield broken("PEPPOL-EN16931-R061", f"{at}/direct_debit/mandate_reference_identifier")


def _all_alike(case: Case) -> Faults:
    """Several entries must agree on the code and on what the payer quotes."""
    entries = case.invoice.payment_instructions
    code = entries[0].payment_means_type_code if entries else ""
    quoted = next((entry.remittance_information for entry in entries if entry.remittance_information), None)
    for place, entry in enumerate(entries):
        if entry.payment_means_type_code != code:
            yield broken(
                "UBL-SR-47",
                f"/payment_instructions/{place}/payment_means_type_code",
                expected=code,
                actual=entry.payment_means_type_code,
            )
        if entry.remittance_information not in (None, quoted):
            yield broken(
                "UBL-SR-44",
                f"/payment_instructions/{place}/remittance_information",
                expected=quoted or "",
                actual=entry.remittance_information or "",
            )


def _only_once(case: Case) -> Faults:
    """One card, one mandate and one text in the whole document."""
    entries = case.invoice.payment_instructions
    members = (
        ("UBL-SR-46", "payment_means_text", [entry.payment_means_text for entry in entries]),
        ("UBL-SR-54", "payment_card", [entry.payment_card for entry in entries]),
        ("UBL-SR-55", "direct_debit", [mandate(entry) for entry in entries]),
    )
    for number, member, values in members:
        places = [place for place, value in enumerate(values) if value is not None]
        for place in places[1:]:
            yield broken(number, f"/payment_instructions/{place}/{member}", expected="only once")


def mandate(entry: PaymentInstructions) -> DirectDebit | None:
    """The direct debit that is written as a mandate: one that names the mandate or the debited account."""
    debit = entry.direct_debit
    if debit is None or (
        debit.mandate_reference_identifier is None and debit.debited_account_identifier is None
    ):
        return None
    return debit


def _creditor(case: Case) -> Faults:
    """The bank assigned creditor identifier travels as an identifier of the seller or payee: one at most."""
    invoice = case.invoice
    named: list[str] = []
    stated: set[str] = set()
    for at, identifiers in (
        ("/seller/identifiers", invoice.seller.identifiers),
        ("/payee/identifiers", invoice.payee.identifiers if invoice.payee else ()),
    ):
        for place, identifier in enumerate(identifiers):
            if identifier.scheme is not None and identifier.scheme.upper() == BANK_ASSIGNED:
                named.append(f"{at}/{place}")
                stated.add(identifier.value)
    for place, entry in enumerate(invoice.payment_instructions):
        debit = entry.direct_debit
        value = debit.bank_assigned_creditor_identifier if debit else None
        if value is not None and value not in stated:
            named.append(f"/payment_instructions/{place}/direct_debit/bank_assigned_creditor_identifier")
            stated.add(value)
    for at in named[1:]:
        yield broken("UBL-SR-29", at, expected="only one bank assigned creditor identifier")
