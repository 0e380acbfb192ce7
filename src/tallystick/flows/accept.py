"""Accepting an invoice: judged in full, then kept for good in one transaction. No authority is asked here."""

import hashlib
from functools import partial
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tallystick.canonical import Fault, canonical_bytes, decode, normal_form
from tallystick.flows import Caller
from tallystick.flows.abilities import abilities
from tallystick.flows.composing import Content, Key, Original, row_of
from tallystick.flows.crashpoint import crashpoint
from tallystick.flows.errors import (
    DuplicateNumber,
    Faulty,
    Illegal,
    KeyInProgress,
    KeyReused,
    Limited,
    NotFound,
    Refused,
    Unavailable,
)
from tallystick.flows.gateway import Gateway
from tallystick.flows.judging import Judged, judge
from tallystick.store import AcceptResult, AcceptRow, StoreUnavailable, stored_answer
from tallystick.store import accept as accept_row
from tallystick.strategy import Reading, Reads, Trace, Traces

__all__ = ["Accepted", "Original", "Report", "accept", "from_document", "validate"]

INVOICES: Final = "/v1/invoices"
FROM_DOCUMENT: Final = "/v1/invoices:from-document"
MOST_TRACED: Final = 1_000_000


class Accepted(Struct, frozen=True, kw_only=True):
    """The answer: `body` is the invoice's resource as JSON, `etag` the head of its log (64 hex digits).

    A replayed answer is the stored one, byte for byte. `at_once`: the document is the buyer's as soon as it
    is built.
    """

    status: int
    invoice_id: UUID
    body: bytes
    etag: str
    replayed: bool = False
    at_once: bool = False


class Report(Struct, frozen=True, kw_only=True):
    """What accepting would say. `invoice` is the completed invoice as canonical JSON, None if it is none."""

    valid: bool
    faults: tuple[Fault, ...]
    computed: tuple[str, ...] = ()
    strategy: str | None = None
    strategy_reason: str | None = None
    registration: UUID | None = None
    invoice: msgspec.Raw | None = None


async def accept(
    gateway: Gateway,
    caller: Caller,
    body: bytes,
    *,
    idempotency_key: str | None,
    supersedes: UUID | None = None,
    original: Original | None = None,
) -> Accepted:
    """Keep the invoice of this canonical JSON for good, and wake the worker.

    The same key and content give the same answer for 30 days. Raises Faulty with every fault at once,
    KeyReused, KeyInProgress, DuplicateNumber, NotFound or Illegal (for `supersedes`), Limited, Unavailable.
    """
    try:
        judged = found_in(original, await judge(gateway, caller, body))
        key = key_for(idempotency_key, supersedes, original, body)
        if judged.faults:
            refusal: Refused = Faulty(told(gateway, judged))
            return await answered_before(gateway, caller, key, refusal)
        if (after := await gateway.admission.wait(caller.tenant_id)) > 0:
            return await answered_before(gateway, caller, key, Limited(after))
        content = content_of(judged, supersedes, original)
        row, soon = row_of(caller, content, key), at_once(content)
        crashpoint("accept.judged")
        result = await accept_row(gateway.store, row)
        crashpoint("accept.committed")
    except StoreUnavailable as error:
        raise Unavailable from error
    if result.kind == "created":
        gateway.admission.add(caller.tenant_id)
        gateway.wake(row.submission_id)
        crashpoint("accept.woken")
    return answer(result, row, soon)


async def validate(gateway: Gateway, caller: Caller, body: bytes) -> Report:
    """Everything `accept` would say about this canonical JSON; nothing is stored. Raises Unavailable."""
    try:
        judged = await judge(gateway, caller, body)
    except StoreUnavailable as error:
        raise Unavailable from error
    choice, registration = judged.choice, judged.registration
    return Report(
        valid=not judged.faults,
        faults=told(gateway, judged),
        computed=judged.computed,
        strategy=choice.strategy.name if choice else None,
        strategy_reason=choice.reason if choice else None,
        registration=registration.id if registration else None,
        invoice=msgspec.Raw(canonical_bytes(judged.invoice)) if judged.invoice else None,
    )


def told(gateway: Gateway, judged: Judged) -> tuple[Fault, ...]:
    """Every fault and warning as the caller is told them: with the way to each rule."""
    every = judged.faults + judged.warnings
    return gateway.explorer.linked(judged.choice.strategy.name, every) if judged.choice else every


async def from_document(
    gateway: Gateway,
    caller: Caller,
    body: bytes,
    *,
    idempotency_key: str | None,
    supersedes: UUID | None = None,
) -> Accepted:
    """Accept a wire document (such as UBL): read into the canonical model, its own bytes kept beside.

    What the model cannot carry stands in the answer's warnings, each with its place. Raises as `accept`;
    Faulty too when nobody can read the document.
    """
    reader, reading, media_type = read(gateway, body)
    lost = tuple(
        Fault(
            code="document/not-carried",
            pointer="",
            message=piece.reason or "the canonical model has no place for it",
            severity="warning",
            actual=piece.value,
            wire_location=piece.path,
        )
        for piece in reading.unread
    )
    trace = partial(traced, gateway, reader, body, reading)
    original = Original(body=body, media_type=media_type, lost=lost, trace=trace)
    return await accept(
        gateway,
        caller,
        reading.invoice,
        idempotency_key=idempotency_key,
        supersedes=supersedes,
        original=original,
    )


def found_in(original: Original | None, judged: Judged) -> Judged:
    """What was judged, each fault also at its place in the wire document that was sent."""
    told = judged.faults or judged.warnings
    trace = original.trace() if told and original is not None else None
    if trace is None:
        return judged

    def located(fault: Fault) -> Fault:
        place = fault.wire_location or trace.location(fault.computed or fault.pointer)
        return replace(fault, wire_location=place)

    faults, warnings = (tuple(map(located, some)) for some in (judged.faults, judged.warnings))
    return replace(judged, faults=faults, warnings=warnings)


def traced(gateway: Gateway, reader: Reads, body: bytes, reading: Reading) -> Trace | None:
    """Which member each place of the document is; None where the reader cannot tell, and of a document so
    long that others would wait for it.
    """
    if not isinstance(reader, Traces) or len(body) > MOST_TRACED:
        return None
    try:
        return reader.trace(body, decode(reading.invoice, gateway.strategies.blocks).invoice)
    except ValueError:
        return None


def read(gateway: Gateway, body: bytes) -> tuple[Reads, Reading, str]:
    """Who could read the document first, what he read, and its media type. Raises Faulty."""
    refusals = []
    media_type = "application/xml" if body.lstrip()[:1] == b"<" else "application/json"
    for reader in gateway.strategies.readers(body):
        try:
            return reader, reader.read(body), media_type
        except ValueError as error:  # Unreadable: hostile or foreign bytes
            code = getattr(error, "code", "unreadable")
            refusals.append(Fault(code=f"document/{code}", pointer="", message=str(error)))
    if refusals:
        raise Faulty(refusals)
    message = "No strategy recognises this document."
    raise Faulty([Fault(code="document/not-recognised", pointer="", message=message)])


def key_for(key: str | None, supersedes: UUID | None, original: Original | None, body: bytes) -> Key:
    """The key of a request that brought this."""
    if original is None:
        return Key(key=key, path=INVOICES, fingerprint=fingerprint_of(body, supersedes))
    return Key(key=key, path=FROM_DOCUMENT, fingerprint=fingerprint_of(original.body, supersedes))


def fingerprint_of(body: bytes, supersedes: UUID | None) -> bytes:
    """32 bytes: equal for the same content, whatever its blanks and the order of its members."""
    return hashlib.sha256((supersedes.bytes if supersedes else b"") + normal_form(body)).digest()


async def answered_before(gateway: Gateway, caller: Caller, key: Key, refusal: Refused) -> Accepted:
    """The stored answer of content that was accepted once and would be refused now; else that refusal."""
    if key.key is not None:
        found = await stored_answer(gateway.store, caller.tenant_id, caller.mode, key.path, key.key)
        if found is not None and found.fingerprint == key.fingerprint:
            return Accepted(
                status=found.status,
                invoice_id=found.invoice_id,
                body=found.body,
                etag=found.etag,
                replayed=True,
            )
    raise refusal


def at_once(content: Content) -> bool:
    """Whether the document is the buyer's as soon as it is built."""
    able = abilities(content.strategy).issues_at_once
    return able is not None and able.at_once(content.invoice, content.enrolment)


def answer(result: AcceptResult, row: AcceptRow, soon: bool = False) -> Accepted:
    """What the caller is told. Raises the refusal it means."""
    if result.kind == "in_progress":
        raise KeyInProgress
    if result.kind == "key_reused":
        raise KeyReused(result.invoice_id)
    if result.kind == "duplicate":
        raise DuplicateNumber(result.invoice_id, row.number)
    if result.kind == "unknown":
        raise NotFound
    if result.kind == "not_supersedable":
        raise Illegal((), "only a rejected invoice is superseded, once, and under its own number")
    return Accepted(
        status=result.status,
        invoice_id=result.invoice_id,
        body=result.body,
        etag=result.etag,
        replayed=result.kind == "replayed",
        at_once=soon,
    )


def content_of(judged: Judged, supersedes: UUID | None, original: Original | None) -> Content:
    """A document without faults as what will be written. Raises ValueError for one that has any."""
    if judged.invoice is None or judged.choice is None or judged.enrolment is None or judged.faults:
        raise ValueError("only what was judged good can be written")
    return Content(
        invoice=judged.invoice,
        computed=judged.computed,
        warnings=judged.warnings + (original.lost if original else ()),
        strategy=judged.choice.strategy,
        reason=judged.choice.reason,
        enrolment=judged.enrolment,
        registration=judged.registration.id if judged.registration else None,
        supersedes=supersedes,
        original=original,
    )
