"""API keys of a tenant: made and shown once, listed without their text, revoked for good. Tenants
themselves.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from tallystick.canonical import Fault
from tallystick.flows import Caller
from tallystick.flows.administer.bodies import Key, KeyBody, NewKey
from tallystick.flows.administer.record import record
from tallystick.flows.administer.refusals import BadBody, Forbidden
from tallystick.flows.credentials import SCOPES, mint
from tallystick.flows.errors import NotFound
from tallystick.flows.gateway import Gateway
from tallystick.flows.transactions import within
from tallystick.ledger import Value
from tallystick.store import ids, rows
from tallystick.store.rows import Row

__all__ = ["api_key", "api_keys", "create_api_key", "create_tenant", "issue_key", "revoke_api_key"]

MOST_KEYS: Final = 10_000


async def create_tenant(gateway: Gateway, name: str) -> UUID:
    """A new tenant's id. Only the operator's command line calls this."""
    id_ = ids.new()
    async with within(gateway, id_) as connection:
        await rows.add(connection, "tenant", {"id": id_, "name": name})
    return id_


async def create_api_key(
    gateway: Gateway,
    tenant_id: UUID,
    *,
    name: str,
    mode: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    actor: str = "operator",
) -> NewKey:
    """A new key with its text. Raises ValueError for an unknown scope or mode."""
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        raise ValueError("scopes are " + ", ".join(SCOPES))
    minted = mint(mode)
    row = {
        "prefix": minted.prefix,
        "tenant_id": tenant_id,
        "hash": gateway.keyring.hash_api_key(minted.text.reveal()),
        "scopes": sorted(set(scopes)),
        "name": name,
        "mode": mode,
        "expires_at": expires_at,
    }
    async with within(gateway, tenant_id) as connection:
        made = await rows.add(connection, "api_key", row)
        facts: dict[str, Value] = {"key": minted.prefix, "mode": mode, "scopes": sorted(set(scopes))}
        await record(connection, tenant_id, actor, "key", tenant_id, "key.created", facts)
    seen = view(made)
    named = {name: getattr(seen, name) for name in Key.__struct_fields__}
    return NewKey(**named, key=minted.text.reveal())


async def issue_key(gateway: Gateway, caller: Caller, body: KeyBody) -> NewKey:
    """A key made by a key. Raises Forbidden if a test key asks for a live one, BadBody if it would be expired
    at once.
    """
    if caller.mode == "test" and body.mode == "live":
        raise Forbidden("A test key cannot make a live key.")
    if body.expires_at is not None and (
        body.expires_at.tzinfo is None or body.expires_at <= datetime.now(UTC)
    ):
        message = "The time has no offset or is not in the future."
        raise BadBody(Fault(pointer="/expires_at", code="key/bad-expiry", message=message))
    return await create_api_key(
        gateway,
        caller.tenant_id,
        name=body.name,
        mode=body.mode,
        scopes=body.scopes,
        expires_at=body.expires_at,
        actor=caller.actor,
    )


async def api_keys(gateway: Gateway, caller: Caller) -> list[Key]:
    """The tenant's keys that this key may manage, newest first. A test key sees test keys only."""
    async with within(gateway, caller.tenant_id) as connection:
        found = await rows.slice_of(
            connection, "api_key", visible(caller), order="created_at", limit=MOST_KEYS
        )
    return [view(row) for row in reversed(found)]


async def api_key(gateway: Gateway, caller: Caller, prefix: str) -> Key:
    """One key. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as connection:
        row = await rows.one(connection, "api_key", {"prefix": prefix, **visible(caller)})
    if row is None:
        raise NotFound
    return view(row)


async def revoke_api_key(gateway: Gateway, caller: Caller, prefix: str) -> Key:
    """The key, revoked now; revoking it again changes nothing. Raises NotFound."""
    tenant = caller.tenant_id
    async with within(gateway, tenant) as connection:
        row = await rows.one(connection, "api_key", {"prefix": prefix, **visible(caller)}, lock=True)
        if row is None:
            raise NotFound
        if row["revoked_at"] is None:
            change = {"revoked_at": rows.NOW}
            row = await rows.change(connection, "api_key", {"prefix": prefix}, change) or row
            facts = {"key": prefix}
            await record(connection, tenant, caller.actor, "key", tenant, "key.revoked", facts)
        return view(row)


def visible(caller: Caller) -> Row:
    """A live key manages all keys of its tenant, a test key the test keys."""
    return {"mode": "test"} if caller.mode == "test" else {}


def view(row: Row) -> Key:
    """A row as callers see it."""
    return Key(**{name: row[name] for name in Key.__struct_fields__})
