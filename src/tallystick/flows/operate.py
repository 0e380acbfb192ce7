"""What a person decides where the gateway may not: dead letters sent again, doubts settled with evidence.

Bytes and reference are never touched. What may have left before is asked about before it is sent again. Each
decision is an entry of the invoice's log with its actor and its evidence, and an event for subscribers.
"""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from msgspec import Struct

from tallystick.canonical import Fault
from tallystick.flows import Caller
from tallystick.flows.administer.refusals import BadBody, Forbidden
from tallystick.flows.errors import Illegal, NotFound
from tallystick.flows.gateway import Gateway
from tallystick.flows.plan import Plan
from tallystick.flows.projecting import ISSUE
from tallystick.flows.settling import write_state
from tallystick.flows.status import GOOD
from tallystick.flows.transactions import persistently
from tallystick.store import Connection, work
from tallystick.store import operate as table
from tallystick.store.operate import DeadLetters, Stuck
from tallystick.store.shown import invoice_state
from tallystick.store.work import Settled
from tallystick.strategy import Artifact, Outcome, Verdict

__all__ = ["REPLAYS_PER_SECOND", "SCOPE", "Decision", "Operated", "replay", "replay_many", "resolve"]

Decision = Literal["sent", "not_sent"]

SCOPE: Final = "submission:resolve"
REPLAYS_PER_SECOND: Final = 10.0  # so that a bulk replay does not fall upon an authority that just came back
LONGEST: Final = 10_000  # characters of a reason or of evidence
OF_AN_ACT: Final = ("cancelled", "accepted")
_ALLOWED: Final = {"dead": ("replay", "resolve"), "conflict": ("resolve",)}


class Operated(Struct, frozen=True, kw_only=True):
    """Where the invoice stands after the operator's decision; `state` is that of what was decided about."""

    invoice_id: UUID
    state: str
    processing_status: str
    authority_status: str


async def replay(
    gateway: Gateway, caller: Caller, invoice_id: UUID, reason: str = "", *, delay: float = 0.0
) -> Operated:
    """Give a dead letter a new round of attempts, in `delay` seconds: the same bytes, the same reference.

    What may have left before is inquired about first. Raises Forbidden without the scope, NotFound, Illegal
    for anything but a dead letter, Unavailable.
    """
    _entitled(caller)
    notes = _notes("reason.txt", reason)

    async def once() -> tuple[Operated, UUID]:
        async with gateway.store.tenant(caller.tenant_id) as db:
            stuck = await _held(db, caller, invoice_id, ("dead",))
            to = Settled(
                state="unknown" if stuck.sent else "queued",
                verdict="unknown" if stuck.sent else None,
                attempts=0,
                round=stuck.round + 1,
                poll_count=0,
                crashes=0,
                delay=delay,
            )
            plan = Plan(settled=to, event="submission.replayed", told=True)
            return await _write(db, caller, stuck, plan, None, notes), stuck.id

    done, submission = await persistently(gateway, once)
    if delay == 0.0:
        gateway.wake(submission)
    return done


async def replay_many(
    gateway: Gateway,
    caller: Caller,
    *,
    authority: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    reason: str = "",
    limit: int = 1000,
) -> tuple[UUID, ...]:
    """Replay the tenant's dead letters of an authority that died within [since, until), oldest first.

    At most `limit`, spread over time: ten a second, as this installation scales delays. The invoices that
    were replayed; one that somebody else was quicker with is left out. Raises Forbidden, Unavailable.
    """
    _entitled(caller)
    wanted = DeadLetters(mode=caller.mode, authority=authority, since=since, until=until, limit=limit)

    async def look() -> list[UUID]:
        async with gateway.store.tenant(caller.tenant_id) as db:
            return list(await table.dead_letters(db, caller.tenant_id, wanted))

    replayed: list[UUID] = []
    for found in await persistently(gateway, look):
        delay = gateway.settings.scaled(len(replayed) / REPLAYS_PER_SECOND)
        try:
            await replay(gateway, caller, found, reason, delay=delay)
        except Illegal:
            continue
        replayed.append(found)
    return tuple(replayed)


async def resolve(
    gateway: Gateway,
    caller: Caller,
    invoice_id: UUID,
    decision: Decision,
    evidence: str,
    *,
    authority_status: str | None = None,
    reference: str = "",
) -> Operated:
    """Settle by hand what the gateway cannot know: whether the authority has the document, or did the act.

    `sent`: it has, with `authority_status` (a good one, unless given `accepted`) and its `reference`; of an
    act the status must be given: `cancelled`, or `accepted` where the document stays in force. `not_sent`: it
    has not; a dead letter is sent again (the same bytes, without asking first), a conflict ends as rejected.
    `evidence` says how the operator knows and is kept. Raises Forbidden without the scope, NotFound, Illegal
    unless it is a dead letter or a conflict, BadBody for another status, ValueError for no evidence,
    Unavailable.
    """
    _entitled(caller)
    if not evidence.strip():
        raise ValueError("a decision needs evidence")
    notes = _notes("evidence.txt", evidence)

    async def once() -> tuple[Operated, UUID]:
        async with gateway.store.tenant(caller.tenant_id) as db:
            stuck = await _held(db, caller, invoice_id, ("dead", "conflict"))
            plan, outcome = _resolved(stuck, decision, _status(stuck, decision, authority_status), reference)
            return await _write(db, caller, stuck, plan, outcome, notes, decision), stuck.id

    done, submission = await persistently(gateway, once)
    if done.state == "queued":
        gateway.wake(submission)
    return done


def _status(stuck: Stuck, decision: Decision, given: str | None) -> str:
    """What the authority said, as the operator tells it. Raises BadBody for what it cannot have said."""
    of_act = decision == "sent" and stuck.kind != ISSUE
    allowed = OF_AN_ACT if of_act else tuple(sorted(GOOD))
    status = given if of_act else given or "accepted"
    if status not in allowed:
        what = f"The act {stuck.kind} left the document" if of_act else "The authority says of what it took"
        raise BadBody(
            Fault(
                code="decision/status",
                pointer="/authority_status",
                message=f"{what} {' or '.join(allowed)}: say which.",
                actual=given or "",
            )
        )
    return status


def _resolved(stuck: Stuck, decision: Decision, status: str, reference: str) -> tuple[Plan, Outcome | None]:
    """The state that follows from a decision, and the outcome if it is one."""
    over: dict[str, Any] = {"attempts": 0, "round": stuck.round + 1, "poll_count": 0, "crashes": 0}
    if decision == "sent":
        outcome = Outcome(verdict=Verdict(status), reference=reference)
        to = Settled(state="done", verdict=status, **over)
    elif stuck.state == "conflict":
        outcome = Outcome(verdict=Verdict.REJECTED, reference=reference)
        to = Settled(state="rejected", verdict="rejected", **over)
    else:
        to = Settled(state="queued", verdict="absent", delay=0.0, **over)
        return Plan(settled=to, event="submission.resolved", told=True), None
    return Plan(settled=to, event="submission.resolved", terminal=True, told=True), outcome


def _entitled(caller: Caller) -> None:
    if not caller.may(SCOPE):
        raise Forbidden(f"this needs the scope {SCOPE}")


def _notes(name: str, text: str) -> tuple[Artifact, ...]:
    """What the operator wrote, as evidence beside the entry. Raises ValueError when it is too long."""
    if len(text) > LONGEST:
        raise ValueError(f"at most {LONGEST} characters")
    body = text.strip().encode("utf-8", "replace")
    return (Artifact(name=name, media_type="text/plain", body=body),) if body else ()


async def _held(db: Connection, caller: Caller, invoice_id: UUID, states: tuple[str, ...]) -> Stuck:
    """The submission under lock, in one of these states. Raises NotFound, Illegal."""
    stuck = await table.hold(db, caller.tenant_id, caller.mode, invoice_id)
    if stuck is None:
        raise NotFound
    if stuck.state not in states:
        allowed = _ALLOWED.get(stuck.state, ())
        raise Illegal(allowed, f"the submission is {stuck.state.replace('_', ' ')}")
    return stuck


async def _write(
    db: Connection,
    caller: Caller,
    stuck: Stuck,
    plan: Plan,
    outcome: Outcome | None,
    notes: tuple[Artifact, ...],
    decision: Decision | None = None,
) -> Operated:
    """The new state, its entry with the actor and what he wrote, its event: all in this transaction."""
    await table.move(db, stuck, plan.settled)
    seen = await work.glimpse(db, stuck.id)
    if seen is None:
        raise NotFound
    await write_state(
        db,
        seen,
        plan,
        outcome,
        token=stuck.token,
        actor=caller.actor,
        more={"was": stuck.state, **({"decision": decision} if decision else {})},
        evidence=notes,
    )
    now = await invoice_state(db, stuck.invoice_id)
    return Operated(
        invoice_id=stuck.invoice_id,
        state=plan.settled.state,
        processing_status=now.processing_status,
        authority_status=now.authority_status,
    )
