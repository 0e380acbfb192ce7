"""The document as UBL: where it differs from plain EN 16931, as a profile of the writer."""

from datetime import time
from functools import lru_cache
from typing import Final

from tallystick.canonical import Invoice, Line
from tallystick.formats import ubl
from tallystick.formats.ubl import pen
from tallystick.formats.ubl.names import CREDIT_NOTE_TYPES

from .blocks import REGIME
from .nature import DIRHAM, line_block, party_block
from .writing import Wire

__all__ = ["CREDIT_NOTE_TYPES", "INCOTERMS", "OF_TOTAL", "SERVICE_CODES", "TIN_SCHEME", "ZONE", "profile_of"]

OF_TOTAL: Final = "aedtotal-incl-vat"
"""The type of the document reference that says the total with tax in dirhams."""

INCOTERMS: Final = "Incoterms"
SERVICE_CODES: Final = "SAC"
TIN_SCHEME: Final = "TIN"
ZONE: Final = "+04:00"


def _wire(invoice: Invoice) -> Wire:
    found: Wire = invoice.regime_data[REGIME]
    return found


def _flags(invoice: Invoice) -> str:
    return f"<cbc:ProfileExecutionID>{_wire(invoice).flags}</cbc:ProfileExecutionID>"


def _identity(invoice: Invoice) -> str:
    return pen.element("cbc:UUID", _wire(invoice).uuid or None)


def _clock(at: time) -> str:
    return at.isoformat("seconds")


def _time(invoice: Invoice) -> str:
    at = invoice.issue_time
    return "" if at is None else f"<cbc:IssueTime>{_clock(at)}{ZONE}</cbc:IssueTime>"


def _reason(invoice: Invoice) -> str:
    code = _wire(invoice).ae.credit_reason
    if code is None or invoice.type_code not in CREDIT_NOTE_TYPES:
        return ""
    return f"<cac:DiscrepancyResponse>{pen.element('cbc:ResponseCode', code)}</cac:DiscrepancyResponse>"


def _total(invoice: Invoice) -> str:
    total = _wire(invoice).total_in_dirhams
    if total is None:
        return ""
    return (
        f"<cac:AdditionalDocumentReference><cbc:ID>{DIRHAM}</cbc:ID>"
        f"<cbc:DocumentTypeCode>{OF_TOTAL}</cbc:DocumentTypeCode>"
        f"<cbc:DocumentDescription>{DIRHAM} {pen.number(total)}</cbc:DocumentDescription>"
        "</cac:AdditionalDocumentReference>"
    )


def _statement(invoice: Invoice) -> str:
    number = _wire(invoice).ae.statement
    if number is None:
        return ""
    return f"<cac:StatementDocumentReference>{pen.element('cbc:ID', number)}</cac:StatementDocumentReference>"


def _party(tag: str, number: str | None) -> str:
    if number is None:
        return ""
    return (
        f"<cac:{tag}><cac:Party><cac:PartyIdentification>{pen.element('cbc:ID', number)}"
        f"</cac:PartyIdentification></cac:Party></cac:{tag}>"
    )


def _parties(invoice: Invoice) -> str:
    ae = _wire(invoice).ae
    return _party("BuyerCustomerParty", ae.beneficiary) + _party("SellerSupplierParty", ae.principal)


def _terms(invoice: Invoice) -> str:
    terms = _wire(invoice).ae.delivery_terms
    if terms is None:
        return ""
    return f'<cac:DeliveryTerms><cbc:ID schemeID="{INCOTERMS}">{pen.text(terms)}</cbc:ID></cac:DeliveryTerms>'


def _exchange(invoice: Invoice) -> str:
    rate = invoice.exchange_rate
    if rate is None:
        return ""
    day = "" if rate.date is None else f"<cbc:Date>{pen.day(rate.date)}</cbc:Date>"
    return (
        f"<cac:TaxExchangeRate><cbc:SourceCurrencyCode>{rate.from_currency}</cbc:SourceCurrencyCode>"
        f"<cbc:TargetCurrencyCode>{rate.to_currency}</cbc:TargetCurrencyCode>"
        f"<cbc:CalculationRate>{pen.number(rate.rate)}</cbc:CalculationRate>{day}</cac:TaxExchangeRate>"
    )


def _exclusive(_: Invoice) -> str:
    return "<cbc:TaxIncludedIndicator>false</cbc:TaxIncludedIndicator>"


def _company(party: object) -> str:
    block = party_block(party)
    kind, authority = block.legal_identifier_type, block.legal_identifier_authority
    return ("" if kind is None else f' schemeAgencyID="{pen.attribute(kind)}"') + (
        "" if authority is None else f' schemeAgencyName="{pen.attribute(authority)}"'
    )


def _commodity(line: Line) -> str:
    block = line_block(line)
    return pen.element("cbc:NatureCode", block.nature) + pen.element("cbc:CommodityCode", block.commodity)


def _service(line: Line) -> str:
    code = line_block(line).service_code
    if code is None:
        return ""
    return (
        f'<cac:AdditionalItemIdentification><cbc:ID schemeID="{SERVICE_CODES}">{pen.text(code)}</cbc:ID>'
        "</cac:AdditionalItemIdentification>"
    )


def _lot(line: Line) -> str:
    lot = line_block(line).lot
    if lot is None:
        return ""
    number = pen.element("cbc:LotNumberID", lot)
    return f"<cac:ItemInstance><cac:LotIdentification>{number}</cac:LotIdentification></cac:ItemInstance>"


def _in_dirhams(line: Line) -> str:
    block = line_block(line)
    if block.amount_in_aed is None:
        return ""
    tax = pen.amount("cbc:TaxAmount", block.tax_in_aed, DIRHAM)
    taxes = f"<cac:TaxTotal>{tax}</cac:TaxTotal>" if tax else ""
    amount = pen.amount("cbc:Amount", block.amount_in_aed, DIRHAM)
    return f"<cac:ItemPriceExtension>{amount}{taxes}</cac:ItemPriceExtension>"


@lru_cache(maxsize=64)
def profile_of(currency: str) -> ubl.Profile:
    """The profile of documents in a currency."""
    unit = pen.attribute(currency)

    def reasons(line: Line) -> str:
        block = line_block(line)
        return (
            pen.amount("cbc:PerUnitAmount", block.tax_base_per_unit, unit)
            + pen.element("cbc:TaxExemptionReasonCode", block.exemption_reason_code)
            + pen.element("cbc:TaxExemptionReason", block.exemption_reason)
        )

    return ubl.Profile(
        credit_note_types=CREDIT_NOTE_TYPES,
        tax_registration_scheme=TIN_SCHEME,
        extras=ubl.Extras(
            execution=_flags,
            identity=_identity,
            time=_time,
            responses=_reason,
            references=_total,
            statements=_statement,
            parties=_parties,
            delivery_end=_terms,
            exchange=_exchange,
            tax_total=_exclusive,
            company_attributes=_company,
            commodity=_commodity,
            item_identifications=_service,
            category_reasons=reasons,
            item_end=_lot,
            line_end=_in_dirhams,
        ),
    )
