"""The stamped document: written, hashed, signed, and verified before anybody gets it."""

from collections.abc import Mapping

from tallystick.canonical import Invoice
from tallystick.formats.ubl import pen
from tallystick.keys import Signer
from tallystick.strategy import Document, Enrolment

from .certificate import Certificate, certificate_of
from .nature import is_simplified
from .profile import Wire, chain_text, clock
from .qr import content
from .settings import Settings
from .stamp import Stamp, inserted, invoice_hash, stamp
from .verifying import verify
from .writing import prepared, written

__all__ = ["Unsignable", "Unverified", "build", "issued"]


class Unsignable(ValueError):
    """The registration has no certificate, no key, or a key that is not the certificate's."""


class Unverified(RuntimeError):
    """A document of ours that does not verify: an error of ours, and it never leaves."""


def build(invoice: Invoice, enrolment: Enrolment) -> Document:
    """The document of an invoice that was checked and completed, in its place of the chain. Pure.

    Standard documents are stamped too: they are reported where clearance is switched off. Raises Unsignable
    or Unverified, neither of which an invoice can cause.
    """
    document = issued(invoice, enrolment)
    wrong = verify(document.body)
    if wrong:
        raise Unverified("; ".join(wrong))
    return document


def issued(invoice: Invoice, enrolment: Enrolment) -> Document:
    """The same document, not yet verified. Raises Unsignable."""
    signer, certificate = _means_to_sign(enrolment)
    ready = prepared(invoice, enrolment)
    plain = written(ready)
    stamped = stamp(invoice_hash(plain), certificate, signer, enrolment.now)
    code = _code(ready, stamped, certificate)
    body = inserted(plain, stamped, certificate, code, behind=chain_text(ready).encode())
    return Document(
        media_type="application/xml", body=body, link=stamped.hash, marks=_marks(ready, stamped, code)
    )


def _means_to_sign(enrolment: Enrolment) -> tuple[Signer, Certificate]:
    settings, signer = enrolment.settings, enrolment.signer
    if not isinstance(settings, Settings) or not settings.certificate or signer is None:
        raise Unsignable("the registration has no certificate, or no key")
    certificate = certificate_of(settings.certificate)
    if certificate.public_der != signer.public_der:
        raise Unsignable("the registration's key is not the one of its certificate")
    return signer, certificate


def _code(ready: Invoice, stamped: Stamp, certificate: Certificate) -> str:
    """The QR code's content, of the texts that stand in the document."""
    totals = ready.document_totals
    payable, tax = totals.amount_due_for_payment, totals.total_tax_amount_in_accounting_currency
    return content(
        seller=ready.seller.name,
        tax_number=ready.seller.tax_identifier or "",
        issued=f"{pen.day(ready.issue_date)}T{clock(ready.issue_time)}",
        payable="" if payable is None else pen.number(payable),
        tax="" if tax is None else pen.number(tax),
        invoice_hash=stamped.hash,
        signature=stamped.signature,
        public_der=certificate.public_der,
        certificate_signature=certificate.signature if is_simplified(ready) else None,
    )


def _marks(ready: Invoice, stamped: Stamp, code: str) -> Mapping[str, str]:
    wire: Wire = next(iter(ready.regime_data.values()))
    simplified = is_simplified(ready)
    return {
        "uuid": wire.uuid,
        "icv": str(wire.icv),
        "pih": wire.pih,
        "hash": stamped.hash,
        "flow": "reporting" if simplified else "clearance",
        "issue_date": pen.day(ready.issue_date),
        "issue_time": clock(ready.issue_time),
        "qr": code,
    }
