"""The first stage of an onboarding, judged and written down where it was asked for. Nothing is sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from tallystick.canonical import Fault
from tallystick.flows.abilities import abilities
from tallystick.flows.administer.refusals import BadBody
from tallystick.flows.hosts import endpoint_of
from tallystick.flows.onboarding.vault import SIGNER, place, wrapped_secrets
from tallystick.keys import Keyring, Secret
from tallystick.store import append_entry, ids
from tallystick.store.enrolled import Enrolled, tell
from tallystick.store.onboarding import add
from tallystick.store.rows import Connection
from tallystick.strategy import Enrolment, Enrols, Purpose, Stage, Strategy

__all__ = ["begin", "first_stage", "state_of", "wanted"]

STEP_REQUIRED: Final = "registration.step_required"


def first_stage(
    strategy: Strategy,
    row: Enrolled,
    purpose: Purpose,
    given: Mapping[str, str],
    secrets: Mapping[str, Secret],
    now: datetime,
) -> Stage:
    """The strategy's first stage. Raises BadBody with every fault of what was given."""
    able = abilities(strategy).onboards
    if able is None:
        raise BadBody(_no_onboarding(strategy))
    stage = able.begin(purpose, given, _enrolment(strategy, row, secrets, now))
    if not isinstance(stage, Stage):
        raise BadBody(*stage)
    return stage


def _no_onboarding(strategy: Strategy) -> Fault:
    return Fault(
        pointer="",
        code="registration/no-onboarding",
        message=f"Registrations with {strategy.name} are not onboarded: their credentials are given.",
    )


def _enrolment(strategy: Strategy, row: Enrolled, secrets: Mapping[str, Secret], now: datetime) -> Enrolment:
    """The registration without a key, and with no secret but those that were just handed in."""
    settings = msgspec.convert(row.settings, strategy.settings_type) if isinstance(strategy, Enrols) else None
    return Enrolment(
        registration=str(row.id),
        taxpayer=row.taxpayer,
        tax_identifier=row.tax_identifier,
        environment=row.environment,
        endpoint=endpoint_of(strategy, row.environment, row.endpoint),
        settings=settings,
        secrets=secrets,
        now=now,
    )


async def begin(
    db: Connection,
    keyring: Keyring,
    row: Enrolled,
    purpose: str,
    stage: Stage,
    *,
    actor: str,
    private_key: Secret | None = None,
) -> UUID:
    """Write an onboarding down in its first stage, with its entry; its id."""
    id_ = ids.new()
    state = state_of(stage)
    signer = None
    if private_key is not None:
        signer = keyring.wrap(private_key.reveal_bytes(), place(row.tenant_id, id_, SIGNER))
    await add(
        db,
        {
            "id": id_,
            "registration_id": row.id,
            "tenant_id": row.tenant_id,
            "purpose": purpose,
            "stage": stage.name,
            "facts": dict(stage.facts),
            "settings": dict(stage.settings),
            "secrets_wrapped": wrapped_secrets(keyring, row.tenant_id, id_, stage.secrets),
            "signer_wrapped": signer,
            "wants_code": stage.wants_code,
            "drains": stage.drains,
            "state": state,
            "detail": wanted(stage.wants_code),
        },
    )
    event = STEP_REQUIRED if stage.wants_code else "registration.onboarding_begun"
    data = {"purpose": purpose, "stage": stage.name, "state": state}
    if stage.wants_code:
        await tell(db, row.tenant_id, row.id, event, data | {"detail": wanted(True)}, actor=actor)
    else:
        await append_entry(
            db,
            tenant=row.tenant_id,
            stream_kind="registration",
            stream_id=row.id,
            event=event,
            actor=actor,
            data=data,
        )
    return id_


def state_of(stage: Stage) -> str:
    """What a stage waits for."""
    return "waiting_code" if stage.wants_code else "due"


def wanted(wants_code: bool) -> str:
    """What somebody has to do, as a sentence; empty if nothing."""
    return "A new one-time code of the authority's portal is needed." if wants_code else ""
