"""A canonical invoice as a UBL 2.1 Invoice or CreditNote: text pieces, no tree."""

from tallystick.canonical import Invoice, Note
from tallystick.formats.ubl.names import (
    CAC_NAMESPACE,
    CBC_NAMESPACE,
    CREDIT_NOTE_NAMESPACE,
    EXT_NAMESPACE,
    INVOICE_NAMESPACE,
)
from tallystick.formats.ubl.pen import day, element, text
from tallystick.formats.ubl.profile import Extras, Profile
from tallystick.formats.ubl.write_lines import lines
from tallystick.formats.ubl.write_money import adjustments, payment, totals
from tallystick.formats.ubl.write_parties import delivery, parties
from tallystick.formats.ubl.write_references import references

__all__ = ["invoice"]

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_NAMESPACES = f' xmlns:cac="{CAC_NAMESPACE}" xmlns:cbc="{CBC_NAMESPACE}"'


def invoice(invoice: Invoice, profile: Profile) -> bytes:
    """The document, UTF-8: a completed invoice's every EN 16931 term, in the schema's order.

    Pure, and linear in the number of lines. Behind the declaration the bytes are their own canonical form
    (C14N 1.0), provided that the profile's extras are.
    """
    is_credit_note = invoice.type_code in profile.credit_note_types
    root, namespace = "Invoice", INVOICE_NAMESPACE
    if is_credit_note:
        root, namespace = "CreditNote", CREDIT_NOTE_NAMESPACE
    extras = profile.extras
    extensions = "" if extras.extensions is None else extras.extensions(invoice)
    declared = f' xmlns:ext="{EXT_NAMESPACE}"' if extensions or profile.declares_extensions else ""
    pieces = [
        f'{_DECLARATION}<{root} xmlns="{namespace}"{_NAMESPACES}{declared}>{extensions}',
        _head(invoice, profile, is_credit_note=is_credit_note),
        *_middle(invoice, profile, is_credit_note=is_credit_note),
        *lines(invoice, profile, is_credit_note=is_credit_note),
        f"</{root}>" if extras.lines is None else f"{extras.lines(invoice)}</{root}>",
    ]
    # Piece by piece: one Greek letter shall not widen the whole document, and plain ASCII costs little.
    return b"".join([piece.encode() for piece in pieces])


def _head(invoice: Invoice, profile: Profile, *, is_credit_note: bool) -> str:
    """The leaf elements, down to the buyer reference."""
    extras, tax_currency = profile.extras, invoice.tax_currency_code
    cost, reference = invoice.buyer_accounting_reference, invoice.buyer_reference
    execution, identity, time = extras.execution, extras.identity, extras.time
    attributes = "" if extras.type_attributes is None else extras.type_attributes(invoice)
    return (
        f"{_process(invoice, profile)}{'' if execution is None else execution(invoice)}"
        f"<cbc:ID>{text(invoice.invoice_number)}</cbc:ID>{'' if identity is None else identity(invoice)}"
        f"<cbc:IssueDate>{day(invoice.issue_date)}</cbc:IssueDate>{'' if time is None else time(invoice)}"
        f"{_kind(invoice, attributes, extras, is_credit_note=is_credit_note)}"
        f"<cbc:DocumentCurrencyCode>{text(invoice.currency_code)}</cbc:DocumentCurrencyCode>"
        f"{'' if tax_currency is None else element('cbc:TaxCurrencyCode', tax_currency)}"
        f"{'' if cost is None else f'<cbc:AccountingCost>{text(cost)}</cbc:AccountingCost>'}"
        f"{'' if reference is None else f'<cbc:BuyerReference>{text(reference)}</cbc:BuyerReference>'}"
    )


def _process(invoice: Invoice, profile: Profile) -> str:
    customization = invoice.specification_identifier or profile.customization_id
    process = invoice.business_process_type or profile.profile_id
    return element("cbc:CustomizationID", customization or None) + element("cbc:ProfileID", process or None)


def _kind(invoice: Invoice, attributes: str, extras: Extras, *, is_credit_note: bool) -> str:
    """Due date, type code, notes and tax point date. A credit note has its due date elsewhere."""
    due, point = invoice.payment_due_date, invoice.tax_point_date
    notes = ""
    if invoice.notes:
        tag = "<cbc:Note>"
        if extras.note_attributes is not None:
            tag = f"<cbc:Note{extras.note_attributes(invoice)}>"
        notes = "".join([f"{tag}{_note(note)}</cbc:Note>" for note in invoice.notes])
    tax_point = "" if point is None else f"<cbc:TaxPointDate>{day(point)}</cbc:TaxPointDate>"
    code = f"{attributes}>{text(invoice.type_code)}"
    if is_credit_note:
        return f"{tax_point}<cbc:CreditNoteTypeCode{code}</cbc:CreditNoteTypeCode>{notes}"
    until = "" if due is None else f"<cbc:DueDate>{day(due)}</cbc:DueDate>"
    return f"{until}<cbc:InvoiceTypeCode{code}</cbc:InvoiceTypeCode>{notes}{tax_point}"


def _note(note: Note) -> str:
    """UBL has no place for a note's subject: the code stands in front, between number signs."""
    code = note.subject_code
    return text(note.content if code is None else f"#{code}#{note.content}")


def _middle(invoice: Invoice, profile: Profile, *, is_credit_note: bool) -> tuple[str, ...]:
    """The groups, down to the totals."""
    extras, place = profile.extras, invoice.delivery
    terms = "" if extras.delivery_end is None else extras.delivery_end(invoice)
    dates = "" if extras.delivery is None else extras.delivery(invoice)
    return (
        references(invoice, extras, is_credit_note=is_credit_note),
        "" if extras.signature is None else extras.signature(invoice),
        parties(invoice, profile),
        delivery(place, dates, terms) if place is not None or dates or terms else "",
        payment(invoice, profile, is_credit_note=is_credit_note),
        "" if extras.prepayments is None else extras.prepayments(invoice),
        adjustments(invoice, profile, is_credit_note=is_credit_note),
        totals(invoice, profile),
    )
