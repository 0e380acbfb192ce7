"""An invoice as the API shows it: one builder for the answer of a POST and for every later GET.

The times are always the last two members, so that an answer can be made before its time is known.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from tallystick.canonical import DocumentTotals, Fault, Invoice
from tallystick.flows.status import summary

__all__ = ["Cancellation", "Standing", "deadline_of", "event_data", "resource", "resource_template"]

TIME: Final = "\x01"  # raw, as JSON text never holds it


class Standing(Struct, frozen=True, kw_only=True):
    """Where an invoice stands. `computed` are pointers; `warnings` is a JSON array of faults; `actions` are
    what its state allows. `marks` are short texts of the document and its authority, all but the QR code.
    """

    id: UUID
    mode: str
    processing_status: str = "accepted"
    authority_status: str = "pending"
    authority_reference: str | None = None
    strategy: str
    strategy_reason: str
    registration: UUID | None = None
    computed: Sequence[str] = ()
    warnings: str = "[]"
    supersedes: UUID | None = None
    superseded_by: UUID | None = None
    actions: Sequence[str] = ()
    cancellation: "Cancellation | None" = None
    deadline: "Deadline | None" = None
    qr: str | None = None
    marks: Mapping[str, str] = MappingProxyType({})


class Deadline(Struct, frozen=True):
    """The legal deadline. `state`: running, approaching (half of the time is over), missed, met, or closed
    when the authority refused the document.
    """

    due_at: str
    state: str


class Cancellation(Struct, frozen=True):
    """The act that ended the document, and when the authority said so."""

    act: UUID
    at: str


class SellerView(Struct, frozen=True):
    """The seller in short."""

    name: str
    country_code: str


class Validation(Struct, frozen=True):
    """What the rules said without refusing."""

    computed: Sequence[str]
    warnings: msgspec.Raw


class Links(Struct, frozen=True, rename={"self_": "self"}):
    """Where the rest is."""

    self_: str
    events: str
    attempts: str
    artifacts: str
    acts: str
    receipt: str


class View(Struct, frozen=True):
    """The resource without its times."""

    id: UUID
    mode: str
    invoice_number: str
    type_code: str
    issue_date: Any
    currency_code: str
    seller: SellerView
    status: str
    processing_status: str
    authority_status: str
    authority_reference: str | None
    strategy: str
    strategy_reason: str
    registration: UUID | None
    totals: DocumentTotals
    computed: Sequence[str]
    validation: Validation
    supersedes: UUID | None
    superseded_by: UUID | None
    actions: Sequence[str]
    cancellation: Cancellation | None
    deadline: Deadline | None
    qr: str | None
    marks: Mapping[str, str]
    links: Links


def deadline_of(
    due: datetime | None, told: int, processing_status: str, authority_status: str
) -> Deadline | None:
    """Where a deadline stands, of which `told` percent were told; None where the law sets none."""
    if due is None:
        return None
    if told >= 100:
        state = "missed"
    elif processing_status == "completed":
        state = "closed" if summary(processing_status, authority_status) == "rejected" else "met"
    else:
        state = "approaching" if told else "running"
    return Deadline(due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), state)


def digits(value: Any) -> str:
    """A decimal's own digits, without an exponent."""
    if isinstance(value, Decimal):
        return format(value, "f")
    raise NotImplementedError(f"a resource has no {type(value).__name__}")


ENCODER: Final = msgspec.json.Encoder(enc_hook=digits)


def resource(standing: Standing, invoice: Invoice, created_at: str, updated_at: str) -> bytes:
    """The resource as JSON. Times as `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    return f'{head(standing, invoice)},"created_at":"{created_at}","updated_at":"{updated_at}"}}'.encode()


def resource_template(standing: Standing, invoice: Invoice) -> str:
    """The resource of an invoice that is just being accepted, with raw U+0001 in the place of its time."""
    return f'{head(standing, invoice)},"created_at":"{TIME}","updated_at":"{TIME}"}}'


def head(standing: Standing, invoice: Invoice) -> str:
    """The resource's JSON up to the times, without the closing brace."""
    path = f"/v1/invoices/{standing.id}"
    view = View(
        id=standing.id,
        mode=standing.mode,
        invoice_number=invoice.invoice_number,
        type_code=invoice.type_code,
        issue_date=invoice.issue_date,
        currency_code=invoice.currency_code,
        seller=SellerView(invoice.seller.name, invoice.seller.postal_address.country_code),
        status=summary(standing.processing_status, standing.authority_status),
        processing_status=standing.processing_status,
        authority_status=standing.authority_status,
        authority_reference=standing.authority_reference,
        strategy=standing.strategy,
        strategy_reason=standing.strategy_reason,
        registration=standing.registration,
        totals=invoice.document_totals,
        computed=standing.computed,
        validation=Validation(standing.computed, msgspec.Raw(standing.warnings.encode())),
        supersedes=standing.supersedes,
        superseded_by=standing.superseded_by,
        actions=standing.actions,
        cancellation=standing.cancellation,
        deadline=standing.deadline,
        qr=standing.qr,
        marks={name: standing.marks[name] for name in sorted(standing.marks)},
        links=Links(path, *(f"{path}/{name}" for name in Links.__struct_fields__[1:])),
    )
    return ENCODER.encode(view)[:-1].decode()


def warnings_json(faults: Sequence[Fault]) -> str:
    """Faults that did not refuse, as the JSON array that is stored with the invoice."""
    return ENCODER.encode(faults).decode() if faults else "[]"


def event_data(
    *,
    invoice_id: UUID,
    number: str,
    mode: str,
    processing_status: str,
    authority_status: str,
    authority_reference: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The `data` of an event: the invoice's whole public state, and what is special to the event (`more`)."""
    return {
        "invoice_id": str(invoice_id),
        "invoice_number": number,
        "mode": mode,
        "status": summary(processing_status, authority_status),
        "processing_status": processing_status,
        "authority_status": authority_status,
        "authority_reference": authority_reference,
        "links": {"self": f"/v1/invoices/{invoice_id}"},
        **more,
    }
