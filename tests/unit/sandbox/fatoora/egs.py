# ruff: noqa: E501 -- documents are easier to read as they are written
"""A unit of the trial's own: its key, its certificate request, its documents stamped by hand, its calls."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
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
TEMPLATES = {
    "developer-portal": "TSTZATCA-Code-Signing",
    "simulation": "PREZATCA-Code-Signing",
    "core": "ZATCA-Code-Signing",
}
SIX = [(flow, code) for flow in ("01", "02") for code in ("388", "381", "383")]


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
    return hashlib.sha256(etree.tostring(etree.fromstring(text.encode()), method="c14n")).digest()


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


@dataclass(frozen=True)
class Wish:
    """A certificate request, and every way to get it wrong."""

    template: str = TEMPLATES["simulation"]
    vat: str = VAT
    title: str = "1100"
    serial: str = "1-TST|2-TST|3-ed22f1d8-e6a2-1118-9b58-d9a8f11e445f"
    unit: str = "Riyadh Branch"
    country: str = "SA"
    subject: tuple[str, ...] = ("C", "OU", "O", "CN")
    names: tuple[str, ...] = ("SN", "UID", "title", "address", "category")
    template_tag: int = 0x0C
    text_type: _ASN1Type = _ASN1Type.UTF8String
    together: bool = False

    def signed(self, key: Any, hash: Any = None) -> str:
        """The base64 of the PEM text."""
        oids = {"C": NameOID.COUNTRY_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "O": NameOID.ORGANIZATION_NAME,
                "CN": NameOID.COMMON_NAME, "serialNumber": NameOID.SERIAL_NUMBER, "SN": NameOID.SURNAME,
                "UID": NameOID.USER_ID, "title": NameOID.TITLE, "address": x509.ObjectIdentifier("2.5.4.26"),
                "category": NameOID.BUSINESS_CATEGORY}  # fmt: skip
        values = {"C": self.country, "OU": self.unit, "O": "Speed Supply", "CN": "TST-886431145", "SN": self.serial,
                  "serialNumber": "7", "UID": self.vat, "title": self.title, "address": "RRRD2929",
                  "category": "Supply activities"}  # fmt: skip

        def name(wanted: tuple[str, ...]) -> list[x509.NameAttribute[Any]]:
            kinds = {"C": _ASN1Type.PrintableString}
            return [
                x509.NameAttribute(oids[one], values[one], _type=kinds.get(one, self.text_type))
                for one in wanted
            ]

        inside = name(self.names)
        directory = (
            x509.Name([x509.RelativeDistinguishedName(inside)]) if self.together else x509.Name(inside)
        )
        template = bytes([self.template_tag, len(self.template)]) + self.template.encode()
        built = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name(name(self.subject)))
            .add_extension(
                x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2"), template),
                critical=False,
            )
            .add_extension(x509.SubjectAlternativeName([x509.DirectoryName(directory)]), critical=False)
        )
        pem = built.sign(key, hash or hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        return b64encode(pem).decode()


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256K1())


@dataclass
class Credential:
    """What a unit was given."""

    token: str
    secret: str
    request_id: str

    @property
    def certificate(self) -> str:
        return b64decode(self.token).decode()


class Unit:
    """A unit that talks to the sandbox as a gateway would."""

    def __init__(self, url: str, environment: str = "simulation", wish: Wish | None = None) -> None:
        self.url, self.environment = url, environment
        self.base = f"{url}/e-invoicing/{environment}"
        self.key = new_key()
        self.wish = wish or Wish(template=TEMPLATES[environment])
        self.http = httpx.Client(timeout=20)
        self.compliance: Credential | None = None
        self.production: Credential | None = None
        self.icv, self.pih = 0, GENESIS

    # plumbing

    def call(
        self, method: str, path: str, body: Any = None, *, by: Credential | None = None, content: bytes | None = None,
        **headers: str,
    ) -> httpx.Response:  # fmt: skip
        """One call with the headers that all of them carry; a header of "" is left out."""
        auth = (
            {}
            if by is None
            else {"Authorization": f"Basic {b64encode(f'{by.token}:{by.secret}'.encode()).decode()}"}
        )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        whole = {
            "Accept-Version": "V2",
            "Accept": "application/json",
            "Accept-Language": "en",
            **auth,
            **named,
        }
        whole = {name: value for name, value in whole.items() if value}
        if content is not None:
            return self.http.request(method, self.base + path, content=content, headers=whole)
        return self.http.request(method, self.base + path, json=body, headers=whole)

    def admin(self, method: str, path: str, body: Any = None, **params: str) -> Any:
        """An admin call that must work, its answer decoded."""
        found = self.http.request(method, f"{self.url}/admin/{path}", json=body, params=params)
        found.raise_for_status()
        return found.json() if found.content else None

    def order(self, fault: str, times: int | None = 1, **match: str) -> None:
        """Have something go wrong."""
        self.admin(
            "POST", "faults", {"fault": fault, "times": times, "match": {"dialect": "fatoora", **match}}
        )

    def events(self, event: str = "") -> list[dict[str, Any]]:
        """The journal's events of this unit's environment."""
        found = self.http.get(f"{self.url}/admin/journal").json()
        return [
            one for one in found if one.get("environment") == self.environment and event in ("", one["event"])
        ]

    # onboarding

    def otp(self, vat: str = "") -> str:
        if self.environment == "developer-portal":
            return "123345"
        return str(self.admin("POST", "fatoora/otp", {"environment": self.environment, "vat": vat})["otp"])

    def ask(self, csr: str = "", otp: str | None = None) -> httpx.Response:
        """POST /compliance with this unit's request, or another."""
        body = {"csr": csr or self.wish.signed(self.key)}
        return self.call("POST", "/compliance", body, OTP=self.otp() if otp is None else otp)

    def comply(self, flow: str, code: str, by: Credential, **more: Any) -> httpx.Response:
        paper = Paper(flow=flow, code=code, seller=self.wish.vat, **more)
        return self.hand_in("/compliance/invoices", paper, by)

    def enrol(self) -> Unit:
        """All the way to a production credential."""
        given = self.ask()
        assert given.status_code == 200, given.text
        self.compliance = credential(given)
        for flow, code in SIX:
            if self.wish.title[int(flow) - 1] == "1":
                passed = self.comply(flow, code, self.compliance)
                assert passed.status_code == 200, passed.text
        made = self.promote(self.compliance)
        assert made.status_code == 200, made.text
        self.production = credential(made)
        return self

    def promote(self, by: Credential, request_id: str = "") -> httpx.Response:
        """POST /production/csids."""
        return self.call(
            "POST", "/production/csids", {"compliance_request_id": request_id or by.request_id}, by=by
        )

    def renew(
        self, by: Credential, key: ec.EllipticCurvePrivateKey, otp: str | None = None
    ) -> httpx.Response:
        """PATCH /production/csids."""
        code = self.otp() if otp is None else otp
        return self.call("PATCH", "/production/csids", {"csr": self.wish.signed(key)}, by=by, OTP=code)

    # documents

    def stamper(self, by: Credential | None = None, **changes: Any) -> Stamper:
        whose = by or self.production
        assert whose is not None
        return replace(Stamper(self.key, whose.certificate), **changes)

    def hand_in(
        self, path: str, paper: Paper, by: Credential | None = None, *, stamper: Stamper | None = None,
        **said: str,
    ) -> httpx.Response:  # fmt: skip
        """Stamp and send; `said` replaces what the JSON says."""
        document, digest = (stamper or self.stamper(by)).stamp(paper)
        body = {"invoiceHash": digest, "uuid": paper.id, "invoice": b64encode(document).decode(), **said}
        return self.call("POST", path, body, by=by or self.production)

    def next(self, flow: str = "02", **more: Any) -> Paper:
        """The next document of this unit's chain."""
        self.icv += 1
        given = {"number": f"INV-{self.icv}", "seller": self.wish.vat, **more}
        paper = Paper(flow=flow, icv=self.icv, pih=self.pih, **given)
        self.pih = b64encode(hashed(paper.bare())).decode()
        return paper

    def report(self, paper: Paper | None = None, **more: Any) -> httpx.Response:
        return self.hand_in("/invoices/reporting/single", paper or self.next(), **more)

    def clear(self, paper: Paper | None = None, **more: Any) -> httpx.Response:
        return self.hand_in("/invoices/clearance/single", paper or self.next("01"), **more)


def credential(answer: httpx.Response) -> Credential:
    """The credential in an answer, wrapped or not."""
    body = answer.json()
    body = body.get("value", body)
    return Credential(body["binarySecurityToken"], body["secret"], str(body["requestID"]))


def codes(answer: httpx.Response, kind: str = "errorMessages") -> list[str]:
    """The codes of its messages."""
    return [one["code"] for one in answer.json()["validationResults"][kind]]


def invented() -> str:
    """Six digits that nobody issued."""
    return f"{secrets.randbelow(900_000) + 100_000}"
