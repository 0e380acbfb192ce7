"""Sellers and buyers both in Germany: the German specification's own demands."""

import re
from collections.abc import Iterator
from typing import Final

from tallystick.rules.en16931 import EuropeanCase, Faults
from tallystick.rules.en16931.means import Means, mandate, means_of
from tallystick.rules.en16931.parties import BANK_ASSIGNED
from tallystick.rules.lexical import normal

SELLERS: Final = frozenset({"DE"})
TAXED: Final = frozenset({"S", "Z", "E", "AE", "K", "G", "L", "M"})
_CREDIT_TRANSFERS: Final = frozenset({"30", "58"})
_CARDS: Final = frozenset({"48", "54", "55"})
_DIRECT_DEBIT: Final = "59"
_SEPA_TRANSFER: Final = "58"

_discount: Final = re.compile(
    r"#SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#"
).fullmatch
_TYPES: Final = frozenset({"326", "380", "384", "389", "381", "875", "876", "877"})
_CORRECTION: Final = "384"
_GERMAN_TYPES: Final = frozenset({"326", "384"})

_telephone: Final = re.compile(r".*([0-9].*){3,}").fullmatch
_mail: Final = re.compile(r"[^@ ]+@([^@. ]+\.)+[^@. ]+").fullmatch
_url: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:").match
_iban: Final = re.compile(r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{0,30}").fullmatch
_blanks: Final = re.compile(r"[ \n\r\t]").sub

_lines: Final = re.compile(r"\r?\n").split
_between: Final = re.compile("#.+#").split
_line_end: Final = re.compile(r"\s*\n").match


def germany(case: EuropeanCase) -> Faults:
    """Both addresses are German; two kinds of document are for such parties alone."""
    if not case.both_in("DE"):
        if is_german_kind(case):
            yield from case.broken("PEPPOL-EN16931-P0112", "/type_code", actual=case.invoice.type_code)
        return
    yield from demands(case)


def is_german_kind(case: EuropeanCase) -> bool:
    """Whether the document is of a kind that is for German parties alone."""
    return normal(case.invoice.type_code) in _GERMAN_TYPES


def demands(case: EuropeanCase) -> Faults:
    """What German receivers ask: the network and their own specification, each under its own numbers."""
    if not case.invoice.payment_instructions and not (
        case.credit_note and case.invoice.payment_due_date is not None
    ):
        yield from case.broken("DE-R-001", "/payment_instructions")
    if case.invoice.buyer_reference is None:
        yield from case.broken("DE-R-015", "/buyer_reference")
    yield from _kind(case)
    yield from _missing(case)
    yield from _contact(case)
    yield from _taxpayer(case)
    yield from _discounts(case)
    yield from _file_names(case)
    yield from _payment(case)
    for place, entry in enumerate(case.invoice.tax_breakdown):
        if entry.tax_category_rate is None:
            yield from case.broken("DE-R-014", f"/tax_breakdown/{place}/tax_category_rate")


def _kind(case: EuropeanCase) -> Faults:
    code = normal(case.invoice.type_code)
    if code not in _TYPES:
        yield from case.broken("DE-R-017", "/type_code", expected=" ".join(sorted(_TYPES)), actual=code)
    if code == _CORRECTION and not case.invoice.preceding_invoice_references:
        yield from case.broken("DE-R-026", "/preceding_invoice_references")


def _contact(case: EuropeanCase) -> Faults:
    """Where there is somebody to ask, number and address look like such."""
    contact = case.seller.contact
    if contact is None or contact == type(contact)():
        return
    telephone, mail = normal(contact.telephone_number or ""), normal(contact.email_address or "")
    if not _telephone(telephone):
        yield from case.broken("DE-R-027", "/seller/contact/telephone_number", actual=telephone)
    if not _mail(mail):
        yield from case.broken("DE-R-028", "/seller/contact/email_address", actual=mail)


def _missing(case: EuropeanCase) -> Faults:
    for number, at, value in _wanted(case):
        if value is None:
            yield from case.broken(number, at)


def _wanted(case: EuropeanCase) -> Iterator[tuple[str, str, str | None]]:
    """Each member that must be there: rule, pointer, value."""
    seller = case.seller
    yield "DE-R-003", "/seller/postal_address/city", seller.postal_address.city
    yield "DE-R-004", "/seller/postal_address/post_code", seller.postal_address.post_code
    contact = seller.contact
    if contact is None or (
        contact.point is None and contact.telephone_number is None and contact.email_address is None
    ):
        yield "DE-R-002", "/seller/contact", None
    else:
        yield "DE-R-005", "/seller/contact/point", contact.point
        yield "DE-R-006", "/seller/contact/telephone_number", contact.telephone_number
        yield "DE-R-007", "/seller/contact/email_address", contact.email_address
    address = case.buyer.postal_address
    if address is not None:
        yield "DE-R-008", "/buyer/postal_address/city", address.city
        yield "DE-R-009", "/buyer/postal_address/post_code", address.post_code
    delivery = case.invoice.delivery
    if delivery is not None and delivery.deliver_to_address is not None:
        yield "DE-R-010", "/delivery/deliver_to_address/city", delivery.deliver_to_address.city
        yield "DE-R-011", "/delivery/deliver_to_address/post_code", delivery.deliver_to_address.post_code


def _taxpayer(case: EuropeanCase) -> Faults:
    """Whoever charges or exempts tax names his tax number, or a representative."""
    seller, invoice = case.seller, case.invoice
    if seller.tax_identifier or seller.tax_registration_identifier or invoice.seller_tax_representative:
        return
    named = {line.tax.category_code for line in invoice.lines}
    named |= {allowance.tax_category_code for allowance in invoice.allowances}
    named |= {charge.tax_category_code for charge in invoice.charges}
    if named & TAXED:
        yield from case.broken("DE-R-016", "/seller/tax_identifier", actual=" ".join(sorted(named & TAXED)))


def _discounts(case: EuropeanCase) -> Faults:
    """Cash discounts stand in the payment terms as lines of segments, each ended by a line feed."""
    terms = case.invoice.payment_terms
    if terms is None:
        return
    terms = terms.replace("\r\n", "\n")
    marked = [line for line in _lines(terms) if line.lstrip(" \t\r\n").startswith("#")]
    if not marked:
        return
    written = all(_discount(" ".join(line.split())) for line in marked)
    if not written or not _line_end(_between(terms)[-1]):
        ended = f"{case.invoice.payment_terms}\n"
        mends = written and _line_end(_between(ended)[-1])
        yield from case.broken(
            "DE-R-018",
            "/payment_terms",
            expected="#SKONTO#TAGE=14#PROZENT=2.00# and a line feed",
            actual=terms,
            fix=({"op": "replace", "path": "/payment_terms", "value": ended},) if mends else (),
        )


def _file_names(case: EuropeanCase) -> Faults:
    """Attached files have names of their own, and links look like links."""
    seen: set[str] = set()
    repeated: list[tuple[str, str]] = []
    for place, document in enumerate(case.invoice.supporting_documents):
        link, attached = document.external_document_location, document.attached_document
        if link is not None and not _url(link):
            yield from case.broken(
                "DE-R-T02", f"/supporting_documents/{place}/external_document_location", actual=link
            )
        if attached is None:
            continue
        if attached.filename in seen:
            at = f"/supporting_documents/{place}/attached_document/filename"
            repeated.append((at, attached.filename))
        seen.add(attached.filename)
    if repeated:
        at, name = repeated[0]
        yield from case.broken("DE-R-022", at, expected="a name of its own", actual=name)


def _payment(case: EuropeanCase) -> Faults:
    entries = case.invoice.payment_instructions
    for means in means_of(case):
        yield from _means(case, means)
    mandates = [(place, mandate(entry)) for place, entry in enumerate(entries) if mandate(entry) is not None]
    if not mandates:
        return
    at = f"/payment_instructions/{mandates[0][0]}/direct_debit"
    if not _creditor_known(case):
        yield from case.broken("DE-R-030", f"{at}/bank_assigned_creditor_identifier")
    if all(debit is None or debit.debited_account_identifier is None for _, debit in mandates):
        yield from case.broken("DE-R-031", f"{at}/debited_account_identifier")


def _creditor_known(case: EuropeanCase) -> bool:
    invoice = case.invoice
    payee = invoice.payee.identifiers if invoice.payee else ()
    listed = any(identifier.scheme == BANK_ASSIGNED for identifier in (*invoice.seller.identifiers, *payee))
    return listed or any(
        entry.direct_debit is not None and entry.direct_debit.bank_assigned_creditor_identifier is not None
        for entry in invoice.payment_instructions
    )


def _means(case: EuropeanCase, means: Means) -> Faults:
    """Each means of payment brings its own group, and no other."""
    groups = {
        "credit_transfers": means.account is not None,
        "payment_card": means.card is not None,
        "direct_debit": means.mandate is not None,
    }
    code, at = normal(means.code), means.at
    if code in _CREDIT_TRANSFERS:
        own, missing, foreign = "credit_transfers", "DE-R-023-1", "DE-R-023-2"
    elif code in _CARDS:
        own, missing, foreign = "payment_card", "DE-R-024-1", "DE-R-024-2"
    elif code == _DIRECT_DEBIT:
        own, missing, foreign = "direct_debit", "DE-R-025-1", "DE-R-025-2"
    else:
        return
    yield from _account(case, means, code)
    if not groups.pop(own):
        yield from case.broken(missing, f"{at}/{own}")
    others = [member for member, there in groups.items() if there]
    if others:
        yield from case.broken(foreign, f"{at}/{others[0]}", expected=f"only {own}")


def _account(case: EuropeanCase, means: Means, code: str) -> Faults:
    """The account of a SEPA transfer, or the one that is debited, is an IBAN."""
    if code == _SEPA_TRANSFER:
        number = means.account.payment_account_identifier if means.account else ""
        if not is_iban(number):
            yield from case.broken("DE-R-019", means.account_at, actual=number)
    elif code == _DIRECT_DEBIT:
        debited = means.mandate.debited_account_identifier if means.mandate else None
        if not is_iban(debited or ""):
            at = f"{means.at}/direct_debit/debited_account_identifier"
            yield from case.broken("DE-R-020", at, actual=debited or "")


def is_iban(text: str) -> bool:
    """Country, two check digits, up to thirty characters; modulo 97 the whole is 1. Blanks do not count.

    As published: letters of the account keep their case, so that small ones count otherwise than capitals.
    """
    compact = _blanks("", text)
    if not _iban(compact):
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(ord(c) - 55) if c > "@" else c for c in turned)) % 97 == 1
