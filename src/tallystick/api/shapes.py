"""The shapes of answers that are written as bytes elsewhere: for the documentation, and for the tests that
hold the bytes against it. They forbid unknown members, so that a new member cannot stay undocumented.
"""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from tallystick.canonical import Fault

__all__ = ["Event", "EventPage", "InvoiceResource", "ValidationReport"]

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Pointer = Annotated[str, Meta(description="A JSON pointer into the invoice.")]
Hash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Totals = Annotated[Any, Meta(extra_json_schema={"$ref": "#/components/schemas/DocumentTotals"})]
Canonical = Annotated[
    Any,
    Meta(extra_json_schema={"anyOf": [{"$ref": "#/components/schemas/Invoice"}, {"type": "null"}]}),
]


class Shape(Struct, kw_only=True, forbid_unknown_fields=True):
    """A shape that is documented to its last member."""


class SellerInShort(Shape, kw_only=True):
    """The seller in short."""

    name: str
    country_code: str


class Validation(Shape, kw_only=True):
    """What the rules said without refusing: what was computed, and warnings."""

    computed: list[Pointer]
    warnings: list[Fault]


class InvoiceLinks(Shape, kw_only=True, rename={"self_": "self"}):
    """Where the rest is."""

    self_: str
    events: str
    attempts: str
    artifacts: str
    acts: str
    receipt: str


class CancellationInShort(Shape, kw_only=True):
    """The act that ended the document, and when the authority said so."""

    act: UUID
    at: Time


class DeadlineInShort(Shape, kw_only=True):
    """The legal deadline: `running`, `approaching` (half of the time is over), `missed`, `met`, or `closed`
    when the authority refused the document.
    """

    due_at: Time
    state: str


class InvoiceResource(Shape, kw_only=True):
    """Where an invoice stands.

    `processing_status` is our side, `authority_status` the authority's word, `status` the summary of both.
    `strategy` says who serves the seller, `strategy_reason` why. `qr` is the text of the document's QR code,
    as soon as there is one: pictures of it at `qr.png` and `qr.svg`. `marks` are other short texts of the
    document and of its authority's answer, such as those that are printed; the country's page names them.
    """

    id: UUID
    mode: str
    invoice_number: str
    type_code: str
    issue_date: str
    currency_code: str
    seller: SellerInShort
    status: str
    processing_status: str
    authority_status: str
    authority_reference: str | None
    strategy: str
    strategy_reason: str
    registration: UUID | None
    totals: Totals
    computed: list[Pointer]
    validation: Validation
    supersedes: UUID | None
    superseded_by: UUID | None
    actions: Annotated[list[str], Meta(description="What its state allows: acts, `replay`, `resolve`.")]
    cancellation: CancellationInShort | None
    deadline: DeadlineInShort | None
    qr: str | None
    marks: dict[str, str]
    links: InvoiceLinks
    created_at: Time
    updated_at: Time


class ValidationReport(Shape, kw_only=True):
    """What a POST would say. `faults` holds warnings too; `valid` is whether a POST would be accepted."""

    valid: bool
    faults: list[Fault]
    computed: list[Pointer]
    strategy: str | None
    strategy_reason: str | None
    registration: UUID | None
    invoice: Canonical


class ChainPlace(Shape, kw_only=True):
    """The log entry an event stands on."""

    sequence: int
    hash: Hash


class EventLinks(Shape, kw_only=True, rename={"self_": "self"}):
    """Where the invoice is."""

    self_: str


class EventData(Struct, kw_only=True):
    """The invoice's whole public state at the time of the event, and what is special to the event."""

    invoice_id: UUID
    invoice_number: str
    mode: str
    status: str
    processing_status: str
    authority_status: str
    authority_reference: str | None
    links: EventLinks


class Event(Shape, kw_only=True):
    """Something that happened to an invoice. `id` is the `webhook-id`; `sequence` counts the invoice's events
    from 1.
    """

    id: UUID
    type: str
    timestamp: Time
    sequence: int
    chain: ChainPlace
    data: EventData


class EventPage(Shape, kw_only=True):
    """A page of events."""

    data: list[Event]
    next_cursor: str | None
    has_more: bool
