"""Authorities change their mind: what they say later reaches the invoice once, and only the right one."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from flows.acting import Acting, acting_house, asked, audit, played
from flows.house import House
from flows.test_acts import in_force, resource, told
from flows.test_unlike_authority import PASSWORD, posted
from tallystick.flows import operate, polling
from tallystick.flows.administer import RegistrationBody, registrations
from tallystick.worker.courier import HttpCourier

DUE = "UPDATE registration_poll SET next_at = clock_timestamp(), lease_until = NULL RETURNING 1"


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


async def news_of(home: House, invoice: UUID, state: str = "withdrawn") -> dict[str, str]:
    """What the authority says of this invoice."""
    reference = (await resource(home, invoice))["authority_reference"]
    return {"id": reference, "state": state, "why": "another portal has it"}


async def polled(home: House, courier: HttpCourier) -> int:
    """Ask now, whatever the pace."""
    await home.rows(DUE)
    return await polling.poll(home.worker, courier)


@pytest.mark.parametrize(
    ("state", "shown", "event"),
    [
        ("withdrawn", ("rejected", "completed", "rejected"), "authority.rejected"),
        ("other", ("attention", "failed", "conflict"), "authority.conflict"),
    ],
)
async def test_news_of_a_document_changes_it_once_and_is_told(
    home: House,
    courier: HttpCourier,
    authority: tuple[Acting, str],
    state: str,
    shown: tuple[str, str, str],
    event: str,
) -> None:
    invoice, other = await in_force(home, courier), await in_force(home, courier)
    authority[0].news = [await news_of(home, invoice, state)]

    assert [await polled(home, courier) for _ in range(3)] == [1, 1, 1]

    now = await resource(home, invoice)
    assert (now["status"], now["processing_status"], now["authority_status"]) == shown
    assert (await home.events_of(invoice)).count(event) == 1
    events = await told(home, invoice)
    assert (events[-1]["type"], events[-1]["data"]["authority_status"]) == (event, shown[2])
    assert (await resource(home, other))["status"] == "issued"
    assert await audit(home) == []


async def test_a_number_of_nobody_and_nonsense_change_nothing(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    invoice = await in_force(home, courier)
    reference = (await resource(home, invoice))["authority_reference"]
    authority[0].news = [
        {"id": "no-such-number", "state": "withdrawn"},
        {"id": reference, "state": "fine"},
        {"id": "", "state": "withdrawn"},
    ]

    assert await polled(home, courier) == 1

    assert (await resource(home, invoice))["status"] == "issued"
    assert await audit(home) == []


async def test_each_registration_is_asked_at_its_pace_and_since_the_last_time(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    assert await polling.poll(home.worker, courier) == 1
    assert await polling.poll(home.worker, courier) == 0  # an hour, here 36 seconds, is not over
    assert await polled(home, courier) == 1

    made = (await home.rows("SELECT created_at FROM registration"))[0]["created_at"]
    sinces = [path.partition("since=")[2] for path in authority[0].asked]
    assert sinces[0].startswith(made.strftime("%Y-%m-%dT%H"))
    assert sinces[0] < sinces[1]
    entries = await home.rows(
        "SELECT entry FROM compliance_log WHERE stream_kind = 'registration' ORDER BY stream_seq"
    )
    asked_of = [json.loads(row["entry"]) for row in entries if b"registration.polled" in row["entry"]]
    assert [each["data"]["http_status"] for each in asked_of] == [200, 200]
    assert all(len(each["objects"]) == 2 for each in asked_of)
    token = next(iter(authority[0].tokens)).encode()
    for row in await home.rows("SELECT body FROM object UNION ALL SELECT entry FROM compliance_log"):
        assert token not in row["body"]
    assert await audit(home) == []


async def test_ten_workers_ask_once(home: House, courier: HttpCourier, authority: tuple[Acting, str]) -> None:
    counts = await asyncio.gather(*(polling.poll(home.worker, courier) for _ in range(10)))

    assert sum(counts) == 1
    assert (len(authority[0].asked), authority[0].logins) == (1, 1)


async def test_a_failure_is_tried_again_soon_and_forgets_nothing(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = await in_force(home, courier)
    authority[0].news = [await news_of(home, invoice)]
    answer = authority[0].answer

    async def away(*_: Any) -> tuple[int, dict[str, Any]]:
        return 500, {}

    monkeypatch.setattr(authority[0], "answer", away)
    await polled(home, courier)
    before = (
        await home.rows("SELECT since, failures, next_at - clock_timestamp() AS w FROM registration_poll")
    )[0]
    monkeypatch.setattr(authority[0], "answer", answer)
    await polled(home, courier)
    after = (await home.rows("SELECT since, failures FROM registration_poll"))[0]

    made = (await home.rows("SELECT created_at FROM registration"))[0]["created_at"]
    assert (before["since"], before["failures"], before["w"].total_seconds() < 1) == (made, 1, True)
    assert (after["since"] > made, after["failures"]) == (True, 0)
    assert (await resource(home, invoice))["status"] == "rejected"


async def test_a_session_that_was_revoked_is_made_anew(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    await in_force(home, courier)
    authority[0].tokens.clear()

    assert await polled(home, courier) == 1

    assert (authority[0].logins, len(authority[0].asked)) == (2, 1)
    assert (await home.rows("SELECT failures FROM registration_poll"))[0]["failures"] == 0


async def test_a_paused_registration_and_one_on_trial_are_not_asked_about(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    await home.rows("UPDATE registration SET state = 'paused' RETURNING 1")
    assert await polling.poll(home.worker, courier) == 0
    await home.rows(
        """UPDATE registration SET state = 'active', settings = '{"unit": "trial-1"}' RETURNING 1"""
    )
    await polling.poll(home.worker, courier)

    assert authority[0].asked == []


async def test_a_number_that_was_withdrawn_can_be_superseded(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    invoice = await in_force(home, courier)
    authority[0].news = [await news_of(home, invoice)]
    await polled(home, courier)
    payload = (
        await home.rows(
            "SELECT o.body FROM invoice i JOIN object o ON o.id = i.payload_object WHERE i.id = $1", invoice
        )
    )[0]["body"]

    again = await home.post(payload, supersedes=invoice)
    await home.work(courier, again.invoice_id)

    assert (await resource(home, again.invoice_id))["status"] == "issued"
    assert await audit(home) == []


async def test_a_conflict_is_for_a_person(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    invoice = await in_force(home, courier)
    authority[0].news = [await news_of(home, invoice, "other")]
    await polled(home, courier)
    assert (await resource(home, invoice))["actions"] == ["resolve"]

    done = await operate.resolve(
        home.app, home.caller, invoice, "sent", "it is ours after all", authority_status="cleared"
    )

    assert (done.processing_status, done.authority_status) == ("completed", "cleared")
    assert await audit(home) == []


async def test_news_that_comes_while_an_act_is_under_way_lets_both_end(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    invoice = await in_force(home, courier)
    await asked(home, invoice)
    authority[0].news = [await news_of(home, invoice)]
    await polled(home, courier)
    row = await home.work(courier, invoice, kind="cancel")

    assert row["state"] == "rejected"  # nothing was asked: the document was no longer in force
    assert authority[0].processed == 0
    assert (await resource(home, invoice))["status"] == "rejected"
    assert await audit(home) == []


async def test_news_that_comes_while_the_act_is_at_the_authority_lets_both_end(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    invoice = await in_force(home, courier)
    authority[0].mishaps = ["drop"]
    await asked(home, invoice)
    await home.work(courier, invoice, kind="cancel")
    authority[0].news = [await news_of(home, invoice)]
    await polled(home, courier)
    row = await home.work(courier, invoice, kind="cancel")

    assert (row["state"], row["verdict"]) == ("done", "cancelled")
    assert (await resource(home, invoice))["status"] == "rejected"
    assert (await home.events_of(invoice))[-1] == "act.accepted"
    assert await audit(home) == []


async def test_news_of_a_document_of_another_registration_is_no_news_of_ours(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    invoice = (await posted(home)).invoice_id
    await home.work(courier, invoice)
    await home.rows("UPDATE registration SET state = 'paused' RETURNING 1")
    row = (await home.rows("SELECT seller_id, endpoint FROM registration"))[0]
    await registrations.create_registration(
        home.app,
        home.caller,
        RegistrationBody(
            seller_id=row["seller_id"],
            strategy="clearing",
            unit="second",
            endpoint=row["endpoint"],
            settings={"unit": "till-2"},
            secrets={"password": PASSWORD},
        ),
    )
    authority[0].news = [await news_of(home, invoice)]

    await polling.poll(home.worker, courier)

    assert len(authority[0].asked) == 1
    assert (await resource(home, invoice))["status"] == "issued"


async def test_a_registration_that_cannot_be_opened_keeps_nobody_else_waiting(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "AT_ONCE", 1)
    row = (await home.rows("SELECT id, seller_id, endpoint FROM registration"))[0]
    await home.rows(
        """UPDATE registration SET secrets_wrapped = '{"password": "bm90aGluZw=="}'::bytea RETURNING 1"""
    )
    await registrations.create_registration(
        home.app,
        home.caller,
        RegistrationBody(
            seller_id=row["seller_id"],
            strategy="clearing",
            unit="second",
            endpoint=row["endpoint"],
            settings={"unit": "till-2"},
            secrets={"password": PASSWORD},
        ),
    )

    for _ in range(2):
        await polling.poll(home.worker, courier)

    assert len(authority[0].asked) == 1
    polls = await home.rows("SELECT registration_id, failures, lease_until FROM registration_poll")
    assert {each["registration_id"]: each["failures"] for each in polls}[row["id"]] == 1
    assert [each["lease_until"] for each in polls] == [None, None]
