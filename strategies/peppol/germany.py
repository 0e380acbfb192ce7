"""Sellers and buyers both in Germany: the German specification's own demands."""

import re
from collections.abc import Iterator
from typing import Final

from tallystick.canonical import PaymentInstructions

from .case import Case, Faults
from .parties import BANK_ASSIGNED
from .payment import mandate
from .rules import broken

_TAXED: Final = frozenset({"S", "Z", "E", "AE", "K", "G", "L", "M"})
_CREDIT_TRANSFERS: Final = frozenset({"30", "58"})
_CARDS: Final = frozenset({"48", "54", "55"})
_DIRECT_DEBIT: Final = "59"

_discount: Final = re.compile(
    r"#SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#"
).fullmatch
_lines: Final = re.compile(r"\r?\n").split
_between: Final = re.compile("#.+#").split
_line_end: Final = re.compile(r"\s*\n").match


def germany(case: Case) -> Faults:
    """Both addresses are German."""
    if not case.german:
        return
    if not case.invoice.payment_instructions and not (
        case.credit_note and case.invoice.payment_due_date is not None
    ):
        yield broken("DE-R-001", "/payment_instructions")
    if case.invoice.buyer_reference is None:
        yield broken("DE-R-015", "/buyer_reference")
    yield from _missing(case)
    yield from _taxpayer(case)
    yield from _discounts(case)
    yield from _file_names(case)
    yield from _payment(case)
    for place, entry in enumerate(case.invoice.tax_breakdown):
        if entry.tax_category_rate is None:
            yield broken("DE-R-014", f"/tax_breakdown/{place}/tax_category_rate")


def _missing(case: Case) -> Faults:
    for number, at, value in _wanted(case):
        if value is None:
            yield broken(number, at)


def _wanted(case: Case) -> Iterator[tuple[str, str, str | None]]:
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


def _taxpayer(case: Case) -> Faults:
    """Whoever charges or exempts tax names his tax number, or a representative."""
    seller, invoice = case.seller, case.invoice
    if seller.tax_identifier or seller.tax_registration_identifier or invoice.seller_tax_representative:
        return
    named = {line.tax.category_code for line in invoice.lines}
    named |= {allowance.tax_category_code for allowance in invoice.allowances}
    named |= {charge.tax_category_code for charge in invoice.charges}
    if named & _TAXED:
        yield broken("DE-R-016", "/seller/tax_identifier", actual=" ".join(sorted(named & _TAXED)))


def _discounts(case: Case) -> Faults:
    """Cash discounts stand in the payment terms as lines of segments, each ended by a line feed."""
    terms = case.invoice.payment_terms
    if terms is None:
        return
    terms = terms.replace("\r\n", "\n")
    marked = [line for line in _lines(terms) if line.lstrip(" \t\r\n").startswith("#")]
    if not marked:
        return
    if not all(_discount(" ".join(line.split())) for line in marked) or not _line_end(_between(terms)[-1]):
        yield broken(
            "DE-R-018",
            "/payment_terms",
            expected="#SKONTO#TAGE=14#PROZENT=2.00# and a line feed",
            actual=terms,
        )


def _file_names(case: Case) -> Faults:
    seen: set[str] = set()
    for place, document in enumerate(case.invoice.supporting_documents):
        attached = document.attached_document
        if attached is None:
            continue
        if attached.filename.casefold() in seen:
            at = f"/supporting_documents/{place}/attached_document/filename"
            yield broken("DE-R-022", at, expected="a name of its own", actual=attached.filename)
        seen.add(attached.filename.casefold())


def _payment(case: Case) -> Faults:
    entries = case.invoice.payment_instructions
    for place, entry in enumerate(entries):
        yield from _means(entry, f"/payment_instructions/{place}")
    mandates = [(place, mandate(entry)) for place, entry in enumerate(entries) if mandate(entry) is not None]
    if not mandates:
        return
    at = f"/payment_instructions/{mandates[0][0]}/direct_debit"
    if not _creditor_known(case):
        yield broken("DE-R-030", f"{at}/bank_assigned_creditor_identifier")
    if all(debit is None or debit.debited_account_identifier is None for _, debit in mandates):
        yield broken("DE-R-031", f"{at}/debited_account_identifier")


def _creditor_known(case: Case) -> bool:
    invoice = case.invoice
    payee = invoice.payee.identifiers if invoice.payee else ()
    listed = any(identifier.scheme == BANK_ASSIGNED for identifier in (*invoice.seller.identifiers, *payee))
    return listed or any(
        entry.direct_debit is not None and entry.direct_debit.bank_assigned_creditor_identifier is not None
        for entry in invoice.payment_instructions
    )


def _means(entry: PaymentInstructions, at: str) -> Faults:
    """Each means of payment brings its own group, and no other."""
    groups = {
        "credit_transfers": bool(entry.credit_transfers),
        "payment_card": entry.payment_card is not None,
        "direct_debit": mandate(entry) is not None,
    }
    code = entry.payment_means_type_code
    if code in _CREDIT_TRANSFERS:
        own, missing, foreign = "credit_transfers", "DE-R-023-1", "DE-R-023-2"
    elif code in _CARDS:
        own, missing, foreign = "payment_card", "DE-R-024-1", "DE-R-024-2"
    elif code == _DIRECT_DEBIT:
        own, missing, foreign = "direct_debit", "DE-R-025-1", "DE-R-025-2"
    else:
        return
    if not groups.pop(own):
        yield broken(missing, f"{at}/{own}")
    for member, there in groups.items():
        if there:
            yield broken(foreign, f"{at}/{member}", expected=f"only {own}")
