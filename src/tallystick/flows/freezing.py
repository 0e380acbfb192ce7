"""Freezing in a transaction of its own: documents of a chain, those that are the buyer's at once, and those
that a second judge is shown before they are sent.

A document's place in its chain, its bytes, its entry and its event are stored together or not at all, under
the chain's row lock; a crash leaves neither a number nor a document. The lock is held for the building alone:
everything else is read, decoded and opened before. Those of one process who wait for the same chain go in
together, each with its own number, in one transaction; one that cannot be built uses no number and holds up
nobody.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct, structs

from tallystick.canonical import Invoice, decode
from tallystick.flows.abilities import abilities
from tallystick.flows.crashpoint import crashpoint
from tallystick.flows.enrolling import enrolment_for
from tallystick.flows.errors import Unavailable
from tallystick.flows.gateway import Gateway
from tallystick.flows.resource import event_data
from tallystick.flows.status import public
from tallystick.flows.transactions import persistently
from tallystick.ledger import GENESIS, Entry, Value, template
from tallystick.store import Body, event_template, ids, new_body
from tallystick.store.chains import (
    Begun,
    Readiness,
    StoredDocument,
    begin_document,
    chain_id,
    store_document,
)
from tallystick.store.enrolled import Enrolled, enrolled
from tallystick.store.retry import reason
from tallystick.store.work import Glimpse, glimpse
from tallystick.strategy import Document, Enrolment, Slot, Strategy

__all__ = [
    "Broken",
    "FreezeNeeded",
    "Prepared",
    "ahead",
    "built_data",
    "decoded",
    "freeze",
    "name_of",
    "opened",
    "wanted",
]

TOGETHER: Final = 16  # documents of one chain in one transaction, at most
KEPT: Final = 64  # registrations whose secrets stay open in this process, at most
EVENT: Final = "invoice.built"
ENTRY: Final = "document.built"


class Broken(Exception):
    """Our own code failed before anything was sent: what the strategy said, or why it could not be asked."""


class Prepared(Struct, frozen=True, kw_only=True):
    """All that a document is built from but its place: ready before any lock is taken."""

    seen: Glimpse
    row: Enrolled | None
    strategy: Strategy
    invoice: Invoice
    enrolment: Enrolment
    chain: str | None
    at_once: bool

    @property
    def may(self) -> bool:
        """Whether the registration lets a document be built now: one that is the buyer's at once also while
        the authority refuses to hear us, none while credentials change hands or before there are any.
        """
        states = {"active", "paused"} if self.at_once else {"active"}
        return self.row is None or self.row.state in states


class FreezeNeeded(Exception):
    """The document must be built before it can be sent. Nothing was claimed."""

    def __init__(self, prepared: Prepared) -> None:
        super().__init__("not built yet")
        self.prepared = prepared


def wanted(gateway: Gateway, seen: Glimpse, row: Enrolled | None) -> Prepared | None:
    """What is needed to build this document apart from its sending; None where that is not how it is done.

    Raises Broken for a document or a registration that cannot be read.
    """
    if seen.wire_object is not None or seen.kind != "issue" or seen.strategy not in gateway.strategies:
        return None
    strategy = gateway.strategies.by_name(seen.strategy)
    able = abilities(strategy)
    shown = gateway.bench is not None and gateway.bench.judges(seen.strategy)
    if able.chains is None and able.issues_at_once is None and not shown:
        return None
    try:
        invoice = decoded(gateway, seen)
        enrolment = opened(gateway, strategy, seen, row)
        at_once = able.issues_at_once is not None and able.issues_at_once.at_once(invoice, enrolment)
        name = able.chains.chain(invoice, enrolment) if able.chains is not None else None
    except Exception as error:
        raise _broken(seen, error) from error
    if name is None and not at_once and not shown:
        return None
    return Prepared(
        seen=seen,
        row=row,
        strategy=strategy,
        invoice=invoice,
        enrolment=enrolment,
        chain=None if name is None else chain_id(seen.tenant_id, strategy.name, enrolment.environment, name),
        at_once=at_once,
    )


async def ahead(gateway: Gateway, submission: UUID) -> None:
    """Build this document now if it is the buyer's at once, whoever sends it later. Raises as `freeze`."""

    async def look() -> Prepared | None:
        async with gateway.store.everyone() as db:
            seen = await glimpse(db, submission)
            if seen is None or seen.wire_object is not None:
                return None
            row = await enrolled(db, seen.registration_id) if seen.registration_id is not None else None
        return wanted(gateway, seen, row)

    found = await persistently(gateway, look)
    if found is not None and found.at_once and found.may:
        await freeze(gateway, found)


def decoded(gateway: Gateway, seen: Glimpse) -> Invoice:
    """The stored invoice. Raises Broken."""
    found = decode(seen.payload, gateway.strategies.blocks)
    if found.invoice is None:
        raise Broken("a stored invoice can no longer be read")
    return found.invoice


def _broken(seen: Glimpse, error: Exception) -> Exception:
    """An error of ours as Broken; an outage of the store stays what it is."""
    if isinstance(error, Broken | Unavailable) or reason(error) is not None:
        return error
    broken = Broken(f"{type(error).__name__} in {seen.strategy}")
    broken.__cause__ = error
    return broken


class _Open(OrderedDict[Any, Enrolment]):
    """The registrations used last, secrets open: opening one costs more than building a document."""

    def keep(self, key: Any, enrolment: Enrolment) -> None:
        """Remember it; forget the one that was not used for longest."""
        self[key] = enrolment
        while len(self) > KEPT:
            self.popitem(last=False)


_OPEN: Final[WeakKeyDictionary[Gateway, _Open]] = WeakKeyDictionary()


def opened(gateway: Gateway, strategy: Strategy, seen: Glimpse, row: Enrolled | None) -> Enrolment:
    """The enrolment without a place. Secrets that were wrapped anew, or settings that changed, are not
    found under the old key.
    """
    if row is None:
        return enrolment_for(gateway, strategy, seen, None, seen.now)
    known = _OPEN.setdefault(gateway, _Open())
    key = (strategy.name, hashlib.sha256(msgspec.json.encode(row, order="sorted")).digest())
    found = known.get(key)
    if found is None:
        found = enrolment_for(gateway, strategy, seen, row, seen.now)
        known.keep(key, found)
    else:
        known.move_to_end(key)
    return structs.replace(found, now=seen.now, reference=seen.external_ref)


class _Line:
    """Those of this process who wait for one chain."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Prepared, asyncio.Future[Readiness]]] = []
        self.task: asyncio.Task[None] | None = None


_LINES: Final[WeakKeyDictionary[Gateway, dict[str, _Line]]] = WeakKeyDictionary()


async def freeze(gateway: Gateway, prepared: Prepared) -> Readiness:
    """Build and store it, unless somebody did; `ready` means that it was done here.

    Raises Broken when it cannot be built, Unavailable when the database does not answer.
    """
    if prepared.chain is None:
        return _result((await _together(gateway, [prepared]))[0])
    lines = _LINES.setdefault(gateway, {})
    line = lines.setdefault(prepared.chain, _Line())
    turn: asyncio.Future[Readiness] = asyncio.get_running_loop().create_future()
    line.waiting.append((prepared, turn))
    if line.task is None:
        line.task = asyncio.create_task(_move_on(gateway, lines, prepared.chain, line))
    return await turn


async def _move_on(gateway: Gateway, lines: dict[str, _Line], chain: str, line: _Line) -> None:
    """Let those in the line build, as many at a time as may go together, until nobody waits."""
    try:
        while line.waiting:
            now, line.waiting = line.waiting[:TOGETHER], line.waiting[TOGETHER:]
            now = [(prepared, turn) for prepared, turn in now if not turn.done()]
            found = await _together(gateway, [prepared for prepared, _ in now]) if now else []
            for (_, turn), result in zip(now, found, strict=True):
                if turn.done():  # who waited was told to stop; the document stands all the same
                    continue
                if isinstance(result, Exception):
                    turn.set_exception(result)
                else:
                    turn.set_result(result)
    finally:
        line.task = None
        if not line.waiting:
            lines.pop(chain, None)
        for _, turn in line.waiting:
            turn.cancel()


def _result(found: Readiness | Exception) -> Readiness:
    if isinstance(found, Exception):
        raise found
    return found


async def _together(gateway: Gateway, line: Sequence[Prepared]) -> Sequence[Readiness | Exception]:
    """What became of each. If the database refuses one of several, each is tried alone."""
    try:
        found = await persistently(gateway, lambda: _written(gateway, line))
        crashpoint("freeze.committed")
        return found
    except Exception as error:  # noqa: BLE001 -- each who waits is told
        if len(line) == 1 or isinstance(error, Unavailable):
            return [_broken(each.seen, error) for each in line]
    return [(await _together(gateway, [each]))[0] for each in line]


async def _written(gateway: Gateway, line: Sequence[Prepared]) -> list[Readiness | Exception]:
    """One transaction over all of them."""
    found: list[Readiness | Exception] = []
    async with gateway.store.hot.acquire() as connection, connection.transaction():
        for prepared in line:
            seen, row = prepared.seen, prepared.row
            begun = await begin_document(
                connection,
                seen.id,
                seen.invoice_id,
                seen.tenant_id,
                None if row is None else row.id,
                0 if row is None else row.version,
                "" if row is None else row.state,
                prepared.chain,
            )
            if begun.readiness != "ready":
                found.append(begun.readiness)
                continue
            try:
                document = _built(prepared, begun)
            except Exception as error:  # noqa: BLE001 -- it used no number; the others go on
                found.append(_broken(seen, error))
                continue
            crashpoint("freeze.built")
            await store_document(connection, document)
            found.append("ready")
        crashpoint("freeze.written")
    return found


def _built(prepared: Prepared, begun: Begun) -> StoredDocument:
    """The document in its place, and all that is stored of it. Raises whatever the strategy raises."""
    slot = None if begun.number is None else Slot(begun.number, begun.previous or "")
    enrolment = structs.replace(prepared.enrolment, now=begun.moment, slot=slot)
    document = prepared.strategy.build(prepared.invoice, enrolment)
    seen = prepared.seen
    bodies = [
        new_body(document.body, document.media_type, name_of(document.media_type)),
        *(new_body(each.body, each.media_type, each.name) for each in document.artifacts),
    ]
    shown = public(begun.state or "queued")
    states = {"processing_status": shown.processing_status, "authority_status": shown.authority_status}
    told: dict[str, Any] = {}
    if prepared.at_once:
        event_id = ids.new()
        data = event_data(invoice_id=seen.invoice_id, number=seen.number, mode=seen.mode, **states)
        told = {
            "event_id": event_id,
            "event_type": EVENT,
            "event_body": event_template(event_id, EVENT, data),
        }
    return StoredDocument(
        submission_id=seen.id,
        invoice_id=seen.invoice_id,
        tenant_id=seen.tenant_id,
        token=begun.token or 0,
        sha256=hashlib.sha256(document.body).digest(),
        marks=msgspec.json.encode(document.marks).decode(),
        link=document.link,
        chain=prepared.chain,
        number=begun.number,
        previous=begun.previous,
        bodies=bodies,
        entry=_entry(prepared, begun, document, states, bodies),
        **told,
    )


def _entry(
    prepared: Prepared, begun: Begun, document: Document, states: dict[str, str], bodies: Sequence[Body]
) -> str:
    """The entry of the building, its time and place left to the database."""
    seen = prepared.seen
    slot = None if begun.number is None else Slot(begun.number, begun.previous or "")
    data = built_data(prepared.strategy, document, prepared.chain, slot, begun.token or 0)
    return template(
        Entry(
            tenant=str(seen.tenant_id),
            stream_kind="invoice",
            stream_id=str(seen.invoice_id),
            stream_seq=0,
            prev_hash=GENESIS,
            event=ENTRY,
            at="",
            actor="worker",
            authority=seen.authority,
            data={**states, **data, "at_once": prepared.at_once},
            objects=tuple(body.ref for body in bodies),
        )
    )


def built_data(
    strategy: Strategy, document: Document, chain: str | None, slot: Slot | None, token: int
) -> dict[str, Value]:
    """What the log says of a document that was built, beside the invoice's state."""
    return {
        "edition": strategy.edition,
        "strategy": strategy.name,
        "wire_sha256": hashlib.sha256(document.body).hexdigest(),
        "chain": chain,
        "chain_no": slot.number if slot else None,
        "prev_link": slot.previous if slot else None,
        "link": document.link,
        "marks_sha256": hashlib.sha256(msgspec.json.encode(document.marks, order="sorted")).hexdigest(),
        "token": token,
    }


def name_of(media_type: str) -> str:
    """The file name of a wire document."""
    return "wire.json" if "json" in media_type else "wire.xml" if "xml" in media_type else "wire.bin"
