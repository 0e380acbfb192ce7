"""Acts on documents in force: each is done once, told once, and leaves a log that says so.

The authority is a few lines over HTTP (see `flows.acting`); strategy, workers and database are real.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from conformance import clearing
from flows.acting import REASON, Acting, acting_house, asked, audit, fresh_key, played
from flows.house import House, fixture
from flows.test_unlike_authority import posted
from tallystick.flows import Caller, acting, showing, showing_acts, submit
from tallystick.flows.administer.refusals import BadBody
from tallystick.flows.errors import DuplicateNumber, Illegal, KeyReused, NotFound, UnderWay
from tallystick.store import acts, migrate
from tallystick.worker.courier import HttpCourier


@pytest.fixture
async def authority() -> AsyncIterator[tuple[Acting, str]]:
    async with played() as opened:
        yield opened


@pytest.fixture
async def home(
    tmp_path: Path, app_database_url: str, worker_database_url: str, authority: tuple[Acting, str]
) -> AsyncIterator[House]:
    async with acting_house(tmp_path, app_database_url, worker_database_url, authority[1]) as opened:
        yield opened


@pytest.fixture
async def courier(home: House) -> AsyncIterator[HttpCourier]:
    async with HttpCourier(home.worker.settings.access_point_hosts) as opened:
        yield opened


@pytest.fixture
async def cleared(home: House, courier: HttpCourier) -> UUID:
    """An invoice in force."""
    return await in_force(home, courier)


async def in_force(home: House, courier: HttpCourier) -> UUID:
    accepted = await posted(home)
    assert (await home.work(courier, accepted.invoice_id))["state"] == "done"
    return accepted.invoice_id


async def resource(home: House, invoice: UUID) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads((await showing.invoice(home.app, home.caller, invoice)).body)
    return shown


async def told(home: House, invoice: UUID) -> list[dict[str, Any]]:
    rows = await home.rows("SELECT body FROM webhook_event WHERE invoice_id = $1 ORDER BY seq", invoice)
    return [json.loads(row["body"]) for row in rows]


async def test_a_document_is_cancelled_and_everybody_is_told(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], cleared: UUID
) -> None:
    before = await resource(home, cleared)
    made = await asked(home, cleared)
    row = await home.work(courier, cleared, kind="cancel")

    assert (before["status"], before["actions"], before["cancellation"]) == (
        "issued",
        ["cancel", "transport"],
        None,
    )
    assert (made.status, row["state"], row["verdict"]) == (201, "done", "cancelled")
    after = await resource(home, cleared)
    assert (after["status"], after["processing_status"], after["authority_status"], after["actions"]) == (
        "cancelled",
        "completed",
        "cancelled",
        [],
    )
    assert after["cancellation"]["act"] == str(made.act_id)
    assert after["authority_reference"] == before["authority_reference"]
    assert authority[0].cancelled == {before["authority_reference"]}
    names = await home.events_of(cleared)
    own = names[names.index("act.requested") :]
    assert own == [
        *("act.requested", "act.built", "authority.request", "authority.response", "authority.cancelled")
    ]
    events = await told(home, cleared)
    assert [each["type"] for each in events][-2:] == ["act.requested", "authority.cancelled"]
    assert events[-1]["data"]["status"] == "cancelled"
    assert events[-1]["data"]["act"]["id"] == str(made.act_id)
    assert await audit(home) == []


async def test_an_act_that_leaves_the_document_in_force_keeps_its_marks_for_later_acts(
    home: House, courier: HttpCourier, cleared: UUID
) -> None:
    made = await asked(home, cleared, "transport", {"vehicle": "FJ 417"})
    await home.work(courier, cleared, kind="transport")

    shown = await showing_acts.act(home.app, home.caller, cleared, made.act_id)
    assert (shown.status, shown.verdict, shown.errors) == ("done", "accepted", [])
    assert shown.reference == shown.marks["transport"]
    assert (await resource(home, cleared))["status"] == "issued"
    async with home.worker.store.everyone() as db:
        standing = await acts.in_force(db, cleared)
    assert standing is not None
    assert standing.marks["transport"] == shown.reference
    assert await audit(home) == []


async def test_what_the_authority_refuses_is_told_with_its_reasons_and_changes_nothing(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], cleared: UUID
) -> None:
    await asked(home, cleared, "transport", {"vehicle": "FJ 417"})
    await home.work(courier, cleared, kind="transport")
    made = await asked(home, cleared)
    await home.work(courier, cleared, kind="cancel")

    shown = await showing_acts.act(home.app, home.caller, cleared, made.act_id)
    assert (shown.status, shown.verdict, [each.code for each in shown.errors]) == (
        "refused",
        "rejected",
        ["A-7"],
    )
    assert (await resource(home, cleared))["status"] == "issued"
    assert authority[0].cancelled == set()
    events = await told(home, cleared)
    assert (events[-1]["type"], events[-1]["data"]["errors"][0]["code"]) == ("act.refused", "A-7")
    assert await audit(home) == []


async def test_outside_its_window_nothing_is_asked_and_the_hint_says_what_to_do(
    home: House, authority: tuple[Acting, str], cleared: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "WINDOW", timedelta(0))

    with pytest.raises(BadBody) as refused:
        await asked(home, cleared)

    (fault,) = refused.value.faults
    assert (fault.code, fault.hint) == ("act/window-closed", "Issue a credit note.")
    assert await home.rows("SELECT 1 FROM submission WHERE kind <> 'issue'") == []
    assert authority[0].acts == {}


async def test_a_request_is_read_strictly(home: House, cleared: UUID) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, ""),
        ({"reason": "whim"}, "/reason"),
        ({"reason": "mistake", "remark": "x" * 101}, "/remark"),
        ({"reason": "mistake", "because": "I say so"}, "/because"),
        ({"reason": 1}, "/reason"),
    ]
    for given, pointer in wrong:
        with pytest.raises(BadBody) as refused:
            await asked(home, cleared, given=given)
        assert [fault.pointer for fault in refused.value.faults] == [pointer], given


async def test_the_same_act_asked_twice_is_one_act(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], cleared: UUID
) -> None:
    first, second = await asked(home, cleared), await asked(home, cleared)
    await home.work(courier, cleared, kind="cancel")
    third = await asked(home, cleared, key=fresh_key())

    assert first.act_id == second.act_id == third.act_id
    assert (first.status, second.status, third.status) == (201, 200, 200)
    assert authority[0].processed == 1
    with pytest.raises(Illegal) as refused:
        await asked(home, cleared, given={"reason": "duplicate"})
    assert refused.value.allowed == ()
    assert await audit(home) == []


async def test_a_key_answers_as_it_did_and_a_new_one_asks_anew(
    home: House, courier: HttpCourier, cleared: UUID
) -> None:
    key, vehicle = fresh_key(), {"vehicle": "FJ 417"}
    first = await asked(home, cleared, "transport", vehicle, key)
    again = await asked(home, cleared, "transport", vehicle, key)
    await home.work(courier, cleared, kind="transport")
    anew = await asked(home, cleared, "transport", vehicle, fresh_key())

    assert (again.body, again.status, again.replayed) == (first.body, 201, True)
    assert (anew.act_id != first.act_id, anew.status) == (True, 201)
    with pytest.raises(KeyReused):
        await asked(home, cleared, "transport", {"vehicle": "FJ 999"}, key)
    await home.work(courier, cleared, kind="transport")
    assert await audit(home) == []


async def test_thirty_who_cancel_at_once_cancel_once(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], cleared: UUID
) -> None:
    made = await asyncio.gather(*(asked(home, cleared) for _ in range(30)))
    row = await home.submission_of(cleared, "cancel")
    await asyncio.gather(*(submit.run(home.worker, courier, row["id"], f"w{n}") for n in range(8)))

    assert len({each.act_id for each in made}) == 1
    assert [each.status for each in made].count(201) == 1
    assert authority[0].processed == 1
    assert (await home.events_of(cleared)).count("authority.cancelled") == 1
    assert await audit(home) == []


async def test_two_different_acts_at_once_take_turns(
    home: House, courier: HttpCourier, cleared: UUID
) -> None:
    first, second = await asyncio.gather(
        asked(home, cleared),
        asked(home, cleared, "transport", {"vehicle": "FJ 417"}),
        return_exceptions=True,
    )

    assert sorted(type(each).__name__ for each in (first, second)) == ["Asked", "UnderWay"]
    assert (await resource(home, cleared))["actions"] == []


async def test_while_the_issue_is_in_flight_the_answer_is_to_wait(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    accepted = await posted(home)
    with pytest.raises(UnderWay) as refused:
        await asked(home, accepted.invoice_id)
    assert refused.value.after_seconds > 0

    working = asyncio.create_task(home.work(courier, accepted.invoice_id))
    asking = asyncio.create_task(cancelled_in_the_end(home, courier, accepted.invoice_id))
    await asyncio.gather(working, asking)

    assert (await resource(home, accepted.invoice_id))["status"] == "cancelled"
    assert len(authority[0].cancelled) == 1
    assert await audit(home) == []


async def cancelled_in_the_end(home: House, courier: HttpCourier, invoice: UUID) -> None:
    """Ask until it may be asked, as a client would."""
    for _ in range(200):
        with suppress(UnderWay):
            await asked(home, invoice)
            break
        await asyncio.sleep(0.02)
    await home.work(courier, invoice, kind="cancel")


async def test_what_no_authority_has_cannot_be_cancelled(home: House, courier: HttpCourier) -> None:
    accepted = await home.post(fixture("default", "consumer"))
    await home.work(courier, accepted.invoice_id)

    with pytest.raises(Illegal, match="no act cancel"):
        await asked(home, accepted.invoice_id)
    assert (await resource(home, accepted.invoice_id))["actions"] == []


async def test_another_tenants_invoice_is_not_there(home: House, cleared: UUID) -> None:
    stranger = Caller(tenant_id=UUID(int=7), key_prefix="ts_test_11111111", scopes=frozenset({"admin"}))
    live = Caller(tenant_id=home.caller.tenant_id, key_prefix="ts_live_1", mode="live")
    for caller in (stranger, live):
        with pytest.raises(NotFound):
            await acting.ask(home.app, caller, cleared, "cancel", REASON)
        with pytest.raises(NotFound):
            await showing_acts.acts(home.app, caller, cleared)


async def test_a_cancelled_number_stays_taken(home: House, courier: HttpCourier, cleared: UUID) -> None:
    await asked(home, cleared)
    await home.work(courier, cleared, kind="cancel")
    payload = (
        await home.rows(
            "SELECT o.body FROM invoice i JOIN object o ON o.id = i.payload_object WHERE i.id = $1", cleared
        )
    )[0]["body"]

    with pytest.raises(DuplicateNumber):
        await home.post(payload, key=fresh_key())
    with pytest.raises(Illegal):
        await home.post(payload, key=fresh_key(), supersedes=cleared)


async def test_the_store_goes_back_and_forth_with_acts_in_it(
    home: House, courier: HttpCourier, cleared: UUID, database_url: str
) -> None:
    await asked(home, cleared)
    await home.work(courier, cleared, kind="cancel")

    await asyncio.to_thread(migrate.downgrade, database_url, "0003")
    row = (await home.rows("SELECT authority_status FROM invoice WHERE id = $1", cleared))[0]
    assert row["authority_status"] == "rejected"  # not in force either way
    assert len(await home.rows("SELECT id FROM submission")) == 1
    await asyncio.to_thread(migrate.upgrade, database_url)
    await asyncio.to_thread(migrate.check, database_url)
    assert (await home.submission_of(cleared))["settled_at"] is not None
