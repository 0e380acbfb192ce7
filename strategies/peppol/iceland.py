"""Icelandic sellers."""

import re
from datetime import date
from typing import Final

from tallystick.canonical import Identifier, PostalAddress, SupportingDocument

from .case import Case, Faults
from .rules import broken

_REGISTER: Final = "0196"
_FINAL_DUE_DATE: Final = "EINDAGI"
_day: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


def iceland(case: Case) -> Faults:
    """Sellers with an Icelandic address; more when the buyer has one too."""
    if case.seller_land != "IS":
        return
    yield from _registered("IS-R-002", "/seller", case.seller.legal_registration_identifier)
    yield from _complete("IS-R-003", "/seller/postal_address", case.seller.postal_address)
    yield from _accounts(case)
    yield from _final_due_date(case)
    if case.buyer_land == "IS":
        yield from _registered("IS-R-004", "/buyer", case.buyer.legal_registration_identifier)
        yield from _complete("IS-R-005", "/buyer/postal_address", case.buyer.postal_address)


def _registered(number: str, at: str, identifier: Identifier | None) -> Faults:
    if identifier is None or identifier.scheme != _REGISTER:
        yield broken(
            number,
            f"{at}/legal_registration_identifier",
            expected=f"scheme {_REGISTER}",
            actual=(identifier.scheme or "") if identifier else "",
        )


def _complete(number: str, at: str, address: PostalAddress | None) -> Faults:
    for member in ("line_1", "post_code"):
        if getattr(address, member) is None:
            yield broken(number, f"{at}/{member}")


def _accounts(case: Case) -> Faults:
    """Claims (9) and bank transfers (42) name one account of twelve characters in the whole document."""
    entries = case.invoice.payment_instructions
    for code, number in (("9", "IS-R-006"), ("42", "IS-R-007")):
        places = [place for place, entry in enumerate(entries) if entry.payment_means_type_code == code]
        accounts = [
            account.payment_account_identifier
            for place in places
            for account in entries[place].credit_transfers
        ]
        if places and [len(" ".join(account.split())) for account in accounts] != [12]:
            yield broken(
                number,
                f"/payment_instructions/{places[-1]}/credit_transfers",
                expected="one account of 12 characters",
                actual=" ".join(accounts),
            )


def _final_due_date(case: Case) -> Faults:
    """A supporting document described as the final due date bears that date as its reference."""
    found = [
        (f"/supporting_documents/{place}/reference", document)
        for place, document in enumerate(case.invoice.supporting_documents)
        if document.description == _FINAL_DUE_DATE
    ]
    if not found:
        return
    due = case.invoice.payment_due_date
    if due is None or case.credit_note:
        yield broken("IS-R-009", "/payment_due_date")
    for at, document in found:
        yield from _reference(document, at, due, alone=len(found) == 1)


def _reference(document: SupportingDocument, at: str, due: date | None, *, alone: bool) -> Faults:
    day = _as_day(document.reference)
    if day is None or not alone:
        yield broken("IS-R-008", at, expected="one date, YYYY-MM-DD", actual=document.reference)
    elif due is not None and day < due:
        yield broken("IS-R-010", at, expected=f"{due} or later", actual=document.reference)


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _day(text) else None
    except ValueError:
        return None
