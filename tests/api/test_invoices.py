"""Posting and reading invoices over HTTP."""

import asyncio
import hashlib
import io
import json
import time
import zipfile
from typing import Any

import pytest

from api.conftest import Actor, actor, default_invoice, registered
from tallystick.flows.gateway import Gateway

UBL = "src/tallystick/api/pages/invoice.xml"


async def posted(who: Actor, number: str = "RVI-2026-0001", **more: Any) -> Any:
    answer = await who.post("/v1/invoices", json=default_invoice(number), **more)
    assert answer.status_code == 201, answer.text
    return answer


async def test_an_accepted_invoice_can_be_read_where_the_answer_says(alice: Actor) -> None:
    answer = await posted(alice)
    read = await alice.get(answer.headers["Location"])
    assert read.status_code == 200, read.text
    assert read.content == answer.content
    assert read.headers["ETag"] == answer.headers["ETag"]
    assert answer.json()["status"] == "processing"


async def test_whoever_holds_the_current_state_gets_304(alice: Actor) -> None:
    answer = await posted(alice)
    again = await alice.get(
        answer.headers["Location"], headers={"If-None-Match": f'"old", W/{answer.headers["ETag"]}'}
    )
    assert again.status_code == 304
    assert again.content == b""
    other = await alice.get(answer.headers["Location"], headers={"If-None-Match": '"old"'})
    assert other.status_code == 200


async def test_the_same_key_and_body_give_the_same_answer(alice: Actor) -> None:
    first = await posted(alice, headers={"Idempotency-Key": '"order-1"'})
    again = await posted(alice, headers={"X-Idempotency-Key": "order-1"})
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len((await alice.get("/v1/invoices")).json()["data"]) == 1


async def test_a_key_with_another_body_is_refused(alice: Actor) -> None:
    await posted(alice, headers={"Idempotency-Key": "order-1"})
    other = await alice.post(
        "/v1/invoices", json=default_invoice("RVI-2026-0002"), headers={"Idempotency-Key": "order-1"}
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency/key-reused")


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency-Key": "a", "X-Idempotency-Key": "b"},
        {"Idempotency-Key": "two words"},
        {"Idempotency-Key": '""'},
        {"Idempotency-Key": "x" * 256},
        {"Idempotency-Key": '"open'},
    ],
    ids=["two", "blank", "empty", "long", "open"],
)
async def test_a_malformed_or_second_key_is_a_400(alice: Actor, headers: dict[str, str]) -> None:
    answer = await alice.post("/v1/invoices", json=default_invoice(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "request/invalid-header")


async def test_a_live_key_must_bring_an_idempotency_key(gateway: Gateway, client: Any) -> None:
    live = await actor(gateway, client, mode="live")
    answer = await live.post("/v1/invoices", json=default_invoice())
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency/key-required")
    await posted(live, headers={"Idempotency-Key": "k"})


async def test_a_taken_number_names_the_invoice_that_has_it(alice: Actor) -> None:
    first = await posted(alice)
    again = await alice.post("/v1/invoices", json=default_invoice())
    assert (again.status_code, again.json()["code"]) == (409, "invoice/duplicate-number")
    assert again.json()["existing"] == first.headers["Location"]


async def test_all_faults_of_an_invoice_come_at_once_with_their_pointers(alice: Actor) -> None:
    wrong = default_invoice()
    wrong["lines"][0]["invoiced_quantity"] = 2
    wrong["currency_code"] = "euro"
    del wrong["issue_date"]
    answer = await alice.post("/v1/invoices", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invoice/invalid")
    pointers = {fault["pointer"] for fault in answer.json()["errors"]}
    assert {"/lines/0/invoiced_quantity", "/currency_code", "/issue_date"} <= pointers
    assert (await alice.get("/v1/invoices")).json()["data"] == []


async def test_a_dry_run_says_what_a_post_would_say_and_stores_nothing(alice: Actor) -> None:
    good = await alice.post("/v1/invoices:validate", json=default_invoice())
    assert good.status_code == 200, good.text
    assert good.json()["valid"] is True
    assert good.json()["strategy"] == "default"
    assert good.json()["invoice"]["document_totals"]["total_amount_with_tax"] == "232.00"
    bad = await alice.post("/v1/invoices:validate", json={**default_invoice(), "currency_code": "euro"})
    assert bad.status_code == 200
    assert bad.json()["valid"] is False
    assert bad.json()["faults"][0]["pointer"] == "/currency_code"
    assert (await alice.get("/v1/invoices")).json()["data"] == []


async def test_a_ubl_document_is_read_accepted_and_kept(alice: Actor, root: Any) -> None:
    await registered(alice)
    document = (root / UBL).read_bytes()
    answer = await alice.post(
        "/v1/invoices:from-document", content=document, headers={"Content-Type": "application/xml"}
    )
    assert answer.status_code == 201, answer.text
    kept = await alice.get(answer.headers["Location"] + "/artifacts/original.xml")
    assert kept.content == document
    assert kept.headers["Content-Disposition"].startswith("attachment")


async def test_a_caller_may_wait_and_is_answered_201_all_the_same(alice: Actor) -> None:
    began = time.monotonic()
    answer = await posted(alice, headers={"Prefer": "respond-async, wait=1"})
    assert 0.5 < time.monotonic() - began < 3
    assert answer.headers["Preference-Applied"] == "wait=1"
    plain = await posted(alice, "RVI-2026-0002", headers={"Prefer": "return=minimal"})
    assert "Preference-Applied" not in plain.headers


async def test_pages_follow_each_other_and_new_invoices_do_not_shift_them(alice: Actor) -> None:
    for n in range(5):
        await posted(alice, f"N-{n}")
    first = await alice.get("/v1/invoices?limit=2")
    assert [one["invoice_number"] for one in first.json()["data"]] == ["N-4", "N-3"]
    assert first.json()["has_more"] is True
    await posted(alice, "N-5")
    second = await alice.get(first.links["next"]["url"])
    assert [one["invoice_number"] for one in second.json()["data"]] == ["N-2", "N-1"]
    last = await alice.get("/v1/invoices", params={"limit": 2, "cursor": second.json()["next_cursor"]})
    assert [one["invoice_number"] for one in last.json()["data"]] == ["N-0"]
    assert last.json() | {"data": []} == {"data": [], "next_cursor": None, "has_more": False}


async def test_a_cursor_belongs_to_its_list_its_filters_and_its_tenant(alice: Actor, bob: Actor) -> None:
    for n in range(3):
        await posted(alice, f"N-{n}")
    cursor = (await alice.get("/v1/invoices?limit=1")).json()["next_cursor"]
    assert (await alice.get(f"/v1/invoices?cursor={cursor}")).status_code == 200
    flipped = ("A" if cursor[5] != "A" else "B").join((cursor[:5], cursor[6:]))
    for who, path in (
        (alice, f"/v1/invoices?number=N-1&cursor={cursor}"),
        (alice, f"/v1/sellers?cursor={cursor}"),
        (alice, f"/v1/invoices?cursor={flipped}"),
        (alice, "/v1/invoices?cursor=AAAA"),
        (bob, f"/v1/invoices?cursor={cursor}"),
    ):
        answer = await who.get(path)
        assert (answer.status_code, answer.json()["code"]) == (400, "request/invalid-parameter"), path
        assert answer.json()["errors"][0]["pointer"] == "/cursor"


async def test_filters_find_what_they_name_and_nothing_else(alice: Actor) -> None:
    await posted(alice, "N-1")
    await posted(alice, "N-2")

    async def found(query: str) -> list[str]:
        answer = await alice.get("/v1/invoices?" + query)
        assert answer.status_code == 200, answer.text
        return [one["invoice_number"] for one in answer.json()["data"]]

    assert await found("number=N-1") == ["N-1"]
    assert await found("seller=p051234567q") == ["N-2", "N-1"]
    assert await found("seller=051234567Q") == []
    assert await found("seller=%25") == []
    assert await found("status=processing&authority_status=pending") == ["N-2", "N-1"]
    assert await found("status=issued") == []
    assert await found("status=issued&authority_status=pending") == []
    assert await found("created_gte=2020-01-01T00:00:00Z") == ["N-2", "N-1"]
    assert await found("created_lt=2020-01-01T00:00:00%2B02:00") == []


async def test_events_are_what_was_delivered_and_the_feed_has_them_in_order(alice: Actor) -> None:
    first = await posted(alice, "N-1")
    await posted(alice, "N-2")
    own = (await alice.get(first.headers["Location"] + "/events")).json()["data"]
    assert [event["type"] for event in own] == ["invoice.accepted"]
    await asyncio.sleep(0.3)
    feed = await alice.get("/v1/events?limit=1")
    assert feed.json()["data"] == own
    after = (await alice.get(f"/v1/events?cursor={feed.json()['next_cursor']}")).json()
    assert [event["data"]["invoice_number"] for event in after["data"]] == ["N-2"]
    assert after["has_more"] is False
    nothing = (await alice.get(f"/v1/events?cursor={after['next_cursor']}")).json()
    assert nothing == {"data": [], "next_cursor": after["next_cursor"], "has_more": False}


async def test_the_feed_waits_for_a_transaction_that_may_still_write_an_older_event(
    alice: Actor, database_url: str
) -> None:
    import asyncpg

    await posted(alice, "N-1")
    await asyncio.sleep(0.3)
    other = await asyncpg.connect(database_url)
    try:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT pg_current_xact_id()")  # from now on it may write
        assert (await alice.get("/v1/events")).json()["data"] == []
        await transaction.rollback()
        assert len((await alice.get("/v1/events")).json()["data"]) == 1
    finally:
        await other.close()


async def test_the_log_is_the_chain_itself(alice: Actor) -> None:
    answer = await posted(alice)
    entries = (await alice.get(answer.headers["Location"] + "/log")).json()["data"]
    before = "0" * 64
    for entry in entries:
        text = entry["entry"].encode()
        assert entry["hash"] == hashlib.sha256(b"tallystick/log-entry/v1\n" + text).hexdigest()
        assert entry["prev_hash"] == before == json.loads(text)["prev_hash"]
        before = entry["hash"]
    assert answer.headers["ETag"] == f'"{before}"'


async def test_artefacts_are_the_exact_bytes_under_their_salted_digest(alice: Actor) -> None:
    answer = await posted(alice)
    listed = (await alice.get(answer.headers["Location"] + "/artifacts")).json()["data"]
    assert [one["name"] for one in listed] == ["invoice.json"]
    body = (await alice.get(listed[0]["url"])).content
    assert hashlib.sha256(bytes.fromhex(listed[0]["salt"]) + body).hexdigest() == listed[0]["digest"]
    missing = await alice.get(answer.headers["Location"] + "/artifacts/other.json")
    assert missing.status_code == 404


async def test_a_receipt_is_a_zip_with_the_published_verifier(alice: Actor) -> None:
    answer = await posted(alice)
    receipt = await alice.get(answer.headers["Location"] + "/receipt")
    assert receipt.status_code == 200, receipt.text
    assert receipt.headers["Content-Type"] == "application/zip"
    published = (await alice.client.get("/v1/verifier")).json()
    with zipfile.ZipFile(io.BytesIO(receipt.content)) as archive:
        code = archive.read("verify.py")
    assert hashlib.sha256(code).hexdigest() == published["sha256"]
    assert (await alice.client.get(published["url"])).content == code


async def test_attempts_are_empty_before_the_first_try(alice: Actor) -> None:
    answer = await posted(alice)
    assert (await alice.get(answer.headers["Location"] + "/attempts")).json() == {"data": []}
