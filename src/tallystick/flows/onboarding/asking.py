"""What callers ask of an onboarding: to hand in a code, to renew, to take a unit over, to try, to look.

This side opens nothing: a code and a key that are handed in are wrapped at once and read by the worker alone.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec import json

from tallystick.canonical import Fault
from tallystick.flows import Caller
from tallystick.flows.administer.bodies import CodeBody, ProcessView, TakeoverBody
from tallystick.flows.administer.judgement import faults_of_secrets
from tallystick.flows.administer.refusals import BadBody, Conflict, Forbidden
from tallystick.flows.errors import NotFound
from tallystick.flows.gateway import Gateway
from tallystick.flows.onboarding.beginning import begin, first_stage
from tallystick.flows.onboarding.vault import CODE, place
from tallystick.flows.transactions import within
from tallystick.keys import Secret
from tallystick.store import append_entry, rows
from tallystick.store import onboarding as table
from tallystick.store.enrolled import Enrolled, enrolled
from tallystick.store.onboarding import Process
from tallystick.store.rows import Connection
from tallystick.strategy import Purpose, Stage, Strategy

__all__ = ["look", "renew", "submit_code", "take_over", "try_out"]

OPEN = frozenset({"waiting_code", "due", "draining", "running"})


async def look(gateway: Gateway, caller: Caller, registration: UUID) -> ProcessView:
    """The newest onboarding. Raises NotFound, also where there was none."""
    async with within(gateway, caller.tenant_id) as db:
        row = await _row(db, registration)
        found = await table.latest(db, registration)
        if found is None:
            raise NotFound
        return view(found, row)


async def submit_code(gateway: Gateway, caller: Caller, registration: UUID, body: CodeBody) -> ProcessView:
    """Hand in the one-time code that the onboarding waits for. An enrolment that failed begins anew, and so
    does that of a paused registration: its credential may be beyond renewal.

    Raises NotFound, Forbidden, Conflict when no code is waited for, BadBody when settings are not fit.
    """
    async with within(gateway, caller.tenant_id) as db:
        row = await _locked(db, caller, registration)
        strategy = gateway.strategies.by_name(row.strategy)
        found = await table.latest(db, registration, lock=True)
        if found is None or found.state not in OPEN:
            if row.state not in ("new", "paused"):
                raise Conflict("No one-time code is waited for: begin with a renewal.")
            stage = first_stage(strategy, row, "enrol", {}, {}, _now(found))
            await begin(db, gateway.keyring, row, "enrol", stage, actor=caller.actor)
            found = await table.latest(db, registration, lock=True)
        if found is None or found.state != "waiting_code":
            raise Conflict("No one-time code is waited for just now.")
        values = _refreshed(strategy, row, found)
        wrapped = gateway.keyring.wrap(body.code.encode(), place(found.tenant_id, found.id, CODE))
        values |= {"state": "due", "code_wrapped": wrapped, "tries": 0, "detail": "", "faults": "[]"}
        await table.settle(db, found.id, found.token, values, 0.0)
        await _entry(db, caller, row, "registration.code_given", found)
        return await _shown(db, row)


def _refreshed(strategy: Strategy, row: Enrolled, found: Process) -> dict[str, Any]:
    """The first stage anew where no step was taken yet: somebody may have mended a setting."""
    if found.steps or found.purpose not in ("enrol", "renew"):
        return {}
    purpose: Purpose = "renew" if found.purpose == "renew" else "enrol"
    stage = first_stage(strategy, row, purpose, {}, {}, found.now)
    return {"stage": stage.name, "facts": dict(stage.facts), "settings": dict(stage.settings)}


async def renew(gateway: Gateway, caller: Caller, registration: UUID) -> ProcessView:
    """Begin the way to a new credential. Raises NotFound, Forbidden, Conflict, BadBody."""
    return await _begun(gateway, caller, registration, "renew", {}, {}, None)


async def take_over(gateway: Gateway, caller: Caller, registration: UUID, body: TakeoverBody) -> ProcessView:
    """Go on with a unit that ran elsewhere: its credential, its key, its place in its chain.

    Raises NotFound, Forbidden, Conflict, BadBody with pointers into the body.
    """
    secrets = {name: Secret(text) for name, text in body.secrets.items()}
    return await _begun(
        gateway, caller, registration, "takeover", body.given, secrets, Secret(body.private_key)
    )


async def try_out(gateway: Gateway, caller: Caller, registration: UUID) -> ProcessView:
    """Have the worker try the credentials. Raises NotFound, Forbidden, Conflict."""
    async with within(gateway, caller.tenant_id) as db:
        row = await _locked(db, caller, registration)
        await _refuse_open(db, row)
        if row.state == "new":
            raise Conflict("The registration has no credentials yet.")
        stage = Stage(name="test")
        await begin(db, gateway.keyring, row, "test", stage, actor=caller.actor)
        return await _shown(db, row)


async def _begun(
    gateway: Gateway,
    caller: Caller,
    registration: UUID,
    purpose: Purpose,
    given: Mapping[str, str],
    secrets: Mapping[str, Secret],
    private_key: Secret | None,
) -> ProcessView:
    async with within(gateway, caller.tenant_id) as db:
        row = await _locked(db, caller, registration)
        await _refuse_open(db, row, instead_of_code=purpose == "takeover")
        if (purpose == "takeover") != (row.state == "new"):
            raise Conflict(
                "Only a registration without credentials can take a unit over."
                if purpose == "takeover"
                else "The registration has no credentials yet: hand in a one-time code."
            )
        strategy = gateway.strategies.by_name(row.strategy)
        _refuse_unknown(strategy, secrets)
        stage = first_stage(strategy, row, purpose, given, secrets, datetime.now(UTC))
        await begin(db, gateway.keyring, row, purpose, stage, actor=caller.actor, private_key=private_key)
        return await _shown(db, row)


def _refuse_unknown(strategy: Strategy, secrets: Mapping[str, Secret]) -> None:
    """Raise BadBody for a name that the strategy keeps no secret under."""
    faults = tuple(faults_of_secrets(strategy, secrets))
    if faults:
        raise BadBody(*faults)


async def _refuse_open(db: Connection, row: Enrolled, *, instead_of_code: bool = False) -> None:
    """Raise Conflict while an onboarding is not at its end; one that still waits for its first code gives way
    to a takeover.
    """
    found = await table.latest(db, row.id, lock=True)
    if found is None or found.state not in OPEN:
        return
    if instead_of_code and found.state == "waiting_code" and found.steps == 0:
        values = {"state": "failed", "detail": "A takeover was asked for instead."}
        await table.settle(db, found.id, found.token, values)
        return
    raise Conflict(
        f"An onboarding ({found.purpose}) is not at its end.", f"/v1/registrations/{row.id}/process"
    )


async def _row(db: Connection, registration: UUID) -> Enrolled:
    row = await enrolled(db, registration)
    if row is None:
        raise NotFound
    return row


async def _locked(db: Connection, caller: Caller, registration: UUID) -> Enrolled:
    """The registration, which nobody else changes meanwhile. Raises NotFound, Forbidden, Conflict."""
    await rows.one(db, "registration", {"id": registration}, lock=True)
    row = await _row(db, registration)
    if caller.mode == "test" and row.environment == "production":
        raise Forbidden("A test key cannot use the production environment.")
    if row.state == "retired":
        raise Conflict("The registration is retired.")
    return row


def _now(found: Process | None) -> datetime:
    return found.now if found is not None else datetime.now(UTC)


async def _entry(db: Connection, caller: Caller, row: Enrolled, event: str, process: Process) -> None:
    await append_entry(
        db,
        tenant=row.tenant_id,
        stream_kind="registration",
        stream_id=row.id,
        event=event,
        actor=caller.actor,
        data={"purpose": process.purpose, "stage": process.stage},
    )


async def _shown(db: Connection, row: Enrolled) -> ProcessView:
    found = await table.latest(db, row.id)
    if found is None:
        raise NotFound
    return view(found, row)


def view(process: Process, row: Enrolled) -> ProcessView:
    """An onboarding as callers see it: nothing that is secret, not even wrapped."""
    return ProcessView(
        id=process.id,
        registration_id=process.registration_id,
        purpose=process.purpose,
        state=process.state,
        stage=process.stage,
        wanted="code" if process.state == "waiting_code" else None,
        detail=process.detail,
        facts=process.facts,
        faults=json.decode(process.faults, type=list[Fault]),
        steps=process.steps,
        registration_state=row.state,
        expires_at=row.expires_at,
        created_at=process.created_at,
        updated_at=process.updated_at,
    )
