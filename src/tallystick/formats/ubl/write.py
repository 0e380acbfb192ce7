"""A canonical invoice as a UBL 2.1 Invoice or CreditNote: text pieces, no tree."""

from tallystick.canonical import Invoice, Note
from tallystick.formats.ubl.names import (
    CAC_NAMESPACE,
    CBC_NAMESPACE,
    CREDIT_NOTE_NAMESPACE,
    EXT_NAMESPACE,
    INVOICE_NAMESPACE,
)
from tallystick.formats.ubl.pen import element, text
from tallystick.formats.ubl.profile import OfInvoice, Profile
from tallystick.formats.ubl.write_lines import lines
from tallystick.formats.ubl.write_money import adjustments, payment, totals
from tallystick.formats.ubl.write_parties import delivery, parties
from tallystick.formats.ubl.write_references import references

__all__ = ["invoice"]

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def invoice(invoice: Invoice, profile: Profile) -> bytes:
    """The document, UTF-8: a completed invoice's every EN 16931 term, in the schema's order.

    Pure, and linear in the number of lines. Behind the declaration the bytes are their own canonical form
    (C14N 1.0), provided that the profile's extras are.
    """
    is_credit_note = invoice.type_code in profile.credit_note_types
    root, namespace = "Invoice", INVOICE_NAMESPACE
    if is_credit_note:
        root, namespace = "CreditNote", CREDIT_NOTE_NAMESPACE
    extensions = _extra(profile.extras.extensions, invoice)
    pieces = [
        f'{_DECLARATION}<{root} xmlns="{namespace}" xmlns:cac="{CAC_NAMESPACE}" xmlns:cbc="{CBC_NAMESPACE}"',
        f' xmlns:ext="{EXT_NAMESPACE}">{extensions}' if extensions else ">",
        _head(invoice, profile, is_credit_note=is_credit_note),
        _middle(invoice, profile, is_credit_note=is_credit_note),
        *lines(invoice, profile, is_credit_note=is_credit_note),
        f"</{root}>",
    ]
    return "".join(pieces).encode()


def _extra(function: OfInvoice | None, invoice: Invoice) -> str:
    return "" if function is None else function(invoice)


def _head(invoice: Invoice, profile: Profile, *, is_credit_note: bool) -> str:
    """The leaf elements, down to the buyer reference."""
    extras = profile.extras
    attributes = _extra(extras.type_attributes, invoice)
    dates = (invoice.payment_due_date, invoice.tax_point_date)
    due, tax_point = ("" if one is None else one.isoformat() for one in dates)
    root = "CreditNote" if is_credit_note else "Invoice"
    kind = f"<cbc:{root}TypeCode{attributes}>{text(invoice.type_code)}</cbc:{root}TypeCode>"
    kind += "".join([_note(note) for note in invoice.notes])
    point = element("cbc:TaxPointDate", tax_point or None)
    if is_credit_note:
        kind = point + kind
    else:
        kind = element("cbc:DueDate", due or None) + kind + point
    return (
        element("cbc:CustomizationID", invoice.specification_identifier or profile.customization_id or None)
        + element("cbc:ProfileID", invoice.business_process_type or profile.profile_id or None)
        + _extra(extras.execution, invoice)
        + element("cbc:ID", invoice.invoice_number)
        + _extra(extras.identity, invoice)
        + f"<cbc:IssueDate>{invoice.issue_date.isoformat()}</cbc:IssueDate>"
        + _extra(extras.time, invoice)
        + kind
        + element("cbc:DocumentCurrencyCode", invoice.currency_code)
        + element("cbc:TaxCurrencyCode", invoice.tax_currency_code)
        + element("cbc:AccountingCost", invoice.buyer_accounting_reference)
        + element("cbc:BuyerReference", invoice.buyer_reference)
    )


def _note(note: Note) -> str:
    """UBL has no place for a note's subject: the code stands in front, between number signs."""
    code = note.subject_code
    return element("cbc:Note", note.content if code is None else f"#{code}#{note.content}")


def _middle(invoice: Invoice, profile: Profile, *, is_credit_note: bool) -> str:
    """The groups, down to the totals."""
    extras = profile.extras
    exchange = _extra(extras.exchange, invoice)
    changes = adjustments(invoice, profile)
    return (
        references(
            invoice,
            is_credit_note=is_credit_note,
            responses=_extra(extras.responses, invoice),
            more=_extra(extras.references, invoice),
        )
        + _extra(extras.signature, invoice)
        + parties(invoice, profile)
        + delivery(invoice.delivery)
        + payment(invoice, is_credit_note=is_credit_note, instruction=_extra(extras.instruction, invoice))
        + _extra(extras.prepayments, invoice)
        + (exchange + changes if is_credit_note else changes + exchange)
        + totals(invoice, profile)
    )
