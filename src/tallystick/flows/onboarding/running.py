"""One step of an onboarding: intent on record, one exchange, answer on record with the stage it led to.

The code of a step that uses one is deleted in the transaction that writes the intent, so it can be sent at
most once; such a step gets a new key, which is stored, wrapped, in that transaction too. No transaction is
open while a request is under way. A step without a code is repeated after a crash; one with a code is not:
somebody must fetch a new one.
"""

import asyncio
import random
from typing import Final
from uuid import UUID

import structlog
from httpx import Request, Response
from msgspec import Struct, structs

from tallystick.flows import pace
from tallystick.flows.abilities import abilities
from tallystick.flows.courier import Courier, MaybeSent, NotSent
from tallystick.flows.crashpoint import crashpoint
from tallystick.flows.enrolling import made_key, opened_enrolment, signer_of
from tallystick.flows.errors import Unavailable
from tallystick.flows.gateway import Gateway
from tallystick.flows.legible import legible
from tallystick.flows.onboarding import ending, trying
from tallystick.flows.onboarding.draining import drained
from tallystick.flows.onboarding.ending import Answered, Step
from tallystick.flows.onboarding.vault import CODE, SIGNER, opened, opened_secrets, place
from tallystick.flows.transactions import persistently
from tallystick.keys import Secret
from tallystick.store import onboarding as table
from tallystick.store.enrolled import Enrolled, enrolled
from tallystick.store.onboarding import Process
from tallystick.strategy import Enrolment, Onboarding, Onboards, Outcome, Stage, Verdict

__all__ = ["look", "recover", "run"]

log = structlog.get_logger("tallystick.onboarding")
AT_ONCE: Final = 8
ONE_REQUEST: Final = "an onboarding's step of more than one request"


class Seen(Struct, frozen=True):
    """An onboarding as it was found, with its registration."""

    process: Process
    row: Enrolled


class Ready(Struct, frozen=True, kw_only=True):
    """A step whose first move is known: a request to send, or a result without one."""

    talk: Onboarding
    request: Request | None
    result: Stage | Outcome | None
    key: Secret | None
    """The new private key, where the step begins with one."""
    secrets: tuple[Secret, ...]
    """What must not be seen in the exchange."""


async def look(gateway: Gateway, courier: Courier, owner: str, stopping: asyncio.Event) -> int:
    """Take up what was left behind, and go on with whatever may go on, until `stopping` is set; how many."""
    await recover(gateway)

    async def find() -> list[UUID]:
        async with gateway.store.everyone() as db:
            return await table.due(db, AT_ONCE)

    async def go(process: UUID) -> None:
        while await run(gateway, courier, process, owner) and not stopping.is_set():
            pass

    found = await persistently(gateway, find)
    ended = await asyncio.gather(*(go(process) for process in found), return_exceptions=True)
    for each in ended:
        if isinstance(each, Unavailable):
            raise each
        if isinstance(each, BaseException):
            log.error("onboarding.failed", exc_info=each)
    return 0


async def run(gateway: Gateway, courier: Courier, process: UUID, owner: str) -> bool:
    """Take one onboarding's next step if it is due and free. True when another one may follow at once."""
    found = await _found(gateway, process)
    if found is None:
        return False
    seen = found
    if seen.process.purpose == "test":
        return await trying.run(gateway, courier, seen.process, seen.row, owner)
    crashpoint("onboard.found")
    try:
        ready = await asyncio.to_thread(_prepared, gateway, seen)
    except Exception as error:
        log.exception("onboarding.broken", process=str(process), error=type(error).__name__)
        why = f"our own failure: {type(error).__name__}"
        await persistently(gateway, lambda: _broken(gateway, seen, why))
        return False
    wrapped = _wrapped(gateway, seen.process, ready.key)
    step = await persistently(gateway, lambda: _taken(gateway, seen, ready, owner, wrapped))
    if step is None:
        ready.talk.close()
        return False
    crashpoint("onboard.claimed")
    answered = await _spoken(gateway, courier, ready)
    crashpoint("onboard.heard")
    try:
        more = await persistently(gateway, lambda: _concluded(gateway, step, answered))
    except ending.ChainTaken:
        detail = "The chain runs here already, and its last document is another one than was given."
        outcome = Outcome(verdict=Verdict.HALTED, detail=detail)
        taken = Answered(result=outcome, answer=answered.answer)
        more = await persistently(gateway, lambda: _concluded(gateway, step, taken))
    crashpoint("onboard.settled")
    return more


async def _found(gateway: Gateway, process: UUID) -> Seen | None:
    """The onboarding if its step may be taken now: before one that drains, nothing is under way."""
    seen = await persistently(gateway, lambda: _seen(gateway, process))
    if seen is None or not seen.process.drains:
        return seen
    if not await drained(gateway, seen.process, seen.row):
        return None
    return await persistently(gateway, lambda: _seen(gateway, process))


async def _seen(gateway: Gateway, process: UUID) -> Seen | None:
    """The onboarding if it may go on, with its registration."""
    async with gateway.store.everyone() as db:
        found = await table.process(db, process)
        if found is None or found.state not in ("due", "draining"):
            return None
        if found.next_at is None or found.next_at > found.now:
            return None
        row = await enrolled(db, found.registration_id)
        if row is None or row.strategy not in gateway.strategies:
            return None
        return Seen(found, row)


def _able(gateway: Gateway, row: Enrolled) -> Onboards:
    able = abilities(gateway.strategies.by_name(row.strategy)).onboards
    if able is None:
        raise LookupError(f"{row.strategy} onboards nobody any more")
    return able


def _prepared(gateway: Gateway, seen: Seen) -> Ready:
    """The step's first move, with everything secret open. Makes the new key; raises whatever goes wrong.

    Runs in a thread of its own, outside any transaction: a token may take its time for a key or a signature.
    """
    able, process = _able(gateway, seen.row), seen.process
    code = opened(gateway.keyring, process, process.code_wrapped, CODE)
    if process.wants_code and code is None:
        raise LookupError("the step wants a code and has none")
    stored = opened(gateway.keyring, process, process.signer_wrapped, SIGNER)
    key = (
        made_key(gateway, seen.row.key_store, able.key_algorithm, process.id) if process.wants_code else None
    )
    enrolment = _enrolment(gateway, seen.row, process, key or stored)
    secrets = opened_secrets(gateway.keyring, process)
    stage = Stage(
        name=process.stage,
        facts=process.facts,
        secrets=secrets,
        settings=process.settings,
        wants_code=process.wants_code,
        drains=process.drains,
    )
    talk = able.advance(stage, enrolment, code)
    request, result = _moved(talk, None)
    hidden = (*enrolment.secrets.values(), *secrets.values(), *((code,) if code is not None else ()))
    return Ready(talk=talk, request=request, result=result, key=key, secrets=hidden)


def _enrolment(gateway: Gateway, row: Enrolled, process: Process, key: Secret | None) -> Enrolment:
    """The registration with its credential in force, and the new key as its signer."""
    strategy = gateway.strategies.by_name(row.strategy)
    found = opened_enrolment(gateway, strategy, row, process.now)
    return structs.replace(found, signer=signer_of(gateway, key) if key is not None else None)


def _moved(talk: Onboarding, answer: Response | None) -> tuple[Request | None, Stage | Outcome | None]:
    """The conversation's next move."""
    try:
        return (talk.send(answer) if answer is not None else next(talk)), None
    except StopIteration as stop:
        return None, legible(stop.value)


def _wrapped(gateway: Gateway, process: Process, key: Secret | None) -> bytes | None:
    if key is None:
        return None
    return gateway.keyring.wrap(key.reveal_bytes(), place(process.tenant_id, process.id, SIGNER))


async def _taken(
    gateway: Gateway, seen: Seen, ready: Ready, owner: str, key_wrapped: bytes | None
) -> Step | None:
    """The step as ours, its intent on record and its code gone; None when somebody else has it."""
    async with gateway.store.everyone() as db:
        lease = gateway.settings.lease_seconds
        token = await table.claim(db, seen.process, owner, lease, key_wrapped)
        if token is None:
            return None
        step = Step(process=seen.process, row=seen.row, token=token, key=ready.key, secrets=ready.secrets)
        if ready.request is not None:
            await ending.note_request(db, step, ready.request)
        crashpoint("onboard.written")
        return step


async def _spoken(gateway: Gateway, courier: Courier, ready: Ready) -> Answered:
    """The exchange, and what the strategy makes of the answer."""
    if ready.request is None:
        return Answered(result=ready.result or Outcome(verdict=Verdict.UNKNOWN, detail="no result"))
    try:
        answer = await courier.send(ready.request, gateway.settings.http_timeout_seconds)
    except NotSent as error:
        ready.talk.close()
        return Answered(result=Outcome(verdict=Verdict.RETRY, detail=f"nothing was sent: {error}"))
    except MaybeSent as error:
        ready.talk.close()
        detail = f"no answer: {error}. It may have been taken all the same"
        return Answered(result=Outcome(verdict=Verdict.UNKNOWN, detail=detail))
    try:
        request, result = await asyncio.to_thread(_moved, ready.talk, answer)
    except Exception as error:
        log.exception("strategy.failed", error=type(error).__name__)
        detail = f"the answer could not be read ({type(error).__name__})"
        return Answered(result=Outcome(verdict=Verdict.UNKNOWN, detail=detail), answer=answer)
    if request is not None or result is None:
        ready.talk.close()
        return Answered(result=Outcome(verdict=Verdict.UNKNOWN, detail=ONE_REQUEST), answer=answer)
    return Answered(result=result, answer=answer)


async def _concluded(gateway: Gateway, step: Step, answered: Answered) -> bool:
    async with gateway.store.everyone() as db:
        more = await ending.conclude(gateway, db, step, answered)
        crashpoint("onboard.settling")
        return more


async def _broken(gateway: Gateway, seen: Seen, why: str) -> None:
    """Our own failure before anything was sent: again later, a few times, the code unspent."""
    process, tries = seen.process, seen.process.tries + 1
    async with gateway.store.everyone() as db:
        if tries >= pace.ATTEMPTS:
            outcome = Outcome(verdict=Verdict.HALTED, detail=why)
            await ending.fail(db, process, seen.row, process.token, outcome)
            return
        delay = gateway.settings.scaled(pace.backoff(tries, random.random()))
        await table.settle(db, process.id, process.token, {"tries": tries, "detail": why}, delay)


async def recover(gateway: Gateway) -> int:
    """Take up what dead workers left; how many there were."""

    async def look() -> int:
        async with gateway.store.everyone() as db:
            found = await table.expired(db)
            for process in found:
                row = await enrolled(db, process.registration_id)
                if row is not None:
                    await ending.left_behind(db, process, row)
            return len(found)

    return await persistently(gateway, look)
