"""Logging in where an authority wants a session: once for all workers, on record, and never in a hurry.

The session is kept wrapped beside its registration. Who finds none logs in, alone; the others wait for what
comes of it. A refused login halts the registration, so that nobody is locked out by our trying.
"""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Final

import structlog
from httpx import Request, Response
from msgspec import Struct, json

from tallystick.flows.abilities import abilities
from tallystick.flows.courier import Courier, MaybeSent, NotSent
from tallystick.flows.enrolling import opened_enrolment
from tallystick.flows.exchange import endpoint_of, head_of_answer, request_bytes
from tallystick.flows.gateway import Gateway
from tallystick.flows.transactions import persistently
from tallystick.keys import Secret
from tallystick.ledger import Value
from tallystick.store import Connection, append_entry, keep, new_body
from tallystick.store import login as table
from tallystick.store.enrolled import Enrolled, enrolled, pause
from tallystick.store.work import Glimpse
from tallystick.strategy import Enrolment, Login, LogsIn, Outcome, Session, Verdict

__all__ = ["LoginNeeded", "log_in", "log_in_anew", "session_for", "session_with"]

log = structlog.get_logger("tallystick.login")
MAX_REQUESTS: Final = 8
LOOK: Final = 0.1  # seconds between two looks at what another worker's login came to


class LoginNeeded(Exception):
    """There is no session that lasts. Nothing was claimed."""

    def __init__(self, row: Enrolled, authority: str, now: datetime) -> None:
        super().__init__("no session")
        self.row = row
        self.authority = authority
        self.now = now


class Heard(Struct, frozen=True):
    """What a login came to: a session, or an outcome that says why there is none."""

    result: Session | Outcome


def _margin(gateway: Gateway) -> float:
    """Seconds a session must last: one request more, and its answer."""
    return gateway.settings.http_timeout_seconds + 5


def _place(row: Enrolled) -> bytes:
    return f"{row.tenant_id}|registration|{row.id}|session".encode()


async def session_for(
    gateway: Gateway, db: Connection, seen: Glimpse, row: Enrolled | None
) -> Session | None:
    """The session to speak in; None where none is wanted. Raises LoginNeeded."""
    return None if row is None else await session_with(gateway, db, row, seen.authority, seen.now)


async def session_with(
    gateway: Gateway, db: Connection, row: Enrolled, authority: str, now: datetime
) -> Session | None:
    """The registration's session with its authority; None where none is wanted. Raises LoginNeeded."""
    if abilities(gateway.strategies.by_name(row.strategy)).logs_in is None:
        return None
    found = await table.session_of(db, row.id, _margin(gateway))
    if found is None:
        raise LoginNeeded(row, authority, now)
    opened = gateway.keyring.unwrap(found[0], _place(row)).reveal_bytes()
    texts = json.decode(opened, type=dict[str, str])
    return Session({name: Secret(text) for name, text in texts.items()}, found[1])


async def log_in(gateway: Gateway, courier: Courier, needed: LoginNeeded) -> Outcome | None:
    """See to it that there is a session. None: look again; an outcome: there is none, and why."""
    async with table.alone(gateway.store, needed.row.id) as mine:
        if mine and await _is_wanted(gateway, needed.row):
            refused = await _converse(gateway, courier, needed)
            if refused is not None and refused.verdict is Verdict.HALTED:
                await _halt(gateway, needed.row, refused)  # before the next one may try
            return refused
    until = time.monotonic() + gateway.settings.http_timeout_seconds
    while not mine and time.monotonic() < until:
        if await _is_there(gateway, needed.row):
            break
        await asyncio.sleep(LOOK)
    return None


async def log_in_anew(
    gateway: Gateway, courier: Courier, row: Enrolled, authority: str, now: datetime
) -> Outcome | None:
    """Log in whether or not there is a session; None when it went well, else why not."""
    async with table.alone(gateway.store, row.id) as mine:
        if not mine:
            return Outcome(verdict=Verdict.RETRY, detail="another worker is logging in just now")
        return await _converse(gateway, courier, LoginNeeded(row, authority, now))


async def _is_wanted(gateway: Gateway, row: Enrolled) -> bool:
    """Whether there is still no session, and the registration is as it was: nobody was refused meanwhile."""

    async def look() -> bool:
        async with gateway.store.everyone() as db:
            found = await enrolled(db, row.id)
            same = found is not None and (found.state, found.version) == (row.state, row.version)
            return same and await table.session_of(db, row.id, _margin(gateway)) is None

    return await persistently(gateway, look)


async def _halt(gateway: Gateway, row: Enrolled, refused: Outcome) -> None:
    async def stop() -> None:
        async with gateway.store.everyone() as db:
            await pause(db, row.id, refused.detail or "the login was refused")

    await persistently(gateway, stop)


async def _is_there(gateway: Gateway, row: Enrolled) -> bool:
    async def look() -> bool:
        async with gateway.store.everyone() as db:
            return await table.session_of(db, row.id, _margin(gateway)) is not None

    return await persistently(gateway, look)


async def _converse(gateway: Gateway, courier: Courier, needed: LoginNeeded) -> Outcome | None:
    row = needed.row
    strategy = gateway.strategies.by_name(row.strategy)
    enrolment = opened_enrolment(gateway, strategy, row, needed.now)
    able = abilities(strategy).logs_in
    if able is None:
        return None
    result = (await _spoken(gateway, courier, needed, able, enrolment)).result
    if isinstance(result, Outcome):
        return result
    texts = {name: secret.reveal() for name, secret in result.secrets.items()}
    wrapped = gateway.keyring.wrap(json.encode(texts), _place(row))

    async def store() -> None:
        async with gateway.store.everyone() as db:
            await table.keep_session(db, row.id, row.tenant_id, wrapped, result.expires_at)

    await persistently(gateway, store)
    lasts = result.expires_at - needed.now
    if lasts < timedelta(seconds=_margin(gateway)):
        return Outcome(verdict=Verdict.RETRY, detail="the session would end before it can be used")
    return None


async def _spoken(
    gateway: Gateway, courier: Courier, needed: LoginNeeded, able: LogsIn, enrolment: Enrolment
) -> Heard:
    """The login's conversation, each exchange on record in the registration's stream."""
    talk: Login = able.login(enrolment)
    answer: Response | None = None
    try:
        for _ in range(MAX_REQUESTS):
            request = talk.send(answer) if answer is not None else next(talk)
            answer = await courier.send(request, gateway.settings.http_timeout_seconds)
            await _recorded(gateway, needed, enrolment, request, answer)
    except StopIteration as stop:
        return Heard(stop.value)
    except (NotSent, MaybeSent) as error:
        return Heard(Outcome(verdict=Verdict.RETRY, detail=f"login: {error}"))
    except Exception:
        log.exception("login.failed", registration=str(needed.row.id))
        return Heard(Outcome(verdict=Verdict.RETRY, detail="the answer to a login could not be read"))
    finally:
        talk.close()
    return Heard(Outcome(verdict=Verdict.RETRY, detail="a login of too many requests"))


async def _recorded(
    gateway: Gateway, needed: LoginNeeded, enrolment: Enrolment, request: Request, answer: Response
) -> None:
    """One exchange in the registration's stream: heads only, for the bodies are credentials."""
    secrets = tuple(enrolment.secrets.values())
    asked = new_body(request_bytes(request, secrets, with_body=False), "message/http", "login-request.http")
    said = new_body(head_of_answer(answer, secrets), "message/http", "login-response.http")
    data: dict[str, Value] = {"method": request.method, "http_status": answer.status_code}

    async def write() -> None:
        async with gateway.store.everyone() as db:
            for body in (asked, said):
                await keep(db, needed.row.tenant_id, body)
            await append_entry(
                db,
                tenant=needed.row.tenant_id,
                stream_kind="registration",
                stream_id=needed.row.id,
                event="registration.login",
                actor="worker",
                authority=needed.authority,
                endpoint=endpoint_of(request.url),
                data=data,
                objects=(asked.ref, said.ref),
            )

    await persistently(gateway, write)
