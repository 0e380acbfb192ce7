"""Whether this unit may issue this document now: its number, its title, its certificate, its clock."""

import base64
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID
from msgspec import Struct

from .case import Case, Faults
from .certificate import CertificateError, certificate_of
from .rules import broken
from .settings import Settings

__all__ = ["allows", "title_of", "unit"]

_COMPLIANCE: Final = "eInvoicing"
"""Who issues the certificates that are only for the compliance check."""
_AHEAD: Final = timedelta(minutes=10)
"""How far clocks may be apart."""


class Validity(Struct, frozen=True):
    """When a certificate holds, and who issued it (common name)."""

    start: datetime
    end: datetime
    issuer: str


@lru_cache(maxsize=1024)
def _validity(text: str) -> Validity:
    """Of a certificate in base64 DER that `certificate_of` has read."""
    found = x509.load_der_x509_certificate(base64.b64decode(text))
    names = found.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Validity(
        found.not_valid_before_utc, found.not_valid_after_utc, str(names[0].value) if names else ""
    )


def unit(case: Case) -> Faults:
    """Our own rules on the registration under which the invoice is issued."""
    number, pointer = _issuer(case)
    registered = case.enrolment.tax_identifier
    if registered and number != registered:
        yield broken("sa/not-the-registered-seller", pointer, expected=registered, actual=number)
    simplified = case.code[:2] == "02"
    title = title_of(case.settings)
    if not allows(title, simplified=simplified):
        asked = "simplified" if simplified else "standard"
        yield broken("sa/title", "/transaction_type", expected=f"what title {title} allows", actual=asked)
    if case.settings.certificate:
        yield from _certificate(case, case.settings.certificate, number, pointer)
    yield from _clock(case)


def title_of(settings: Settings) -> str:
    """Which documents the unit may issue: what its settings say, and its certificate, if it says anything.

    Settings can be changed at any time; what was certified cannot.
    """
    try:
        certified = certificate_of(settings.certificate).title if settings.certificate else ""
    except CertificateError:
        certified = ""
    pairs = zip(settings.title, certified or settings.title, strict=False)
    return "".join("1" if wanted == given == "1" else "0" for wanted, given in pairs)


def allows(title: str, *, simplified: bool) -> bool:
    """Whether the title allows documents of this flow."""
    return title[1:2] == "1" if simplified else title[:1] == "1"


def _issuer(case: Case) -> tuple[str, str]:
    """Whose number the certificate has to bear: the seller's, or that of a buyer who bills himself."""
    if case.sa.self_billed:
        return case.buyer.tax_identifier or "", "/buyer/tax_identifier"
    return case.seller.tax_identifier or "", "/seller/tax_identifier"


def _certificate(case: Case, text: str, number: str, pointer: str) -> Faults:
    try:
        certificate = certificate_of(text)
    except CertificateError:
        yield broken("sa/certificate-unreadable", "/registration")
        return
    if certificate.tax_number and number != certificate.tax_number:
        yield broken("sa/certificate-of-another", pointer, expected=certificate.tax_number, actual=number)
    validity, now = _validity(text), case.enrolment.now
    if not validity.start <= now <= validity.end:
        expected = f"{validity.start:%Y-%m-%d} to {validity.end:%Y-%m-%d}"
        yield broken("sa/certificate-expired", "/registration", expected=expected, actual=f"{now:%Y-%m-%d}")
    if case.enrolment.environment == "production" and validity.issuer == _COMPLIANCE:
        yield broken("sa/certificate-for-compliance", "/registration", actual=validity.issuer)


def _clock(case: Case) -> Faults:
    """Issued today, but later than now: the QR code's time is one that nobody has seen yet."""
    invoice, now = case.invoice, case.now
    if invoice.issue_time is None or invoice.issue_date > now.date():
        return
    issue = datetime.combine(invoice.issue_date, invoice.issue_time)
    if issue - now > _AHEAD:
        yield broken(
            "sa/issued-ahead", "/issue_time", expected=f"{now:%H:%M:%S} or earlier", actual=str(issue)
        )
