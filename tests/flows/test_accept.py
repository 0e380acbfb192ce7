"""POST to 201: what is kept, what is answered, what is refused, and that it happens once."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text

from flows.accepting import austrian, new_caller, opened, register, row, standard
from tallystick.canonical import decode
from tallystick.flows import Caller
from tallystick.flows.accept import accept, validate
from tallystick.flows.errors import DuplicateNumber, Faulty, Illegal, KeyReused, NotFound, Unavailable
from tallystick.flows.gateway import Gateway
from tallystick.ledger import Break, Entry, follow
from tallystick.store import ids

REJECTED = "processing_status = 'completed', authority_status = 'rejected'"
CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database() AND usename = $1"""


@pytest.fixture
async def gateway(tmp_path: Path, app_database_url: str) -> AsyncIterator[Gateway]:
    async with opened(tmp_path, app_database_url) as made:
        yield made


@pytest.fixture
async def caller(gateway: Gateway) -> Caller:
    return await new_caller(gateway)


async def post(gateway: Gateway, caller: Caller, body: bytes, key: str | None = None, **more: Any) -> Any:
    return await accept(gateway, caller, body, idempotency_key=key, **more)


async def test_an_accepted_invoice_is_answered_with_its_resource(gateway: Gateway, caller: Caller) -> None:
    accepted = await post(gateway, caller, standard(), "k1")
    shown = json.loads(accepted.body)
    assert (accepted.status, accepted.replayed) == (201, False)
    assert UUID(shown["id"]) == accepted.invoice_id
    assert shown["status"] == "processing"
    assert (shown["processing_status"], shown["authority_status"]) == ("accepted", "pending")
    assert shown["strategy"] == "default"
    assert shown["strategy_reason"] == "default: nobody claims KE"
    assert shown["seller"] == {"name": "Rift Valley Instruments Ltd", "country_code": "KE"}
    assert shown["totals"]["total_amount_with_tax"] == "322422.00"
    assert "/document_totals/total_amount_with_tax" in shown["computed"]
    assert shown["links"]["receipt"] == f"/v1/invoices/{accepted.invoice_id}/receipt"
    made = datetime.strptime(shown["created_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - made).total_seconds()) < 60
    assert shown["created_at"] == shown["updated_at"]


async def test_what_is_kept_is_the_completed_invoice(
    gateway: Gateway, caller: Caller, database_url: str
) -> None:
    accepted = await post(gateway, caller, standard())
    kept = await row(database_url, "SELECT body FROM object")
    again = decode(kept["body"])
    assert again.faults == ()
    assert again.invoice is not None
    assert str(again.invoice.document_totals.total_amount_with_tax) == "322422.00"
    log = await row(database_url, "SELECT entry FROM compliance_log")
    (entry,) = follow([log["entry"]])
    assert isinstance(entry, Entry) and not isinstance(entry, Break)
    assert entry.stream_id == str(accepted.invoice_id)
    assert entry.actor == "key:ts_test_abcd1234"
    assert (entry.data["processing_status"], entry.data["authority_status"]) == ("accepted", "pending")
    for private in ("Rift Valley", "P051234567Q", "RVI-2026", "Nakuru"):
        assert private not in log["entry"].decode()


async def test_the_same_key_and_content_give_the_same_answer(gateway: Gateway, caller: Caller) -> None:
    first = await post(gateway, caller, standard(), "k1")
    members = dict(reversed(json.loads(standard()).items()))
    again = await post(gateway, caller, json.dumps(members, indent=4).encode(), "k1")
    assert again.replayed
    assert (again.status, again.body, again.etag) == (first.status, first.body, first.etag)


async def test_fifty_posts_at_once_make_one_invoice(
    gateway: Gateway, caller: Caller, database_url: str
) -> None:
    answers = await asyncio.gather(*(post(gateway, caller, standard(), "k1") for _ in range(50)))
    assert len({(one.invoice_id, one.body, one.etag) for one in answers}) == 1
    assert sum(not one.replayed for one in answers) == 1
    assert (await row(database_url, "SELECT count(*) AS n FROM invoice"))["n"] == 1


async def test_the_same_key_with_other_content_is_refused(gateway: Gateway, caller: Caller) -> None:
    first = await post(gateway, caller, standard(), "k1")
    with pytest.raises(KeyReused) as refused:
        await post(gateway, caller, standard(invoice_number="RVI-2"), "k1")
    assert refused.value.existing_id == first.invoice_id


async def test_a_number_is_used_once(gateway: Gateway, caller: Caller) -> None:
    first = await post(gateway, caller, standard(), "k1")
    for key in ("k2", None):
        with pytest.raises(DuplicateNumber) as refused:
            await post(gateway, caller, standard(), key)
        assert refused.value.existing_id == first.invoice_id
        assert refused.value.number == "RVI-2026-0117"


async def test_the_sellers_identifier_may_be_typed_with_blanks(gateway: Gateway, caller: Caller) -> None:
    await post(gateway, caller, standard())
    seller = json.loads(standard())["seller"] | {"tax_identifier": "p05 1234567q"}
    with pytest.raises(DuplicateNumber):
        await post(gateway, caller, standard(seller=seller))


async def test_a_faulty_invoice_leaves_nothing_and_frees_its_key(
    gateway: Gateway, caller: Caller, database_url: str
) -> None:
    bad = standard(issue_date="2999-01-01", payment_due_date=7, currency_code="ZZZ")
    with pytest.raises(Faulty) as refused:
        await post(gateway, caller, bad, "k1")
    assert {"/payment_due_date", "/issue_date"} & {fault.pointer for fault in refused.value.faults}
    for table in ("invoice", "object", "idempotency_key", "compliance_log"):
        assert (await row(database_url, f"SELECT count(*) AS n FROM {table}"))["n"] == 0
    assert not (await post(gateway, caller, standard(), "k1")).replayed


async def test_every_fault_is_told_at_once(gateway: Gateway, caller: Caller) -> None:
    totals = {"total_amount_with_tax": "1.00"}
    seller = json.loads(austrian())["seller"] | {"tax_identifier": "ATU00000000"}
    bad = austrian(document_totals=totals, seller=seller, type_code="999")
    with pytest.raises(Faulty) as refused:
        await post(gateway, caller, bad)
    pointers = {fault.pointer for fault in refused.value.faults}
    assert {"/document_totals/total_amount_with_tax", "/seller/tax_identifier", "/type_code"} <= pointers


async def test_what_was_accepted_is_replayed_even_if_it_would_be_refused_today(
    gateway: Gateway, caller: Caller, database_url: str, worker_database_url: str, tmp_path: Path
) -> None:
    registered = await register(gateway, caller, "ATU12345675")
    first = await post(gateway, caller, austrian(), "k1")
    async with gateway.store.tenant(caller.tenant_id) as db:
        await db.execute(text("UPDATE registration SET state = 'retired' WHERE id = :id"), {"id": registered})
    gateway.registrations.forget()  # changed behind this process's back: it would notice within two seconds
    again = await post(gateway, caller, austrian(), "k1")
    assert again.replayed
    assert again.body == first.body
    for key, body in (("k2", austrian()), ("k1", austrian(invoice_number="N2")), (None, austrian())):
        with pytest.raises(Faulty):
            await post(gateway, caller, body, key)


async def test_a_registration_is_found_by_tax_identifier_and_unit(
    gateway: Gateway, caller: Caller, database_url: str
) -> None:
    north = await register(gateway, caller, "ATU12345675", unit="north")
    accepted = await post(gateway, caller, austrian())
    shown = json.loads(accepted.body)
    assert (shown["registration"], shown["strategy"]) == (str(north), "peppol")
    kept = await row(database_url, "SELECT authority, registration_id, external_ref FROM submission")
    assert kept["authority"] == "peppol/sandbox/127.0.0.1:9"
    assert kept["registration_id"] == north
    assert UUID(kept["external_ref"]).version == 4
    south = await register(gateway, caller, "ATU12345675", unit="south")
    with pytest.raises(Faulty) as refused:
        await post(gateway, caller, austrian(invoice_number="N2"))
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/registration", "regime/registration-ambiguous")
    for asked in ("south", str(south)):
        accepted = await post(gateway, caller, austrian(invoice_number=asked, registration=asked))
        assert json.loads(accepted.body)["registration"] == str(south)
    with pytest.raises(Faulty) as refused:
        await post(gateway, caller, austrian(invoice_number="N3", registration="west"))
    assert refused.value.faults[0].pointer == "/registration"


async def test_a_registration_is_found_by_legal_identifier_where_there_is_no_tax_one(
    gateway: Gateway, caller: Caller
) -> None:
    made = await register(gateway, caller, None, legal="HRB 4711")
    seller = json.loads(austrian())["seller"] | {"legal_registration_identifier": {"value": "HRB 4711"}}
    shown = json.loads((await post(gateway, caller, austrian(seller=seller))).body)
    assert shown["registration"] == str(made)


async def test_a_test_key_never_reaches_a_production_registration(gateway: Gateway, caller: Caller) -> None:
    await register(gateway, caller, "ATU12345675", environment="production")
    with pytest.raises(Faulty) as refused:
        await post(gateway, caller, austrian())
    assert [fault.code for fault in refused.value.faults] == ["regime/registration-missing"]


async def test_another_tenants_registration_is_not_found(gateway: Gateway, caller: Caller) -> None:
    await register(gateway, await new_caller(gateway), "ATU12345675")
    with pytest.raises(Faulty):
        await post(gateway, caller, austrian())


async def test_an_unknown_regime_is_a_fault_at_its_place(gateway: Gateway, caller: Caller) -> None:
    with pytest.raises(Faulty) as refused:
        await post(gateway, caller, standard(regime="atlantis"))
    assert [fault.pointer for fault in refused.value.faults] == ["/regime"]


async def test_only_a_rejected_invoice_is_superseded(
    gateway: Gateway, caller: Caller, database_url: str, worker_database_url: str, tmp_path: Path
) -> None:
    old = (await post(gateway, caller, standard())).invoice_id
    with pytest.raises(Illegal):
        await post(gateway, caller, standard(), supersedes=old)
    with pytest.raises(NotFound):
        await post(gateway, caller, standard(), supersedes=ids.new())
    with pytest.raises(NotFound):
        await post(gateway, await new_caller(gateway), standard(), supersedes=old)
    async with opened(tmp_path, worker_database_url, "worker") as worker, worker.store.everyone() as db:
        await db.execute(text(f"UPDATE invoice SET {REJECTED} WHERE id = :id"), {"id": old})
    corrected = standard(purchase_order_reference="NFG-5522")
    new = await post(gateway, caller, corrected, "k9", supersedes=old)
    shown = json.loads(new.body)
    assert (shown["supersedes"], shown["superseded_by"]) == (str(old), None)
    linked = await row(database_url, "SELECT superseded_by, number FROM invoice WHERE id = $1", old)
    assert (linked["superseded_by"], linked["number"]) == (new.invoice_id, "RVI-2026-0117")
    assert (await post(gateway, caller, corrected, "k9", supersedes=old)).replayed
    with pytest.raises(KeyReused):
        await post(gateway, caller, corrected, "k9")


async def test_validating_says_the_same_and_stores_nothing(
    gateway: Gateway, caller: Caller, database_url: str
) -> None:
    good = await validate(gateway, caller, standard())
    assert (good.valid, good.strategy, good.strategy_reason) == (True, "default", "default: nobody claims KE")
    assert good.invoice is not None
    assert json.loads(bytes(good.invoice))["document_totals"]["total_amount_with_tax"] == "322422.00"
    bad = standard(issue_date="2999-01-01")
    report = await validate(gateway, caller, bad)
    with pytest.raises(Faulty) as refused:
        await post(gateway, caller, bad)
    assert not report.valid
    assert report.faults == refused.value.faults
    assert not (await validate(gateway, caller, b"{")).valid
    assert (await row(database_url, "SELECT count(*) AS n FROM invoice"))["n"] == 0


@pytest.mark.parametrize("hostile", ["\x01", "\\u0001", "a\x02b", '","created_at":"', "\ufdd0"])
async def test_no_text_of_a_caller_is_taken_for_a_mark(
    gateway: Gateway, caller: Caller, hostile: str
) -> None:
    seller = json.loads(standard())["seller"] | {"name": hostile}
    body = standard(seller=seller, invoice_number=f"N{hostile}")
    if (report := await validate(gateway, caller, body)).faults:
        assert {fault.pointer for fault in report.faults} <= {"/invoice_number", "/seller/name", ""}
        return
    accepted = await post(gateway, caller, body, "k1")
    shown = json.loads(accepted.body)
    assert shown["seller"]["name"] == hostile
    assert shown["created_at"].endswith("Z")
    assert (await post(gateway, caller, body, "k1")).body == accepted.body


async def test_the_worker_is_woken_once_and_a_broken_bell_does_not_matter(
    gateway: Gateway, caller: Caller, database_url: str
) -> None:
    rung: list[UUID] = []

    async def bell(submissions: Sequence[UUID]) -> None:
        rung.extend(submissions)

    async def broken(submissions: Sequence[UUID]) -> None:
        raise ConnectionError

    async def hanging(submissions: Sequence[UUID]) -> None:
        await asyncio.sleep(60)

    gateway.use_waker(bell)
    await post(gateway, caller, standard(), "k1")
    await post(gateway, caller, standard(), "k1")
    gateway.use_waker(broken)
    await post(gateway, caller, standard(invoice_number="N2"))
    gateway.use_waker(hanging)
    await asyncio.wait_for(post(gateway, caller, standard(invoice_number="N3")), 2)
    await asyncio.sleep(0.2)
    assert rung == [(await row(database_url, "SELECT id FROM submission ORDER BY id LIMIT 1"))["id"]]
    assert gateway.wakes_lost == 2


async def test_what_is_wanted_while_the_bell_rings_is_named_in_the_next_ring(gateway: Gateway) -> None:
    rings: list[Sequence[UUID]] = []
    wanted = [uuid4() for _ in range(3000)]

    async def slow(submissions: Sequence[UUID]) -> None:
        rings.append(submissions)
        await asyncio.sleep(0.01)

    gateway.use_waker(slow)
    for each in wanted[:3]:
        gateway.wake(each)
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    assert rings == [wanted[:1], wanted[1:3]]
    for each in wanted[3:]:
        gateway.wake(each)
    await gateway.close()
    assert rings[2] == wanted[3:1003] and len(rings) == 3
    assert gateway.wakes_lost == len(wanted) - 1003


async def test_a_store_that_is_gone_is_unavailable(
    gateway: Gateway, caller: Caller, database_url: str, database_name: str
) -> None:
    await row(database_url, "SELECT 1")
    await gateway.store.close()
    with pytest.raises(Unavailable):
        await post(gateway, caller, standard())


async def test_a_connection_that_is_cut_is_replaced(
    gateway: Gateway, caller: Caller, app_database_url: str
) -> None:
    await post(gateway, caller, standard())
    axe = await asyncpg.connect(app_database_url)
    try:
        await axe.execute(CUT, await axe.fetchval("SELECT session_user"))
    finally:
        await axe.close()
    assert (await post(gateway, caller, standard(invoice_number="N2"))).status == 201
