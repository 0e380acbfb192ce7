"""Webhook endpoints: where a tenant's events go, and the secrets that sign them.

A secret is made here, shown once and stored wrapped to a public key. Rotation puts a new one in front; the
old one signs beside it for 24 hours, so that a consumer can change over without a gap.
"""

from base64 import b64encode
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from secrets import token_bytes
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import UNSET, json

from tallystick.canonical import Fault
from tallystick.flows import Caller
from tallystick.flows.administer.bodies import Endpoint, EndpointBody, EndpointChange, NewEndpoint, NewSecret
from tallystick.flows.administer.refusals import BadBody
from tallystick.flows.errors import NotFound
from tallystick.flows.gateway import Gateway
from tallystick.flows.paging import Page
from tallystick.flows.slices import slice_of
from tallystick.flows.transactions import within
from tallystick.keys import Keyring, raw_public
from tallystick.settings import Settings
from tallystick.store import ids, rows
from tallystick.store.rows import Connection, Row

__all__ = [
    "EVENTS",
    "change_webhook_endpoint",
    "create_webhook_endpoint",
    "delete_webhook_endpoint",
    "public_key",
    "rotate_secret",
    "webhook_endpoint",
    "webhook_endpoints",
]

NOT_DELETED: Final[Row] = {"state": "deleted"}
OVERLAP: Final = timedelta(hours=24)
EVENTS: Final = (
    "invoice.accepted",
    "invoice.built",
    "deadline.approaching",
    "deadline.missed",
    "authority.cleared",
    "authority.reported",
    "authority.registered",
    "authority.accepted",
    "authority.rejected",
    "authority.conflict",
    "authority.not_required",
    "authority.outcome_unknown",
    "authority.cancelled",
    "official.disagreed",
    "official.failed",
    "submission.parked",
    "submission.halted",
    "submission.resumed",
    "submission.dead_lettered",
    "submission.replayed",
    "submission.resolved",
    "act.requested",
    "act.accepted",
    "act.refused",
    "act.conflict",
    "act.outcome_unknown",
    "act.parked",
    "act.halted",
    "act.resumed",
    "act.dead_lettered",
    "act.replayed",
    "act.resolved",
)


def public_key(keyring: Keyring) -> str:
    """The Ed25519 key of every webhook's `v1a` signature, as Standard Webhooks writes it."""
    return "whpk_" + b64encode(raw_public(keyring.publics["webhook"])).decode()


async def create_webhook_endpoint(gateway: Gateway, caller: Caller, body: EndpointBody) -> NewEndpoint:
    """A new, active endpoint, with its secret. Raises BadBody."""
    refuse(faults_of(gateway.settings, body.url, body.events))
    id_, secret = ids.new(), new_secret()
    row = {
        "id": id_,
        "tenant_id": caller.tenant_id,
        "url": body.url,
        "description": body.description,
        "mode": caller.mode,
        "events": as_stored(body.events),
        "secrets_wrapped": json.encode([wrapped(gateway.keyring, caller.tenant_id, id_, secret)]),
        "state": "active",
    }
    async with within(gateway, caller.tenant_id) as connection:
        made = await rows.add(connection, "webhook_endpoint", row)
    seen = view(gateway.keyring, made)
    return NewEndpoint(**{name: getattr(seen, name) for name in Endpoint.__struct_fields__}, secret=secret)


async def webhook_endpoints(
    gateway: Gateway, caller: Caller, limit: int, cursor: str | None
) -> Page[Endpoint]:
    """The tenant's endpoints, oldest first. Raises BadCursor."""
    where = {"mode": caller.mode}
    found, next_cursor = await slice_of(
        gateway, caller, "webhook_endpoint", where, limit, cursor, NOT_DELETED
    )
    seen = [view(gateway.keyring, row) for row in found]
    return Page(data=seen, next_cursor=next_cursor, has_more=next_cursor is not None)


async def webhook_endpoint(gateway: Gateway, caller: Caller, endpoint_id: UUID) -> Endpoint:
    """One endpoint. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as connection:
        return view(gateway.keyring, await row_by_id(connection, caller, endpoint_id))


async def row_by_id(connection: Connection, caller: Caller, endpoint_id: UUID, lock: bool = False) -> Row:
    """The row, if the key is of its mode. Raises NotFound."""
    where = {"id": endpoint_id, "mode": caller.mode}
    found = await rows.one(connection, "webhook_endpoint", where, unless=NOT_DELETED, lock=lock)
    if found is None:
        raise NotFound
    return found


async def change_webhook_endpoint(
    gateway: Gateway,
    caller: Caller,
    endpoint_id: UUID,
    body: EndpointChange,
    unchanged: Callable[[Endpoint], None] = lambda _: None,
) -> Endpoint:
    """The endpoint with what the body gives. `unchanged` is shown the locked endpoint and raises if it is not
    as expected. Raises NotFound, BadBody.
    """
    given: dict[str, Any] = {
        name: getattr(body, name) for name in body.__struct_fields__ if getattr(body, name) is not UNSET
    }
    refuse(faults_of(gateway.settings, given.get("url"), given.get("events", ())))
    if "events" in given:
        given["events"] = as_stored(given["events"])
    if given.get("state") == "active":
        given["first_failure_at"] = None
    async with within(gateway, caller.tenant_id) as connection:
        row = await row_by_id(connection, caller, endpoint_id, lock=True)
        unchanged(view(gateway.keyring, row))
        if given:
            row = await rows.change(connection, "webhook_endpoint", {"id": endpoint_id}, given) or row
        if "state" in given:
            await hold_or_release(connection, endpoint_id, given["state"] == "active")
        return view(gateway.keyring, row)


async def hold_or_release(connection: Connection, endpoint_id: UUID, active: bool) -> None:
    """Deliveries that wait are held while the endpoint is off, and due at once, in their order, when it is
    on.
    """
    before, after = ("held", "queued") if active else ("queued", "held")
    when = rows.NOW if active else None
    where = {"endpoint_id": endpoint_id, "state": before}
    await rows.change(connection, "webhook_delivery", where, {"state": after, "next_at": when})


async def delete_webhook_endpoint(gateway: Gateway, caller: Caller, endpoint_id: UUID) -> None:
    """Take the endpoint away: what was still to be delivered to it fails. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as connection:
        await row_by_id(connection, caller, endpoint_id, lock=True)
        await rows.change(connection, "webhook_endpoint", {"id": endpoint_id}, {"state": "deleted"})
        given_up = {"state": "failed", "next_at": None, "last_error": "the endpoint was deleted"}
        for state in ("queued", "held"):
            where = {"endpoint_id": endpoint_id, "state": state}
            await rows.change(connection, "webhook_delivery", where, given_up)


async def rotate_secret(gateway: Gateway, caller: Caller, endpoint_id: UUID) -> NewSecret:
    """A new secret in front; those before sign until 24 hours from now at most. Raises NotFound."""
    secret = new_secret()
    until = datetime.now(UTC) + OVERLAP
    async with within(gateway, caller.tenant_id) as connection:
        row = await row_by_id(connection, caller, endpoint_id, lock=True)
        kept = still_valid(json.decode(row["secrets_wrapped"]), until)
        fresh = [wrapped(gateway.keyring, caller.tenant_id, endpoint_id, secret), *kept]
        change = {"secrets_wrapped": json.encode(fresh)}
        await rows.change(connection, "webhook_endpoint", {"id": endpoint_id}, change)
    return NewSecret(secret=secret, previous_until=until)


def still_valid(stored: list[dict[str, Any]], until: datetime) -> list[dict[str, Any]]:
    """The newest of the stored secrets, ending at `until`. At most two ever sign at once."""
    return [{**one, "until": until.strftime("%Y-%m-%dT%H:%M:%S.%fZ")} for one in stored[:1]]


def new_secret() -> str:
    """32 random bytes as Standard Webhooks writes them."""
    return "whsec_" + b64encode(token_bytes(32)).decode()


def wrapped(keyring: Keyring, tenant: UUID, id_: UUID, secret: str) -> dict[str, Any]:
    """A secret as stored: wrapped for its place, without an end."""
    whole = keyring.wrap(secret.encode(), f"{tenant}|webhook_endpoint|{id_}".encode())
    return {"until": None, "wrapped": b64encode(whole).decode()}


def as_stored(events: Collection[str]) -> list[str]:
    """A subscription in its one spelling: `*` alone, or the types in order."""
    return ["*"] if "*" in events else sorted(set(events))


def refuse(faults: list[Fault]) -> None:
    """Raise BadBody if there is any fault."""
    if faults:
        raise BadBody(*faults)


def faults_of(settings: Settings, url: str | None, events: Collection[str]) -> list[Fault]:
    """What is wrong with an endpoint's URL and its list of events."""
    faults = []
    found = None if url is None else url_refusal(settings, url)
    if found is not None:
        faults.append(Fault(pointer="/url", code="webhook/url-refused", message=f"The URL {found}."))
    known = {*EVENTS, "*"}
    for index, name in enumerate(events):
        if name not in known:
            faults.append(
                Fault(
                    pointer=f"/events/{index}",
                    code="webhook/unknown-event",
                    message="There is no such event.",
                    expected=", ".join(sorted(known)),
                    actual=name,
                )
            )
    return faults


def url_refusal(settings: Settings, url: str) -> str | None:
    """Why events may not go there, as far as the text tells. Before each delivery the address itself is
    checked.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        return "needs a host, and may hold neither a user nor a fragment"
    if settings.webhook_allow_private:
        return None
    if parts.scheme != "https":
        return "must begin with https://"
    if (port or 443) not in settings.webhook_ports:
        return "is on a port that the operator does not allow"
    return "names a private address" if is_private(host) else None


def is_private(host: str) -> bool:
    """Whether the host is written as an address that is not public. Names are resolved and checked on
    delivery.
    """
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def view(keyring: Keyring, row: Row) -> Endpoint:
    """A row as callers see it, without secrets."""
    named = {name: row[name] for name in Endpoint.__struct_fields__ if name != "public_key"}
    return Endpoint(**named, public_key=public_key(keyring))
