"""The one pass over everything: invoice by invoice, then what belongs to none."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from msgspec import Struct

from tallystick.flows.fsck.acts import ISSUE, acts
from tallystick.flows.fsck.attempts import attempts
from tallystick.flows.fsck.authority import Authority
from tallystick.flows.fsck.bodies import bodies
from tallystick.flows.fsck.chains import chains
from tallystick.flows.fsck.client import Client, key
from tallystick.flows.fsck.consumer import Consumers
from tallystick.flows.fsck.deadlines import deadlines
from tallystick.flows.fsck.deliveries import deliveries
from tallystick.flows.fsck.document import document
from tallystick.flows.fsck.events import events
from tallystick.flows.fsck.progress import progress
from tallystick.flows.fsck.receipts import Witnesses
from tallystick.flows.fsck.registration import Enrolment, registration
from tallystick.flows.fsck.replay import replay
from tallystick.flows.fsck.report import Finding, Report
from tallystick.flows.fsck.story import Body, Story, body_of, named
from tallystick.flows.fsck.stream import links, read
from tallystick.store.fsck import Row, Snapshot

__all__ = ["Witness", "check"]

AT_ONCE = 500  # entries of other streams that are looked at together


class Witness(Struct, frozen=True, kw_only=True):
    """What others wrote down."""

    authority: Authority
    consumers: Consumers
    client: Client
    receipts: Witnesses


class Pass(Struct, kw_only=True):
    """One pass: what it reads, what it compares with, what it found. `known`: bodies the log names."""

    snapshot: Snapshot
    witness: Witness
    patience: float
    report: Report
    addresses: Mapping[UUID, str]
    active: frozenset[object]
    known: set[bytes]


async def check(snapshot: Snapshot, witness: Witness, patience: float) -> Report:
    """Everything in this snapshot against every invariant."""
    endpoints = await snapshot.endpoints()
    work = Pass(
        snapshot=snapshot,
        witness=witness,
        patience=patience,
        report=Report(),
        addresses={row["id"]: row["url"] for row in endpoints},
        active=frozenset(row["id"] for row in endpoints if row["state"] == "active"),
        known=set(),
    )
    async for batch in snapshot.batches():
        await _invoices(work, batch)
    await _other_streams(work)
    await _rest(work)
    for side in (witness.authority, witness.consumers, witness.client, witness.receipts):
        work.report.add(side.leftovers())
    work.report.counts.update(
        answers=witness.client.answers,
        arrivals=witness.consumers.arrivals,
        authority_events=witness.authority.events,
        receipts=witness.receipts.receipts,
    )
    return work.report


async def _invoices(work: Pass, batch: Sequence[Row]) -> None:
    """One batch of invoices with all that hangs on them."""
    found = await work.snapshot.of([row["id"] for row in batch])
    entries = read(found["entries"])
    kept = await _bodies(work, [entry for entry in entries if entry])
    told = _grouped(list(zip(found["entries"], entries, strict=True)), lambda pair: pair[0]["stream_id"])
    parts = {name: _grouped(found[name], _invoice_of) for name in found if name != "entries"}
    for row in batch:
        pairs = told.get(row["id"], [])
        submissions = parts["submissions"].get(row["id"], [])
        own = [each for each in submissions if each["kind"] == ISSUE]
        story = Story(
            invoice=row,
            rows=[pair[0] for pair in pairs],
            entries=[pair[1] for pair in pairs],
            submission=own[0] if own else None,
            acts=[each for each in submissions if each["kind"] != ISSUE],
            attempts=parts["attempts"].get(row["id"], []),
            events=parts["events"].get(row["id"], []),
            deliveries=parts["deliveries"].get(row["id"], []),
            bodies=kept,
        )
        work.report.add(_judged(work, story))
        if len(own) > 1:
            work.report.add([Finding("I2", f"it has {len(own)} submissions", story.where)])
    work.report.counts.update(invoices=len(batch), **{name: len(rows) for name, rows in found.items()})


def _judged(work: Pass, story: Story) -> Iterator[Finding]:
    """Every check of one invoice."""
    now, witness = work.snapshot.now, work.witness
    own = story.chapter()
    yield from links(story.rows, story.entries)
    yield from bodies(story.entries, story.bodies, story.where)
    yield from replay(story)
    yield from document(own)
    yield from attempts(own)
    yield from progress(own, now, work.patience)
    yield from deadlines(own, now, work.patience)
    yield from acts(story, now, work.patience)
    yield from events(story)
    yield from deliveries(story, now, work.patience, work.active)
    yield from witness.authority.compare(own)
    yield from witness.consumers.compare(story, work.addresses)
    yield from witness.client.compare(story)
    yield from witness.receipts.compare(story)


async def _bodies(work: Pass, entries: Sequence[dict[str, Any]]) -> dict[bytes, Body]:
    """The bodies these entries name, hashed."""
    ids = {id_ for entry in entries for id_, _ in named(entry)}
    work.known |= ids
    wanted = [UUID(bytes=id_) for id_ in ids if len(id_) == 16]
    kept = {row["id"].bytes: body_of(row) async for row in work.snapshot.objects(wanted)}
    work.report.counts.update(objects=len(kept))
    return kept


async def _other_streams(work: Pass) -> None:
    """Registrations, keys, tenants, and what the system noted: the same links, the same bodies."""
    stream: list[Row] = []
    async for row in work.snapshot.other_streams():
        if stream and _stream_of(stream[0]) != _stream_of(row):
            await _stream(work, stream)
            stream = []
        stream.append(row)
    if stream:
        await _stream(work, stream)


async def _stream(work: Pass, rows: Sequence[Row]) -> None:
    entries = read(rows)
    work.report.add(links(rows, entries))
    if rows[0]["stream_kind"] == "registration":
        await _registration(work, rows, entries)
    for start in range(0, len(entries), AT_ONCE):
        piece = [entry for entry in entries[start : start + AT_ONCE] if entry]
        kept = await _bodies(work, piece)
        work.report.add(bodies(piece, kept, f"{rows[0]['stream_kind']} {rows[0]['stream_id']}"))
    work.report.counts.update(entries=len(rows))


async def _registration(work: Pass, rows: Sequence[Row], entries: Sequence[dict[str, Any]]) -> None:
    """What subscribers were told of a registration."""
    row, told, sent = await work.snapshot.registration(rows[0]["stream_id"])
    if row is None:
        where = f"registration {rows[0]['stream_id']}"
        work.report.add([Finding("I7", "entries of a registration that is not there", where)])
        return
    story = Enrolment.of(row, rows, entries, told, sent)
    work.report.add(registration(story))
    work.report.add(deliveries(story, work.snapshot.now, work.patience, work.active))
    work.report.add(work.witness.consumers.compare(story, work.addresses))
    work.report.counts.update(events=len(told), deliveries=len(sent))


async def _rest(work: Pass) -> None:
    """Keys, chains, and rows that hang on nothing."""
    async for row in work.snapshot.keys():
        work.report.add(key(row))
        work.report.counts.update(keys=1)
    async for finding in chains(work.snapshot):
        work.report.add([finding])
    async for invariant, what, where in work.snapshot.strays():
        work.report.add([Finding(invariant, what, where)])
    async for row in work.snapshot.all_objects():
        if row["id"].bytes not in work.known:
            work.report.add(
                [Finding("I7", "no entry of the log names it", f"object {row['id'].hex} ({row['name']})")]
            )


def _grouped(rows: Sequence[Any], of: Any) -> dict[Any, list[Any]]:
    return {name: list(group) for name, group in groupby(rows, of)}


def _invoice_of(row: Row) -> Any:
    return row["invoice_id"]


def _stream_of(row: Row) -> tuple[Any, Any]:
    return row["stream_kind"], row["stream_id"]
