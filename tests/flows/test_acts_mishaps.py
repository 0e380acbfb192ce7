"""What goes wrong on an act's way: answers lost, sessions ended, workers gone, decisions by a person."""

from contextlib import suppress
from uuid import UUID

import pytest
from httpx import Request, Response

from flows.acting import Acting, asked, audit
from flows.house import House
from flows.test_acts import authority, cleared, courier, home, resource
from tallystick.flows import operate, recover
from tallystick.flows.administer.refusals import BadBody
from tallystick.flows.errors import Illegal
from tallystick.worker.courier import HttpCourier

__all__ = ["authority", "cleared", "courier", "home"]


async def test_an_answer_that_was_lost_is_asked_for_and_nothing_is_done_twice(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], cleared: UUID
) -> None:
    authority[0].mishaps = ["drop"]
    await asked(home, cleared)
    row = await home.work(courier, cleared, kind="cancel")
    assert row["state"] == "unknown"
    row = await home.work(courier, cleared, kind="cancel")

    assert (row["state"], authority[0].processed) == ("done", 1)
    kinds = await home.rows("SELECT kind FROM attempt WHERE submission_id = $1 ORDER BY n", row["id"])
    assert [each["kind"] for each in kinds] == ["submit", "inquire"]
    assert "act.outcome_unknown" in await home.events_of(cleared)
    assert await audit(home) == []


@pytest.mark.parametrize("mishap", ["500", "503", "garbage", "stall"])
async def test_every_mishap_ends_in_one_cancellation(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], cleared: UUID, mishap: str
) -> None:
    authority[0].mishaps = [mishap]
    await asked(home, cleared)
    for _ in range(4):
        row = await home.work(courier, cleared, kind="cancel")

    assert (row["state"], authority[0].processed) == ("done", 1)
    assert (await resource(home, cleared))["status"] == "cancelled"
    assert await audit(home) == []


async def test_a_session_that_ends_in_mid_flight_loses_nothing(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], cleared: UUID
) -> None:
    await asked(home, cleared)
    authority[0].tokens.clear()
    row = await home.work(courier, cleared, kind="cancel")
    assert row["state"] == "retry_wait"
    row = await home.work(courier, cleared, kind="cancel")

    assert (row["state"], authority[0].logins) == ("done", 2)
    assert await audit(home) == []


class Fatal:
    """A courier whose worker dies before anything is sent."""

    async def send(self, request: Request, seconds: float) -> Response:
        raise KeyboardInterrupt


async def test_a_worker_lost_over_an_act_leaves_it_to_the_next(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], cleared: UUID
) -> None:
    await asked(home, cleared)
    with suppress(KeyboardInterrupt):
        await home.work(Fatal(), cleared, kind="cancel")
    await home.rows(
        "UPDATE submission SET lease_until = clock_timestamp() - interval '1 s' "
        "WHERE kind = 'cancel' RETURNING 1"
    )
    assert await recover.recover(home.worker) == 1
    row = await home.work(courier, cleared, times=2, kind="cancel")

    assert (row["state"], authority[0].processed) == ("done", 1)
    assert (await resource(home, cleared))["status"] == "cancelled"
    assert await audit(home) == []


async def test_an_operator_settles_an_act_that_nobody_could(
    home: House, courier: HttpCourier, authority: tuple[Acting, str], cleared: UUID
) -> None:
    made = await asked(home, cleared)
    await home.rows(
        "UPDATE submission SET state = 'dead', dead_reason = 'test', next_at = NULL "
        "WHERE kind = 'cancel' RETURNING 1"
    )
    assert (await resource(home, cleared))["actions"] == ["replay", "resolve"]
    with pytest.raises(Illegal):
        await asked(home, cleared, "transport", {"vehicle": "FJ 417"})
    await operate.replay(home.app, home.caller, cleared, "they are back")
    row = await home.work(courier, cleared, kind="cancel")

    assert (row["state"], row["id"]) == ("done", made.act_id)
    assert authority[0].processed == 1
    assert "act.replayed" in await home.events_of(cleared)


async def test_an_operator_says_what_the_authority_did(
    home: House, courier: HttpCourier, cleared: UUID
) -> None:
    await asked(home, cleared)
    await home.rows(
        "UPDATE submission SET state = 'dead', dead_reason = 'test', next_at = NULL "
        "WHERE kind = 'cancel' RETURNING 1"
    )
    with pytest.raises(BadBody) as refused:
        await operate.resolve(home.app, home.caller, cleared, "sent", "seen in the portal")
    assert "cancelled or accepted" in refused.value.faults[0].message
    done = await operate.resolve(
        home.app, home.caller, cleared, "sent", "seen in the portal", authority_status="cancelled"
    )

    assert (done.processing_status, done.authority_status) == ("completed", "cancelled")
    assert (await resource(home, cleared))["status"] == "cancelled"
    assert (await home.events_of(cleared))[-1] == "act.resolved"
