"""`registrations`: who is registered where, and how far each has come."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from tallystick.cli.client import AsJson, Client, Key, Url, decoded
from tallystick.cli.printing import Failure, show, show_json, show_table

__all__ = ["app", "every", "line_of"]

app = typer.Typer(
    help="Registrations with authorities and networks.", no_args_is_help=True, rich_markup_mode=None
)
TITLES = ("Id", "Strategy", "Environment", "Unit", "Tax identifier", "State", "Expires")


@app.command("list")
def list_registrations(url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """List the registrations, oldest first."""
    client = Client(url, key)
    rows = [
        (
            found["id"],
            found["strategy"],
            found["environment"],
            found["unit"],
            found["tax_identifier"] or "",
            found["state"],
            (found["expires_at"] or "")[:10],
        )
        for found in every(client, "/v1/registrations")
    ]
    show_table(TITLES, rows, as_json=as_json)


@app.command("show")
def show_registration(
    registration: Annotated[str, typer.Argument(metavar="ID", help="The registration's id.")],
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Show a registration and how far its onboarding has come."""
    client = Client(url, key)
    answer = client.ask("GET", f"/v1/registrations/{registration}")
    if answer.status_code != 200:
        raise Failure(f"{answer.status_code}: {decoded(answer).get('detail', 'no registration')}")
    found = decoded(answer)
    process = client.ask("GET", f"/v1/registrations/{registration}/process")
    onboarding = decoded(process) if process.status_code == 200 else None
    if as_json:
        show_json({**found, "process": onboarding})
        return
    show(line_of(found))
    if onboarding is not None:
        detail = onboarding["detail"] or onboarding["state"]
        show(f"{onboarding['purpose']}, {onboarding['stage']}: {detail}")


def every(client: Client, path: str, **query: str) -> Iterator[dict[str, Any]]:
    """Every resource of a list, page by page. Raises Failure when one is refused."""
    cursor: str | None = None
    while True:
        answer = client.ask("GET", path, params={**query, **({"cursor": cursor} if cursor else {})})
        page = decoded(answer)
        if answer.status_code != 200:
            raise Failure(f"{answer.status_code}: {page.get('detail', 'refused')}")
        yield from page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def line_of(found: dict[str, Any]) -> str:
    """A registration in one line."""
    unit = f" {found['unit']}" if found["unit"] else ""
    ends = f", until {found['expires_at'][:10]}" if found["expires_at"] else ""
    why = f" ({found['paused_reason']})" if found["paused_reason"] else ""
    return f"{found['id']} {found['strategy']} {found['environment']}{unit}: {found['state']}{why}{ends}"
