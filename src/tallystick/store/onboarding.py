"""Onboardings: a row each, claimed by lease and token as submissions are; what is secret stays wrapped."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tallystick.store.chains import begin_chain, chain_id, ends_with
from tallystick.store.connecting import Connection

__all__ = [
    "PAUSED_BY_OWNER",
    "Expiring",
    "Process",
    "abandon",
    "add",
    "claim",
    "due",
    "expired",
    "expiring",
    "go_on_with",
    "hurry",
    "last_acquired",
    "latest",
    "lock_registration",
    "process",
    "put_back",
    "put_to_work",
    "resume",
    "set_registration",
    "settle",
    "told_expiry",
    "under_way",
]

COLUMNS: Final = """id, registration_id, tenant_id, purpose, stage, CAST(facts AS text) AS facts,
    CAST(settings AS text) AS settings, secrets_wrapped, signer_wrapped, code_wrapped, wants_code, drains,
    state, steps, tries, token, detail, faults, created_at, updated_at, next_at, clock_timestamp() AS now"""
PAUSED_BY_OWNER: Final = "paused by its owner"
JSON_COLUMNS: Final = frozenset({"facts", "settings"})


class Process(Struct, frozen=True, kw_only=True):
    """A row of `registration_process`. `secrets` are names with base64 of wrapped bytes; `faults` is JSON."""

    id: UUID
    registration_id: UUID
    tenant_id: UUID
    purpose: str
    stage: str
    facts: dict[str, str]
    settings: dict[str, Any]
    secrets: dict[str, str]
    signer_wrapped: bytes | None
    code_wrapped: bytes | None
    wants_code: bool
    drains: bool
    state: str
    steps: int
    tries: int
    token: int
    detail: str
    faults: str
    created_at: datetime
    updated_at: datetime
    next_at: datetime | None
    now: datetime


class Expiring(Struct, frozen=True, kw_only=True):
    """A registration whose credential ends, or has ended. `days` is the smallest number told before."""

    id: UUID
    tenant_id: UUID
    expires_at: datetime
    told: int | None
    now: datetime


def _process(row: Mapping[Any, Any]) -> Process:
    given = {name: row[name] for name in Process.__struct_fields__ if name in row}
    given |= {name: msgspec.json.decode(row[name]) for name in JSON_COLUMNS}
    secrets = msgspec.json.decode(row["secrets_wrapped"] or b"{}", type=dict[str, str])
    return Process(**given, secrets=secrets)


async def process(db: Connection, id_: UUID) -> Process | None:
    """The onboarding of this id, or None."""
    found = await db.execute(
        text(f"SELECT {COLUMNS} FROM registration_process WHERE id = :id"),  # noqa: S608 -- our own words
        {"id": id_},
    )
    row = found.mappings().first()
    return None if row is None else _process(row)


async def latest(db: Connection, registration: UUID, *, lock: bool = False) -> Process | None:
    """The registration's newest onboarding, or None; `lock` keeps others from changing it."""
    found = await db.execute(
        text(
            f"""SELECT {COLUMNS} FROM registration_process WHERE registration_id = :id
                ORDER BY created_at DESC, id DESC LIMIT 1 {"FOR UPDATE" if lock else ""}"""  # noqa: S608
        ),
        {"id": registration},
    )
    row = found.mappings().first()
    return None if row is None else _process(row)


async def last_acquired(db: Connection, registration: UUID) -> frozenset[str]:
    """The names of the settings that the last onboarding to come to its end has set."""
    found = await db.execute(
        text(
            """SELECT CAST(settings AS text) FROM registration_process
               WHERE registration_id = :id AND state = 'done' AND purpose <> 'test'
               ORDER BY created_at DESC, id DESC LIMIT 1"""
        ),
        {"id": registration},
    )
    settings = found.scalar()
    return frozenset(msgspec.json.decode(settings, type=dict[str, Any])) if settings else frozenset()


async def add(db: Connection, values: Mapping[str, Any]) -> None:
    """A new onboarding. The database refuses a second one that is not at its end."""
    names = ", ".join(values)
    places = ", ".join(_place(name) for name in values)
    await db.execute(
        text(f"INSERT INTO registration_process ({names}) VALUES ({places})"),  # noqa: S608 -- our own names
        _bound(values),
    )


def _place(name: str) -> str:
    return f"CAST(:{name} AS jsonb)" if name in JSON_COLUMNS else f":{name}"


def _bound(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: msgspec.json.encode(value).decode() if name in JSON_COLUMNS else value
        for name, value in values.items()
    }


async def due(db: Connection, limit: int) -> list[UUID]:
    """Onboardings that may go on now, the longest waiting first."""
    found = await db.execute(
        text(
            """SELECT id FROM registration_process WHERE state IN ('due', 'draining')
               AND next_at <= clock_timestamp() ORDER BY next_at LIMIT :limit"""
        ),
        {"limit": limit},
    )
    return list(found.scalars())


async def claim(
    db: Connection, seen: Process, owner: str, lease: float, signer_wrapped: bytes | None
) -> int | None:
    """Take the step that was seen, and its code away; the new token, None when it is another's by now."""
    found = await db.execute(
        text(
            """UPDATE registration_process SET state = 'running', token = token + 1, owner = :owner,
                 lease_until = clock_timestamp() + make_interval(secs => :lease), next_at = NULL,
                 code_wrapped = NULL, signer_wrapped = coalesce(:signer, signer_wrapped)
               WHERE id = :id AND token = :token AND state IN ('due', 'draining') RETURNING token"""
        ),
        {"id": seen.id, "token": seen.token, "owner": owner, "lease": lease, "signer": signer_wrapped},
    )
    token: int | None = found.scalar()
    return token


async def settle(
    db: Connection, id_: UUID, token: int, values: Mapping[str, Any], delay: float | None = None
) -> bool:
    """Write how a step ended, if it is still ours; `delay` are the seconds until the next one."""
    sets = ", ".join(f"{name} = {_place(name)}" for name in values)
    found = await db.execute(
        text(
            f"""UPDATE registration_process SET {sets}, lease_until = NULL, owner = NULL,
                  next_at = clock_timestamp() + make_interval(secs => CAST(:delay AS float8))
                WHERE id = :id AND token = :token"""  # noqa: S608 -- our own names
        ),
        {**_bound(values), "id": id_, "token": token, "delay": delay},
    )
    return found.rowcount == 1


async def abandon(db: Connection, registration: UUID, why: str) -> bool:
    """End an onboarding that no worker is at just now, its code unspent; false if there is none."""
    found = await db.execute(
        text(
            """UPDATE registration_process SET state = 'failed', detail = :why, next_at = NULL,
                 code_wrapped = NULL, secrets_wrapped = NULL, signer_wrapped = NULL
               WHERE registration_id = :id AND state IN ('waiting_code', 'due', 'draining')"""
        ),
        {"id": registration, "why": why},
    )
    return found.rowcount == 1


async def expired(db: Connection, limit: int = 20) -> Sequence[Process]:
    """Steps whose worker died, locked."""
    found = await db.execute(
        text(
            f"""SELECT {COLUMNS} FROM registration_process
                WHERE state = 'running' AND lease_until < clock_timestamp()
                ORDER BY lease_until LIMIT :limit FOR UPDATE SKIP LOCKED"""  # noqa: S608 -- our own words
        ),
        {"limit": limit},
    )
    return [_process(row) for row in found.mappings()]


async def lock_registration(db: Connection, registration: UUID) -> str | None:
    """The registration's state, which nobody else changes until the transaction ends."""
    found = await db.execute(
        text("SELECT state FROM registration WHERE id = :id FOR UPDATE"), {"id": registration}
    )
    state: str | None = found.scalar()
    return state


async def set_registration(db: Connection, registration: UUID, values: Mapping[str, Any]) -> None:
    """Change columns of the registration; `settings` are merged into what is there."""
    sets = [f"{name} = :{name}" for name in values if name != "settings"]
    bound = dict(values)
    if "settings" in values:
        sets.append("settings = settings || CAST(:settings AS jsonb)")
        bound["settings"] = msgspec.json.encode(values["settings"]).decode()
    await db.execute(
        text(f"UPDATE registration SET {', '.join(sets)}, version = version + 1 WHERE id = :id"),  # noqa: S608
        {**bound, "id": registration},
    )


async def put_to_work(db: Connection, registration: UUID) -> None:
    """The registration is active, unless its owner paused it."""
    await db.execute(
        text(
            """UPDATE registration SET
                 state = CASE WHEN paused_reason = :owners THEN 'paused' ELSE 'active' END,
                 paused_reason = CASE WHEN paused_reason = :owners THEN paused_reason END
               WHERE id = :id AND state <> 'retired'"""
        ),
        {"id": registration, "owners": PAUSED_BY_OWNER},
    )


async def put_back(db: Connection, registration: UUID) -> None:
    """A registration that drains is again what it was before."""
    await db.execute(
        text(
            """UPDATE registration SET version = version + 1,
                 state = CASE WHEN paused_reason IS NULL THEN 'active' ELSE 'paused' END
               WHERE id = :id AND state = 'draining'"""
        ),
        {"id": registration},
    )


async def resume(db: Connection, registration: UUID) -> int:
    """What waited for the registration's credential is due at once; how many documents that is."""
    found = await db.execute(
        text(
            """UPDATE submission SET next_at = clock_timestamp()
               WHERE registration_id = :id AND state = 'parked' AND parked_reason IN ('onboarding', 'halted')
                 AND next_at > clock_timestamp()"""
        ),
        {"id": registration},
    )
    return found.rowcount


async def hurry(db: Connection, registration: UUID) -> None:
    """What is frozen and waits for its next try is due at once."""
    await db.execute(
        text(
            """UPDATE submission SET next_at = clock_timestamp()
               WHERE registration_id = :id AND wire_object IS NOT NULL AND next_at > clock_timestamp()
                 AND state IN ('queued', 'retry_wait', 'unknown', 'pending', 'parked')
                 AND parked_reason IS DISTINCT FROM 'halted'"""
        ),
        {"id": registration},
    )


async def under_way(db: Connection, registration: UUID) -> int:
    """How many of the registration's documents are frozen and not at their end.

    Those that wait because the authority refuses the very credential are not counted: they cannot go out
    under it any more.
    """
    found = await db.execute(
        text(
            """SELECT count(*) FROM submission WHERE registration_id = :id AND wire_object IS NOT NULL
               AND state IN ('queued', 'in_flight', 'retry_wait', 'unknown', 'pending', 'parked')
               AND NOT (state = 'parked' AND parked_reason IS NOT DISTINCT FROM 'halted')"""
        ),
        {"id": registration},
    )
    return int(found.scalar_one())


async def go_on_with(
    db: Connection, tenant: UUID, strategy: str, environment: str, name: str, last_no: int, last_link: str
) -> bool:
    """Make a chain that goes on after a document issued elsewhere, or go on with the one of that name.

    False when the one that is here ends elsewhere: somebody would give a number a second time, or leave one
    out.
    """
    try:
        async with db.begin_nested():
            await begin_chain(db, tenant, strategy, environment, name, last_no, last_link)
    except IntegrityError:
        return await ends_with(db, chain_id(tenant, strategy, environment, name), last_no, last_link)
    return True


async def expiring(db: Connection, days: int, limit: int = 100) -> Sequence[Expiring]:
    """Registrations whose credential ends within `days` and has not been told to have ended."""
    found = await db.execute(
        text(
            """SELECT id, tenant_id, expires_at, expiry_told AS told, clock_timestamp() AS now
               FROM registration WHERE state <> 'retired'
                 AND expires_at < clock_timestamp() + make_interval(days => :days)
                 AND coalesce(expiry_told, 1000) > 0
               ORDER BY expires_at LIMIT :limit"""
        ),
        {"days": days, "limit": limit},
    )
    return [Expiring(**row) for row in found.mappings()]


async def told_expiry(db: Connection, seen: Expiring, days: int) -> bool:
    """Note that so many days were told (0: that it has ended); False when somebody else did."""
    found = await db.execute(
        text(
            """UPDATE registration SET expiry_told = :days
               WHERE id = :id AND expires_at = :at AND coalesce(expiry_told, 1000) > :days"""
        ),
        {"id": seen.id, "at": seen.expires_at, "days": days},
    )
    return found.rowcount == 1
