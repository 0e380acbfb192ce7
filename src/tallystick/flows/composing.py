"""Composing what acceptance writes: one row of values, all of it made before the database is asked."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from tallystick.canonical import Amount, Fault, Invoice, canonical_bytes
from tallystick.flows import Caller, resource
from tallystick.flows.abilities import abilities
from tallystick.flows.judging import authority
from tallystick.flows.numbering import family, seller_key
from tallystick.ledger import GENESIS, Entry, template
from tallystick.store import AcceptRow, Body, event_template, ids, new_body
from tallystick.strategy import Enrolment, Strategy, Trace

__all__ = ["Content", "Key", "Original", "row_of"]

KEY_DAYS: Final = 30
CREATED: Final = 201
EVENT: Final = "invoice.accepted"
STATES: Final[dict[str, str]] = {"processing_status": "accepted", "authority_status": "pending"}


def untraced() -> Trace | None:
    """Of this document nobody knows which member a place is."""
    return None


class Original(Struct, frozen=True, kw_only=True):
    """The wire document an invoice was read from, what of it the canonical model could not carry, and (asked
    only if there is something to tell) which member each of its places is, where that is known.
    """

    body: bytes
    media_type: str
    lost: tuple[Fault, ...] = ()
    trace: Callable[[], Trace | None] = untraced


class Key(Struct, frozen=True, kw_only=True):
    """The idempotency key of a request (None: it has none), where it counts, and what it stands for."""

    key: str | None
    path: str
    fingerprint: bytes


class Content(Struct, frozen=True, kw_only=True):
    """A document that was judged good, and under whose name it goes out."""

    invoice: Invoice
    computed: tuple[str, ...]
    warnings: tuple[Fault, ...]
    strategy: Strategy
    reason: str
    enrolment: Enrolment
    registration: UUID | None = None
    supersedes: UUID | None = None
    original: Original | None = None


def row_of(caller: Caller, content: Content, key: Key) -> AcceptRow:
    """Everything that is written for this document. Fresh identifiers and salts each time."""
    invoice_id, event_id = ids.new(), ids.new()
    sending = submission_columns(content)
    standing = standing_of(invoice_id, caller, content, sending["deadline_at"])
    payload = new_body(canonical_bytes(content.invoice), "application/json", "invoice.json")
    original = original_body(content.original)
    return AcceptRow(
        tenant_id=caller.tenant_id,
        mode=caller.mode,
        invoice_id=invoice_id,
        submission_id=ids.new(),
        event_id=event_id,
        key=key.key,
        method="POST",
        path=key.path,
        fingerprint=key.fingerprint,
        key_days=KEY_DAYS,
        **invoice_columns(content.invoice),
        computed=content.computed,
        warnings=standing.warnings,
        supersedes=content.supersedes,
        **body_columns("payload", payload),
        **body_columns("original", original),
        **sending,
        entry=template(first_entry(caller, content, standing, sending, payload, original)),
        event_type=EVENT,
        event_body=event_template(event_id, EVENT, event_data(caller, content, invoice_id)),
        status=CREATED,
        answer=resource.resource_template(standing, content.invoice),
    )


def standing_of(
    invoice_id: UUID, caller: Caller, content: Content, deadline: datetime | None
) -> resource.Standing:
    """Where the invoice stands when it is accepted."""
    return resource.Standing(
        id=invoice_id,
        mode=caller.mode,
        strategy=content.strategy.name,
        strategy_reason=content.reason,
        registration=content.registration,
        computed=content.computed,
        warnings=resource.warnings_json(content.warnings),
        supersedes=content.supersedes,
        deadline=resource.deadline_of(deadline, 0, **STATES),
    )


def invoice_columns(invoice: Invoice) -> dict[str, Any]:
    """What the database must be able to look for. Raises ValueError for an invoice that was not completed."""
    return {
        "seller_key": seller_key(invoice),
        "seller_country": invoice.seller.postal_address.country_code,
        "doc_family": family(invoice.type_code),
        "type_code": invoice.type_code,
        "number": invoice.invoice_number,
        "fiscal_year": invoice.issue_date.year,
        "issue_date": invoice.issue_date,
        "currency_code": invoice.currency_code,
        "total_with_tax": total(invoice),
    }


def submission_columns(content: Content) -> dict[str, Any]:
    """Who will submit it where, and under which reference: fixed here, the same for every attempt."""
    strategy, invoice, enrolment = content.strategy, content.invoice, content.enrolment
    return {
        "strategy": strategy.name,
        "strategy_reason": content.reason,
        "registration_id": content.registration,
        "authority": authority(strategy, enrolment),
        "external_ref": str(ids.random()),
        "chain_id": None,  # chosen when the document is built
        "deadline_at": deadline_of(strategy, invoice, enrolment),
    }


def body_columns(prefix: str, body: Body | None) -> dict[str, Any]:
    """A body as columns; all NULL when there is none."""
    return {
        f"{prefix}_id": body and body.id,
        f"{prefix}_salt": body and body.salt,
        f"{prefix}_digest": body and body.digest,
        f"{prefix}_media": body and body.media_type,
        f"{prefix}_name": body and body.name,
        f"{prefix}_body": body and body.body,
    }


def original_body(original: Original | None) -> Body | None:
    """The wire document an invoice was read from, as a body to keep."""
    if original is None:
        return None
    name = "original.xml" if "xml" in original.media_type else "original.json"
    return new_body(original.body, original.media_type, name)


def first_entry(
    caller: Caller,
    content: Content,
    standing: resource.Standing,
    sending: dict[str, Any],
    payload: Body,
    original: Body | None,
) -> Entry:
    """What the log says of the acceptance: all that is fixed by it, so that no row can change unseen."""
    deadline = sending["deadline_at"]
    return Entry(
        tenant=str(caller.tenant_id),
        stream_kind="invoice",
        stream_id=str(standing.id),
        stream_seq=0,
        prev_hash=GENESIS,
        event=EVENT,
        at="",
        actor=caller.actor,
        authority=sending["authority"],
        data={
            **STATES,
            "mode": caller.mode,
            "strategy": content.strategy.name,
            "strategy_reason": content.reason,
            "edition": content.strategy.edition,
            "registration": str(content.registration) if content.registration else None,
            "supersedes": str(content.supersedes) if content.supersedes else None,
            "computed": len(content.computed),
            "warnings": sorted({fault.code for fault in content.warnings}),
            "remarks_sha256": remarks_digest(standing),
            "external_ref": sending["external_ref"],
            "deadline": None if deadline is None else str(int(deadline.timestamp())),
        },
        objects=(payload.ref,) if original is None else (payload.ref, original.ref),
    )


def remarks_digest(standing: resource.Standing) -> str:
    """SHA-256 (hex) of what acceptance remarked: the computed pointers, a line each, then the warnings."""
    return hashlib.sha256("\n".join((*standing.computed, standing.warnings)).encode()).hexdigest()


def event_data(caller: Caller, content: Content, invoice_id: UUID) -> dict[str, Any]:
    """What subscribers are told of the acceptance."""
    return resource.event_data(
        invoice_id=invoice_id,
        number=content.invoice.invoice_number,
        mode=caller.mode,
        **STATES,
        supersedes=str(content.supersedes) if content.supersedes else None,
    )


def total(invoice: Invoice) -> Amount:
    """The total with tax. Raises ValueError for an invoice that was not completed."""
    amount = invoice.document_totals.total_amount_with_tax
    if amount is None:
        raise ValueError("the invoice has no total")
    return amount


def deadline_of(strategy: Strategy, invoice: Invoice, enrolment: Enrolment) -> datetime | None:
    """The time by which the authority must have it, if the law sets one."""
    able = abilities(strategy).has_deadline
    return able.deadline(invoice, enrolment) if able else None
