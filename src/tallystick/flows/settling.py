"""T3: write down what came of a conversation and let go of the submission. One transaction.

Everything is checked against the fencing token first: who was overtaken writes nothing but the answer's
bytes, so that no evidence is lost.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from httpx import Response
from msgspec import Struct

from tallystick.flows import projecting
from tallystick.flows.claiming import Work, kept
from tallystick.flows.deadlines import late
from tallystick.flows.exchange import answer_bytes, confidential
from tallystick.flows.plan import Plan
from tallystick.ledger import ObjectRef, Value
from tallystick.store import Connection, append_entry, append_event, keep, new_body
from tallystick.store import work as table
from tallystick.store.attempts import finish_attempt
from tallystick.store.enrolled import pause
from tallystick.store.login import drop_session
from tallystick.strategy import Artifact, Outcome, Verdict

__all__ = ["Heard", "note_answer", "quarantine", "settle", "write_state"]

FINAL: Final = frozenset({"done", "rejected", "conflict"})


class Heard(Struct, frozen=True, kw_only=True):
    """How one attempt ended: an answer, or why there was none. `outcome` is one word for its row."""

    outcome: str
    milliseconds: int
    answer: Response | None = None
    error: str | None = None


async def note_answer(db: Connection, work: Work, heard: Heard, state: dict[str, Value]) -> None:
    """Finish the running attempt's row and write its answer's entry. The invoice's row is locked by us."""
    refs: tuple[ObjectRef, ...] = ()
    stored = None
    if heard.answer is not None:
        text = answer_bytes(heard.answer, confidential(work.enrolment))
        body = new_body(text, "message/http", f"response-{work.n}.http")
        await keep(db, work.seen.tenant_id, body)
        refs, stored = (body.ref,), body.id
    status = heard.answer.status_code if heard.answer is not None else None
    await finish_attempt(
        db,
        work.seen.id,
        work.n,
        {
            "http_status": status,
            "outcome": heard.outcome,
            "response_object": stored,
            "duration_ms": heard.milliseconds,
            "error": heard.error,
        },
    )
    data: dict[str, Value] = {
        **state,
        "http_status": status,
        "outcome": heard.outcome,
        "duration_ms": heard.milliseconds,
        "error": heard.error,
        "token": work.claimed.token,
    }
    await append_entry(
        db,
        tenant=work.seen.tenant_id,
        stream_kind="invoice",
        stream_id=work.seen.invoice_id,
        event="authority.response" if heard.answer is not None else "authority.no_answer",
        actor="worker",
        authority=work.seen.authority,
        attempt=work.n,
        data=data,
        objects=refs,
    )


async def settle(
    db: Connection, work: Work, plan: Plan, heard: Heard | None, outcome: Outcome | None
) -> bool:
    """Write the answer and the new state; False, and nothing written, when another worker has taken over."""
    if not await table.settle(db, work.seen.id, work.seen.invoice_id, work.claimed.token, plan.settled):
        return False
    states = await projecting.under_way(db, work.seen)
    if heard is not None:
        await note_answer(db, work, heard, states)
    if plan.settled.state == "done" and work.claimed.deadline_at is not None:
        await late(db, work.seen.id, work.seen.invoice_id, states)
    if outcome is not None and work.seen.registration_id is not None:
        await _heed(db, work, work.seen.registration_id, outcome)
    await write_state(db, work.seen, plan, outcome, token=work.claimed.token)
    return True


async def _heed(db: Connection, work: Work, registration: UUID, outcome: Outcome) -> None:
    """What an outcome says of the registration: a session that is over, a credential that is refused."""
    session = work.enrolment.session
    if outcome.stale_session and session is not None:
        await drop_session(db, registration, session.expires_at)
    if outcome.verdict is Verdict.HALTED:
        await pause(db, registration, outcome.detail or "refused by the authority")


async def write_state(
    db: Connection,
    seen: table.Glimpse,
    plan: Plan,
    outcome: Outcome | None,
    *,
    token: int,
    actor: str = "worker",
    more: Mapping[str, Value] | None = None,
    evidence: tuple[Artifact, ...] = (),
) -> None:
    """The entry of the state change, the invoice's new state, and the event for subscribers.

    `token` is the one under which the change was made, so that the log itself shows that nobody who had been
    overtaken wrote into it; `more` is what else the entry says, `evidence` what is kept beside it.
    """
    reference = (outcome.reference or None) if outcome is not None else None
    now = await projecting.shown(db, seen, plan.settled.state, plan.settled.verdict, reference)
    event = projecting.named(seen.kind, plan.event, now)
    data = _facts(now, plan, outcome) | {"token": token} | dict(more or {})
    refs = await kept(db, seen.tenant_id, (*_evidence(outcome), *evidence))
    if outcome is not None and outcome.marks and plan.settled.state in FINAL:
        marks = msgspec.json.encode(outcome.marks, order="sorted")
        await table.note_marks(db, seen.id, marks.decode())
        data["outcome_marks_sha256"] = hashlib.sha256(marks).hexdigest()
    await projecting.move(db, seen, now)
    await append_entry(
        db,
        tenant=seen.tenant_id,
        stream_kind="invoice",
        stream_id=seen.invoice_id,
        event=event,
        actor=actor,
        authority=seen.authority,
        data=data,
        objects=refs,
        terminal=plan.terminal and now.processing_status == "completed",
    )
    if plan.told:
        await append_event(
            db,
            tenant=seen.tenant_id,
            invoice_id=seen.invoice_id,
            type=event,
            data=_news(seen, now, plan, outcome),
        )


def _facts(now: projecting.Shown, plan: Plan, outcome: Outcome | None) -> dict[str, Value]:
    """What the log says of a new state."""
    data: dict[str, Value] = {
        **now.state,
        "verdict": plan.settled.verdict,
        "attempts": plan.settled.attempts,
        "round": plan.settled.round,
    }
    if outcome is not None:
        rules = [fault.rule.id if fault.rule else fault.code for fault in outcome.faults]
        data |= {"rules": rules}
    if outcome is not None or now.facts:
        data |= {"reference": now.reference}
    for name in ("parked_reason", "dead_reason"):
        if getattr(plan.settled, name) is not None:
            data[name] = getattr(plan.settled, name)
    return data


def _evidence(outcome: Outcome | None) -> Iterator[Artifact]:
    """What an outcome leaves to be kept: the authority's artefacts, and what it said."""
    if outcome is None:
        return
    yield from outcome.artifacts
    if outcome.faults or outcome.detail:
        yield Artifact("outcome.json", "application/json", _report(outcome))


def _report(outcome: Outcome) -> bytes:
    """What the authority said, as JSON: verdict, detail, faults."""
    report = {"verdict": outcome.verdict, "detail": outcome.detail, "faults": outcome.faults}
    return msgspec.json.encode(report, order="sorted")


def _news(seen: table.Glimpse, now: projecting.Shown, plan: Plan, outcome: Outcome | None) -> dict[str, Any]:
    """What subscribers are told of the new state: also why, and the authority's first twenty faults."""
    more: dict[str, Any] = {}
    if outcome is not None and outcome.faults:
        more["errors"] = outcome.faults[:20]
    reason = plan.settled.dead_reason or plan.settled.parked_reason
    if reason is not None:
        more["reason"] = reason
    return projecting.event(seen, now, **more)


async def quarantine(db: Connection, work: Work, heard: Heard) -> None:
    """Keep the answer to a request of ours that came after another worker had taken over."""
    if heard.answer is None:
        return
    text = answer_bytes(heard.answer, confidential(work.enrolment))
    body = new_body(text, "message/http", f"late-response-{work.n}.http")
    await keep(db, work.seen.tenant_id, body)
    await append_entry(
        db,
        tenant=work.seen.tenant_id,
        stream_kind="system",
        stream_id=work.seen.id,
        event="authority.late_response",
        actor="worker",
        authority=work.seen.authority,
        attempt=work.n,
        data={"invoice_id": str(work.seen.invoice_id), "http_status": heard.answer.status_code},
        objects=(body.ref,),
    )
