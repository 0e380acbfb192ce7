"""How it is paid: codes, accounts, cards, and what may be said only once."""

from collections.abc import Iterable
from typing import Final

from tallystick.canonical import Fault, Identifier, PaymentInstructions
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.en16931.means import Means, mandate, means_of
from tallystick.rules.en16931.parties import BANK_ASSIGNED, is_of_a_bank
from tallystick.rules.lexical import normal

_CREDIT_TRANSFERS: Final = frozenset({"30", "58"})
_MOST_DIGITS: Final = 10


def payment(case: EuropeanCase) -> Iterable[Fault]:
    """Rules on BG-16 to BG-19."""
    return () if _is_plain(case) else _told(case)


def _is_plain(case: EuropeanCase) -> bool:
    """Whether it is paid to accounts, in one way at most, and no bank has given an identifier to anyone."""
    invoice = case.invoice
    entries = invoice.payment_instructions
    return (
        len(entries) < 2
        and (not entries or _is_transfer(entries[0]))
        and invoice.payee is None
        and not _name_a_bank(case.seller.identifiers)
        and not _name_a_bank(case.buyer.identifiers)
    )


def _is_transfer(entry: PaymentInstructions) -> bool:
    """Whether accounts are all there is, and the code is listed."""
    return (
        entry.payment_means_type_code in codes.PAYMENT_MEANS
        and len(entry.credit_transfers) > 0
        and entry.payment_card is None
        and entry.direct_debit is None
    )


def _name_a_bank(identifiers: tuple[Identifier, ...]) -> bool:
    for identifier in identifiers:
        found = is_of_a_bank(identifier)
        if found:
            return True
    return False


def _told(case: EuropeanCase) -> Faults:
    for means in means_of(case):
        yield from _means(case, means)
    if len(case.invoice.payment_instructions) > 1:
        yield from _all_alike(case)
        yield from _only_once(case)
    yield from _creditor(case)


def _means(case: EuropeanCase, means: Means) -> Faults:
    code = normal(means.code)
    if code not in codes.PAYMENT_MEANS:
        yield from case.broken("BR-CL-16", means.code_at, actual=means.code)
    if code in _CREDIT_TRANSFERS and means.account is None:
        yield from case.broken("BR-61", f"{means.at}/credit_transfers")
    if means.card is not None and len(normal(means.card.primary_account_number)) > _MOST_DIGITS:
        yield from case.broken(
            "BR-51",
            f"{means.at}/payment_card/primary_account_number",
            expected="the last four to six digits",
            actual=f"{len(means.card.primary_account_number)} characters",
        )


def _all_alike(case: EuropeanCase) -> Faults:
    """Several entries must agree on the code and on what the payer quotes."""
    entries = case.invoice.payment_instructions
    code = entries[0].payment_means_type_code
    other = next((n for n, entry in enumerate(entries) if entry.payment_means_type_code != code), None)
    if other is not None:
        yield from case.broken(
            "UBL-SR-47",
            f"/payment_instructions/{other}/payment_means_type_code",
            expected=code,
            actual=entries[other].payment_means_type_code,
        )
    texts = [(n, e.remittance_information) for n, e in enumerate(entries) if e.remittance_information]
    others = [(n, text) for n, text in texts if text != texts[0][1]]
    if others:
        place, actual = others[0]
        at = f"/payment_instructions/{place}/remittance_information"
        yield from case.broken("UBL-SR-44", at, expected=texts[0][1] or "", actual=actual or "")


def _only_once(case: EuropeanCase) -> Faults:
    """One card, one mandate and one text in the whole document."""
    entries = case.invoice.payment_instructions
    members = (
        ("UBL-SR-46", "payment_means_text", [entry.payment_means_text for entry in entries]),
        ("UBL-SR-54", "payment_card", [entry.payment_card for entry in entries]),
        ("UBL-SR-55", "direct_debit", [mandate(entry) for entry in entries]),
    )
    for number, member, values in members:
        places = [place for place, value in enumerate(values) if value is not None]
        if len(places) > 1:
            yield from case.broken(
                number, f"/payment_instructions/{places[1]}/{member}", expected="only once"
            )


def _creditor(case: EuropeanCase) -> Faults:
    """The bank assigned creditor identifier travels as an identifier of the seller or payee: one at most."""
    named = creditors(case)
    if len(named) > 1:
        yield from case.broken("UBL-SR-29", named[1], expected="only one bank assigned creditor identifier")


def creditors(case: EuropeanCase) -> list[str]:
    """Pointers of all that will be written as bank assigned creditor identifier."""
    invoice = case.invoice
    named: list[str] = []
    stated: set[str] = set()
    for at, identifiers in (
        ("/seller/identifiers", invoice.seller.identifiers),
        ("/buyer/identifiers", case.buyer.identifiers),
        ("/payee/identifiers", invoice.payee.identifiers if invoice.payee else ()),
    ):
        for place, identifier in enumerate(identifiers):
            if is_of_a_bank(identifier):
                named.append(f"{at}/{place}")
            if identifier.scheme == BANK_ASSIGNED and not at.startswith("/buyer"):
                stated.add(identifier.value)
    for place, entry in enumerate(invoice.payment_instructions):
        debit = entry.direct_debit
        value = debit.bank_assigned_creditor_identifier if debit else None
        if value is not None and value not in stated:
            named.append(f"/payment_instructions/{place}/direct_debit/bank_assigned_creditor_identifier")
            stated.add(value)
    return named
