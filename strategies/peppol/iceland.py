"""Icelandic sellers."""

import re
from datetime import date
from typing import Final

from tallystick.canonical import Identifier, PostalAddress
from tallystick.rules.en16931 import EuropeanCase, Faults
from tallystick.rules.lexical import normal

SELLERS: Final = frozenset({"IS"})
_REGISTER: Final = "0196"
_FINAL_DUE_DATE: Final = "EINDAGI"
_TYPES: Final = frozenset({"380", "381"})
_day: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


def iceland(case: EuropeanCase) -> Faults:
    """Sellers with an Icelandic address; more when the buyer has one too."""
    if case.seller_land not in SELLERS:
        return
    code = normal(case.invoice.type_code)
    if code not in _TYPES:
        yield from case.broken("IS-R-001", "/type_code", expected=" or ".join(sorted(_TYPES)), actual=code)
    yield from _registered(case, "IS-R-002", "/seller", case.seller.legal_registration_identifier)
    yield from _complete(case, "IS-R-003", "/seller/postal_address", case.seller.postal_address)
    yield from _accounts(case)
    yield from _final_due_date(case)
    if case.buyer_land == "IS":
        yield from _registered(case, "IS-R-004", "/buyer", case.buyer.legal_registration_identifier)
        yield from _complete(case, "IS-R-005", "/buyer/postal_address", case.buyer.postal_address)


def _registered(case: EuropeanCase, number: str, at: str, identifier: Identifier | None) -> Faults:
    if identifier is None or identifier.scheme != _REGISTER:
        yield from case.broken(
            number,
            f"{at}/legal_registration_identifier",
            expected=f"scheme {_REGISTER}",
            actual=(identifier.scheme or "") if identifier else "",
        )


def _complete(case: EuropeanCase, number: str, at: str, address: PostalAddress | None) -> Faults:
    missing = [member for member in ("line_1", "post_code") if getattr(address, member, None) is None]
    if missing:
        yield from case.broken(number, f"{at}/{missing[0]}")


def _accounts(case: EuropeanCase) -> Faults:
    """Claims (9) and bank transfers (42) name one account of twelve characters in the whole document."""
    entries = case.invoice.payment_instructions
    for code, number in (("9", "IS-R-006"), ("42", "IS-R-007")):
        places = [place for place, entry in enumerate(entries) if entry.payment_means_type_code == code]
        accounts = [
            account.payment_account_identifier
            for place in places
            for account in entries[place].credit_transfers
        ]
        if places and [len(normal(account)) for account in accounts] != [12]:
            yield from case.broken(
                number,
                f"/payment_instructions/{places[-1]}/credit_transfers",
                expected="one account of 12 characters",
                actual=" ".join(accounts),
            )


def _final_due_date(case: EuropeanCase) -> Faults:
    """A supporting document described as the final due date bears that date as its reference."""
    found = [
        (f"/supporting_documents/{place}/reference", document)
        for place, document in enumerate(case.invoice.supporting_documents)
        if document.description == _FINAL_DUE_DATE
    ]
    if not found:
        return
    due = None if case.credit_note else case.invoice.payment_due_date
    if due is None:
        yield from case.broken("IS-R-009", "/payment_due_date")
    texts = [document.reference for _, document in found]
    if len(found) > 1 or not _is_day(texts[0]):
        actual = " ".join(texts)
        yield from case.broken("IS-R-008", found[0][0], expected="one date, YYYY-MM-DD", actual=actual)
    if due is None or all(text < due.isoformat() for text in texts):
        yield from case.broken(
            "IS-R-010", found[0][0], expected=f"{due or 'a date'} or later", actual=texts[0]
        )


def _is_day(text: str) -> bool:
    try:
        return bool(_day(text) and date.fromisoformat(text))
    except ValueError:
        return False
