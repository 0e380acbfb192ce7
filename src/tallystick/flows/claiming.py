"""T2: claim a submission, freeze its bytes, write down the intent. One transaction, no network in it.

Documents of a chain, and those that are the buyer's at once, were frozen before (see `freezing`). When it
commits, the wire bytes can never change, the attempt is on record, and the first request is in hand. A crash
before the commit leaves nothing; a crash after it leaves an attempt whose outcome is unknown.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

import msgspec
from httpx import Request
from msgspec import Struct

from tallystick.flows import projecting, verbs
from tallystick.flows.crashpoint import crashpoint
from tallystick.flows.enrolling import enrolment_for
from tallystick.flows.exchange import confidential, endpoint_of, request_bytes
from tallystick.flows.freezing import Broken, built_data, name_of
from tallystick.flows.gateway import Gateway
from tallystick.flows.plan import Kind, verb_for
from tallystick.ledger import ObjectRef, Value
from tallystick.store import Connection, append_entry, append_event, keep, new_body
from tallystick.store import work as table
from tallystick.store.attempts import Attempted, begin_attempt
from tallystick.store.enrolled import Enrolled
from tallystick.store.retry import reason
from tallystick.strategy import Artifact, Conversation, Document, Enrolment, Outcome, Session, Slot, Strategy

__all__ = ["Broken", "Step", "Work", "claim", "kept", "step", "write_request"]


class Step(NamedTuple):
    """A conversation's next move: a request to send, or its outcome."""

    request: Request | None
    outcome: Outcome | None


class Work(Struct, kw_only=True):
    """A claimed submission in conversation. `n` is the running attempt's number."""

    seen: table.Glimpse
    claimed: table.Claimed
    strategy: Strategy
    enrolment: Enrolment
    conversation: Conversation
    kind: Kind
    n: int
    step: Step


def step(conversation: Conversation, answer: object = None) -> Step:
    """Move the conversation on. Raises whatever the strategy raises."""
    try:
        return Step(conversation.send(answer), None)  # type: ignore[arg-type]  # None starts a generator
    except StopIteration as stop:
        return Step(None, stop.value)


async def claim(
    gateway: Gateway,
    db: Connection,
    seen: table.Glimpse,
    row: Enrolled | None,
    owner: str,
    session: Session | None = None,
) -> Work | None:
    """The submission as ours, with its first request written down, or None when it is not ours to take.

    Locks the invoice, then the submission. Raises Broken.
    """
    strategy = gateway.strategies.by_name(seen.strategy)
    claimed = await table.claim(db, seen.id, seen.invoice_id, owner, gateway.settings.lease_seconds)
    if claimed is None:
        return None
    if claimed.frozen and seen.wire is None:  # another worker froze it since we looked
        seen = await table.glimpse(db, seen.id) or seen
    slot = None if seen.chain_no is None else Slot(seen.chain_no, seen.prev_link or "")
    await _under_way(db, seen, claimed)
    try:
        enrolment = enrolment_for(gateway, strategy, seen, row, claimed.now, slot, session)
        work = await _opened(gateway, db, seen, claimed, strategy, enrolment)
        if work.step.request is not None:
            await write_request(gateway, db, work, work.step.request)
    except Exception as error:
        if reason(error) is not None:  # an outage of the store is nobody's failure
            raise
        raise Broken(f"{type(error).__name__} in {seen.strategy}") from error
    if work.step.request is None and claimed.frozen and claimed.state != "parked":
        # the invoice's state moved: the log must say so
        await _note(db, seen, claimed, "submission.taken_up", {})
    return work


async def _note(
    db: Connection, seen: table.Glimpse, claimed: table.Claimed, event: str, data: dict[str, Value]
) -> None:
    """An entry that says only that work goes on."""
    state = await projecting.under_way(db, seen)
    await append_entry(
        db,
        tenant=seen.tenant_id,
        stream_kind="invoice",
        stream_id=seen.invoice_id,
        event=projecting.named(seen.kind, event),
        actor="worker",
        authority=seen.authority,
        data={**state, "token": claimed.token, **data},
    )


async def _opened(
    gateway: Gateway,
    db: Connection,
    seen: table.Glimpse,
    claimed: table.Claimed,
    strategy: Strategy,
    enrolment: Enrolment,
) -> Work:
    """The conversation's beginning, over a document that is frozen from here on."""
    if claimed.frozen:
        marks = msgspec.json.decode(seen.marks, type=dict[str, str])
        media_type, body = seen.wire_media_type or "", seen.wire or b""
        document: Document | None = Document(media_type=media_type, body=body, marks=marks, link=seen.link)
    else:
        document = await _frozen(gateway, db, seen, claimed, strategy, enrolment)
    kind = verb_for(claimed)
    spoken = None if document is None else verbs.talk(strategy, seen.kind, kind, document, enrolment)
    conversation = spoken or verbs.lapsed()
    return Work(
        seen=seen,
        claimed=claimed,
        strategy=strategy,
        enrolment=enrolment,
        conversation=conversation,
        kind=kind,
        n=claimed.n,
        step=step(conversation),
    )


async def _under_way(db: Connection, seen: table.Glimpse, claimed: table.Claimed) -> None:
    """Show that work goes on; what had been parked says that it resumes."""
    now = await projecting.shown(db, seen, "in_flight", None)
    await projecting.move(db, seen, now)
    if claimed.state != "parked":
        return
    await _note(db, seen, claimed, "submission.resumed", {"parked_reason": claimed.parked_reason})
    await append_event(
        db,
        tenant=seen.tenant_id,
        invoice_id=seen.invoice_id,
        type=projecting.named(seen.kind, "submission.resumed"),
        data=projecting.event(seen, now),
    )


async def _frozen(
    gateway: Gateway,
    db: Connection,
    seen: table.Glimpse,
    claimed: table.Claimed,
    strategy: Strategy,
    enrolment: Enrolment,
) -> Document | None:
    """Build the document and store it for good, with its entry. None: there is nothing left to send."""
    document = await verbs.built(gateway, db, seen, strategy, enrolment)
    if document is None:
        return None
    crashpoint("submit.built")
    wire = await _frozen_bytes(db, seen, claimed, document)
    extra = await kept(db, seen.tenant_id, document.artifacts)
    await append_entry(
        db,
        tenant=seen.tenant_id,
        stream_kind="invoice",
        stream_id=seen.invoice_id,
        event=projecting.named(seen.kind, "document.built"),
        actor="worker",
        authority=seen.authority,
        data={
            **await projecting.under_way(db, seen),
            **built_data(strategy, document, None, None, claimed.token),
            "at_once": False,
        },
        objects=(wire, *extra),
    )
    return document


async def _frozen_bytes(
    db: Connection, seen: table.Glimpse, claimed: table.Claimed, document: Document
) -> ObjectRef:
    """The bytes stored and named by the submission; how the log names them."""
    wire = new_body(document.body, document.media_type, name_of(document.media_type))
    await keep(db, seen.tenant_id, wire)
    await table.freeze(
        db,
        seen.id,
        claimed.token,
        {
            "wire_object": wire.id,
            "wire_sha256": hashlib.sha256(document.body).digest(),
            "wire_media_type": document.media_type,
            "marks": msgspec.json.encode(document.marks).decode(),
            "link": document.link,
        },
    )
    return wire.ref


async def kept(db: Connection, tenant: UUID, artifacts: Iterable[Artifact]) -> tuple[ObjectRef, ...]:
    """The artifacts stored as objects, and how the log names them."""
    refs = []
    for artifact in artifacts:
        body = new_body(artifact.body, artifact.media_type, artifact.name)
        await keep(db, tenant, body)
        refs.append(body.ref)
    return tuple(refs)


async def write_request(gateway: Gateway, db: Connection, work: Work, request: Request) -> None:
    """Put the next attempt on record: row, request and entry. Nothing is sent before this is committed."""
    work.n += 1
    seen, seconds = work.seen, gateway.settings.http_timeout_seconds
    own_body = request.content != (seen.wire or b"")
    text = request_bytes(request, confidential(work.enrolment), own_body)
    body = new_body(text, "message/http", f"request-{work.n}.http")
    await keep(db, seen.tenant_id, body)
    endpoint = endpoint_of(request.url)
    await begin_attempt(
        db,
        Attempted(
            submission_id=seen.id,
            n=work.n,
            tenant_id=seen.tenant_id,
            token=work.claimed.token,
            kind=work.kind,
            method=request.method,
            endpoint=endpoint,
            request_object=body.id,
            seconds=seconds,
        ),
    )
    await append_entry(
        db,
        tenant=seen.tenant_id,
        stream_kind="invoice",
        stream_id=seen.invoice_id,
        event="authority.request",
        actor="worker",
        authority=seen.authority,
        endpoint=endpoint,
        attempt=work.n,
        data={
            **await projecting.under_way(db, seen),
            "kind": work.kind,
            "method": request.method,
            "content_sha256": hashlib.sha256(request.content).hexdigest(),
            "token": work.claimed.token,
        },
        objects=(body.ref,),
    )
