"""What a step came to, written down in one transaction: the next stage, the end, or why there is neither."""

import hashlib
import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from httpx import Request, Response
from msgspec import Struct

from tallystick.canonical import Fault
from tallystick.flows import pace
from tallystick.flows.exchange import answer_bytes, endpoint_of, head_of_answer, whole_request_bytes
from tallystick.flows.gateway import Gateway
from tallystick.flows.onboarding.beginning import STEP_REQUIRED, state_of, wanted
from tallystick.flows.onboarding.vault import SIGNER, opened, owned_secrets, owned_signer, wrapped_secrets
from tallystick.keys import Secret
from tallystick.ledger import ObjectRef, Value
from tallystick.store import Connection, append_entry, keep, new_body
from tallystick.store import onboarding as table
from tallystick.store.enrolled import Enrolled, tell
from tallystick.store.onboarding import Process
from tallystick.strategy import Outcome, Slot, Stage, Verdict

__all__ = ["Answered", "ChainTaken", "Step", "conclude", "fail", "left_behind", "note_request"]

MOST_TRIES: Final = 60
MOST_FAULTS: Final = 50
UNMISTAKABLE: Final = 6
REFUSALS: Final = frozenset({400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429})
AGAIN: Final = "A new one-time code is needed, and a new key will be made."
LATER: Final = frozenset({Verdict.RETRY, Verdict.UNKNOWN, Verdict.PENDING})


class ChainTaken(Exception):
    """A chain of that name runs here already and ends elsewhere: numbers would be given twice."""


class Step(Struct, frozen=True, kw_only=True):
    """A step that is ours under `token`. `secrets` must not be seen in what is kept of the exchange."""

    process: Process
    row: Enrolled
    token: int
    key: Secret | None
    secrets: tuple[Secret, ...]


class Answered(Struct, frozen=True, kw_only=True):
    """What a step came to, and the answer that said so, if there was one."""

    result: Stage | Outcome
    answer: Response | None = None


async def note_request(db: Connection, step: Step, request: Request) -> None:
    """The intent, before anything is sent: the request without a credential in it."""
    body = new_body(
        whole_request_bytes(request, step.secrets), "message/http", f"onboarding-request-{step.token}.http"
    )
    await keep(db, step.row.tenant_id, body)
    data: dict[str, Value] = {
        "method": request.method,
        "content_sha256": hashlib.sha256(request.content).hexdigest(),
        "token": step.token,
    }
    endpoint = endpoint_of(request.url)
    await _entry(
        db, step.process, step.row, "onboarding.request", data, endpoint=endpoint, objects=(body.ref,)
    )


async def conclude(gateway: Gateway, db: Connection, step: Step, answered: Answered) -> bool:
    """Write the answer and where the onboarding stands now. True when its next step may follow at once.

    Nothing is written when the step is another worker's by now.
    """
    result = answered.result
    if await table.lock_registration(db, step.row.id) == "retired":
        result = Outcome(verdict=Verdict.HALTED, detail="The registration was retired meanwhile.")
    if isinstance(result, Stage):
        ours = await _advanced(gateway, db, step, answered, result)
        return ours and not (result.done or result.wants_code)
    outcome = _clean(result, step.secrets)
    if outcome.verdict in LATER and not step.process.wants_code and step.process.tries < MOST_TRIES:
        await _later(gateway, db, step, answered, outcome)
    elif step.process.wants_code and outcome.verdict is not Verdict.HALTED:
        await _another_code(db, step, answered, outcome)
    else:
        await fail(db, step.process, step.row, step.token, outcome, note=(step, answered))
    return False


def _clean(outcome: Outcome, secrets: Sequence[Secret]) -> Outcome:
    """The outcome without a secret in what it says, whatever the authority repeated."""
    text = msgspec.json.encode((outcome.detail, outcome.faults[:MOST_FAULTS]))
    for secret in secrets:
        if len(hidden := secret.reveal_bytes()) >= UNMISTAKABLE:
            text = text.replace(hidden, b"***")
    detail, faults = msgspec.json.decode(text, type=tuple[str, tuple[Fault, ...]])
    return msgspec.structs.replace(outcome, detail=detail, faults=faults)


async def _advanced(gateway: Gateway, db: Connection, step: Step, answered: Answered, stage: Stage) -> bool:
    """The next stage stored, or the end; false, and nothing written, when the step is another's by now."""
    process = step.process
    values: dict[str, Any] = {
        "stage": stage.name,
        "facts": dict(stage.facts),
        "settings": dict(stage.settings),
        "secrets_wrapped": wrapped_secrets(gateway.keyring, process.tenant_id, process.id, stage.secrets),
        "wants_code": stage.wants_code,
        "drains": stage.drains,
        "state": "done" if stage.done else state_of(stage),
        "steps": process.steps + 1,
        "tries": 0,
        "detail": "" if stage.done else wanted(stage.wants_code),
        "faults": "[]",
    }
    if stage.done:
        values |= {"secrets_wrapped": None, "signer_wrapped": None}
    due = values["state"] == "due"
    if not await table.settle(db, process.id, step.token, values, 0.0 if due else None):
        return False
    await _note_answer(db, step, answered)
    if stage.done:
        await _finish(gateway, db, step, stage)
    elif stage.wants_code:
        await _tell(db, step.process, step.row, STEP_REQUIRED, {"stage": stage.name, "detail": wanted(True)})
    return True


async def _finish(gateway: Gateway, db: Connection, step: Step, stage: Stage) -> None:
    """What was got becomes the registration's own, all of it in this transaction."""
    process, row = step.process, step.row
    key = step.key or opened(gateway.keyring, process, process.signer_wrapped, SIGNER)
    values: dict[str, Any] = {
        "settings": dict(stage.settings),
        "secrets_wrapped": owned_secrets(gateway.keyring, process, stage.secrets),
        "expires_at": stage.expires_at,
        "expiry_told": None,
    }
    if key is not None:
        values["signer_wrapped"] = owned_signer(gateway.keyring, process, key)
    await table.set_registration(db, row.id, values)
    await table.put_to_work(db, row.id)
    await table.resume(db, row.id)
    data: dict[str, Value] = {"stage": stage.name}
    if stage.expires_at is not None:
        data["expires_at"] = stage.expires_at.isoformat()
    if stage.slot is not None:
        await _go_on_with(db, row, stage.chain, stage.slot)
        data |= {"chain": stage.chain, "after": stage.slot.number}
    await _tell(db, process, row, "registration.completed", data)


async def _go_on_with(db: Connection, row: Enrolled, chain: str, slot: Slot) -> None:
    """A chain that runs already goes on here after its last place. Raises ChainTaken."""
    fresh = await table.go_on_with(
        db, row.tenant_id, row.strategy, row.environment, chain, slot.number, slot.previous
    )
    if not fresh:
        raise ChainTaken


async def _later(gateway: Gateway, db: Connection, step: Step, answered: Answered, outcome: Outcome) -> None:
    """The same step again, after a while."""
    tries = step.process.tries + 1
    delay = gateway.settings.scaled(pace.backoff(tries, random.random(), outcome.after))
    values = {"state": "due", "tries": tries, "detail": outcome.detail, "faults": _json(outcome.faults)}
    if await table.settle(db, step.process.id, step.token, values, delay):
        await _note_answer(db, step, answered)


async def _another_code(db: Connection, step: Step, answered: Answered, outcome: Outcome) -> None:
    """The code led nowhere. If the authority refused it, the old credential is in force as before."""
    detail = _sentences(outcome.detail, AGAIN)
    values = {
        "state": "waiting_code",
        "tries": step.process.tries + 1,
        "detail": detail,
        "faults": _json(outcome.faults),
    }
    if not await table.settle(db, step.process.id, step.token, values):
        return
    await _note_answer(db, step, answered)
    if outcome.verdict is not Verdict.UNKNOWN:
        await table.put_back(db, step.row.id)
        await table.resume(db, step.row.id)
    rules = [fault.rule.id if fault.rule else fault.code for fault in outcome.faults[:MOST_FAULTS]]
    data: dict[str, Value] = {"stage": step.process.stage, "detail": detail, "rules": rules}
    await _tell(db, step.process, step.row, STEP_REQUIRED, data)


async def fail(
    db: Connection,
    process: Process,
    row: Enrolled,
    token: int,
    outcome: Outcome,
    *,
    note: tuple[Step, Answered] | None = None,
) -> None:
    """The end without a credential; what was got on the way is thrown away, the old credential goes on."""
    values = {
        "state": "failed",
        "detail": _sentences(outcome.detail),
        "faults": _json(outcome.faults),
        "secrets_wrapped": None,
        "signer_wrapped": None,
        "code_wrapped": None,
    }
    if not await table.settle(db, process.id, token, values):
        return
    if note is not None:
        await _note_answer(db, *note)
    await table.put_back(db, row.id)
    await table.resume(db, row.id)
    rules = [fault.rule.id if fault.rule else fault.code for fault in outcome.faults[:MOST_FAULTS]]
    data: dict[str, Value] = {"stage": process.stage, "detail": str(values["detail"]), "rules": rules}
    await _tell(db, process, row, "registration.failed", data)


async def left_behind(db: Connection, process: Process, row: Enrolled) -> None:
    """A worker died in the step: it is taken again, or, where it used a code, waits for another one."""
    if not process.wants_code:
        values: dict[str, Any] = {"state": "due", "tries": process.tries + 1, "detail": "Taken up again."}
        if await table.settle(db, process.id, process.token, values, 0.0):
            await _entry(db, process, row, "onboarding.taken_up", {"token": process.token})
        return
    detail = _sentences("The worker died while the code was in use: it may be used up", AGAIN)
    values = {"state": "waiting_code", "tries": process.tries + 1, "detail": detail}
    if await table.settle(db, process.id, process.token, values):
        await _tell(db, process, row, STEP_REQUIRED, {"stage": process.stage, "detail": detail})


def _sentences(*parts: str) -> str:
    """The parts, each ended as a sentence is."""
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)


def _json(faults: Sequence[Fault]) -> str:
    return msgspec.json.encode(tuple(faults)[:MOST_FAULTS]).decode()


async def _note_answer(db: Connection, step: Step, answered: Answered) -> None:
    """The answer's entry. A body in which a new credential may stand is not kept."""
    answer, result = answered.answer, answered.result
    said = f"stage {result.name}" if isinstance(result, Stage) else str(result.verdict)
    data: dict[str, Value] = {"outcome": said}
    if not isinstance(result, Stage) and result.detail:
        data["detail"] = _clean(result, step.secrets).detail
    if answer is None:
        await _entry(db, step.process, step.row, "onboarding.no_answer", data | {"token": step.token})
        return
    secrets = (*step.secrets, *(result.secrets.values() if isinstance(result, Stage) else ()))
    shown = (
        answer_bytes(answer, secrets) if _harmless(answer, result, step) else head_of_answer(answer, secrets)
    )
    body = new_body(shown, "message/http", f"onboarding-response-{step.token}.http")
    await keep(db, step.row.tenant_id, body)
    data |= {"http_status": answer.status_code, "token": step.token}
    await _entry(db, step.process, step.row, "onboarding.response", data, objects=(body.ref,))


def _harmless(answer: Response, result: Stage | Outcome, step: Step) -> bool:
    """Whether no new credential can stand in the body: it is a refusal, or it brought the stage none."""
    if isinstance(result, Stage):
        known = {secret.reveal_bytes() for secret in step.secrets}
        return not result.done and all(each.reveal_bytes() in known for each in result.secrets.values())
    return answer.status_code in REFUSALS


async def _tell(
    db: Connection, process: Process, row: Enrolled, event: str, data: Mapping[str, Value]
) -> None:
    """An entry, and the event that says the same to subscribers."""
    about: dict[str, Value] = {
        "strategy": row.strategy,
        "environment": row.environment,
        "unit": row.unit,
        "purpose": process.purpose,
    }
    await tell(db, row.tenant_id, row.id, event, about | dict(data))


async def _entry(
    db: Connection,
    process: Process,
    row: Enrolled,
    event: str,
    data: Mapping[str, Value],
    *,
    endpoint: str | None = None,
    objects: tuple[ObjectRef, ...] = (),
) -> None:
    """An entry in the registration's stream."""
    await append_entry(
        db,
        tenant=row.tenant_id,
        stream_kind="registration",
        stream_id=row.id,
        event=event,
        actor="worker",
        authority=row.strategy,
        endpoint=endpoint,
        data={"purpose": process.purpose, "stage": process.stage, **data},
        objects=objects,
    )
