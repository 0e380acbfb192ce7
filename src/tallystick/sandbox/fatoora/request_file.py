"""Certificate requests: everything the authority is particular about, checked to the last tag."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tallystick.sandbox.fatoora import asn1
from tallystick.sandbox.fatoora.asn1 import Node

_TEMPLATE, _ALTERNATIVE_NAME = "1.3.6.1.4.1.311.20.2", "2.5.29.17"
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
_DIRECTORY_NAME = 0xA4
_SUBJECT = (
    ("2.5.4.6", asn1.PRINTABLE),
    ("2.5.4.11", asn1.UTF8),
    ("2.5.4.10", asn1.UTF8),
    ("2.5.4.3", asn1.UTF8),
)
_UNIT = ("2.5.4.4", "0.9.2342.19200300.100.1.1", "2.5.4.12", "2.5.4.26", "2.5.4.15")
_LONGEST = 64
_SERIAL = re.compile(r"1-(.+)\|2-(.+)\|3-(.+)")
_VAT = re.compile(r"3[0-9]{13}3")
_TITLE = re.compile(r"(10|01|11)00")
_MEMBER = re.compile(r"[0-9]{10}")


class Refused(Exception):
    """A request nobody certifies. `kind` chooses the answer, `reason` is for the journal."""

    def __init__(self, reason: str, kind: Literal["invalid", "too_long"] = "invalid") -> None:
        super().__init__(reason)
        self.reason, self.kind = reason, kind


@dataclass(frozen=True, slots=True)
class UnitRequest:
    """What a unit asks to be certified as. `title`: `1000` standard, `0100` simplified, `1100` both."""

    request: x509.CertificateSigningRequest
    common_name: str
    serial: str
    vat: str
    title: str
    key: bytes


def read_request(text: str, template: str) -> UnitRequest:
    """The request in the base64 of a PEM text. Raises `Refused` with the first thing that is wrong."""
    request = _opened(text)
    if not isinstance(request.public_key(), ec.EllipticCurvePublicKey):
        raise Refused("the key is not on an elliptic curve")
    _signed(request)
    try:
        top = asn1.read(request.tbs_certrequest_bytes)
        subject = _subject(top.children[1])
        extensions = _extensions(top.children[3])
        _template(extensions, template)
        names = _directory_name(extensions)
    except (ValueError, IndexError) as error:
        raise Refused(f"a structure that is not as it should be: {error}") from None
    _plausible(subject, names)
    key = request.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return UnitRequest(request, subject["2.5.4.3"], names[0], names[1], names[2], key)


def _opened(text: str) -> x509.CertificateSigningRequest:
    try:
        pem = b64decode(text, validate=True)
        return x509.load_pem_x509_csr(pem)
    except (ValueError, Base64Error, UnsupportedAlgorithm, TypeError) as error:
        raise Refused(f"no base64 of a PEM certificate request: {error}") from None


def _signed(request: x509.CertificateSigningRequest) -> None:
    key = request.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256K1):
        raise Refused("the key is not on secp256k1")
    try:
        good = isinstance(request.signature_hash_algorithm, hashes.SHA256) and request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm):
        good = False
    if not good:
        raise Refused("the signature is not a valid ecdsa-with-SHA256 of the key itself")


def _subject(name: Node) -> dict[str, str]:
    """Exactly country, organisation unit, organisation, common name, each in a set of its own."""
    found = _names(name)
    if tuple((identifier, value.tag) for identifier, value in found) != _SUBJECT:
        raise Refused("the subject is not C (PrintableString), OU, O, CN (UTF8String) in this order")
    return {identifier: value.text for identifier, value in found}


def _names(name: Node) -> list[tuple[str, Node]]:
    if name.tag != asn1.SEQUENCE:
        raise Refused("a name is no sequence")
    found = []
    for part in name.children:
        if part.tag != asn1.SET or len(part.children) != 1:
            raise Refused("several attributes in one set")
        identifier, value = part.children[0].children
        found.append((identifier.identifier, value))
    return found


def _extensions(attributes: Node) -> dict[str, Node]:
    for attribute in attributes.children:
        if attribute.children[0].identifier == _EXTENSION_REQUEST:
            listed = attribute.children[1].children[0].children
            found = {extension.children[0].identifier: extension for extension in listed}
            if len(found) != len(listed):
                raise Refused("an extension stands twice")
            return found
    raise Refused("no extensions are asked for")


def _template(extensions: dict[str, Node], template: str) -> None:
    extension = extensions.get(_TEMPLATE)
    if extension is None or len(extension.children) != 2:
        raise Refused("the template name is missing or critical")
    octets = extension.children[1]
    name = asn1.read(octets.content)
    if octets.tag != asn1.OCTET_STRING or name.tag not in (asn1.UTF8, asn1.PRINTABLE):
        raise Refused("the template name is neither UTF8String nor PrintableString")
    if name.text != template:
        raise Refused(f"template {name.text!r} where this environment has {template!r}")


def _directory_name(extensions: dict[str, Node]) -> list[str]:
    extension = extensions.get(_ALTERNATIVE_NAME)
    if extension is None:
        raise Refused("no subjectAltName")
    names = asn1.read(extension.children[-1].content)
    if len(names.children) != 1 or names.children[0].tag != _DIRECTORY_NAME:
        raise Refused("subjectAltName is not exactly one directoryName")
    found = _names(names.children[0].children[0])
    if tuple(identifier for identifier, _ in found) != _UNIT:
        raise Refused("directoryName is not SN (2.5.4.4), UID, title, registeredAddress, businessCategory")
    if any(value.tag != asn1.UTF8 or not value.text.strip() for _, value in found):
        raise Refused("an attribute of directoryName is empty or no UTF8String")
    return [value.text for _, value in found]


def _plausible(subject: dict[str, str], names: list[str]) -> None:
    serial, vat, title = names[:3]
    if len(serial) > _LONGEST:
        raise Refused("the unit's serial number is longer than 64 characters", "too_long")
    if not _SERIAL.fullmatch(serial) or "=" in serial:
        raise Refused("the unit's serial number is not 1-solution|2-model|3-serial")
    if not _VAT.fullmatch(vat):
        raise Refused("the VAT number is not 15 digits from 3 to 3")
    if not _TITLE.fullmatch(title):
        raise Refused("the title is none of 1000, 0100, 1100")
    if subject["2.5.4.6"] != "SA":
        raise Refused("the country is not SA")
    if vat[10] == "1" and not _MEMBER.fullmatch(subject["2.5.4.11"]):
        raise Refused("the organisation unit of a VAT group must be its member's ten-digit number")
    common_name = subject["2.5.4.3"]
    if not 0 < len(common_name) <= _LONGEST or not subject["2.5.4.10"].strip():
        raise Refused("common name or organisation is empty or too long")
