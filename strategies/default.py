"""Post-audit: the country nobody claimed. The invoice is checked, signed and kept; no authority is asked.

The wire document is the invoice itself as RFC 8785 canonical JSON, the signature a detached JWS over exactly
these bytes, so that anybody can verify both with a library of his choice.

Sources: https://www.rfc-editor.org/rfc/rfc8785 (canonical JSON), https://www.rfc-editor.org/rfc/rfc7515 and
https://www.rfc-editor.org/rfc/rfc7797 (JWS, unencoded payload), https://www.rfc-editor.org/rfc/rfc8037
(EdDSA); the rules with theirs in `schemas/rules/default.toml`.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from tallystick import schemas
from tallystick.canonical import (
    Fault,
    Invoice,
    InvoicingPeriod,
    LinePeriod,
    PostalAddress,
    canonical_bytes,
)
from tallystick.formats import jws
from tallystick.rules.table import read
from tallystick.strategy import Artifact, Conversation, Document, Enrolment, Outcome, Strategy, Verdict

EDITION: Final = "1"
JWS_TYPE: Final = "invoice+jws"
RULES: Final = read("default")


def _codes(name: str) -> frozenset[str]:
    return frozenset(schemas.path(f"codelists/{name}.txt").read_text(encoding="utf-8").split())


CREDIT_NOTES: Final = _codes("untdid-1001-credit-note")
TYPES: Final = _codes("untdid-1001-invoice") | CREDIT_NOTES
CATEGORIES: Final = _codes("untdid-5305")
CORRECTED: Final = "384"  # UNTDID 1001: corrected invoice
STANDARD: Final = "S"
UNTAXED: Final = frozenset({"E", "AE", "K", "G", "O"})  # exempt, reverse charge, intra-EU, export, outside
BUYER_OWES: Final = frozenset({"AE", "K"})
EARLIEST_DAY: Final = timedelta(hours=14)  # UTC+14 sees a day first


class PostAudit:
    """Serves sellers whose country and region no other strategy claims."""

    name = "default"
    countries: frozenset[str] = frozenset()
    edition = EDITION

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterator[Fault]:
        """The particulars without which the invoice would not stand up in an audit."""
        yield from _parties(invoice)
        yield from _document(invoice, (enrolment.now + EARLIEST_DAY).date())
        yield from _taxes(invoice)
        yield from _payment(invoice)

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """Canonical JSON without the caller's own notes, and a detached signature of the enrolment's signer.

        Raises ValueError when the enrolment brings no signer.
        """
        if enrolment.signer is None:
            raise ValueError("an invoice that is kept is signed, and the enrolment brings no signer")
        body = canonical_bytes(replace(invoice, metadata={}))
        signature = jws.sign_detached(body, enrolment.signer, typ=JWS_TYPE)
        return Document(
            media_type="application/json",
            body=body,
            marks={"sha256": hashlib.sha256(body).hexdigest(), "signed_by": enrolment.signer.key_id},
            artifacts=(Artifact("invoice.jws", "application/jose", signature.encode()),),
        )

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Nobody is asked."""
        yield from ()
        return Outcome(verdict=Verdict.NOT_REQUIRED, detail="kept and signed; no authority asks for it")

    inquire = submit


def _broken(number: str, pointer: str, actual: str = "") -> Fault:
    return RULES[number].fault(pointer, actual=actual)


def _parties(invoice: Invoice) -> Iterator[Fault]:
    seller, buyer = invoice.seller, invoice.buyer
    if not (
        seller.tax_identifier or seller.tax_registration_identifier or seller.legal_registration_identifier
    ):
        yield _broken("PA-01", "/seller/tax_identifier")
    if not _locates(seller.postal_address):
        yield _broken("PA-02", "/seller/postal_address/line_1")
    address = buyer.postal_address if buyer and invoice.transaction_type != "b2c" else None
    if address and not _locates(address):
        yield _broken("PA-03", "/buyer/postal_address/line_1")


def _locates(address: PostalAddress) -> bool:
    return bool(address.line_1 or address.line_2 or address.line_3 or address.city)


def _document(invoice: Invoice, latest: date) -> Iterator[Fault]:
    kind = invoice.type_code
    if kind not in TYPES:
        yield _broken("PA-04", "/type_code", kind)
    amends = kind in CREDIT_NOTES or kind == CORRECTED
    if amends and not (invoice.preceding_invoice_references or invoice.invoicing_period):
        yield _broken("PA-05", "/preceding_invoice_references", kind)
    if invoice.issue_date > latest:
        yield _broken("PA-06", "/issue_date", str(invoice.issue_date))
    if _backwards(invoice.invoicing_period):
        yield _broken("PA-13", "/invoicing_period/end_date")
    for at, line in enumerate(invoice.lines):
        if _backwards(line.period):
            yield _broken("PA-13", f"/lines/{at}/period/end_date")


def _backwards(period: InvoicingPeriod | LinePeriod | None) -> bool:
    return bool(period and period.start_date and period.end_date and period.end_date < period.start_date)


def _taxes(invoice: Invoice) -> Iterator[Fault]:
    buyer = invoice.buyer
    identified = buyer and (buyer.tax_identifier or buyer.legal_registration_identifier)
    for at, tax in enumerate(invoice.tax_breakdown):
        category, place = tax.tax_category_code, f"/tax_breakdown/{at}"
        if category in UNTAXED and not (tax.exemption_reason_text or tax.exemption_reason_code):
            yield _broken("PA-07", f"{place}/exemption_reason_text", category)
        if category in BUYER_OWES and not identified:
            yield _broken("PA-08", "/buyer/tax_identifier", category)
    for place, category, rate in _categories(invoice):
        if category not in CATEGORIES:
            yield _broken("PA-09", place, category)
        if category == STANDARD and not (rate and rate > 0):
            yield _broken("PA-10", place, "" if rate is None else str(rate))


def _categories(invoice: Invoice) -> Iterator[tuple[str, str, Decimal | None]]:
    """Every tax category of the invoice, with its place and its rate."""
    for at, line in enumerate(invoice.lines):
        yield f"/lines/{at}/tax/category_code", line.tax.category_code, line.tax.rate
    for at, allowance in enumerate(invoice.allowances):
        yield f"/allowances/{at}/tax_category_code", allowance.tax_category_code, allowance.tax_rate
    for at, charge in enumerate(invoice.charges):
        yield f"/charges/{at}/tax_category_code", charge.tax_category_code, charge.tax_rate


def _payment(invoice: Invoice) -> Iterator[Fault]:
    totals = invoice.document_totals
    other = invoice.tax_currency_code and invoice.tax_currency_code != invoice.currency_code
    if other and totals.total_tax_amount_in_accounting_currency is None:
        yield _broken("PA-11", "/document_totals/total_tax_amount_in_accounting_currency")
    due = totals.amount_due_for_payment
    if due and due > 0 and not (invoice.payment_due_date or invoice.payment_terms):
        yield _broken("PA-12", "/payment_due_date", str(due))


strategy: Strategy = PostAudit()
