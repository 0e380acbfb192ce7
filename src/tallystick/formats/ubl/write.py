"""A canonical invoice as a UBL 2.1 Invoice or CreditNote: text pieces, no tree."""

from typing import Final

from tallystick.canonical import Invoice
from tallystick.formats.ubl.names import (
    CAC_NAMESPACE,
    CBC_NAMESPACE,
    CREDIT_NOTE_NAMESPACE,
    EXT_NAMESPACE,
    INVOICE_NAMESPACE,
)
from tallystick.formats.ubl.pen import day, element, said, special, text
from tallystick.formats.ubl.profile import Extras, Profile
from tallystick.formats.ubl.write_lines import lines
from tallystick.formats.ubl.write_money import adjustments, payment, totals
from tallystick.formats.ubl.write_parties import delivery, parties
from tallystick.formats.ubl.write_references import references

__all__ = ["invoice"]

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_NAMESPACES = f' xmlns:cac="{CAC_NAMESPACE}" xmlns:cbc="{CBC_NAMESPACE}"'
_EXTENDED = f' xmlns:ext="{EXT_NAMESPACE}"'
_INVOICE = (f'{_DECLARATION}<Invoice xmlns="{INVOICE_NAMESPACE}"{_NAMESPACES}', "</Invoice>")
_CREDIT_NOTE = (f'{_DECLARATION}<CreditNote xmlns="{CREDIT_NOTE_NAMESPACE}"{_NAMESPACES}', "</CreditNote>")
_AT_ONCE: Final = 64
"""How many lines are held as text: what is large is dear to allocate."""


def invoice(invoice: Invoice, profile: Profile) -> bytes:
    """The document, UTF-8: a completed invoice's every EN 16931 term, in the schema's order.

    Pure, and linear in the number of lines. Behind the declaration the bytes are their own canonical form
    (C14N 1.0), provided that the profile's extras are.
    """
    is_credit_note = invoice.type_code in profile.credit_note_types
    root, end = _CREDIT_NOTE if is_credit_note else _INVOICE
    extensions, extras = ">", profile.extras
    if extras is not None or profile.declares_extensions:
        extensions = _extensions(invoice, profile)
    if extras is not None and extras.lines is not None:
        end = extras.lines(invoice) + end
    pieces = [
        root,
        extensions,
        *_head(invoice, profile, is_credit_note=is_credit_note),
        *_middle(invoice, profile, is_credit_note=is_credit_note),
    ]
    written = []
    for first in range(0, len(invoice.lines), _AT_ONCE):
        if first:
            written.append(_encoded(pieces))
            pieces = []
        pieces += lines(invoice, profile, first, first + _AT_ONCE, is_credit_note=is_credit_note)
    pieces.append(end)
    written.append(_encoded(pieces))
    return b"".join(written)


def _encoded(pieces: list[str]) -> bytes:
    """The pieces in UTF-8. One Greek letter does not widen them all."""
    joined = "".join(pieces)
    return joined.encode() if joined.isascii() else b"".join([piece.encode() for piece in pieces])


def _extensions(invoice: Invoice, profile: Profile) -> str:
    """The end of the root's start tag, and the extensions."""
    extras, extensions = profile.extras, ""
    if extras is not None and extras.extensions is not None:
        extensions = extras.extensions(invoice)
    return f"{_EXTENDED}>{extensions}" if extensions or profile.declares_extensions else ">"


def _head(invoice: Invoice, profile: Profile, *, is_credit_note: bool) -> tuple[str, str, str]:
    """The leaf elements, down to the buyer reference."""
    number, code, currency = invoice.invoice_number, invoice.type_code, invoice.currency_code
    tax_currency, cost = invoice.tax_currency_code, invoice.buyer_accounting_reference
    customization = invoice.specification_identifier or profile.customization_id
    process = invoice.business_process_type or profile.profile_id
    if special(f"{customization}{process}{number}{code}{currency}"):
        customization, process = text(customization), text(process)
        number, code, currency = text(number), text(code), text(currency)
    reference, extras, rest = invoice.buyer_reference, profile.extras, ""
    execution = identity = time = ""
    if extras is not None:
        execution, identity, time, code = _further(invoice, extras, code)
    else:
        code = f">{code}"
    if tax_currency is not None:
        rest = element("cbc:TaxCurrencyCode", tax_currency)
    if cost is not None:
        rest += element("cbc:AccountingCost", cost)
    if reference is not None:
        rest += f"<cbc:BuyerReference>{text(reference)}</cbc:BuyerReference>"
    start = (
        f"{f'<cbc:CustomizationID>{customization}</cbc:CustomizationID>' if customization else ''}"
        f"{f'<cbc:ProfileID>{process}</cbc:ProfileID>' if process else ''}{execution}"
        f"<cbc:ID>{number}</cbc:ID>{identity}<cbc:IssueDate>{day(invoice.issue_date)}</cbc:IssueDate>{time}"
    )
    return (
        start,
        _kind(invoice, code, extras, is_credit_note=is_credit_note),
        f"<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>{rest}",
    )


def _further(invoice: Invoice, extras: Extras, code: str) -> tuple[str, str, str, str]:
    """What the profile adds behind process, number and date of issue, and as attributes to the type code."""
    return (
        said(extras.execution, invoice),
        said(extras.identity, invoice),
        said(extras.time, invoice),
        f"{said(extras.type_attributes, invoice)}>{code}",
    )


def _kind(invoice: Invoice, code: str, extras: Extras | None, *, is_credit_note: bool) -> str:
    """Due date, type code, notes and tax point date. A credit note has its due date elsewhere."""
    due, point = invoice.payment_due_date, invoice.tax_point_date
    notes = _notes(invoice, extras) if invoice.notes else ""
    tax_point = "" if point is None else f"<cbc:TaxPointDate>{day(point)}</cbc:TaxPointDate>"
    if is_credit_note:
        return f"{tax_point}<cbc:CreditNoteTypeCode{code}</cbc:CreditNoteTypeCode>{notes}"
    until = "" if due is None else f"<cbc:DueDate>{day(due)}</cbc:DueDate>"
    return f"{until}<cbc:InvoiceTypeCode{code}</cbc:InvoiceTypeCode>{notes}{tax_point}"


def _notes(invoice: Invoice, extras: Extras | None) -> str:
    """UBL has no place for a note's subject: the code stands in front, between number signs."""
    attributes = written = ""
    if extras is not None and extras.note_attributes is not None:
        attributes = extras.note_attributes(invoice)
    for note in invoice.notes:
        code, said = note.subject_code, note.content
        if code is not None:
            said = f"#{code}#{said}"
        written += f"<cbc:Note{attributes}>{text(said)}</cbc:Note>"
    return written


def _middle(invoice: Invoice, profile: Profile, *, is_credit_note: bool) -> list[str]:
    """The groups, down to the totals."""
    extras, place = profile.extras, invoice.delivery
    signature = dates = terms = prepayments = ""
    if extras is not None:
        signature, dates, terms, prepayments = _further_groups(invoice, extras)
    pieces = [
        references(invoice, extras, is_credit_note=is_credit_note),
        signature,
        *parties(invoice, profile),
    ]
    if place is not None or dates or terms:
        pieces.append(delivery(place, dates, terms))
    pieces.append(payment(invoice, profile, is_credit_note=is_credit_note))
    pieces.append(prepayments)
    if invoice.allowances or invoice.charges or extras is not None:
        pieces.append(adjustments(invoice, profile, is_credit_note=is_credit_note))
    pieces += totals(invoice, profile)
    return pieces


def _further_groups(invoice: Invoice, extras: Extras) -> tuple[str, str, str, str]:
    """What the profile adds: the signature, two places of the delivery, prepayments."""
    return (
        said(extras.signature, invoice),
        said(extras.delivery, invoice),
        said(extras.delivery_end, invoice),
        said(extras.prepayments, invoice),
    )
