"""What the document points to, as UBL text: period, orders, earlier invoices, other documents."""

from binascii import b2a_base64
from datetime import date

from tallystick.canonical import (
    AttachedDocument,
    Identifier,
    Invoice,
    InvoicingPeriod,
    PrecedingInvoiceReference,
    SupportingDocument,
)
from tallystick.formats.ubl.names import OBJECT_REFERENCE, PROJECT_REFERENCE
from tallystick.formats.ubl.pen import attribute, day, element, said, text
from tallystick.formats.ubl.profile import Extras
from tallystick.formats.ubl.write_parties import identifier

__all__ = ["dated_period", "object_reference", "references"]

NO_ORDER = "NA"
"""UBL wants an order's number even where only the seller's own number is known."""


def references(invoice: Invoice, extras: Extras | None, *, is_credit_note: bool) -> str:
    """From the invoicing period to the project, in the order of the root's schema."""
    period, code = invoice.invoicing_period, invoice.tax_point_date_code
    order, sales = invoice.purchase_order_reference, invoice.sales_order_reference
    sent, received = invoice.despatch_advice_reference, invoice.receiving_advice_reference
    written = ""
    if period is not None or code is not None:
        written = _period(period, code)
    if extras is not None and extras.responses is not None:
        written += extras.responses(invoice)
    if order is not None or sales is not None:
        written += _order(order, sales)
    if invoice.preceding_invoice_references:
        written += "".join([_preceding(one) for one in invoice.preceding_invoice_references])
    if sent is not None:
        written += _document("cac:DespatchDocumentReference", sent)
    if received is not None:
        written += _document("cac:ReceiptDocumentReference", received)
    return written + _documents(invoice, extras, is_credit_note=is_credit_note)


def _documents(invoice: Invoice, extras: Extras | None, *, is_credit_note: bool) -> str:
    thing, files = invoice.invoiced_object_identifier, invoice.supporting_documents
    tender, contract = invoice.tender_or_lot_reference, invoice.contract_reference
    project = invoice.project_reference
    statements = tenders = contracts = others = more = ""
    if extras is not None:
        statements, more = _further(invoice, extras)
    if tender is not None:
        tenders = _document("cac:OriginatorDocumentReference", tender)
    if contract is not None:
        contracts = _document("cac:ContractDocumentReference", contract)
    if thing is not None:
        others = object_reference("cac:AdditionalDocumentReference", thing)
    if files:
        others += "".join([_supporting(one) for one in files])
    others += more
    if project is not None:
        others += _project(project, is_credit_note=is_credit_note)
    if is_credit_note:
        return f"{contracts}{others}{statements}{tenders}"
    return f"{statements}{tenders}{contracts}{others}"


def _further(invoice: Invoice, extras: Extras) -> tuple[str, str]:
    """What the profile adds: references to statements and to other documents."""
    return (
        said(extras.statements, invoice),
        said(extras.references, invoice),
    )


def dated_period(start: date | None, end: date | None, code: str | None = None) -> str:
    """A period; nothing if it says nothing."""
    content = (
        ("" if start is None else f"<cbc:StartDate>{day(start)}</cbc:StartDate>")
        + ("" if end is None else f"<cbc:EndDate>{day(end)}</cbc:EndDate>")
        + element("cbc:DescriptionCode", code)
    )
    return f"<cac:InvoicePeriod>{content}</cac:InvoicePeriod>" if content else ""


def object_reference(tag: str, thing: Identifier) -> str:
    """A reference to the invoiced object, with its scheme."""
    return (
        f"<{tag}>{identifier('cbc:ID', thing)}"
        f"<cbc:DocumentTypeCode>{OBJECT_REFERENCE}</cbc:DocumentTypeCode></{tag}>"
    )


def _period(period: InvoicingPeriod | None, code: str | None) -> str:
    start, end = (None, None) if period is None else (period.start_date, period.end_date)
    return dated_period(start, end, code)


def _order(order: str | None, sales: str | None) -> str:
    number = NO_ORDER if order is None else text(order)
    sold = "" if sales is None else element("cbc:SalesOrderID", sales)
    return f"<cac:OrderReference><cbc:ID>{number}</cbc:ID>{sold}</cac:OrderReference>"


def _preceding(one: PrecedingInvoiceReference) -> str:
    issued = "" if one.issue_date is None else f"<cbc:IssueDate>{day(one.issue_date)}</cbc:IssueDate>"
    return (
        f"<cac:BillingReference><cac:InvoiceDocumentReference>{element('cbc:ID', one.reference)}{issued}"
        "</cac:InvoiceDocumentReference></cac:BillingReference>"
    )


def _supporting(one: SupportingDocument) -> str:
    location, file = one.external_document_location, one.attached_document
    content = ("" if file is None else _embedded(file)) + (
        ""
        if location is None
        else f"<cac:ExternalReference><cbc:URI>{text(location)}</cbc:URI></cac:ExternalReference>"
    )
    return (
        "<cac:AdditionalDocumentReference>"
        + element("cbc:ID", one.reference)
        + element("cbc:DocumentDescription", one.description)
        + (f"<cac:Attachment>{content}</cac:Attachment>" if content else "")
        + "</cac:AdditionalDocumentReference>"
    )


def _embedded(file: AttachedDocument) -> str:
    return (
        f'<cbc:EmbeddedDocumentBinaryObject filename="{attribute(file.filename)}" '
        f'mimeCode="{attribute(file.mime_code)}">'
        f"{b2a_base64(file.content, newline=False).decode('ascii')}</cbc:EmbeddedDocumentBinaryObject>"
    )


def _document(tag: str, value: str) -> str:
    return f"<{tag}><cbc:ID>{text(value)}</cbc:ID></{tag}>"


def _project(value: str, *, is_credit_note: bool) -> str:
    """A credit note has no element of its own for the project."""
    if not is_credit_note:
        return _document("cac:ProjectReference", value)
    return (
        f"<cac:AdditionalDocumentReference><cbc:ID>{text(value)}</cbc:ID>"
        f"<cbc:DocumentTypeCode>{PROJECT_REFERENCE}</cbc:DocumentTypeCode></cac:AdditionalDocumentReference>"
    )
