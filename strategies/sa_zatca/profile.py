"""The document as UBL: where it differs from plain EN 16931, as a profile of the writer."""

from datetime import time
from decimal import Decimal
from functools import lru_cache
from typing import Final

from msgspec import Struct

from tallystick.canonical import DocumentAllowance, DocumentCharge, Invoice, Line
from tallystick.formats import ubl
from tallystick.formats.ubl import pen
from tallystick.formats.ubl.write_money import category

from .blocks import REGIME, CodeLists, Prepayment, Sa, SaAdjustment, SaLine
from .exemptions import text_of
from .money import decimals_of, line_tax
from .nature import PREPAYMENT, party_block
from .reckoning import EXACT

__all__ = ["PROCESS", "Wire", "chain_text", "clock", "prepaid_name", "profile_of"]

PROCESS: Final = "reporting:1.0"
_UNIT: Final = "PCE"
_PREPAID: Final = "Prepayment {} | دفعة مقدمة"


class Wire(Struct, frozen=True):
    """What the writer needs beside the invoice, in place of the document's block."""

    sa: Sa
    uuid: str
    code: str
    icv: int
    pih: str


def _wire(invoice: Invoice) -> Wire:
    found: Wire = invoice.regime_data[REGIME]
    return found


def _identity(invoice: Invoice) -> str:
    return f"<cbc:UUID>{_wire(invoice).uuid}</cbc:UUID>"


def clock(at: time | None) -> str:
    """A time of day as HH:MM:SS."""
    return "" if at is None else at.isoformat("seconds")


def _time(invoice: Invoice) -> str:
    return f"<cbc:IssueTime>{clock(invoice.issue_time)}</cbc:IssueTime>"


def _code(invoice: Invoice) -> str:
    return f' name="{_wire(invoice).code}"'


def _note_attributes(invoice: Invoice) -> str:
    language = _wire(invoice).sa.note_language
    return f' languageID="{language}"' if language else ""


def chain_text(invoice: Invoice) -> str:
    """Counter and hash of the document before: in front of the place that the QR code takes later."""
    wire = _wire(invoice)
    return (
        f"<cac:AdditionalDocumentReference><cbc:ID>ICV</cbc:ID><cbc:UUID>{wire.icv}</cbc:UUID>"
        "</cac:AdditionalDocumentReference><cac:AdditionalDocumentReference><cbc:ID>PIH</cbc:ID>"
        '<cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="text/plain">'
        f"{wire.pih}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    )


def _address(party: object) -> str:
    block = party_block(party)
    return (
        pen.element("cbc:BuildingNumber", block.building_number)
        + pen.element("cbc:PlotIdentification", block.plot_identification)
        + pen.element("cbc:CitySubdivisionName", block.district)
    )


def _supply_end(invoice: Invoice) -> str:
    end = _wire(invoice).sa.supply_end_date
    return "" if end is None else f"<cbc:LatestDeliveryDate>{pen.day(end)}</cbc:LatestDeliveryDate>"


def _reason(invoice: Invoice) -> str:
    sa = _wire(invoice).sa
    if sa.reason is None:
        return ""
    return "".join([pen.element("cbc:InstructionNote", reason) for reason in (sa.reason, *sa.more_reasons)])


def _terms(invoice: Invoice) -> str:
    return pen.element("cbc:PaymentNote", invoice.payment_terms)


def _exchange(invoice: Invoice) -> str:
    rate = invoice.exchange_rate
    if rate is None:
        return ""
    return (
        f"<cac:TaxExchangeRate><cbc:SourceCurrencyCode>{rate.from_currency}</cbc:SourceCurrencyCode>"
        f"<cbc:TargetCurrencyCode>{rate.to_currency}</cbc:TargetCurrencyCode>"
        f"<cbc:CalculationRate>{pen.number(rate.rate)}</cbc:CalculationRate></cac:TaxExchangeRate>"
    )


def _price_reason(line: Line) -> str:
    block = line.regime_data.get(REGIME)
    reason = block.price_discount_reason if isinstance(block, SaLine) else None
    return pen.element("cbc:AllowanceChargeReason", reason)


def _quantity(line: Line) -> str:
    block = line.regime_data.get(REGIME)
    if isinstance(block, SaLine) and block.without_unit:
        return ""
    return f' unitCode="{pen.attribute(line.unit_of_measure_code)}"'


def _categories(one: DocumentAllowance | DocumentCharge) -> int:
    block = one.regime_data.get(REGIME)
    return block.tax_categories if isinstance(block, SaAdjustment) else 1


@lru_cache(maxsize=64)
def profile_of(currency: str, code_lists: tuple[CodeLists, ...] = ()) -> ubl.Profile:
    """The profile of documents in a currency."""
    decimals, unit = decimals_of(currency), pen.attribute(currency)
    start = f'<cac:TaxTotal><cbc:TaxAmount currencyID="{unit}">'
    middle = f'</cbc:TaxAmount><cbc:RoundingAmount currencyID="{unit}">'

    def tax_of_line(line: Line) -> str:
        tax = line_tax(line, decimals)
        with_tax = tax if line.net_amount is None else EXACT.add(tax, line.net_amount)
        return f"{start}{tax}{middle}{pen.number(with_tax)}</cbc:RoundingAmount></cac:TaxTotal>"

    def prepayments(invoice: Invoice) -> str:
        paid = _wire(invoice).sa.prepayments
        return _prepaid_lines(invoice, paid, unit, decimals) if paid else ""

    return ubl.Profile(
        profile_id=PROCESS,
        credit_note_types=frozenset(),
        declares_extensions=True,
        accounting_tax_first=True,
        payment_terms=False,
        adjustment_lists="adjustments" in code_lists,
        breakdown_lists="breakdown" in code_lists,
        extras=ubl.Extras(
            identity=_identity,
            time=_time,
            type_attributes=_code,
            note_attributes=_note_attributes,
            references=chain_text,
            address=_address,
            delivery=_supply_end,
            instructions=_reason,
            account=_terms,
            exchange=_exchange,
            adjustment_categories=_categories,
            quantity_attributes=_quantity,
            line_tax=tax_of_line,
            price_reason=_price_reason,
            lines=prepayments,
        ),
    )


def _prepaid_lines(invoice: Invoice, prepayments: tuple[Prepayment, ...], unit: str, decimals: int) -> str:
    """One line of nothing for each prepayment, which says what was paid."""
    names = {line.line_identifier for line in invoice.lines}
    names.update(one.line_identifier for one in prepayments if one.line_identifier)
    free = (str(number) for number in range(len(invoice.lines) + 1, 10**6) if str(number) not in names)
    return "".join(
        [_prepaid_line(one, one.line_identifier or next(free), unit, decimals) for one in prepayments]
    )


def prepaid_name(one: Prepayment) -> str:
    """What the line of a prepayment is called."""
    return one.item_name or _PREPAID.format(one.number)


def _prepaid_line(one: Prepayment, number: str, unit: str, decimals: int) -> str:
    nothing, scheme = format(Decimal(0), f".{decimals}f"), pen.scheme("VAT")
    code = one.exemption_reason_code
    reasons = pen.element("cbc:TaxExemptionReasonCode", code) + pen.element(
        "cbc:TaxExemptionReason", one.exemption_reason or text_of(code)
    )
    tax = one.tax(decimals)
    return (
        f"<cac:InvoiceLine>{pen.element('cbc:ID', number)}"
        f'<cbc:InvoicedQuantity unitCode="{pen.attribute(one.unit_of_measure_code or _UNIT)}">0.00'
        f"</cbc:InvoicedQuantity>{_money('cbc:LineExtensionAmount', nothing, unit)}{_paid_by(one)}"
        f"<cac:TaxTotal>{_money('cbc:TaxAmount', nothing, unit)}{_money('cbc:RoundingAmount', nothing, unit)}"
        f"<cac:TaxSubtotal>{_money('cbc:TaxableAmount', pen.number(one.taxable_amount), unit)}"
        f"{_money('cbc:TaxAmount', pen.number(tax), unit)}"
        f"{category('cac:TaxCategory', one.category_code, one.rate, scheme, reasons)}"
        f"</cac:TaxSubtotal></cac:TaxTotal><cac:Item>"
        f"{pen.element('cbc:Name', prepaid_name(one))}"
        f"{category('cac:ClassifiedTaxCategory', one.category_code, one.rate, scheme)}</cac:Item>"
        f"<cac:Price>{_money('cbc:PriceAmount', nothing, unit)}</cac:Price></cac:InvoiceLine>"
    )


def _paid_by(one: Prepayment) -> str:
    """The prepayment invoice that a line of nothing points to."""
    return (
        f"<cac:DocumentReference>{pen.element('cbc:ID', one.number)}{pen.element('cbc:UUID', one.uuid)}"
        f"<cbc:IssueDate>{pen.day(one.issue_date)}</cbc:IssueDate>"
        f"<cbc:IssueTime>{clock(one.issue_time)}</cbc:IssueTime>"
        f"<cbc:DocumentTypeCode>{PREPAYMENT}</cbc:DocumentTypeCode></cac:DocumentReference>"
    )


def _money(tag: str, digits: str, unit: str) -> str:
    return f'<{tag} currencyID="{unit}">{digits}</{tag}>'
