"""Asking authorities what they changed their mind about, and believing what they say of documents of ours.

For every active registration whose strategy wants it, at the strategy's own pace: one worker at a time, each
exchange on record in the registration's stream. News that nobody can match, or that says what is known, is no
news. A number is matched within the tenant and the registration it was given under.
"""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from httpx import Request, Response
from msgspec import Struct, structs

from tallystick.flows.abilities import abilities
from tallystick.flows.actions import IN_FORCE
from tallystick.flows.courier import Courier, MaybeSent, NotSent
from tallystick.flows.crashpoint import crashpoint
from tallystick.flows.enrolling import opened_enrolment
from tallystick.flows.entering import LoginNeeded, log_in, session_with
from tallystick.flows.exchange import answer_bytes, confidential, endpoint_of, whole_request_bytes
from tallystick.flows.gateway import Gateway
from tallystick.flows.judging import authority
from tallystick.flows.legible import legible
from tallystick.flows.pace import ATTEMPTS, backoff
from tallystick.flows.plan import Plan
from tallystick.flows.settling import write_state
from tallystick.flows.transactions import persistently
from tallystick.ledger import Value
from tallystick.store import Connection, append_entry, keep, new_body, work
from tallystick.store import acts as acts_table
from tallystick.store import breaker as standing
from tallystick.store import polls as table
from tallystick.store.enrolled import Enrolled, enrolled, pause
from tallystick.store.login import drop_session
from tallystick.store.operate import Stuck, move
from tallystick.store.polls import Turn
from tallystick.strategy import Enrolment, Notice, Outcome, Polls, Session, Strategy, Verdict

__all__ = ["poll"]

log = structlog.get_logger("tallystick.poll")
AT_ONCE: Final = 20
MAX_REQUESTS: Final = 64
LOGINS: Final = 3
NEWS: Final = frozenset({Verdict.REJECTED, Verdict.CONFLICT})
OVERTAKEN: Final = Outcome(verdict=Verdict.UNKNOWN, detail="another worker asks")


class Ground(Struct, frozen=True, kw_only=True):
    """One registration that is being asked about."""

    row: Enrolled
    strategy: Strategy
    able: Polls
    enrolment: Enrolment
    authority: str
    turn: Turn


async def poll(gateway: Gateway, courier: Courier) -> int:
    """Ask about every registration whose time has come; about how many."""
    names = [each.name for each in gateway.strategies.all if abilities(each).polls is not None]
    if not names:
        return 0

    async def look() -> Sequence[UUID]:
        async with gateway.store.everyone() as db:
            return await table.due(db, names, AT_ONCE)

    asked = 0
    for registration in await persistently(gateway, look):
        try:
            asked += await _turn(gateway, courier, registration)
        except Exception:  # its lease ends, and it is asked about again; the others must not wait for it
            log.exception("poll.failed", registration=str(registration))
    return asked


async def _turn(gateway: Gateway, courier: Courier, registration: UUID) -> bool:
    """Ask about one registration, if it is ours to ask."""

    async def take() -> tuple[Enrolled, Turn] | None:
        async with gateway.store.everyone() as db:
            turn = await table.claim(db, registration, gateway.settings.lease_seconds)
            row = await enrolled(db, registration) if turn is not None else None
            return None if turn is None or row is None else (row, turn)

    taken = await persistently(gateway, take)
    if taken is None:
        return False
    crashpoint("poll.claimed")
    said = await _heard(gateway, courier, *taken)
    crashpoint("poll.heard")
    if isinstance(said, tuple):
        for notice in said:
            await persistently(gateway, lambda: _believe(gateway, taken[0], notice))  # noqa: B023 - awaited at once
    await persistently(gateway, lambda: _over(gateway, *taken, said))
    crashpoint("poll.settled")
    return True


async def _heard(
    gateway: Gateway, courier: Courier, row: Enrolled, turn: Turn
) -> tuple[Notice, ...] | Outcome | None:
    """The news; None where none are wanted. A registration that cannot be opened waits as after any failure,
    so that those behind it have their turn.
    """
    try:
        ground = _ground(gateway, row, turn)
        return await _asked(gateway, courier, ground) if ground.able.polled(ground.enrolment) else None
    except Exception:
        log.exception("poll.failed", registration=str(row.id))
        return Outcome(verdict=Verdict.RETRY, detail="the registration cannot be asked about")


def _able(gateway: Gateway, row: Enrolled) -> Polls:
    able = abilities(gateway.strategies.by_name(row.strategy)).polls
    if able is None:
        raise RuntimeError("a strategy that polls nobody was asked to")
    return able


def _ground(gateway: Gateway, row: Enrolled, turn: Turn) -> Ground:
    strategy = gateway.strategies.by_name(row.strategy)
    enrolment = opened_enrolment(gateway, strategy, row, turn.now)
    return Ground(
        row=row,
        strategy=strategy,
        able=_able(gateway, row),
        enrolment=enrolment,
        authority=authority(strategy, enrolment),
        turn=turn,
    )


async def _asked(gateway: Gateway, courier: Courier, ground: Ground) -> tuple[Notice, ...] | Outcome:
    """The news, or why there is none; a login before it where the authority wants one."""
    for _ in range(LOGINS):
        try:
            session = await persistently(gateway, lambda: _session(gateway, ground))
        except LoginNeeded as needed:
            refused = await log_in(gateway, courier, needed)
            if refused is not None:
                return legible(refused)
            continue
        except _Closed:
            return Outcome(verdict=Verdict.RETRY, detail="the authority is being left alone")
        enrolment = structs.replace(ground.enrolment, session=session)
        said = await _spoken(gateway, courier, structs.replace(ground, enrolment=enrolment))
        if isinstance(said, Outcome) and said.stale_session and session is not None:
            await persistently(gateway, lambda: _drop(gateway, ground, session))  # noqa: B023 - awaited at once
            continue
        return said
    return Outcome(verdict=Verdict.RETRY, detail="no session lasts")


class _Closed(Exception):
    """The authority's breaker is not closed: nobody asks for news meanwhile."""


async def _session(gateway: Gateway, ground: Ground) -> Session | None:
    async with gateway.store.everyone() as db:
        health = await standing.look(db, ground.authority)
        if health is not None and health.state != "closed":
            raise _Closed
        return await session_with(gateway, db, ground.row, ground.authority, ground.turn.now)


async def _drop(gateway: Gateway, ground: Ground, session: Session) -> None:
    async with gateway.store.everyone() as db:
        await drop_session(db, ground.row.id, session.expires_at)


async def _spoken(gateway: Gateway, courier: Courier, ground: Ground) -> tuple[Notice, ...] | Outcome:
    """The conversation, each exchange on record before the strategy sees the answer."""
    talk = ground.able.poll(ground.enrolment, ground.turn.since)
    answer: Response | None = None
    try:
        for _ in range(MAX_REQUESTS):
            request = talk.send(answer) if answer is not None else next(talk)
            answer = await courier.send(request, gateway.settings.http_timeout_seconds)
            if not await _recorded(gateway, ground, request, answer):
                return OVERTAKEN
    except StopIteration as stop:
        return _understood(legible(stop.value))
    except (NotSent, MaybeSent) as error:
        return Outcome(verdict=Verdict.RETRY, detail=str(error))
    except Exception:
        log.exception("strategy.failed", strategy=ground.strategy.name)
        return Outcome(verdict=Verdict.RETRY, detail="the answer could not be read")
    finally:
        talk.close()
    return Outcome(verdict=Verdict.RETRY, detail="too many requests")


def _understood(said: Any) -> tuple[Notice, ...] | Outcome:
    """The news that are news; whatever else the strategy said is none."""
    if isinstance(said, Outcome):
        return said
    if not isinstance(said, tuple):
        return Outcome(verdict=Verdict.RETRY, detail="the strategy gave no news")
    return tuple(one for one in said if isinstance(one, Notice) and one.verdict in NEWS and one.reference)


async def _recorded(gateway: Gateway, ground: Ground, request: Request, answer: Response) -> bool:
    """The exchange in the registration's stream, and our turn renewed. False: another has taken over."""
    secrets, row = confidential(ground.enrolment), ground.row
    asked = new_body(whole_request_bytes(request, secrets), "message/http", "poll-request.http")
    said = new_body(answer_bytes(answer, secrets), "message/http", "poll-response.http")
    since = ground.turn.since.strftime("%Y-%m-%dT%H:%M:%SZ")
    data: dict[str, Value] = {"method": request.method, "http_status": answer.status_code, "since": since}

    async def write() -> bool:
        async with gateway.store.everyone() as db:
            lease = gateway.settings.lease_seconds
            if not await table.renew(db, row.id, ground.turn.token, lease):
                return False
            for body in (asked, said):
                await keep(db, row.tenant_id, body)
            await append_entry(
                db,
                tenant=row.tenant_id,
                stream_kind="registration",
                stream_id=row.id,
                event="registration.polled",
                actor="worker",
                authority=ground.authority,
                endpoint=endpoint_of(request.url),
                data=data | {"token": ground.turn.token},
                objects=(asked.ref, said.ref),
            )
            return True

    return await persistently(gateway, write)


async def _believe(gateway: Gateway, row: Enrolled, notice: Notice) -> None:
    """Let the invoice show what its authority now says of it; nothing happens where it shows that already."""
    async with gateway.store.everyone() as db:
        for invoice in await table.matching(db, row.tenant_id, row.id, notice.reference):
            await _changed(db, invoice, notice)


async def _changed(db: Connection, invoice: UUID, notice: Notice) -> None:
    found = await table.settlement(db, invoice)
    if found is None or found.authority_status not in IN_FORCE or found.state != "done":
        return
    seen = await work.glimpse(db, found.submission_id)
    if seen is None:
        return
    verdict = notice.verdict.value
    to = work.Settled(
        state=verdict,
        verdict=verdict,
        attempts=found.attempts,
        round=found.round,
        poll_count=found.poll_count,
        crashes=0,
    )
    stuck = Stuck(
        id=found.submission_id,
        invoice_id=invoice,
        kind="issue",
        state=found.state,
        verdict=found.verdict,
        round=found.round,
        token=found.token,
        sent=True,
    )
    over = notice.verdict is Verdict.REJECTED and not await acts_table.under_way(db, invoice)
    plan = Plan(settled=to, event=f"authority.{verdict}", terminal=over, told=True)
    outcome = Outcome(verdict=notice.verdict, reference=notice.reference, detail=notice.detail)
    await move(db, stuck, to)
    more: dict[str, Value] = {"was": found.authority_status, "notice": True}
    await write_state(db, seen, plan, outcome, token=found.token, more=more)
    crashpoint("poll.believing")


async def _over(
    gateway: Gateway, row: Enrolled, turn: Turn, said: tuple[Notice, ...] | Outcome | None
) -> None:
    """End our turn: later again, sooner where it failed; a refused credential pauses the registration."""
    if said is OVERTAKEN:
        return
    every = _able(gateway, row).poll_every.total_seconds()
    since: datetime = turn.since
    failures, delay = 0, every
    if isinstance(said, tuple):
        since = turn.now
    elif isinstance(said, Outcome):
        failures = turn.failures + 1
        wait = backoff(min(failures, ATTEMPTS), random.random(), said.after)
        delay = min(every, wait)
    async with gateway.store.everyone() as db:
        settled = await table.settle(db, row.id, turn.token, since, failures, gateway.settings.scaled(delay))
        if settled and isinstance(said, Outcome) and said.verdict is Verdict.HALTED:
            await pause(db, row.id, said.detail or "refused by the authority")
