"""Clearance: the same document under the authority's own stamp and QR code, its hash unchanged."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from tallystick.sandbox.fatoora import qr
from tallystick.sandbox.fatoora.certificates import issuer_text, platform
from tallystick.sandbox.fatoora.hashing import EXT, excluded, invoice_hash, is_reference
from tallystick.sandbox.fatoora.stamp import (
    DS,
    SAC,
    SBC,
    SIG,
    XADES,
    hex_digest,
    read_stamp,
    signed_properties_text,
)
from tallystick.sandbox.judge.paper import CAC, CBC, Part

_ENVELOPED = "urn:oasis:names:specification:ubl:dsig:enveloped:xades"
_XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_LEFT_OUT = ("ext:UBLExtensions", "cac:Signature", "cac:AdditionalDocumentReference[cbc:ID='QR']")
_C14N = "http://www.w3.org/2006/12/xml-c14n11"
_SHA256 = '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'


def cleared(root: Any, environment: str, at: datetime) -> bytes:
    """The document's bytes as the authority hands them back.

    Only the three blocks that the hash leaves out differ from what was sent. Raises RuntimeError if the
    hash came to be another one all the same.
    """
    digest = invoice_hash(root)
    key, certificate = platform(environment)
    value = b64encode(key.sign(digest, ec.ECDSA(hashes.SHA256()))).decode()
    body = _without_stamp(root)
    extensions = _extensions(digest, value, certificate, at)
    body.insert(0, extensions)
    stamp = read_stamp(body)
    if stamp is None:
        raise RuntimeError("the authority's own stamp cannot be read back")
    tags = qr.told(Part(body), digest) | {
        tag: told for tag, told in qr.stamped(stamp).items() if tag in (7, 8)
    }
    _put_in(body, qr.written(tags))
    if invoice_hash(body) != digest:
        raise RuntimeError("clearing changed the hash")
    return bytes(etree.tostring(body, encoding="UTF-8", xml_declaration=True))


def _without_stamp(root: Any) -> Any:
    """A copy without the excluded blocks, every blank between elements kept."""
    body = etree.fromstring(etree.tostring(root, encoding="UTF-8"))
    for child in excluded(body):
        kept, before = child.tail or "", child.getprevious()
        child.tail = None
        body.remove(child)
        if before is None:
            body.text = (body.text or "") + kept
        else:
            before.tail = (before.tail or "") + kept
    return body


def _put_in(body: Any, text: str) -> None:
    """QR reference and signature at their places, without a blank of their own."""
    reference = etree.fromstring(
        f'<cac:AdditionalDocumentReference xmlns:cac="{CAC}" xmlns:cbc="{CBC}"><cbc:ID>QR</cbc:ID>'
        '<cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="text/plain">'
        f"{text}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    )
    signature = etree.fromstring(
        f'<cac:Signature xmlns:cac="{CAC}" xmlns:cbc="{CBC}">'
        "<cbc:ID>urn:oasis:names:specification:ubl:signature:Invoice</cbc:ID>"
        f"<cbc:SignatureMethod>{_ENVELOPED}</cbc:SignatureMethod></cac:Signature>"
    )
    seller = body.index(body.find(f"{{{CAC}}}AccountingSupplierParty"))
    body.insert(seller, signature)
    last = max((body.index(one) for one in body if is_reference(one, "PIH")), default=seller - 1)
    _after(body, last, reference)


def _after(body: Any, place: int, element: Any) -> None:
    """Insert behind the child at `place`; the blank that followed that child follows the new one."""
    body.insert(place + 1, element)
    if place >= 0:
        before = body[place]
        element.tail, before.tail = before.tail, None


def _extensions(digest: bytes, value: str, certificate: Any, at: datetime) -> Any:
    text = b64encode(certificate.public_bytes(Encoding.DER)).decode()
    properties = _properties(certificate, text, at)
    standing_alone = etree.fromstring(
        f'<ds:Object xmlns:ds="{DS}"><xades:QualifyingProperties xmlns:xades="{XADES}">{properties}'
        "</xades:QualifyingProperties></ds:Object>"
    )[0][0]
    signed = hex_digest(signed_properties_text(standing_alone).encode())
    return etree.fromstring(
        f'<ext:UBLExtensions xmlns:ext="{EXT}" xmlns:cbc="{CBC}"><ext:UBLExtension>'
        f"<ext:ExtensionURI>{_ENVELOPED}</ext:ExtensionURI><ext:ExtensionContent>"
        f'<sig:UBLDocumentSignatures xmlns:sig="{SIG}" xmlns:sac="{SAC}" xmlns:sbc="{SBC}">'
        "<sac:SignatureInformation><cbc:ID>urn:oasis:names:specification:ubl:signature:1</cbc:ID>"
        "<sbc:ReferencedSignatureID>urn:oasis:names:specification:ubl:signature:Invoice"
        f'</sbc:ReferencedSignatureID><ds:Signature xmlns:ds="{DS}" Id="signature">'
        f"{_signed_info(b64encode(digest).decode(), signed)}<ds:SignatureValue>{value}</ds:SignatureValue>"
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        f'<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="signature">{properties}'
        "</xades:QualifyingProperties></ds:Object></ds:Signature></sac:SignatureInformation>"
        "</sig:UBLDocumentSignatures></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )


def _signed_info(digest: str, signed: str) -> str:
    transforms = "".join(
        f'<ds:Transform Algorithm="{_XPATH}"><ds:XPath>not(//ancestor-or-self::{part})</ds:XPath>'
        "</ds:Transform>"
        for part in _LEFT_OUT
    )
    return (
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{_C14N}"/>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>'
        f'<ds:Reference Id="invoiceSignedData" URI=""><ds:Transforms>{transforms}'
        f'<ds:Transform Algorithm="{_C14N}"/></ds:Transforms>{_SHA256}'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
        '<ds:Reference Type="http://www.w3.org/2000/09/xmldsig#SignatureProperties" '
        'URI="#xadesSignedProperties">'
        f"{_SHA256}<ds:DigestValue>{signed}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )


def _properties(certificate: Any, text: str, at: datetime) -> str:
    return (
        '<xades:SignedProperties Id="xadesSignedProperties"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}</xades:SigningTime>"
        f"<xades:SigningCertificate><xades:Cert><xades:CertDigest>{_SHA256}"
        f"<ds:DigestValue>{hex_digest(text.encode())}</ds:DigestValue></xades:CertDigest><xades:IssuerSerial>"
        f"<ds:X509IssuerName>{escape(issuer_text(certificate))}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{certificate.serial_number}</ds:X509SerialNumber></xades:IssuerSerial>"
        "</xades:Cert></xades:SigningCertificate></xades:SignedSignatureProperties></xades:SignedProperties>"
    )
