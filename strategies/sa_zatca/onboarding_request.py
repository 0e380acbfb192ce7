"""The certificate request of a unit: what goes into it, and what is wrong with what was given for it.

Source: ZATCA, Security Features Implementation Standards 1.2, and its developer portal's onboarding manual.
"""

import base64
import re
from collections.abc import Iterator
from typing import Final

from tallystick.canonical import Fault
from tallystick.formats import csr, der
from tallystick.keys import Signer
from tallystick.strategy import Enrolment

from .settings import Settings

__all__ = ["faults_of", "request_of"]

_TEMPLATES: Final = {
    "sandbox": "TSTZATCA-Code-Signing",
    "simulation": "PREZATCA-Code-Signing",
    "production": "ZATCA-Code-Signing",
}
_TEMPLATE: Final = "1.3.6.1.4.1.311.20.2"
_COUNTRY, _UNIT, _ORGANIZATION, _NAME = "2.5.4.6", "2.5.4.11", "2.5.4.10", "2.5.4.3"
_SURNAME, _UID, _TITLE = "2.5.4.4", "0.9.2342.19200300.100.1.1", "2.5.4.12"
_ADDRESS, _CATEGORY = "2.5.4.26", "2.5.4.15"
_LONGEST: Final = 64
_tax_number: Final = re.compile(r"3\d{13}3", re.ASCII).fullmatch
_member: Final = re.compile(r"\d{10}", re.ASCII).fullmatch
_forbidden: Final = re.compile(r"[!@#$%*_<=\x00-\x1f]")


def faults_of(enrolment: Enrolment) -> Iterator[Fault]:
    """Every reason why the authority would refuse the request."""
    settings = _settings(enrolment)
    tax_number = enrolment.tax_identifier
    if not _tax_number(tax_number):
        yield _fault(
            "/tax_identifier",
            "The VAT number has 15 digits, the first and the last of which are 3.",
            expected="3 and 13 digits and 3",
            actual=tax_number,
            hint="Give it as the seller's or the registration's tax_identifier.",
        )
    elif tax_number[10] == "1" and not _member(settings.organization_unit):
        yield _fault(
            "/settings/organization_unit",
            "Of a VAT group (11th digit 1) the unit belongs to one member: its ten-digit TIN stands here.",
            expected="10 digits",
            actual=settings.organization_unit,
        )
    if not _plain(enrolment.taxpayer):
        yield _fault("/seller_id", "The seller's name has no character that a certificate could hold.")
    yield from _missing(settings)
    yield from _too_long("/settings/common_name", "The unit's name", _name(enrolment))
    yield from _too_long("/settings/serial", "Solution, model and serial together", _serial(enrolment))
    if enrolment.environment not in _TEMPLATES:
        yield _fault("/environment", "Fatoora has no such environment.", expected=", ".join(_TEMPLATES))


def _too_long(pointer: str, what: str, text: str) -> Iterator[Fault]:
    if len(text) > _LONGEST:
        yield _fault(
            pointer,
            f"{what}: {len(text)} characters, and a certificate holds {_LONGEST}.",
            expected=f"at most {_LONGEST} characters",
            actual=text,
        )


def _missing(settings: Settings) -> Iterator[Fault]:
    if not settings.registered_address:
        yield _fault(
            "/settings/registered_address",
            "The branch's address is missing.",
            hint="Best is the short code of the National Address, such as RRRD2929.",
        )
    if not settings.business_category:
        yield _fault(
            "/settings/business_category", "The branch's industry is missing.", hint="Such as: Retail."
        )


def request_of(enrolment: Enrolment, signer: Signer) -> str:
    """The request as the body of a call holds it: base64 of the whole PEM text, in one line."""
    settings = _settings(enrolment)
    subject = der.directory(
        (_COUNTRY, der.printable("SA")),
        (_UNIT, der.utf8(settings.organization_unit or _plain(enrolment.taxpayer))),
        (_ORGANIZATION, der.utf8(_plain(enrolment.taxpayer))),
        (_NAME, der.utf8(_name(enrolment))),
    )
    unit = der.directory(
        (_SURNAME, der.utf8(_serial(enrolment))),
        (_UID, der.utf8(enrolment.tax_identifier)),
        (_TITLE, der.utf8(settings.title)),
        (_ADDRESS, der.utf8(settings.registered_address)),
        (_CATEGORY, der.utf8(settings.business_category)),
    )
    extensions = (
        csr.extension(_TEMPLATE, der.utf8(_TEMPLATES[enrolment.environment])),
        csr.alternative_name(unit),
    )
    return base64.b64encode(csr.pem(csr.request(subject, extensions, signer)).encode()).decode()


def _settings(enrolment: Enrolment) -> Settings:
    return enrolment.settings if isinstance(enrolment.settings, Settings) else Settings()


def _plain(name: str) -> str:
    """A name without what the authority's own tool refuses, and no longer than a certificate holds."""
    spelt = _forbidden.sub(" ", name.replace("&", " and "))
    return " ".join(spelt.split())[:_LONGEST].strip()


def _name(enrolment: Enrolment) -> str:
    """The unit's unique name: what was given, or one made of registration and VAT number."""
    return _settings(enrolment).common_name or f"TS-{enrolment.registration}-{enrolment.tax_identifier}"


def _serial(enrolment: Enrolment) -> str:
    """Solution, model and serial number in the one text that the authority wants."""
    settings = _settings(enrolment)
    return f"1-{settings.solution}|2-{settings.model}|3-{settings.serial or enrolment.registration}"


def _fault(pointer: str, message: str, expected: str = "", actual: str = "", hint: str = "") -> Fault:
    return Fault(
        code="registration/bad-setting",
        pointer=pointer,
        message=message,
        expected=expected,
        actual=actual,
        hint=hint,
    )
