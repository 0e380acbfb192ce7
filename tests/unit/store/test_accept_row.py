"""One statement accepts an invoice: everything of it stands, once, and says the same to everybody."""

import asyncio
import hashlib
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from tallystick.ledger import Break, follow
from tallystick.store import AcceptRow, Store, accept, append_entry, append_event, ids
from tallystick.store.accept import PARAMETERS
from unit.store.rows import accept_row, new_tenant, reject

COUNTED = (
    "idempotency_key",
    "invoice",
    "submission",
    "object",
    "compliance_log",
    "log_pending",
    "webhook_event",
)


async def counts(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url, server_settings={"role": "tallystick_worker"})
    try:
        return {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in COUNTED}
    finally:
        await connection.close()


async def one(url: str, query: str, *values: Any) -> Any:
    connection = await asyncpg.connect(url, server_settings={"role": "tallystick_worker"})
    try:
        return await connection.fetchrow(query, *values)
    finally:
        await connection.close()


async def test_the_rows_fields_are_the_functions_parameters(app: Store) -> None:
    names = await app.hot.fetchval(
        "SELECT proargnames[1:pronargs] FROM pg_proc WHERE proname = 'accept_invoice'"
    )
    assert tuple(names) == PARAMETERS


async def test_everything_is_written_at_once(app: Store, database_url: str) -> None:
    tenant = await new_tenant(app)
    row = accept_row(tenant, key="k1")
    result = await accept(app, row)
    assert (result.kind, result.invoice_id, result.status) == ("created", row.invoice_id, 201)
    assert await counts(database_url) == dict.fromkeys(COUNTED, 1)
    log = await one(database_url, "SELECT entry, hash, at FROM compliance_log")
    entries = list(follow([log["entry"]]))
    assert not any(isinstance(found, Break) for found in entries)
    head = await one(database_url, "SELECT stream_hash, stream_seq, event_seq FROM invoice")
    assert head["stream_hash"] == log["hash"] == bytes.fromhex(result.etag)
    assert (head["stream_seq"], head["event_seq"]) == (1, 1)
    stated = entries[0].at  # type: ignore[union-attr]
    assert stated == log["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert msgspec.json.decode(result.body)["created_at"] == stated
    event = msgspec.json.decode((await one(database_url, "SELECT body FROM webhook_event"))["body"])
    assert event["chain"] == {"sequence": 1, "hash": result.etag}
    assert (event["timestamp"], event["sequence"], event["id"]) == (stated, 1, str(row.event_id))
    kept = await one(database_url, "SELECT salt, digest, body FROM object")
    assert kept["digest"] == hashlib.sha256(kept["salt"] + kept["body"]).digest()


async def test_fifty_posts_of_one_key_at_once_make_one_invoice(app: Store, database_url: str) -> None:
    tenant = await new_tenant(app)
    rows = [accept_row(tenant, key="same") for _ in range(50)]
    results = await asyncio.gather(*(accept(app, row) for row in rows))
    assert len({(r.invoice_id, r.status, r.etag, r.body) for r in results}) == 1
    assert sorted(r.kind for r in results) == ["created"] + ["replayed"] * 49
    assert await counts(database_url) == dict.fromkeys(COUNTED, 1)


async def test_fifty_posts_of_one_number_without_a_key_make_one_invoice(
    app: Store, database_url: str
) -> None:
    tenant = await new_tenant(app)
    results = await asyncio.gather(*(accept(app, accept_row(tenant)) for _ in range(50)))
    assert sorted(r.kind for r in results) == ["created"] + ["duplicate"] * 49
    assert len({r.invoice_id for r in results}) == 1
    assert await counts(database_url) == dict.fromkeys(COUNTED, 1) | {"idempotency_key": 0}


async def test_one_key_with_many_contents_at_once_makes_one_invoice(app: Store, database_url: str) -> None:
    tenant = await new_tenant(app)
    rows = [accept_row(tenant, key="k", number=f"N{n}", content=b"%d" % n) for n in range(30)]
    results = await asyncio.gather(*(accept(app, row) for row in rows))
    assert sorted(r.kind for r in results) == ["created"] + ["key_reused"] * 29
    assert len({r.invoice_id for r in results}) == 1
    assert (await counts(database_url))["invoice"] == 1


async def test_an_answer_that_got_lost_is_found_again(app: Store, database_url: str) -> None:
    tenant = await new_tenant(app)
    for row in (accept_row(tenant, key="k"), accept_row(tenant, number="INV-2")):
        first, again = await accept(app, row), await accept(app, row)
        assert (first.kind, again.kind) == ("created", "created")
        assert first == again
    assert (await counts(database_url))["invoice"] == 2


async def test_a_key_belongs_to_tenant_mode_and_path(app: Store) -> None:
    one_tenant, other = await new_tenant(app), await new_tenant(app)
    assert (await accept(app, accept_row(one_tenant, key="k"))).kind == "created"
    assert (await accept(app, accept_row(other, key="k"))).kind == "created"
    assert (await accept(app, accept_row(one_tenant, key="k", mode="live"))).kind == "created"
    changed = accept_row(
        one_tenant, key="k", number="INV-2", content=b"{}", path="/v1/invoices:from-document"
    )
    assert (await accept(app, changed)).kind == "created"
    assert (await accept(app, accept_row(one_tenant, key="k", method="PUT"))).kind == "key_reused"


async def test_an_expired_key_may_be_used_again(app: Store, database_url: str) -> None:
    tenant = await new_tenant(app)
    assert (await accept(app, accept_row(tenant, key="k", key_days=0))).kind == "created"
    second = accept_row(tenant, key="k", number="INV-2", content=b"other")
    assert (await accept(app, second)).kind == "created"
    third = await accept(app, accept_row(tenant, key="k", number="INV-2", content=b"other"))
    assert (third.kind, third.invoice_id) == ("replayed", second.invoice_id)
    assert (await counts(database_url))["idempotency_key"] == 1


@pytest.mark.parametrize(
    "change",
    [{"doc_family": "credit_note"}, {"fiscal_year": 2027}, {"seller_key": "tax:XX2"}, {"mode": "live"}],
)
async def test_a_number_is_free_in_another_series(app: Store, change: dict[str, Any]) -> None:
    tenant = await new_tenant(app)
    assert (await accept(app, accept_row(tenant))).kind == "created"
    assert (await accept(app, accept_row(tenant))).kind == "duplicate"
    assert (await accept(app, accept_row(tenant, **change))).kind == "created"


async def links(url: str, invoice: UUID) -> tuple[UUID | None, UUID | None]:
    found = await one(url, "SELECT supersedes, superseded_by FROM invoice WHERE id = $1", invoice)
    return found["supersedes"], found["superseded_by"]


async def test_a_rejected_invoice_is_superseded_once(app: Store, worker: Store, database_url: str) -> None:
    tenant = await new_tenant(app)
    old = (await accept(app, accept_row(tenant))).invoice_id
    assert (await accept(app, accept_row(tenant, supersedes=old))).kind == "not_supersedable"
    await reject(worker, tenant, old)
    assert (await accept(app, accept_row(tenant))).kind == "duplicate"
    rows = [accept_row(tenant, supersedes=old, content=b"%d" % n) for n in range(10)]
    results = await asyncio.gather(*(accept(app, row) for row in rows))
    (new,) = (r.invoice_id for r in results if r.kind == "created")
    assert {r.kind for r in results} <= {"created", "duplicate", "not_supersedable"}
    assert await links(database_url, new) == (old, None)
    assert await links(database_url, old) == (None, new)


async def test_superseding_with_a_key_is_replayed(app: Store, worker: Store) -> None:
    tenant = await new_tenant(app)
    old = (await accept(app, accept_row(tenant))).invoice_id
    await reject(worker, tenant, old)
    rows = [accept_row(tenant, key="k", supersedes=old) for _ in range(20)]
    results = await asyncio.gather(*(accept(app, row) for row in rows))
    assert sorted(r.kind for r in results) == ["created"] + ["replayed"] * 19
    assert len({r.body for r in results}) == 1


@pytest.mark.parametrize("change", [{"number": "INV-2"}, {"seller_key": "tax:XX9"}, {"mode": "live"}])
async def test_only_the_same_number_of_the_same_seller_supersedes(
    app: Store, worker: Store, database_url: str, change: dict[str, Any]
) -> None:
    tenant = await new_tenant(app)
    old = (await accept(app, accept_row(tenant))).invoice_id
    await reject(worker, tenant, old)
    refused = "unknown" if "mode" in change else "not_supersedable"
    assert (await accept(app, accept_row(tenant, supersedes=old, **change))).kind == refused
    assert await links(database_url, old) == (None, None)


async def test_superseding_into_a_year_where_the_number_is_taken_is_a_duplicate(
    app: Store, worker: Store, database_url: str
) -> None:
    tenant = await new_tenant(app)
    old = (await accept(app, accept_row(tenant))).invoice_id
    taken = (await accept(app, accept_row(tenant, fiscal_year=2027))).invoice_id
    await reject(worker, tenant, old)
    result = await accept(app, accept_row(tenant, supersedes=old, fiscal_year=2027))
    assert (result.kind, result.invoice_id) == ("duplicate", taken)
    assert await links(database_url, old) == (None, None)


async def test_another_tenants_invoice_is_not_superseded(app: Store, worker: Store) -> None:
    one_tenant, other = await new_tenant(app), await new_tenant(app)
    old = (await accept(app, accept_row(one_tenant))).invoice_id
    await reject(worker, one_tenant, old)
    assert (await accept(app, accept_row(other, supersedes=old))).kind == "unknown"


async def test_marks_in_what_a_caller_wrote_stay_as_they_are(app: Store, database_url: str) -> None:
    tenant = await new_tenant(app)
    hostile = '\\u0001","created_at":"\x02'
    row: AcceptRow = accept_row(tenant, number=hostile, seller_key=hostile)
    assert (await accept(app, row)).kind == "created"
    assert (await one(database_url, "SELECT number FROM invoice"))["number"] == hostile


async def test_entries_and_events_go_on_where_acceptance_stopped(
    app: Store, worker: Store, database_url: str
) -> None:
    tenant = await new_tenant(app)
    invoice = (await accept(app, accept_row(tenant))).invoice_id
    for number in range(2, 5):
        async with worker.everyone() as db:
            made = await append_entry(
                db,
                tenant=tenant,
                stream_kind="invoice",
                stream_id=invoice,
                event="authority.request",
                actor="worker",
                attempt=number,
                data={"n": number, "text": "é\x01"},
            )
            place = await append_event(
                db, tenant=tenant, invoice_id=invoice, type="authority.cleared", data={"é": "\x03"}
            )
            assert (made.seq, place) == (number, number)
    async with worker.everyone() as db:
        from sqlalchemy import text

        bodies = (
            (await db.execute(text("SELECT entry FROM compliance_log ORDER BY stream_seq"))).scalars().all()
        )
    assert not [found for found in follow(bodies) if isinstance(found, Break)]
    assert len(bodies) == 4
    event = msgspec.json.decode(
        (await one(database_url, "SELECT body FROM webhook_event WHERE seq = 4"))["body"]
    )
    head = await one(database_url, "SELECT stream_hash, version FROM invoice")
    assert event["chain"] == {"sequence": 4, "hash": head["stream_hash"].hex()}
    assert event["data"] == {"é": "\x03"}
    assert head["version"] == 4


async def test_other_streams_are_chained_too(app: Store) -> None:
    tenant, stream = await new_tenant(app), ids.new()

    async def write(number: int) -> bytes:
        async with app.tenant(tenant) as db:
            made = await append_entry(
                db,
                tenant=tenant,
                stream_kind="key",
                stream_id=stream,
                event="key.created",
                actor="cli",
                data={"n": number},
            )
        return made.entry

    bodies = await asyncio.gather(*(write(n) for n in range(8)))
    ordered = sorted(bodies, key=lambda body: int(msgspec.json.decode(body)["stream_seq"]))
    assert not [found for found in follow(ordered) if isinstance(found, Break)]


async def test_an_entry_of_an_unknown_invoice_is_refused(app: Store) -> None:
    tenant, other = await new_tenant(app), await new_tenant(app)
    invoice = (await accept(app, accept_row(other))).invoice_id
    for missing in (ids.new(), invoice):
        with pytest.raises(Exception, match="no such invoice"):
            async with app.tenant(tenant) as db:
                await append_entry(
                    db, tenant=tenant, stream_kind="invoice", stream_id=missing, event="x", actor="y"
                )
