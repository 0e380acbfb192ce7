"""`keys` and `tenants`: the installation's public keys, and API keys for operators to hand out."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import typer

from tallystick.cli.operator import all_tenants, in_the_gateway, known_tenant, tenant_of
from tallystick.cli.printing import USAGE, Failure, say, show, show_json, show_table

if TYPE_CHECKING:
    from tallystick.flows.gateway import Gateway
    from tallystick.settings import Settings

__all__ = ["app", "tenants"]

app = typer.Typer(
    help="Public keys of this installation; API keys of its tenants.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Tenant = Annotated[str, typer.Option(help="The tenant: its name or its id.")]
SCOPES = ("invoices:read", "invoices:write", "audit:read", "registrations:write", "webhooks:write")


@app.command("show")
def show_public(as_json: AsJson = False) -> None:
    """Print the public keys: of receipts (ledger), of documents nobody else signs, of webhooks."""
    from tallystick.flows.administer.endpoints import public_key
    from tallystick.flows.published import NAME
    from tallystick.keys import Keyring, vkey
    from tallystick.settings import load

    settings = load()
    keyring = Keyring.open_for_api(settings.key_directory, create=settings.environment == "development")
    found = {name: vkey(keyring.publics[name], NAME) for name in ("ledger", "document")}
    found["webhook"] = public_key(keyring)
    if as_json:
        show_json(found)
    else:
        show_table(("Key", "Public half"), list(found.items()))


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="The tenant: its id, or its name; a new name makes a new one.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "made by the operator",
    mode: Annotated[
        Literal["test", "live"] | None, typer.Option(help="Which invoices it sees; unset: as configured.")
    ] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may do; unset: all but deciding and administering.")
    ] = None,
    expires: Annotated[datetime | None, typer.Option(help="When it ends, UTC.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make an API key. It is printed this once and stored only as a hash."""
    from datetime import UTC

    from tallystick.flows.administer.keys import create_api_key

    async def make(gateway: "Gateway", settings: "Settings") -> Any:
        owner = await tenant_of(settings, tenant) or await new_tenant(gateway, tenant)
        try:
            return owner, await create_api_key(
                gateway,
                owner,
                name=name,
                mode=mode or settings.default_mode,
                scopes=scope or SCOPES,
                expires_at=expires.replace(tzinfo=UTC) if expires else None,
            )
        except ValueError as error:
            raise Failure(str(error), USAGE) from None

    owner, made = in_the_gateway(make)
    if as_json:
        show_json({"tenant": str(owner), "key": made.key, "prefix": made.prefix, "mode": made.mode})
    else:
        show(made.key)


@app.command("list")
def list_keys(tenant: Tenant, as_json: AsJson = False) -> None:
    """List a tenant's API keys. Their text cannot be shown again."""
    from tallystick.flows import Caller
    from tallystick.flows.administer.keys import api_keys

    async def look(gateway: "Gateway", settings: "Settings") -> Any:
        owner = await known_tenant(settings, tenant)
        return await api_keys(gateway, Caller(tenant_id=owner, key_prefix="operator", mode="live"))

    titles = ("Prefix", "Name", "Mode", "Scopes", "Last used", "Ends", "Revoked")
    rows = [
        (
            key.prefix,
            key.name,
            key.mode,
            " ".join(key.scopes),
            *(str(time or "") for time in (key.last_used_at, key.expires_at, key.revoked_at)),
        )
        for key in in_the_gateway(look)
    ]
    show_table(titles, rows, as_json=as_json)


@app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="The key's prefix, such as ts_test_ABCD1234.")],
    tenant: Tenant,
) -> None:
    """Revoke an API key for good."""
    from tallystick.flows import Caller
    from tallystick.flows.administer.keys import revoke_api_key
    from tallystick.flows.errors import NotFound

    async def end(gateway: "Gateway", settings: "Settings") -> None:
        owner = await known_tenant(settings, tenant)
        try:
            await revoke_api_key(gateway, Caller(tenant_id=owner, key_prefix="operator", mode="live"), prefix)
        except NotFound:
            raise Failure(f"tenant {tenant} has no key {prefix}") from None

    in_the_gateway(end)
    say(f"{prefix} is revoked")


def tenants(as_json: AsJson = False) -> None:
    """List the tenants of this installation."""

    async def look(_: "Gateway", settings: "Settings") -> Any:
        return await all_tenants(settings)

    rows = [(str(row["id"]), row["name"], str(row["created_at"])) for row in in_the_gateway(look)]
    show_table(("Id", "Name", "Created"), rows, as_json=as_json)


async def new_tenant(gateway: "Gateway", name: str) -> UUID:
    """A tenant of that name, just made."""
    from tallystick.flows.administer.keys import create_tenant

    made = await create_tenant(gateway, name)
    say(f"made tenant {name} ({made})")
    return made
