"""The tax data document: what a provider tells the tax authority of an invoice that it sends.

Source: Peppol Tax Data Document for the UAE 1.0.4 (rules ibr-tdd-01 to 57).
"""

import re
from datetime import datetime
from typing import Final

from tallystick.canonical import Amount, Buyer, Invoice, Seller
from tallystick.formats.ubl import pen
from tallystick.strategy import Artifact, Enrolment

from .blocks import REGIME
from .nature import DIRHAM, PREDEFINED, TIN, specification_of
from .profile import TIN_SCHEME
from .settings import Settings
from .writing import Wire

__all__ = ["NAME", "tax_data"]

NAME: Final = "tax-data.xml"

_LAND: Final = "AE"
_PROVIDERS: Final = "0242"
_NAMESPACES: Final = (
    ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
    ' xmlns:cec="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"'
    ' xmlns:pxs="urn:peppol:schema:taxdata:1.0"'
)
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'
_attachments: Final = re.compile(
    rb"<cbc:EmbeddedDocumentBinaryObject.*?</cbc:EmbeddedDocumentBinaryObject>", re.DOTALL
)


def tax_data(ready: Invoice, body: bytes, settings: Settings, enrolment: Enrolment) -> tuple[Artifact, ...]:
    """The report of the sender's provider, if the registration asks for it and knows both providers.

    `body` is the invoice as it is sent; its attachments stay out of the report.
    """
    own, authority = settings.representative, settings.tax_authority_endpoint
    if own is None or authority is None:
        return ()
    source = _attachments.sub(b"", body.split(b"?>", 1)[1])
    head = (
        f"{_DECLARATION}<pxs:TaxData{_NAMESPACES}>{_head(ready, own, authority, enrolment.now)}"
        f"<pxs:ReportedTransaction>{pen.element('pxs:TransportHeaderID', enrolment.reference)}"
        f"{_reported(ready)}{_custom(ready)}<pxs:SourceDocument><cec:ExtensionContent>"
    )
    tail = "</cec:ExtensionContent></pxs:SourceDocument></pxs:ReportedTransaction></pxs:TaxData>"
    return (Artifact(NAME, "application/xml", head.encode() + source + tail.encode()),)


def _scope(ready: Invoice) -> str:
    """Domestic, international over the network, or international to somebody who is not on it."""
    buyer = ready.buyer
    if buyer is None or buyer.postal_address is None or buyer.postal_address.country_code == _LAND:
        return "D"
    address = buyer.electronic_address
    return "INP" if address is None or address.value in PREDEFINED else "IP"


def _head(ready: Invoice, own: str, authority: str, now: datetime) -> str:
    """Submitted, by whoever bills: the seller, or in self-billing the buyer."""
    issuer: Seller | Buyer | None = ready.buyer if specification_of(ready).self_billing else ready.seller
    sender = issuer.electronic_address if issuer else None
    number = "" if sender is None else sender.value
    zone = now.isoformat(timespec="seconds").partition("T")[2]
    return (
        "<cbc:CustomizationID>urn:peppol:taxdata:ae-1</cbc:CustomizationID>"
        "<cbc:ProfileID>urn:peppol:taxreporting</cbc:ProfileID>"
        f"<cbc:IssueDate>{pen.day(now.date())}</cbc:IssueDate><cbc:IssueTime>{zone}</cbc:IssueTime>"
        "<pxs:DocumentTypeCode>S</pxs:DocumentTypeCode>"
        f"<pxs:DocumentScope>{_scope(ready)}</pxs:DocumentScope><pxs:ReporterRole>01</pxs:ReporterRole>"
        f"<pxs:ReportingParty>{_endpoint(TIN, number)}</pxs:ReportingParty>"
        f"<pxs:ReceivingParty>{_endpoint(_PROVIDERS, authority)}</pxs:ReceivingParty>"
        "<pxs:ReportersRepresentative><cac:PartyIdentification>"
        f'<cbc:ID schemeID="{_PROVIDERS}">{pen.text(own)}</cbc:ID>'
        "</cac:PartyIdentification></pxs:ReportersRepresentative>"
    )


def _endpoint(scheme: str, value: str) -> str:
    return f'<cbc:EndpointID schemeID="{scheme}">{pen.text(value)}</cbc:EndpointID>'


def _reported(ready: Invoice) -> str:
    wire: Wire = ready.regime_data[REGIME]
    totals, currency, other = ready.document_totals, ready.currency_code, ready.tax_currency_code
    accounted = totals.total_tax_amount_in_accounting_currency
    net = pen.amount("cbc:TaxExclusiveAmount", totals.total_amount_without_tax, currency)
    tax_currency = other if other != currency and accounted is not None else None
    return (
        "<pxs:ReportedDocument>"
        f"{pen.element('cbc:CustomizationID', ready.specification_identifier)}"
        f"{pen.element('cbc:ProfileID', ready.business_process_type)}"
        f"{pen.element('cbc:ID', ready.invoice_number)}{pen.element('cbc:UUID', wire.uuid or None)}"
        f"<cbc:IssueDate>{pen.day(ready.issue_date)}</cbc:IssueDate>"
        f"{pen.element('pxs:DocumentTypeCode', ready.type_code)}"
        f"{pen.element('cbc:DocumentCurrencyCode', currency)}"
        f"{pen.element('cbc:TaxCurrencyCode', tax_currency)}"
        f"{_party('AccountingSupplierParty', ready.seller)}{_party('AccountingCustomerParty', ready.buyer)}"
        f"{_tax(totals.total_tax_amount, currency)}{_tax(accounted, tax_currency)}"
        f"<pxs:MonetaryTotal>{net}</pxs:MonetaryTotal></pxs:ReportedDocument>"
    )


def _party(tag: str, party: Seller | Buyer | None) -> str:
    """A party by its tax number: VAT if it has one, else the identification number."""
    if party is None:
        return ""
    number, scheme = party.tax_identifier, "VAT"
    if number is None and isinstance(party, Seller):
        number, scheme = party.tax_registration_identifier, TIN_SCHEME
    if number is None:
        return f"<cac:{tag}><cac:Party></cac:Party></cac:{tag}>"
    company = pen.element("cbc:CompanyID", number)
    return (
        f"<cac:{tag}><cac:Party><cac:PartyTaxScheme>{company}{pen.scheme(scheme)}"
        f"</cac:PartyTaxScheme></cac:Party></cac:{tag}>"
    )


def _tax(tax: Amount | None, currency: str | None) -> str:
    if currency is None or tax is None:
        return ""
    return f"<cac:TaxTotal>{pen.amount('cbc:TaxAmount', tax, currency)}</cac:TaxTotal>"


def _custom(ready: Invoice) -> str:
    """The total with tax in dirhams, where the invoice is in another currency."""
    wire: Wire = ready.regime_data[REGIME]
    if wire.total_in_dirhams is None:
        return ""
    value = f"{DIRHAM} {pen.number(wire.total_in_dirhams)}"
    return f"<pxs:CustomContent><cbc:ID>BTAE-20</cbc:ID><cbc:Value>{value}</cbc:Value></pxs:CustomContent>"
