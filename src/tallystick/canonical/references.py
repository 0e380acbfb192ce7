"""What the invoice points to: notes, earlier invoices, delivery, periods, supporting documents."""

from datetime import date
from typing import Annotated, ClassVar

from tallystick.canonical.party import DeliverToAddress
from tallystick.canonical.terms import Group, Identifier, bg, bt, ours


class Note(Group, frozen=True, kw_only=True):
    """BG-1: something said about the invoice."""

    group: ClassVar[str] = "BG-1"

    subject_code: Annotated[str | None, bt("BT-21", "Subject of the note, code of UNTDID 4451.")] = None
    content: Annotated[str, bt("BT-22", "The note.")]


class PrecedingInvoiceReference(Group, frozen=True, kw_only=True):
    """BG-3: an invoice that this document corrects, credits or follows."""

    group: ClassVar[str] = "BG-3"

    reference: Annotated[str, bt("BT-25", "Number of the preceding invoice.")]
    issue_date: Annotated[date | None, bt("BT-26", "Issue date of the preceding invoice.")] = None
    external: Annotated[bool, ours("The preceding invoice was not issued through this gateway.")] = False
    uuid: Annotated[str | None, ours("UUID of the preceding invoice.")] = None
    authority_id: Annotated[str | None, ours("Identifier the authority gave the preceding invoice.")] = None


class Delivery(Group, frozen=True, kw_only=True):
    """BG-13: where and when goods or services were delivered."""

    group: ClassVar[str] = "BG-13"

    deliver_to_party_name: Annotated[str | None, bt("BT-70", "Who received the delivery.")] = None
    deliver_to_location_identifier: Annotated[
        Identifier | None, bt("BT-71", "Identifier of the place of delivery.")
    ] = None
    actual_delivery_date: Annotated[date | None, bt("BT-72", "Day of the delivery.")] = None
    deliver_to_address: Annotated[
        DeliverToAddress | None, bg("BG-15", "Address of the place of delivery.")
    ] = None


class InvoicingPeriod(Group, frozen=True, kw_only=True):
    """BG-14: the time the invoice is for."""

    group: ClassVar[str] = "BG-14"

    start_date: Annotated[date | None, bt("BT-73", "First day.")] = None
    end_date: Annotated[date | None, bt("BT-74", "Last day.")] = None


class AttachedDocument(Group, frozen=True, kw_only=True):
    """A file inside the invoice."""

    content: Annotated[bytes, ours("The file, as base64.")]
    mime_code: Annotated[str, ours("Media type of the file.")]
    filename: Annotated[str, ours("Name of the file.")]


class SupportingDocument(Group, frozen=True, kw_only=True):
    """BG-24: a document that backs a claim of the invoice."""

    group: ClassVar[str] = "BG-24"

    reference: Annotated[str, bt("BT-122", "Identifier of the document.")]
    description: Annotated[str | None, bt("BT-123", "What the document is.")] = None
    external_document_location: Annotated[str | None, bt("BT-124", "URL where the document is found.")] = None
    attached_document: Annotated[AttachedDocument | None, bt("BT-125", "The document itself.")] = None
