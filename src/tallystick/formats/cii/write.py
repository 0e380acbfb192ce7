"""A canonical invoice as a Cross Industry Invoice D16B: text pieces, no tree."""

from base64 import b64encode

from tallystick.canonical import Invoice, Note, SupportingDocument
from tallystick.formats.cii.names import (
    OBJECT_REFERENCE,
    PROJECT_NAME,
    SUPPORTING_REFERENCE,
    TENDER_REFERENCE,
)
from tallystick.formats.cii.pieces import assigned, date_time, period, wrapped
from tallystick.formats.cii.write_lines import lines
from tallystick.formats.cii.write_money import adjustments, breakdown, means, terms, totals
from tallystick.formats.cii.write_parties import buyer, delivered, payee, representative, seller, ship_to
from tallystick.formats.namespaces import QDT_NAMESPACE, RAM_NAMESPACE, RSM_NAMESPACE, UDT_NAMESPACE
from tallystick.formats.ubl.pen import attribute, element, text

__all__ = ["invoice"]

_START = (
    f'<?xml version="1.0" encoding="UTF-8"?><rsm:CrossIndustryInvoice xmlns:qdt="{QDT_NAMESPACE}"'
    f' xmlns:ram="{RAM_NAMESPACE}" xmlns:rsm="{RSM_NAMESPACE}" xmlns:udt="{UDT_NAMESPACE}">'
)


def invoice(invoice: Invoice, *, customization_id: str = "", profile_id: str = "") -> bytes:
    """The document, UTF-8: a completed invoice's every EN 16931 term, in the schema's order.

    `customization_id` (BT-24) and `profile_id` (BT-23) are written where the invoice names none. Pure, and
    linear in the number of lines. What the syntax has room for once only (remittance information, mandate,
    creditor identifier) is taken from the first means of payment that has it.
    """
    pieces = [
        f"{_START}{_context(invoice, customization_id, profile_id)}{_document(invoice)}",
        "<rsm:SupplyChainTradeTransaction>",
        *lines(invoice),
        _agreement(invoice),
        _delivery(invoice),
        _settlement(invoice),
        "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>",
    ]
    return b"".join([piece.encode() for piece in pieces])


def _context(invoice: Invoice, customization_id: str, profile_id: str) -> str:
    process = element("ram:ID", invoice.business_process_type or profile_id or None)
    guideline = element("ram:ID", invoice.specification_identifier or customization_id or None)
    return (
        "<rsm:ExchangedDocumentContext>"
        f"{wrapped('ram:BusinessProcessSpecifiedDocumentContextParameter', process)}"
        f"{wrapped('ram:GuidelineSpecifiedDocumentContextParameter', guideline)}"
        "</rsm:ExchangedDocumentContext>"
    )


def _document(invoice: Invoice) -> str:
    return (
        f"<rsm:ExchangedDocument><ram:ID>{text(invoice.invoice_number)}</ram:ID>"
        f"<ram:TypeCode>{text(invoice.type_code)}</ram:TypeCode>"
        f"{date_time('ram:IssueDateTime', invoice.issue_date)}{''.join(map(_note, invoice.notes))}"
        "</rsm:ExchangedDocument>"
    )


def _note(note: Note) -> str:
    return (
        f"<ram:IncludedNote><ram:Content>{text(note.content)}</ram:Content>"
        f"{element('ram:SubjectCode', note.subject_code)}</ram:IncludedNote>"
    )


def _agreement(invoice: Invoice) -> str:
    project = element("ram:ID", invoice.project_reference)
    named = f"{project}<ram:Name>{PROJECT_NAME}</ram:Name>" if project else ""
    return (
        "<ram:ApplicableHeaderTradeAgreement>"
        f"{element('ram:BuyerReference', invoice.buyer_reference)}"
        f"{seller(invoice.seller)}{buyer(invoice.buyer)}"
        f"{representative(invoice.seller_tax_representative)}"
        f"{assigned('ram:SellerOrderReferencedDocument', invoice.sales_order_reference)}"
        f"{assigned('ram:BuyerOrderReferencedDocument', invoice.purchase_order_reference)}"
        f"{assigned('ram:ContractReferencedDocument', invoice.contract_reference)}"
        f"{_additional(invoice)}{wrapped('ram:SpecifiedProcuringProject', named)}"
        "</ram:ApplicableHeaderTradeAgreement>"
    )


def _additional(invoice: Invoice) -> str:
    """Supporting documents, the tender, the invoiced object: told apart by their codes."""
    pieces = [_supporting(one) for one in invoice.supporting_documents]
    if invoice.tender_or_lot_reference is not None:
        pieces.append(_referenced(invoice.tender_or_lot_reference, TENDER_REFERENCE))
    thing = invoice.invoiced_object_identifier
    if thing is not None:
        pieces.append(
            _referenced(thing.value, OBJECT_REFERENCE, element("ram:ReferenceTypeCode", thing.scheme))
        )
    return "".join(pieces)


def _referenced(number: str, kind: str, more: str = "") -> str:
    return (
        f"<ram:AdditionalReferencedDocument>{element('ram:IssuerAssignedID', number)}"
        f"<ram:TypeCode>{kind}</ram:TypeCode>{more}</ram:AdditionalReferencedDocument>"
    )


def _supporting(one: SupportingDocument) -> str:
    file, content = one.attached_document, ""
    if file is not None:
        content = (
            f'<ram:AttachmentBinaryObject mimeCode="{attribute(file.mime_code)}"'
            f' filename="{attribute(file.filename)}">{b64encode(file.content).decode()}'
            "</ram:AttachmentBinaryObject>"
        )
    return (
        f"<ram:AdditionalReferencedDocument>{element('ram:IssuerAssignedID', one.reference)}"
        f"{element('ram:URIID', one.external_document_location)}"
        f"<ram:TypeCode>{SUPPORTING_REFERENCE}</ram:TypeCode>{element('ram:Name', one.description)}{content}"
        "</ram:AdditionalReferencedDocument>"
    )


def _delivery(invoice: Invoice) -> str:
    return (
        f"<ram:ApplicableHeaderTradeDelivery>{ship_to(invoice.delivery)}{delivered(invoice.delivery)}"
        f"{assigned('ram:DespatchAdviceReferencedDocument', invoice.despatch_advice_reference)}"
        f"{assigned('ram:ReceivingAdviceReferencedDocument', invoice.receiving_advice_reference)}"
        "</ram:ApplicableHeaderTradeDelivery>"
    )


def _settlement(invoice: Invoice) -> str:
    time, instructions = invoice.invoicing_period, invoice.payment_instructions
    remittance = next(
        (one.remittance_information for one in instructions if one.remittance_information), None
    )
    creditor = next(
        (
            one.direct_debit.bank_assigned_creditor_identifier
            for one in instructions
            if one.direct_debit and one.direct_debit.bank_assigned_creditor_identifier
        ),
        None,
    )
    return (
        "<ram:ApplicableHeaderTradeSettlement>"
        f"{element('ram:CreditorReferenceID', creditor)}{element('ram:PaymentReference', remittance)}"
        f"{element('ram:TaxCurrencyCode', _accounting_currency(invoice))}"
        f"<ram:InvoiceCurrencyCode>{text(invoice.currency_code)}</ram:InvoiceCurrencyCode>"
        f"{payee(invoice.payee)}{means(invoice)}{breakdown(invoice)}"
        f"{'' if time is None else period(time.start_date, time.end_date)}"
        f"{adjustments(invoice)}{terms(invoice)}{totals(invoice)}{_preceding(invoice)}{_cost(invoice)}"
        "</ram:ApplicableHeaderTradeSettlement>"
    )


def _accounting_currency(invoice: Invoice) -> str | None:
    """BT-6. One that is the invoice's own says nothing, and the syntax's rules refuse it without BT-111."""
    accounted = invoice.document_totals.total_tax_amount_in_accounting_currency
    same = invoice.tax_currency_code == invoice.currency_code
    return None if same and accounted is None else invoice.tax_currency_code


def _preceding(invoice: Invoice) -> str:
    return "".join(
        [
            f"<ram:InvoiceReferencedDocument>{element('ram:IssuerAssignedID', one.reference)}"
            f"{date_time('ram:FormattedIssueDateTime', one.issue_date, 'qdt')}"
            "</ram:InvoiceReferencedDocument>"
            for one in invoice.preceding_invoice_references
        ]
    )


def _cost(invoice: Invoice) -> str:
    return wrapped(
        "ram:ReceivableSpecifiedTradeAccountingAccount",
        element("ram:ID", invoice.buyer_accounting_reference),
    )
