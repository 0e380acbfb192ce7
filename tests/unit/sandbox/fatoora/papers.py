# ruff: noqa: E501 -- documents are easier to read as they are written
"""Documents of the trial's own making: written, hashed and stamped by hand."""

from __future__ import annotations

import hashlib
import uuid
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
EXT = "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
COMMON = "urn:oasis:names:specification:ubl:schema:xsd"
DS, XADES = "http://www.w3.org/2000/09/xmldsig#", "http://uri.etsi.org/01903/v1.3.2#"
ENVELOPED = "urn:oasis:names:specification:ubl:dsig:enveloped:xades"
GENESIS = "NWZlY2ViNjZmZmM4NmYzOGQ5NTI3ODZjNmQ2OTZjNzljMmRiYzIzOWRkNGU5MWI0NjcyOWQ3M2EyN2ZiNTdlOQ=="
VAT, OTHER_VAT = "399999999900003", "310122393500003"


def now(**shift: float) -> datetime:
    """The time in Riyadh, to the second."""
    return (datetime.now(UTC) + timedelta(hours=3, **shift)).replace(tzinfo=None, microsecond=0)


def party(vat: str, name: str) -> str:
    return (
        '<cac:Party><cac:PartyIdentification><cbc:ID schemeID="CRN">1010010000</cbc:ID></cac:PartyIdentification>'
        "<cac:PostalAddress><cbc:StreetName>Prince Sultan</cbc:StreetName><cbc:BuildingNumber>2322"
        "</cbc:BuildingNumber><cbc:CitySubdivisionName>المربع</cbc:CitySubdivisionName><cbc:CityName>Riyadh"
        "</cbc:CityName><cbc:PostalZone>23333</cbc:PostalZone><cac:Country><cbc:IdentificationCode>SA"
        "</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyTaxScheme><cbc:CompanyID>"
        f"{vat}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
        f"<cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName></cac:PartyLegalEntity>"
        "</cac:Party>"
    )


CATEGORY = (
    "<cbc:ID>S</cbc:ID><cbc:Percent>15.00</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
)


def sar(name: str, amount: str) -> str:
    return f'<cbc:{name} currencyID="SAR">{amount}</cbc:{name}>'


@dataclass(frozen=True)
class Paper:
    """What a document says. `changes` are replacements made in its text before it is hashed."""

    flow: str = "02"
    code: str = "388"
    number: str = "INV-1"
    icv: int = 1
    pih: str = GENESIS
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    issued: datetime = field(default_factory=now)
    seller: str = VAT
    flags: str = "00000"
    changes: tuple[tuple[str, str], ...] = ()

    def bare(self) -> str:
        """The document without stamp and QR code, compact."""
        note = self.code in ("381", "383")
        billing = "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>INV-0</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>"
        text = (
            f'<Invoice xmlns="{UBL}" xmlns:cac="{CAC}" xmlns:cbc="{CBC}" xmlns:ext="{EXT}">'
            "<cbc:ProfileID>reporting:1.0</cbc:ProfileID>"
            f"<cbc:ID>{self.number}</cbc:ID><cbc:UUID>{self.id}</cbc:UUID>"
            f"<cbc:IssueDate>{self.issued:%Y-%m-%d}</cbc:IssueDate><cbc:IssueTime>{self.issued:%H:%M:%S}</cbc:IssueTime>"
            f'<cbc:InvoiceTypeCode name="{self.flow}{self.flags}">{self.code}</cbc:InvoiceTypeCode>'
            "<cbc:DocumentCurrencyCode>SAR</cbc:DocumentCurrencyCode><cbc:TaxCurrencyCode>SAR</cbc:TaxCurrencyCode>"
            f"{billing if note else ''}"
            f"<cac:AdditionalDocumentReference><cbc:ID>ICV</cbc:ID><cbc:UUID>{self.icv}</cbc:UUID></cac:AdditionalDocumentReference>"
            f"{attached('PIH', self.pih)}"
            f"<cac:AccountingSupplierParty>{party(self.seller, 'شركة توريد | Speed Supply')}</cac:AccountingSupplierParty>"
            f"<cac:AccountingCustomerParty>{party('311111111101113', 'Harbour Supply')}</cac:AccountingCustomerParty>"
            f"<cac:Delivery><cbc:ActualDeliveryDate>{self.issued:%Y-%m-%d}</cbc:ActualDeliveryDate></cac:Delivery>"
            "<cac:PaymentMeans><cbc:PaymentMeansCode>10</cbc:PaymentMeansCode>"
            f"{'<cbc:InstructionNote>Returned goods</cbc:InstructionNote>' if note else ''}</cac:PaymentMeans>"
            f"<cac:TaxTotal>{sar('TaxAmount', '45.00')}</cac:TaxTotal><cac:TaxTotal>{sar('TaxAmount', '45.00')}"
            f"<cac:TaxSubtotal>{sar('TaxableAmount', '300.00')}{sar('TaxAmount', '45.00')}<cac:TaxCategory>{CATEGORY}"
            "</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal><cac:LegalMonetaryTotal>"
            f"{sar('LineExtensionAmount', '300.00')}{sar('TaxExclusiveAmount', '300.00')}"
            f"{sar('TaxInclusiveAmount', '345.00')}{sar('PayableAmount', '345.00')}</cac:LegalMonetaryTotal>"
            '<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="PCE">100.000000</cbc:InvoicedQuantity>'
            f"{sar('LineExtensionAmount', '300.00')}<cac:TaxTotal>{sar('TaxAmount', '45.00')}"
            f"{sar('RoundingAmount', '345.00')}</cac:TaxTotal><cac:Item><cbc:Name>قلم رصاص</cbc:Name>"
            f"<cac:ClassifiedTaxCategory>{CATEGORY}</cac:ClassifiedTaxCategory></cac:Item><cac:Price>"
            f"{sar('PriceAmount', '3.00')}</cac:Price></cac:InvoiceLine></Invoice>"
        )
        for old, new in self.changes:
            if old not in text:
                raise LookupError(old)
            text = text.replace(old, new, 1)
        return text


def attached(kind: str, text: str) -> str:
    return (
        f"<cac:AdditionalDocumentReference><cbc:ID>{kind}</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject"
        f' mimeCode="text/plain">{text}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>'
    )


def hashed(text: str) -> bytes:
    """The hash of a compact document that carries neither stamp nor QR code."""
    return hashlib.sha256(
        etree.tostring(etree.fromstring(text.encode()), method="c14n", with_comments=False)
    ).digest()


def hexed(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).hexdigest().encode()).decode()


def tlv(values: dict[int, bytes]) -> str:
    return b64encode(b"".join(bytes([tag, len(value)]) + value for tag, value in values.items())).decode()


@dataclass
class Stamper:
    """What goes into a stamp. A trial changes any of it, before (`digest`, `certificate`) or as it is written."""

    key: ec.EllipticCurvePrivateKey
    certificate: str
    qr_changes: dict[int, bytes | None] = field(default_factory=dict)
    changes: tuple[tuple[str, str], ...] = ()
    stamped: bool = True
    coded: bool = True

    def stamp(self, paper: Paper) -> tuple[bytes, str]:
        """The finished document and its hash in base64."""
        bare = paper.bare()
        digest = hashed(bare)
        value = b64encode(self.key.sign(digest, ec.ECDSA(hashes.SHA256()))).decode()
        extensions = self._extensions(b64encode(digest).decode(), value)
        for old, new in self.changes:
            if old not in extensions:
                raise LookupError(old)
            extensions = extensions.replace(old, new)
        signature = (
            "<cac:Signature><cbc:ID>urn:oasis:names:specification:ubl:signature:Invoice</cbc:ID>"
            f"<cbc:SignatureMethod>{ENVELOPED}</cbc:SignatureMethod></cac:Signature>"
        )
        code = attached("QR", self._qr(bare, digest, value)) if self.coded else ""
        whole = bare.replace(
            "<cac:AccountingSupplierParty>",
            f"{code}{signature if self.stamped else ''}<cac:AccountingSupplierParty>",
        )
        if self.stamped:
            whole = whole.replace("<cbc:ProfileID>", f"{extensions}<cbc:ProfileID>", 1)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}'.encode(), b64encode(digest).decode()

    def _qr(self, bare: str, digest: bytes, value: str) -> str:
        root = etree.fromstring(bare.encode())

        def text(path: str) -> bytes:
            return str(root.findtext(path, "", {"cac": CAC, "cbc": CBC})).encode()

        seller = "cac:AccountingSupplierParty/cac:Party/"
        certificate = x509.load_der_x509_certificate(b64decode(self.certificate))
        spki = certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        values: dict[int, bytes | None] = {
            1: text(f"{seller}cac:PartyLegalEntity/cbc:RegistrationName"),
            2: text(f"{seller}cac:PartyTaxScheme/cbc:CompanyID"),
            3: text("cbc:IssueDate") + b"T" + text("cbc:IssueTime"),
            4: text("cac:LegalMonetaryTotal/cbc:PayableAmount"),
            5: text("cac:TaxTotal/cbc:TaxAmount"),
            6: b64encode(digest),
            7: value.encode(),
            8: spki,
            9: certificate.signature,
            **self.qr_changes,
        }
        return tlv({tag: told for tag, told in values.items() if told is not None})

    def _properties(self, *, alone: bool) -> str:
        certificate = x509.load_der_x509_certificate(b64decode(self.certificate))
        names = {"2.5.4.3": "CN", "0.9.2342.19200300.100.1.25": "DC"}
        issuer = ", ".join(
            f"{names[one.oid.dotted_string]}={one.value!s}" for one in reversed(list(certificate.issuer))
        )
        ds = f' xmlns:ds="{DS}"' if alone else ""
        xades = f' xmlns:xades="{XADES}"' if alone else ""
        return (
            f'<xades:SignedProperties{xades} Id="xadesSignedProperties"><xades:SignedSignatureProperties>'
            "<xades:SigningTime>2026-01-02T03:04:05</xades:SigningTime><xades:SigningCertificate><xades:Cert>"
            f'<xades:CertDigest><ds:DigestMethod{ds} Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            f"<ds:DigestValue{ds}>{hexed(self.certificate)}</ds:DigestValue></xades:CertDigest><xades:IssuerSerial>"
            f"<ds:X509IssuerName{ds}>{issuer}</ds:X509IssuerName><ds:X509SerialNumber{ds}>"
            f"{certificate.serial_number}</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert>"
            "</xades:SigningCertificate></xades:SignedSignatureProperties></xades:SignedProperties>"
        )

    def _extensions(self, digest: str, value: str) -> str:
        method = '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        return (
            f"<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionURI>{ENVELOPED}</ext:ExtensionURI>"
            f'<ext:ExtensionContent><sig:UBLDocumentSignatures xmlns:sig="{COMMON}:CommonSignatureComponents-2"'
            f' xmlns:sac="{COMMON}:SignatureAggregateComponents-2" xmlns:sbc="{COMMON}:SignatureBasicComponents-2">'
            "<sac:SignatureInformation><cbc:ID>urn:oasis:names:specification:ubl:signature:1</cbc:ID>"
            "<sbc:ReferencedSignatureID>urn:oasis:names:specification:ubl:signature:Invoice</sbc:ReferencedSignatureID>"
            f'<ds:Signature xmlns:ds="{DS}" Id="signature"><ds:SignedInfo>'
            '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2006/12/xml-c14n11"/>'
            '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>'
            f'<ds:Reference Id="invoiceSignedData" URI="">{method}<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>'
            '<ds:Reference Type="http://www.w3.org/2000/09/xmldsig#SignatureProperties" URI="#xadesSignedProperties">'
            f"{method}<ds:DigestValue>{hexed(self._properties(alone=True))}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
            f"<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
            f"{self.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>"
            f'<xades:QualifyingProperties xmlns:xades="{XADES}" Target="signature">{self._properties(alone=False)}'
            "</xades:QualifyingProperties></ds:Object></ds:Signature></sac:SignatureInformation>"
            "</sig:UBLDocumentSignatures></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
        )
