"""A submission from claim to settlement: T2, the conversation, T3.

No transaction is open while a request is under way. Every request is on record before it is sent, and every
answer before anything else is, so a crash at any point leaves a submission whose next step is known.
"""

import random
import time
from typing import Final, Literal, NamedTuple
from uuid import UUID

import structlog
from httpx import Request, Response

from tallystick.flows import breaker, projecting
from tallystick.flows.claiming import Step, Work, claim, step, write_request
from tallystick.flows.courier import Courier, MaybeSent, NotSent
from tallystick.flows.crashpoint import crashpoint
from tallystick.flows.entering import LoginNeeded, log_in, session_for
from tallystick.flows.freezing import Broken, FreezeNeeded, freeze, wanted
from tallystick.flows.gate import Passed, Unjudged, judge, unjudged
from tallystick.flows.gateway import Gateway
from tallystick.flows.legible import legible
from tallystick.flows.plan import Plan, after_failure, after_not_sent, after_outcome, verb_for
from tallystick.flows.settling import Heard, note_answer, quarantine, settle, write_state
from tallystick.flows.tracing import traced
from tallystick.flows.transactions import persistently
from tallystick.store import Connection
from tallystick.store import breaker as standing
from tallystick.store import work as table
from tallystick.store.enrolled import Enrolled, enrolled, pause
from tallystick.strategy import Outcome, Verdict

__all__ = ["run"]

log = structlog.get_logger("tallystick.submit")
MAX_REQUESTS: Final = 8
LOOKS: Final = 6  # at what became of a login, ours or another worker's, or of a building, in one go
MARGIN: Final = 2.0  # seconds of the lease that must remain beyond the longest wait for an answer
TOO_OLD: Final = "lease too old"


class Ended(NamedTuple):
    """How a conversation ended: its plan, what was heard last, and the outcome if there is one."""

    plan: Plan
    heard: Heard | None
    outcome: Outcome | None


async def run(gateway: Gateway, courier: Courier, submission: UUID, owner: str) -> bool:
    """Work on one submission if it is due and free. True when it should be looked at again at once."""
    crashpoint("submit.found")
    try:
        entered = await _entered(gateway, courier, submission, owner)
    except Broken as failure:
        log.exception("submission.broken", submission=str(submission), error=str(failure))
        await persistently(gateway, lambda: _failed(gateway, submission, owner))
        return False
    if entered is None:
        return False
    work, started = entered
    crashpoint("submit.claimed")
    ended = await _converse(gateway, courier, work, started)
    if ended is None:
        return False
    crashpoint("submit.heard")
    settled = await persistently(gateway, lambda: _settle(gateway, work, ended))
    crashpoint("submit.settled")
    await _mark_health(gateway, work, ended)
    return settled and ended.plan.settled.delay == 0.0


async def _entered(
    gateway: Gateway, courier: Courier, submission: UUID, owner: str
) -> tuple[Work, float] | None:
    """T2, before it the building where that goes apart, the second judge's turn where there is one, and a
    login where one is wanted and there is none. With the moment from which the lease counts.
    """
    for _ in range(LOOKS):
        started = time.monotonic()  # the lease begins in there: counted from before, never from after
        try:
            work = await persistently(gateway, lambda: _claimed(gateway, submission, owner))
        except FreezeNeeded as unbuilt:
            if await freeze(gateway, unbuilt.prepared) == "taken":
                return None
            continue
        except Unjudged as waiting:
            if await _passed(gateway, waiting, owner) != "go":
                return None
            continue
        except LoginNeeded as needed:
            authority, refused = needed.authority, await log_in(gateway, courier, needed)
        else:
            return None if work is None else (work, started)
        if refused is not None:
            outcome = legible(refused)
            if refused.verdict is not Verdict.HALTED:  # whoever cannot let anybody in is left alone
                await _mark(gateway, authority, good=False, transport=True)
            await persistently(gateway, lambda: _shut_out(gateway, submission, owner, outcome))  # noqa: B023
            return None
    return None


async def _passed(gateway: Gateway, waiting: Unjudged, owner: str) -> Passed:
    """The second judge's turn; without one who can judge, a gate that holds lets it wait."""
    passed = await judge(gateway, waiting, owner)
    if passed == "later":

        async def wait() -> None:
            async with gateway.store.everyone() as db:
                await _put_off(db, waiting.seen, "official_gate", gateway.settings.scaled(30.0))

        await persistently(gateway, wait)
    return passed


async def _shut_out(gateway: Gateway, submission: UUID, owner: str, refused: Outcome) -> None:
    """No session is to be had: later, or, where the credential was refused, not before it is mended."""
    async with gateway.store.everyone() as db:
        seen = await table.glimpse(db, submission)
        if seen is None:
            return
        claimed = await table.claim(db, seen.id, seen.invoice_id, owner, gateway.settings.lease_seconds)
        if claimed is None:
            return
        scale, kind = float(gateway.settings.delay_scale), verb_for(claimed)
        if refused.verdict is Verdict.HALTED:
            plan = after_outcome(claimed, kind, refused, scale, random.random())
        else:
            plan = after_not_sent(claimed, kind, scale, random.random())
        if await table.settle(db, seen.id, seen.invoice_id, claimed.token, plan.settled):
            if refused.verdict is Verdict.HALTED and seen.registration_id is not None:
                await pause(db, seen.registration_id, refused.detail or "the login was refused")
            await write_state(db, seen, plan, refused, token=claimed.token)


async def _claimed(gateway: Gateway, submission: UUID, owner: str) -> Work | None:
    """T2, unless the registration is paused or the authority is being left alone."""
    async with gateway.store.everyone() as db:
        seen = await table.glimpse(db, submission)
        if seen is None:
            return None
        row = await enrolled(db, seen.registration_id) if seen.registration_id is not None else None
        unbuilt = wanted(gateway, seen, row)
        if unbuilt is not None and unbuilt.at_once and unbuilt.may:
            raise FreezeNeeded(unbuilt)
        turn = await _turn(gateway, db, seen, row)
        if turn == "wait":
            return None
        session = await session_for(gateway, db, seen, row)
        if unbuilt is not None:
            raise FreezeNeeded(unbuilt)  # what was written here is undone: nobody became the one that probes
        waiting = await unjudged(gateway, db, seen, row)
        if waiting is not None:
            raise waiting  # likewise
        work = await claim(gateway, db, seen, row, owner, session)
        if work is None and turn == "probe":
            await standing.give_probe_back(db, seen.authority)
        crashpoint("submit.written")
        return work


async def _turn(
    gateway: Gateway, db: Connection, seen: table.Glimpse, row: Enrolled | None
) -> Literal["go", "probe", "wait"]:
    """Whether it may go, as anybody or as the one that probes; else it is put off and no attempt is spent."""
    settings = gateway.settings
    reason = _barred(gateway, seen, row)
    if reason is not None:
        await _put_off(db, seen, reason, settings.scaled(30.0 if reason == "halted" else 5.0))
        return "wait"
    health = await standing.look(db, seen.authority)
    if health is None or health.state == "closed":
        return "go"
    if await standing.take_probe(db, seen.authority, settings.lease_seconds):
        return "probe"
    wait = settings.scaled(5.0) * random.uniform(0.5, 1.5)
    if health.probe_at is not None:
        wait += max(0.0, (health.probe_at - health.now).total_seconds())
    await _put_off(db, seen, "breaker", wait)
    return "wait"


def _barred(gateway: Gateway, seen: table.Glimpse, row: Enrolled | None) -> str | None:
    """Why its registration lets nothing go, if so. While credentials change hands what was built goes."""
    if seen.strategy not in gateway.strategies:
        return "halted"
    if row is None or row.state == "active" or (row.state == "draining" and seen.wire_object is not None):
        return None
    return "onboarding" if row.state in {"new", "draining"} else "halted"


async def _put_off(db: Connection, seen: table.Glimpse, reason: str, delay: float) -> None:
    """Later; the first time it says so in the log and to subscribers."""
    parked = await table.postpone(db, seen.id, seen.invoice_id, reason, delay)
    if parked is not None:
        settled, token = parked
        plan = Plan(settled=settled, event="submission.parked", told=True)
        await write_state(db, seen, plan, None, token=token)


async def _failed(gateway: Gateway, submission: UUID, owner: str) -> None:
    """Count an error of our own; nothing was sent."""
    async with gateway.store.everyone() as db:
        seen = await table.glimpse(db, submission)
        if seen is None:
            return
        claimed = await table.claim(db, seen.id, seen.invoice_id, owner, gateway.settings.lease_seconds)
        if claimed is None:
            return
        plan = after_failure(claimed, float(gateway.settings.delay_scale), random.random())
        if await table.settle(db, seen.id, seen.invoice_id, claimed.token, plan.settled):
            await write_state(db, seen, plan, None, token=claimed.token)


async def _converse(gateway: Gateway, courier: Courier, work: Work, started: float) -> Ended | None:
    """Carry requests and answers until the strategy has its outcome. None when we were overtaken."""
    settings, at = gateway.settings, work.step
    for spoken in range(MAX_REQUESTS):
        if at.request is None:
            return _outcome(gateway, work, at.outcome, None)
        if time.monotonic() - started > settings.lease_seconds - settings.http_timeout_seconds - MARGIN:
            work.conversation.close()
            return _not_sent(gateway, work, TOO_OLD, spoken)
        sent_at = time.monotonic()
        try:
            answer = await courier.send(at.request, settings.http_timeout_seconds)
        except NotSent as error:
            work.conversation.close()
            return _not_sent(gateway, work, str(error), spoken)
        except MaybeSent as error:
            work.conversation.close()
            heard = Heard(outcome="no_answer", milliseconds=_since(sent_at), error=str(error))
            return _outcome(gateway, work, Outcome(verdict=Verdict.UNKNOWN, detail=str(error)), heard)
        heard = Heard(outcome="answered", milliseconds=_since(sent_at), answer=answer)
        at = _next(work, answer)
        if at.request is None:
            return _outcome(gateway, work, at.outcome, heard)
        request = at.request
        renewing = time.monotonic()  # the new lease begins in there: counted from before, never from after
        if not await persistently(gateway, lambda: _go_on(gateway, work, heard, request)):  # noqa: B023
            return None
        started = renewing
    work.conversation.close()
    return _outcome(gateway, work, Outcome(verdict=Verdict.UNKNOWN, detail="too many requests"), None)


def _since(moment: float) -> int:
    return round((time.monotonic() - moment) * 1000)


def _next(work: Work, answer: Response) -> Step:
    """The strategy's next move. A strategy that fails on an answer does not know what the authority did."""
    try:
        return step(work.conversation, answer)
    except Exception as error:
        log.exception("strategy.failed", strategy=work.seen.strategy)
        detail = f"the answer could not be read ({type(error).__name__})"
        return Step(None, Outcome(verdict=Verdict.UNKNOWN, detail=detail))


async def _go_on(gateway: Gateway, work: Work, heard: Heard, request: Request) -> bool:
    """Between two requests: the answer and the next intent on record, the lease renewed."""
    n = work.n
    try:
        async with gateway.store.everyone() as db:
            lease = gateway.settings.lease_seconds
            if not await table.renew(db, work.seen.id, work.seen.invoice_id, work.claimed.token, lease):
                await quarantine(db, work, heard)
                return False
            await note_answer(db, work, heard, await projecting.under_way(db, work.seen))
            await write_request(gateway, db, work, request)
            return True
    except BaseException:
        work.n = n
        raise


def _outcome(gateway: Gateway, work: Work, outcome: Outcome | None, heard: Heard | None) -> Ended:
    if outcome is None:
        outcome = Outcome(verdict=Verdict.UNKNOWN, detail="the strategy gave no outcome")
    outcome = projecting.believed(work.seen.kind, legible(outcome))
    scale = float(gateway.settings.delay_scale)
    plan = after_outcome(work.claimed, work.kind, outcome, scale, random.random())
    if heard is not None and heard.outcome == "answered":
        heard = Heard(outcome=outcome.verdict.value, milliseconds=heard.milliseconds, answer=heard.answer)
    return Ended(plan, heard, outcome)


def _not_sent(gateway: Gateway, work: Work, why: str, spoken: int) -> Ended:
    """No byte of this request left; what earlier ones of a submission carried may be there all the same."""
    heard = Heard(outcome="not_sent", milliseconds=0, error=why)
    if spoken and work.kind == "submit":
        return _outcome(gateway, work, Outcome(verdict=Verdict.UNKNOWN, detail=why), heard)
    plan = after_not_sent(work.claimed, work.kind, float(gateway.settings.delay_scale), random.random())
    return Ended(plan, heard, None)


async def _settle(gateway: Gateway, work: Work, ended: Ended) -> bool:
    async with gateway.store.everyone() as db:
        outcome = await traced(gateway, db, work, ended.outcome)
        if await settle(db, work, ended.plan, ended.heard, outcome):
            crashpoint("submit.settling")
            return True
        if ended.heard is not None:
            await quarantine(db, work, ended.heard)
    log.warning("submission.overtaken", submission=str(work.seen.id))
    return False


async def _mark_health(gateway: Gateway, work: Work, ended: Ended) -> None:
    """Tell the authority's breaker how it went; a conversation that spoke to nobody says nothing."""
    heard = ended.heard
    if heard is None:
        return
    if heard.error == TOO_OLD:
        await persistently(gateway, lambda: _asked_nobody(gateway, work))
        return
    good = heard.answer is not None and heard.answer.status_code < 500
    await _mark(gateway, work.seen.authority, good, transport=heard.answer is None)


async def _mark(gateway: Gateway, authority: str, good: bool, transport: bool) -> None:
    """One more result for the authority's breaker; `transport` says that no answer came at all."""

    async def mark() -> None:
        async with gateway.store.everyone() as db:
            if good and breaker.untouched(await standing.look(db, authority)):
                return
            before = await standing.lock(db, authority)
            scale = float(gateway.settings.delay_scale)
            after = breaker.after(before, good, transport, scale, random.random())
            await standing.write(db, authority, after)
            if before.state != "closed" and after.state == "closed":
                await standing.resume_parked(db, authority, gateway.settings.scaled(10.0))

    await persistently(gateway, mark)


async def _asked_nobody(gateway: Gateway, work: Work) -> None:
    async with gateway.store.everyone() as db:
        await standing.give_probe_back(db, work.seen.authority)
