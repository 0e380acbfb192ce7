"""Registrations: a seller's enrolment with an authority or network. Never deleted, only retired: invoices
name them.

Secrets are wrapped one by one to a public key: this process can take a new one in and can read none back.
"""

from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, json

from tallystick.canonical import Fault
from tallystick.flows import Caller
from tallystick.flows.abilities import abilities
from tallystick.flows.administer.bodies import Registration, RegistrationBody, RegistrationChange
from tallystick.flows.administer.judgement import (
    enrolling,
    faults_of_endpoint,
    faults_of_raised,
    faults_of_secrets,
    faults_of_settings,
    settings_as_stored,
)
from tallystick.flows.administer.record import record
from tallystick.flows.administer.refusals import BadBody, Conflict, Forbidden
from tallystick.flows.errors import NotFound
from tallystick.flows.gateway import Gateway
from tallystick.flows.hosts import permitted
from tallystick.flows.onboarding.beginning import begin, first_stage
from tallystick.flows.paging import Page
from tallystick.flows.slices import slice_of
from tallystick.flows.transactions import within
from tallystick.keys import Keyring
from tallystick.store import ids, rows
from tallystick.store.enrolled import enrolled
from tallystick.store.onboarding import PAUSED_BY_OWNER, abandon, last_acquired
from tallystick.store.rows import Connection, Row
from tallystick.strategy import Strategy

__all__ = ["change_registration", "create_registration", "registration", "registrations"]


@asynccontextmanager
async def changing(gateway: Gateway, caller: Caller) -> AsyncIterator[Connection]:
    """The tenant's transaction; what was remembered of registrations is forgotten when it ends."""
    try:
        async with within(gateway, caller.tenant_id) as connection:
            yield connection
    finally:
        gateway.registrations.forget()


async def create_registration(gateway: Gateway, caller: Caller, body: RegistrationBody) -> Registration:
    """A new registration: active, or, where it must come to its credentials first, new and with its
    onboarding begun. Raises BadBody with every fault, Forbidden, Conflict.
    """
    check_mode(caller, body.environment)
    async with changing(gateway, caller) as connection:
        seller = await rows.one(connection, "seller", {"id": body.seller_id})
        if seller is None:
            raise BadBody(
                Fault(pointer="/seller_id", code="registration/no-seller", message="There is no such seller.")
            )
        strategy = judged(gateway, body, seller)
        row = row_of(gateway.keyring, caller, body, seller, strategy)
        await rows.alone(connection, caller.tenant_id)
        await refuse_twin(connection, row)
        made = await rows.add(connection, "registration", row)
        await record(
            connection,
            caller.tenant_id,
            caller.actor,
            "registration",
            row["id"],
            "registration.created",
            facts(made),
        )
        if made["state"] == "new":
            await begin_enrolment(gateway, caller, connection, row["id"], strategy)
        return view(made)


async def begin_enrolment(
    gateway: Gateway, caller: Caller, connection: Connection, id_: UUID, strategy: Strategy
) -> None:
    """The onboarding in its first stage. Raises BadBody when what was given cannot lead to credentials."""
    row = await enrolled(connection, id_)
    if row is None:
        raise NotFound
    stage = first_stage(strategy, row, "enrol", {}, {}, datetime.now(UTC))
    await begin(connection, gateway.keyring, row, "enrol", stage, actor=caller.actor)


def check_mode(caller: Caller, environment: str) -> None:
    """A test key may not touch production. Raises Forbidden."""
    if caller.mode == "test" and environment == "production":
        raise Forbidden("A test key cannot use the production environment.")


def judged(gateway: Gateway, body: RegistrationBody, seller: Row) -> Strategy:
    """The strategy, if the body has no fault. Raises BadBody with all of them."""
    faults: list[Fault] = []
    strategy = enrolling(gateway.strategies, body.strategy, seller["country_code"], seller["tax_region"])
    if isinstance(strategy, Fault):
        faults.append(strategy)
    else:
        faults += faults_of_settings(strategy, body.settings)
        faults += faults_of_secrets(strategy, body.secrets)
        faults += faults_of_raised(body.raised_rules, gateway.explorer.table(strategy.name).rules)
    if body.endpoint is not None:
        faults += faults_of_endpoint(
            body.endpoint, permitted(gateway.settings.access_point_hosts, gateway.strategies.all)
        )
    if body.key_store and gateway.settings.pkcs11_module is None:
        faults.append(no_token())
    if faults or isinstance(strategy, Fault):
        raise BadBody(*faults)
    return strategy


def no_token() -> Fault:
    """Keys are wanted in a token, and the installation has none."""
    return Fault(
        pointer="/key_store",
        code="registration/no-token",
        message="This installation keeps no keys in a token.",
        hint="Ask the operator to set TALLYSTICK_PKCS11_MODULE, or leave key_store out.",
    )


def row_of(
    keyring: Keyring, caller: Caller, body: RegistrationBody, seller: Row, strategy: Strategy
) -> dict[str, Any]:
    """The row to insert. Secrets are wrapped under the new id, so that none can be moved to another
    registration.
    """
    id_ = ids.new()
    return {
        "id": id_,
        "tenant_id": caller.tenant_id,
        "seller_id": body.seller_id,
        "strategy": body.strategy,
        "environment": body.environment,
        "unit": body.unit or None,
        "tax_identifier": body.tax_identifier or seller["tax_identifier"],
        "endpoint": body.endpoint or "",
        "settings": settings_as_stored(strategy, body.settings),
        "secrets_wrapped": json.encode(wrapped(keyring, caller.tenant_id, id_, body.secrets)),
        "key_store": body.key_store,
        "raised_rules": sorted(set(body.raised_rules)),
        "state": "active" if abilities(strategy).onboards is None else "new",
        "version": 1,
    }


async def refuse_twin(connection: Connection, row: Mapping[str, Any]) -> None:
    """Raise Conflict if the seller has a registration that is not retired for the same unit and
    environment.
    """
    same = ("seller_id", "strategy", "environment", "unit")
    where = {name: row[name] for name in same}
    twin = await rows.one(connection, "registration", where, unless={"state": "retired"})
    if twin is not None:
        raise Conflict("The seller has this registration already.", f"/v1/registrations/{twin['id']}")


async def registrations(
    gateway: Gateway, caller: Caller, seller_id: UUID | None, limit: int, cursor: str | None
) -> Page[Registration]:
    """The tenant's registrations, oldest first. Raises BadCursor."""
    filters = {} if seller_id is None else {"seller_id": seller_id}
    found, next_cursor = await slice_of(gateway, caller, "registration", filters, limit, cursor)
    return Page(data=[view(row) for row in found], next_cursor=next_cursor, has_more=next_cursor is not None)


async def registration(gateway: Gateway, caller: Caller, registration_id: UUID) -> Registration:
    """One registration. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as connection:
        return view(await row_by_id(connection, registration_id))


async def row_by_id(connection: Connection, registration_id: UUID, lock: bool = False) -> Row:
    """The row. Raises NotFound."""
    found = await rows.one(connection, "registration", {"id": registration_id}, lock=lock)
    if found is None:
        raise NotFound
    return found


async def change_registration(
    gateway: Gateway,
    caller: Caller,
    registration_id: UUID,
    body: RegistrationChange,
    unchanged: Callable[[int], None] = lambda _: None,
) -> Registration:
    """The registration with what the body gives. A retired one never changes again.

    `unchanged` is shown the version of the locked row and raises if it is not as expected. Raises NotFound,
    BadBody, Forbidden, Conflict.
    """
    async with changing(gateway, caller) as connection:
        row = await row_by_id(connection, registration_id, lock=True)
        unchanged(row["version"])
        check_mode(caller, row["environment"])
        if row["state"] == "retired":
            raise Conflict("The registration is retired.")
        kept = await last_acquired(connection, registration_id)
        changes = changes_of(gateway, caller, row, body, kept)
        if not changes:
            return view(row)
        version = {"version": rows.plus_one("registration", "version")}
        where = {"id": registration_id}
        await give_up(connection, row, changes.get("state"))
        changed = await rows.change(connection, "registration", where, changes | version) or row
        what = facts(changed) | {"changed": sorted(changes)}
        tenant, id_ = caller.tenant_id, registration_id
        await record(connection, tenant, caller.actor, "registration", id_, "registration.changed", what)
        return view(changed)


async def give_up(connection: Connection, row: Row, state: str | None) -> None:
    """End the onboarding that a new state leaves no room for. Raises Conflict when a worker is at it."""
    if state == "retired":
        await abandon(connection, row["id"], "The registration was retired.")
        return
    if state is None or row["state"] != "draining":
        return
    if not await abandon(connection, row["id"], "Given up: the registration was put back to work."):
        raise Conflict("The credential is changing hands just now.")


def changes_of(
    gateway: Gateway, caller: Caller, row: Row, body: RegistrationChange, acquired: frozenset[str]
) -> dict[str, Any]:
    """The columns that change; settings that an onboarding acquired stay. Raises BadBody, Conflict."""
    strategy = gateway.strategies.by_name(row["strategy"])
    changes: dict[str, Any] = {}
    faults: list[Fault] = []
    if body.endpoint is not UNSET:
        faults += faults_of_endpoint(
            body.endpoint, permitted(gateway.settings.access_point_hosts, gateway.strategies.all)
        )
        changes["endpoint"] = body.endpoint
    if body.settings is not UNSET:
        bad = list(faults_of_settings(strategy, body.settings))
        faults += bad
        if not bad:
            kept = {name: value for name, value in row["settings"].items() if name in acquired}
            changes["settings"] = settings_as_stored(strategy, body.settings) | kept
    if body.secrets is not UNSET:
        faults += faults_of_secrets(strategy, body.secrets)
        merged = merged_secrets(gateway.keyring, caller.tenant_id, row, body.secrets)
        changes["secrets_wrapped"] = json.encode(merged)
    if body.raised_rules is not UNSET:
        faults += faults_of_raised(body.raised_rules, gateway.explorer.table(strategy.name).rules)
        changes["raised_rules"] = sorted(set(body.raised_rules))
    if body.state is not UNSET and body.state != row["state"]:
        if row["state"] == "new" and body.state != "retired":
            raise Conflict("A registration without credentials can only be retired.")
        changes["state"] = body.state
        changes["paused_reason"] = PAUSED_BY_OWNER if body.state == "paused" else None
    if faults:
        raise BadBody(*faults)
    return changes


def merged_secrets(
    keyring: Keyring, tenant: UUID, row: Row, given: Mapping[str, str | None]
) -> dict[str, str]:
    """The wrapped secrets with the given ones put in, and those given as null taken away."""
    kept = {name: value for name, value in stored_secrets(row).items() if name not in given}
    new = {name: value for name, value in given.items() if value is not None}
    return kept | wrapped(keyring, tenant, row["id"], new)


def stored_secrets(row: Row) -> dict[str, str]:
    """Name to wrapped secret, as stored."""
    found: dict[str, str] = json.decode(row["secrets_wrapped"]) if row["secrets_wrapped"] else {}
    return found


def wrapped(keyring: Keyring, tenant: UUID, id_: UUID, secrets: Mapping[str, str]) -> dict[str, str]:
    """Each secret wrapped for its place: tenant, registration, name."""
    return {
        name: b64encode(keyring.wrap(text.encode(), f"{tenant}|registration|{id_}|{name}".encode())).decode()
        for name, text in secrets.items()
    }


def facts(row: Row) -> dict[str, Any]:
    """What the ledger says of a registration: no tax identifier, no setting, no secret."""
    return {name: row[name] for name in ("strategy", "environment", "state", "version")}


def view(row: Row) -> Registration:
    """A row as callers see it: of secrets the names only."""
    named = {name: row[name] for name in Registration.__struct_fields__ if name not in ("secrets", "unit")}
    return Registration(**named, unit=row["unit"] or "", secrets=sorted(stored_secrets(row)))
