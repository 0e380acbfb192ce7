"""Registrations come to their credentials before the sandbox: all stages, every refusal, nothing leaked."""

import asyncio
from typing import Any

import httpx
import pytest

from flows.house import House
from onboarding import saudi
from tallystick.flows import hosts
from tallystick.flows.administer import BadBody, Conflict, RegistrationBody, registrations
from tallystick.flows.errors import Faulty
from tallystick.flows.onboarding import asking, running
from tallystick.sandbox.server import Running
from tallystick.worker.courier import HttpCourier

STAGES = ["compliance", *["checks"] * 6, "production"]


async def test_one_code_leads_from_nothing_to_a_production_credential(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.unit(home, sandbox)
    waiting = await saudi.looked(home, unit)
    assert (waiting.state, waiting.wanted, waiting.registration_state) == ("waiting_code", "code", "new")

    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier)

    done = await saudi.looked(home, unit)
    assert (done.state, done.registration_state, done.steps) == ("done", "active", 8), done
    assert done.expires_at is not None
    row = await saudi.row(home, unit)
    assert row["signer_wrapped"] is not None
    stages = [
        each["data"]["stage"]
        for each in await saudi.entries(home, unit)
        if each["event"] == "onboarding.request"
    ]
    assert stages == STAGES
    events = await saudi.told(home, unit)
    assert [each["type"] for each in events] == ["registration.step_required", "registration.completed"]
    assert [each["sequence"] for each in events] == [1, 2]


async def test_every_request_is_on_record_before_its_answer(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)

    talk = [
        each["event"]
        for each in await saudi.entries(home, unit)
        if each["event"] in ("onboarding.request", "onboarding.response")
    ]

    assert talk == ["onboarding.request", "onboarding.response"] * 8


async def test_a_document_goes_out_under_the_new_credential(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)

    posted = await home.post(saudi.invoice("SA-1"))
    row = await home.work(courier, posted.invoice_id)

    assert row["state"] == "done", dict(row)
    assert row["registration_id"] == unit
    assert row["chain_no"] == 1


async def test_only_answers_without_a_reason_call_for_a_human_not_the_outage_before_them(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    await saudi.enrolled(home, courier, sandbox)
    posted = await home.post(saudi.invoice("SA-1"))
    states = []
    for fault in ("503", "503", *["answer:reporting-400-null-messages"] * 3):
        await saudi.admin(sandbox, "faults", match={"dialect": "fatoora"}, fault=fault, times=1)
        states.append((await home.work(courier, posted.invoice_id))["state"])

    assert states == ["unknown"] * 4 + ["dead"]
    assert (await home.submission_of(posted.invoice_id))["dead_reason"] == "needs_attention"


async def test_a_unit_without_credentials_issues_nothing(home: House, sandbox: Running) -> None:
    await saudi.unit(home, sandbox)

    with pytest.raises(Exception, match="registration-not-ready"):
        await home.post(saudi.invoice("SA-1"))


@pytest.mark.parametrize("bad", ["111111", "222222"])
async def test_a_wrong_or_expired_code_is_told_and_another_one_leads_on(
    home: House, courier: HttpCourier, sandbox: Running, bad: str
) -> None:
    unit = await saudi.unit(home, sandbox, environment="sandbox")
    await saudi.given(home, unit, bad)
    await saudi.steps(home, courier)
    refused = await saudi.looked(home, unit)
    assert (refused.state, refused.wanted) == ("waiting_code", "code")
    assert "OTP" in refused.detail
    assert refused.faults[0].hint
    first = (await home.rows("SELECT signer_wrapped FROM registration_process"))[0]["signer_wrapped"]

    await saudi.given(home, unit, "123345")
    await saudi.steps(home, courier)

    assert (await saudi.looked(home, unit)).state == "done"
    keys = {
        each["data"]["content_sha256"]
        for each in await saudi.entries(home, unit)
        if each["event"] == "onboarding.request" and each["data"]["stage"] == "compliance"
    }
    assert len(keys) == 2, "the second request carries a new key"
    assert first is not None


async def test_a_refusal_in_words_that_cannot_be_stored_is_told_all_the_same(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    class Odd(HttpCourier):
        async def send(self, request: httpx.Request, *more: Any) -> httpx.Response:
            answer = await super().send(request, *more)
            odd = answer.content.replace(b"OTP", b"OTP\\u0000")
            return httpx.Response(answer.status_code, content=odd, request=request)

    unit = await saudi.unit(home, sandbox, environment="sandbox")
    await saudi.given(home, unit, "111111")
    async with Odd(home.worker.settings.access_point_hosts) as odd:
        await saudi.steps(home, odd)

    refused = await saudi.looked(home, unit)
    assert (refused.state, refused.wanted) == ("waiting_code", "code")
    assert "OTP\ufffd" in refused.detail


async def test_what_cannot_lead_to_a_credential_is_told_at_once(home: House, sandbox: Running) -> None:
    owner = await saudi.seller(home, vat="300000000000000")

    with pytest.raises(BadBody) as refused:
        await saudi.unit(home, sandbox, owner, settings={"registered_address": "", "common_name": "A" * 60})

    pointers = {fault.pointer for fault in refused.value.faults}
    assert pointers == {"/tax_identifier", "/settings/registered_address"}
    assert await home.rows("SELECT 1 FROM registration") == []


async def test_a_code_that_nobody_waits_for_is_refused(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)

    with pytest.raises(Conflict):
        await saudi.given(home, unit, "123456")


async def test_two_renewals_at_a_time_are_refused(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    await asking.renew(home.app, home.caller, unit)

    with pytest.raises(Conflict):
        await asking.renew(home.app, home.caller, unit)


async def test_many_workers_take_each_step_once(home: House, courier: HttpCourier, sandbox: Running) -> None:
    unit = await saudi.unit(home, sandbox)
    await saudi.given(home, unit, await saudi.code(sandbox))

    for _ in range(12):
        await asyncio.gather(
            *(running.look(home.worker, courier, f"worker-{n}", asyncio.Event()) for n in range(5))
        )

    assert (await saudi.looked(home, unit)).state == "done"
    asked = [each["event"] for each in await saudi.entries(home, unit)].count("onboarding.request")
    assert asked == 8


async def test_a_taxpayer_in_two_environments_says_which_one_issues(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    owner = await saudi.seller(home)
    await saudi.enrolled(home, courier, sandbox, owner)
    other = await saudi.unit(home, sandbox, owner, environment="sandbox")
    await saudi.given(home, other, "123345")
    await saudi.steps(home, courier)
    assert (await saudi.looked(home, other)).state == "done"

    with pytest.raises(Faulty, match="registration-ambiguous"):
        await home.post(saudi.invoice("SA-1"))
    posted = await home.post(saudi.invoice("SA-1", registration=str(other)))

    row = await home.work(courier, posted.invoice_id)
    assert (row["state"], row["registration_id"]) == ("done", other)


async def test_an_authority_with_an_address_of_its_own_needs_none_given(home: House) -> None:
    owner = await saudi.seller(home)
    body = RegistrationBody(
        seller_id=owner.id, strategy="sa_zatca", environment="simulation", settings=saudi.SETTINGS
    )

    made = await registrations.create_registration(home.app, home.caller, body)

    found = home.app.strategies.by_name("sa_zatca")
    url = hosts.endpoint_of(found, made.environment, made.endpoint)
    assert url.endswith("/simulation")
    allowed = hosts.permitted((), home.app.strategies.all)
    assert hosts.refusal(url, allowed) is None
    assert hosts.refusal(url.replace("https://", "https://x."), allowed) is not None
    assert hosts.refusal(url.replace("https://", "http://"), allowed) is not None
