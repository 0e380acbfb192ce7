"""T3: write down what came of a conversation and let go of the submission. One transaction.

Everything is checked against the fencing token first: who was overtaken writes nothing but the answer's
bytes, so that no evidence is lost.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
from httpx import Response
from msgspec import Struct

from tallystick.flows.claiming import Work, kept
from tallystick.flows.exchange import answer_bytes, confidential
from tallystick.flows.plan import Plan
from tallystick.flows.resource import event_data
from tallystick.flows.status import public
from tallystick.ledger import ObjectRef, Value
from tallystick.store import Connection, append_entry, append_event, keep, new_body
from tallystick.store import work as table
from tallystick.store.attempts import finish_attempt
from tallystick.store.enrolled import pause
from tallystick.store.login import drop_session
from tallystick.strategy import Artifact, Outcome, Verdict

__all__ = ["Heard", "note_answer", "quarantine", "settle", "write_state"]


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
    if heard is not None:
        under_way = public("in_flight")
        state: dict[str, Value] = {
            "processing_status": under_way.processing_status,
            "authority_status": under_way.authority_status,
        }
        await note_answer(db, work, heard, state)
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
    shown = public(plan.settled.state, plan.settled.verdict)
    reference = (outcome.reference or None) if outcome is not None else None
    data = _facts(plan, outcome) | {"token": token} | dict(more or {})
    refs = await kept(db, seen.tenant_id, (*_evidence(outcome), *evidence))
    await table.move_invoice(db, seen.invoice_id, shown.processing_status, shown.authority_status, reference)
    await append_entry(
        db,
        tenant=seen.tenant_id,
        stream_kind="invoice",
        stream_id=seen.invoice_id,
        event=plan.event,
        actor=actor,
        authority=seen.authority,
        data=data,
        objects=refs,
        terminal=plan.terminal,
    )
    if plan.told:
        await append_event(
            db,
            tenant=seen.tenant_id,
            invoice_id=seen.invoice_id,
            type=plan.event,
            data=_news(seen, plan, outcome),
        )


def _facts(plan: Plan, outcome: Outcome | None) -> dict[str, Value]:
    """What the log says of a new state."""
    shown = public(plan.settled.state, plan.settled.verdict)
    data: dict[str, Value] = {
        "processing_status": shown.processing_status,
        "authority_status": shown.authority_status,
        "verdict": plan.settled.verdict,
        "attempts": plan.settled.attempts,
        "round": plan.settled.round,
    }
    if outcome is not None:
        rules = [fault.rule.id if fault.rule else fault.code for fault in outcome.faults]
        data |= {"reference": outcome.reference or None, "rules": rules}
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


def _news(seen: table.Glimpse, plan: Plan, outcome: Outcome | None) -> dict[str, Any]:
    """What subscribers are told of the new state: also why, and the authority's first twenty faults."""
    shown = public(plan.settled.state, plan.settled.verdict)
    more: dict[str, Any] = {}
    if outcome is not None and outcome.faults:
        more["errors"] = outcome.faults[:20]
    reason = plan.settled.dead_reason or plan.settled.parked_reason
    if reason is not None:
        more["reason"] = reason
    return event_data(
        invoice_id=seen.invoice_id,
        number=seen.number,
        mode=seen.mode,
        processing_status=shown.processing_status,
        authority_status=shown.authority_status,
        authority_reference=(outcome.reference or None) if outcome is not None else None,
        **more,
    )


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
