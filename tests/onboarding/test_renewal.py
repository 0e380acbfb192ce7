"""A credential changes hands: what is under way is finished first, nothing is lost, the chain begins anew."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from flows.house import House
from onboarding import saudi
from tallystick.flows import fsck
from tallystick.flows.administer import RegistrationChange, registrations
from tallystick.flows.onboarding import asking, running
from tallystick.flows.onboarding.draining import LOOKS
from tallystick.flows.onboarding.expiring import remind
from tallystick.flows.pace import ATTEMPTS
from tallystick.sandbox.server import Running
from tallystick.worker.courier import HttpCourier


async def settled(home: House, courier: HttpCourier, invoice: UUID) -> Any:
    """The submission after the worker did all it could."""
    return await home.work(courier, invoice, times=3)


@pytest.mark.parametrize(("habit", "stages"), [("428", 9), ("not_compliant", 9), ("200", 1)])
async def test_a_renewal_loses_no_document_that_was_under_way(
    home: House, courier: HttpCourier, sandbox: Running, habit: str, stages: int
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    await saudi.admin(sandbox, "fatoora/habits", renewal=habit)
    first = await home.post(saudi.invoice("SA-1"))
    await settled(home, courier, first.invoice_id)
    order = {"match": {"dialect": "fatoora"}, "fault": "process_then_drop", "times": 1}
    await saudi.admin(sandbox, "faults", **order)
    doubtful = await home.post(saudi.invoice("SA-2"))
    assert (await home.work(courier, doubtful.invoice_id))["state"] == "unknown"
    old = await saudi.row(home, unit)

    await asking.renew(home.app, home.caller, unit)
    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier, rounds=2)
    waits = await saudi.looked(home, unit)
    assert (waits.state, waits.registration_state) == ("draining", "draining")
    assert "1 document is" in waits.detail
    late = await home.post(saudi.invoice("SA-3"))
    assert (await settled(home, courier, late.invoice_id))["wire_object"] is None

    assert (await settled(home, courier, doubtful.invoice_id))["state"] == "done"
    await saudi.steps(home, courier)
    done = await saudi.looked(home, unit)
    assert (done.state, done.registration_state, done.steps) == ("done", "active", stages - (stages > 1)), (
        done
    )
    parked = await home.submission_of(late.invoice_id)
    assert parked["next_at"] <= (await home.rows("SELECT clock_timestamp() AS now"))[0]["now"]
    row = await settled(home, courier, late.invoice_id)
    assert row["state"] == "done", dict(row)
    assert row["chain_no"] == 1
    new = await saudi.row(home, unit)
    assert new["signer_wrapped"] != old["signer_wrapped"]
    assert new["settings"] != old["settings"]
    states = await home.rows("SELECT DISTINCT state FROM submission")
    assert [each["state"] for each in states] == ["done"]


async def test_a_renewal_that_cannot_drain_gives_way_to_the_tills(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    match = {"dialect": "fatoora", "operation": "submit"}
    await saudi.admin(sandbox, "faults", match=match, fault="503", times=3)
    stuck = await home.post(saudi.invoice("SA-1"))
    assert (await home.work(courier, stuck.invoice_id))["state"] == "unknown"
    await asking.renew(home.app, home.caller, unit)
    code = await saudi.code(sandbox)
    await saudi.given(home, unit, code)
    await saudi.steps(home, courier)
    hurried = await home.submission_of(stuck.invoice_id)
    assert hurried["next_at"] <= (await home.rows("SELECT clock_timestamp() AS now"))[0]["now"]

    await saudi.steps(home, courier, rounds=LOOKS)

    put_off = await saudi.looked(home, unit)
    assert (put_off.state, put_off.registration_state) == ("waiting_code", "active"), put_off
    assert put_off.detail.startswith("Put off: 1 document is still under way")
    assert (await saudi.told(home, unit))[-1]["type"] == "registration.step_required"
    till = await home.post(saudi.invoice("SA-2"))
    assert (await home.work(courier, till.invoice_id))["wire_object"] is not None
    assert "onboarding.request" not in [each["event"] for each in await saudi.entries(home, unit)][-5:]

    for each in (stuck, till):
        assert (await settled(home, courier, each.invoice_id))["state"] == "done"
    await saudi.given(home, unit, code)  # it was never sent, and leads on
    await saudi.steps(home, courier)
    assert (await saudi.looked(home, unit)).state == "done"


async def test_waiting_for_documents_spends_no_try_of_the_step(
    home: House, courier: HttpCourier, sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    match = {"dialect": "fatoora", "operation": "submit"}
    await saudi.admin(sandbox, "faults", match=match, fault="503", times=1)
    slow = await home.post(saudi.invoice("SA-1"))
    await home.work(courier, slow.invoice_id)
    await asking.renew(home.app, home.caller, unit)
    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier, rounds=ATTEMPTS + 2)
    await settled(home, courier, slow.invoice_id)

    def broken(*_: object) -> None:
        raise RuntimeError("no token just now")

    with monkeypatch.context() as patch:
        patch.setattr(running, "made_key", broken)
        await saudi.steps(home, courier)
    assert (await saudi.looked(home, unit)).state == "due"

    await saudi.steps(home, courier)
    assert (await saudi.looked(home, unit)).state == "done"


async def test_a_refused_renewal_leaves_the_old_credential_in_force(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    old = await saudi.row(home, unit)
    await asking.renew(home.app, home.caller, unit)
    await saudi.given(home, unit, "000000")
    await saudi.steps(home, courier)

    refused = await saudi.looked(home, unit)

    assert (refused.state, refused.registration_state) == ("waiting_code", "active")
    posted = await home.post(saudi.invoice("SA-1"))
    assert (await settled(home, courier, posted.invoice_id))["state"] == "done"
    assert (await saudi.row(home, unit))["secrets_wrapped"] == old["secrets_wrapped"]


async def test_a_code_whose_answer_was_lost_is_never_sent_again(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.unit(home, sandbox)
    match = {"dialect": "fatoora", "operation": "compliance"}
    await saudi.admin(sandbox, "faults", match=match, fault="process_then_drop", times=1)
    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier, rounds=3)

    doubtful = await saudi.looked(home, unit)
    assert (doubtful.state, doubtful.wanted) == ("waiting_code", "code")
    asked = [each["event"] for each in await saudi.entries(home, unit)]
    assert asked.count("onboarding.request") == 1

    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier)
    assert (await saudi.looked(home, unit)).state == "done"


@pytest.mark.parametrize("fault", ["process_then_drop", "503", "garbage", "429"])
@pytest.mark.parametrize("operation", ["compliance_invoice", "production"])
async def test_a_step_without_a_code_is_tried_again(
    home: House, courier: HttpCourier, sandbox: Running, operation: str, fault: str
) -> None:
    unit = await saudi.unit(home, sandbox)
    match = {"dialect": "fatoora", "operation": operation}
    await saudi.admin(sandbox, "faults", match=match, fault=fault, times=1)
    await saudi.given(home, unit, await saudi.code(sandbox))

    await saudi.steps(home, courier, rounds=3)

    done = await saudi.looked(home, unit)
    assert done.state == "done", done
    assert done.steps == 8


async def test_a_refused_document_ends_the_onboarding_with_its_rules(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.unit(home, sandbox)
    match = {"dialect": "fatoora", "operation": "compliance_invoice"}
    await saudi.admin(sandbox, "faults", match=match, fault="reject:BR-KSA-17", times=1)
    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier)

    failed = await saudi.looked(home, unit)
    assert (failed.state, failed.registration_state) == ("failed", "new")
    assert [fault.rule.id for fault in failed.faults if fault.rule] == ["BR-KSA-17"]
    assert (await saudi.told(home, unit))[-1]["type"] == "registration.failed"

    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier)
    assert (await saudi.looked(home, unit)).state == "done"


async def test_a_refused_credential_pauses_the_unit_and_is_told(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    await saudi.admin(sandbox, "faults", match={"dialect": "fatoora"}, fault="answer:any-401", times=1)
    posted = await home.post(saudi.invoice("SA-1"))
    await home.work(courier, posted.invoice_id)

    assert (await saudi.row(home, unit))["state"] == "paused"
    last = (await saudi.told(home, unit))[-1]
    assert last["type"] == "registration.paused"
    assert "401" in last["data"]["reason"]


async def test_the_end_of_a_credential_is_told_at_each_step_once(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    before = len(await saudi.told(home, unit))

    for days in (70, 59, 58, 29, 13, 6, 0.5, -1, -2):
        await home.worker.store.hot.execute(
            """UPDATE registration SET expires_at = clock_timestamp() + make_interval(secs => $2)
               WHERE id = $1""",
            unit,
            days * 86_400,
        )
        await asyncio.gather(remind(home.worker), remind(home.worker))
        await remind(home.worker)

    events = (await saudi.told(home, unit))[before:]
    assert [(each["type"], each["data"].get("days")) for each in events] == [
        ("certificate.expiring", 60),
        ("certificate.expiring", 30),
        ("certificate.expiring", 14),
        ("certificate.expiring", 7),
        ("certificate.expiring", 1),
        ("certificate.expired", None),
    ]


async def test_a_renewed_credential_is_told_anew(home: House, courier: HttpCourier, sandbox: Running) -> None:
    await saudi.admin(sandbox, "fatoora/habits", lifetime_days=20)
    unit = await saudi.enrolled(home, courier, sandbox)
    await remind(home.worker)
    await asking.renew(home.app, home.caller, unit)
    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier)
    await remind(home.worker)

    told = [each["data"]["days"] for each in await saudi.told(home, unit) if each["type"].startswith("cert")]
    assert told == [30, 30]


async def test_the_end_is_that_of_the_certificate(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    await saudi.admin(sandbox, "fatoora/habits", lifetime_days=100)
    unit = await saudi.enrolled(home, courier, sandbox)

    found: datetime = (await saudi.row(home, unit))["expires_at"]

    left = found - datetime.now(found.tzinfo)
    assert timedelta(days=99) < left <= timedelta(days=100)


async def test_a_unit_whose_credential_is_dead_is_enrolled_anew(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    async with httpx.AsyncClient(trust_env=False) as client:
        given_out = (await client.get(f"{sandbox.url}/admin/fatoora/units")).json()
    for each in given_out:
        await saudi.admin(sandbox, "fatoora/revoke", environment="simulation", unit=each["unit"])
    posted = await home.post(saudi.invoice("SA-1"))
    await home.work(courier, posted.invoice_id)
    assert (await saudi.row(home, unit))["state"] == "paused"
    await asking.renew(home.app, home.caller, unit)
    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier)
    beyond = await saudi.looked(home, unit)
    assert (beyond.state, beyond.registration_state) == ("failed", "paused"), beyond

    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier)

    done = await saudi.looked(home, unit)
    assert (done.purpose, done.state, done.registration_state) == ("enrol", "done", "active"), done
    later = await home.post(saudi.invoice("SA-2"))
    assert (await settled(home, courier, later.invoice_id))["state"] == "done"


async def test_a_renewal_in_doubt_can_be_given_up(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    match = {"dialect": "fatoora", "operation": "renewal"}
    await saudi.admin(sandbox, "faults", match=match, fault="drop", times=1)
    await asking.renew(home.app, home.caller, unit)
    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier)
    doubtful = await saudi.looked(home, unit)
    assert (doubtful.state, doubtful.registration_state) == ("waiting_code", "draining")

    back = RegistrationChange(state="active")
    await registrations.change_registration(home.app, home.caller, unit, back)

    assert (await saudi.looked(home, unit)).state == "failed"
    posted = await home.post(saudi.invoice("SA-1"))
    assert (await settled(home, courier, posted.invoice_id))["state"] == "done"


async def test_a_retired_registration_asks_for_nothing_any_more(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.unit(home, sandbox)
    await saudi.given(home, unit, await saudi.code(sandbox))
    retired = RegistrationChange(state="retired")
    await registrations.change_registration(home.app, home.caller, unit, retired)

    await saudi.steps(home, courier)

    asked = [each["event"] for each in await saudi.entries(home, unit)]
    assert "onboarding.request" not in asked
    assert (await home.rows("SELECT code_wrapped FROM registration_process"))[0]["code_wrapped"] is None


@pytest.mark.slow
async def test_a_renewal_in_full_traffic_loses_nothing_and_leaves_two_whole_chains(
    home: House,
    courier: HttpCourier,
    sandbox: Running,
    worker_database_url: str,
    tmp_path: Path,
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    await saudi.admin(sandbox, "fatoora/habits", renewal="428")
    order = {"match": {"dialect": "fatoora"}, "fault": "process_then_drop", "share": 0.3, "times": 5}
    await saudi.admin(sandbox, "faults", **order)
    posted: list[UUID] = []
    ended = asyncio.Event()

    async def traffic(till: int) -> None:
        for number in range(200):
            if ended.is_set():
                return
            kind = "b2c" if number % 2 else "b2b"
            made = await home.post(saudi.invoice(f"T{till}-{number}", kind))
            posted.append(made.invoice_id)
            await home.work(courier, made.invoice_id)
            for earlier in posted[-5:]:
                await home.work(courier, earlier)

    async def renewal() -> None:
        await asyncio.sleep(1)
        await asking.renew(home.app, home.caller, unit)
        await saudi.given(home, unit, await saudi.code(sandbox))
        for _ in range(100):
            await saudi.steps(home, courier)
            if (await saudi.looked(home, unit)).state == "done":
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        ended.set()

    await asyncio.gather(traffic(1), traffic(2), renewal())
    for each in posted:
        await home.work(courier, each, times=3)

    assert (await saudi.looked(home, unit)).state == "done"
    states = await home.rows("SELECT state, count(*) AS n FROM submission GROUP BY state")
    assert {row["state"]: row["n"] for row in states} == {"done": len(posted)}
    chains: dict[str, list[int]] = {}
    for row in await home.rows("SELECT chain_id, chain_no FROM submission ORDER BY chain_no"):
        chains.setdefault(row["chain_id"], []).append(row["chain_no"])
    assert len(chains) == 2
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in chains.values())
    report = await fsck.run(worker_database_url, sandbox_journal=tmp_path / "authority.jsonl")
    assert report.findings == []
