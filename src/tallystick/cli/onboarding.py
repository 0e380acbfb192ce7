"""`onboard`, `renew`, `takeover`: how a registration comes to its credentials, from one command."""

import sys
import time
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from tallystick.cli.client import AsJson, Client, Key, Url, decoded, faults_of
from tallystick.cli.printing import FAULTY, OPEN, USAGE, Failure, is_terminal, say, show, show_json
from tallystick.cli.registrations import every, line_of

__all__ = ["onboard", "renew", "takeover"]

PAUSE: Final = 0.3
PAUSED_BY_OWNER: Final = "paused by its owner"
ENDED: Final = ("done", "failed", "waiting_code")
Environment = Literal["sandbox", "simulation", "production"]
Code = Annotated[
    str | None, typer.Option(help="The one-time code; unset: asked for, without echo, or read from a pipe.")
]
Wait = Annotated[float, typer.Option(min=1, help="Seconds to wait for the end.")]
Setting = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting of the strategy.")
]


def onboard(
    strategy: Annotated[str, typer.Argument(help="The strategy, such as the regime's module name.")],
    name: Annotated[str, typer.Option(help="The seller's full name.")],
    country: Annotated[str, typer.Option(help="The seller's country, ISO 3166 alpha-2.")],
    tax_identifier: Annotated[str, typer.Option(help="The seller's tax identifier.")],
    environment: Annotated[Environment, typer.Option(help="Where to register.")] = "sandbox",
    unit: Annotated[str, typer.Option(help="Which device or branch, where there are several.")] = "",
    endpoint: Annotated[str | None, typer.Option(help="An address other than the authority's own.")] = None,
    settings: Setting = None,
    key_store: Annotated[str, typer.Option(help="A PKCS#11 token for the key: pkcs11:token=LABEL.")] = "",
    code: Code = None,
    wait: Wait = 300,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Register a seller and bring the registration to its credentials. Run again, it goes on where it was."""
    client = Client(url, key)
    seller = _seller(client, name, country, tax_identifier)
    wanted = {
        "seller_id": seller,
        "strategy": strategy,
        "environment": environment,
        "unit": unit,
        "settings": dict(_pair(each) for each in settings or ()),
        **({"endpoint": endpoint} if endpoint else {}),
        **({"key_store": key_store} if key_store else {}),
    }
    registration = _registration(client, wanted)
    refused = registration["state"] == "paused" and registration["paused_reason"] != PAUSED_BY_OWNER
    if refused or registration["state"] == "new":
        _go(client, registration["id"], code, wait, as_json, anew=refused)
    else:
        say(f"{registration['id']} is {registration['state']} already")
        _shown(client, registration["id"], as_json)


def renew(
    registration: Annotated[str, typer.Argument(metavar="ID", help="The registration's id.")],
    code: Code = None,
    wait: Wait = 300,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Renew a registration's credential. Documents go on; what is under way is finished first."""
    client = Client(url, key)
    begun = client.ask("POST", f"/v1/registrations/{registration}:renew")
    if begun.status_code == 409:  # begun before: go on with it
        found = decoded(client.ask("GET", f"/v1/registrations/{registration}/process"))
        if found.get("purpose") != "renew" or found.get("state") in ("done", "failed"):
            _refuse(begun.status_code, decoded(begun))
    elif begun.status_code != 202:
        _refuse(begun.status_code, decoded(begun))
    _go(client, registration, code, wait, as_json)


def takeover(
    registration: Annotated[str, typer.Argument(metavar="ID", help="The new registration's id.")],
    private_key: Annotated[Path, typer.Option(help="File with the unit's private key, PEM.")],
    given: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Where its chain stands: see the manual.")
    ] = None,
    secret: Annotated[
        list[str] | None, typer.Option(metavar="NAME=FILE", help="A secret of its credential, in a file.")
    ] = None,
    wait: Wait = 60,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Go on with a unit that ran in another system. Stop it there first."""
    client = Client(url, key)
    files = dict(_pair(each) for each in secret or ())
    body = {
        "given": dict(_pair(each) for each in given or ()),
        "secrets": {name: _text(Path(path)) for name, path in files.items()},
        "private_key": _text(private_key),
    }
    begun = client.ask("POST", f"/v1/registrations/{registration}:takeover", json=body)
    if begun.status_code != 202:
        _refuse(begun.status_code, decoded(begun))
    _judged(_followed(client, registration, wait), client, registration, as_json)


def _go(
    client: Client, registration: str, code: str | None, wait: float, as_json: bool, *, anew: bool = False
) -> None:
    """Hand codes in until the onboarding is at its end. `anew`: what came to its end before is over."""
    found = _process(client, registration)
    while True:
        if found["state"] in ("waiting_code", "failed") or (anew and found["state"] == "done"):
            answer = client.ask(
                "POST",
                f"/v1/registrations/{registration}:submit-code",
                json={"code": code or _asked_for(found)},
            )
            if answer.status_code != 202:
                _refuse(answer.status_code, decoded(answer))
        found = _followed(client, registration, wait)
        if found["state"] != "waiting_code" or code is not None or not is_terminal():
            break
        _explain(found)
    _judged(found, client, registration, as_json)


def _asked_for(found: dict[str, Any]) -> str:
    """The code as a person types it, unseen, or as a pipe holds it."""
    if is_terminal() and sys.stdin.isatty():
        return str(typer.prompt(f"One-time code ({found['purpose']})", hide_input=True, err=True))
    line = sys.stdin.readline().strip()
    if not line:
        raise Failure("a one-time code is needed: give --code, or write it to standard input", USAGE)
    return line


def _followed(client: Client, registration: str, wait: float) -> dict[str, Any]:
    """The onboarding at its end, or as it is when the time is up; each stage is told."""
    deadline, told = time.monotonic() + wait, ""
    while True:
        found = _process(client, registration)
        line = f"{found['stage']}: {found['detail'] or found['state']}"
        if line != told and found["state"] not in ENDED:
            say(line)
            told = line
        if found["state"] in ENDED or time.monotonic() > deadline:
            return found
        time.sleep(PAUSE)


def _judged(found: dict[str, Any], client: Client, registration: str, as_json: bool) -> None:
    """Say what came of it, and end with the status that says the same."""
    if found["state"] == "done":
        _shown(client, registration, as_json)
        return
    _explain(found)
    if as_json:
        show_json(found)
    raise typer.Exit(FAULTY if found["state"] in ("failed", "waiting_code") else OPEN)


def _explain(found: dict[str, Any]) -> None:
    """Why there is no credential yet, and what to do."""
    say(f"{found['stage']}: {found['detail'] or found['state']}")
    for fault in found["faults"]:
        rule = (fault.get("rule") or {}).get("id", "")
        say(f"  {rule + ': ' if rule else ''}{fault['message']}")
        if fault.get("hint"):
            say(f"    {fault['hint']}")


def _shown(client: Client, registration: str, as_json: bool) -> None:
    found = decoded(client.ask("GET", f"/v1/registrations/{registration}"))
    if as_json:
        show_json(found)
    else:
        show(line_of(found))


def _process(client: Client, registration: str) -> dict[str, Any]:
    answer = client.ask("GET", f"/v1/registrations/{registration}/process")
    if answer.status_code != 200:
        raise Failure(f"{answer.status_code}: {decoded(answer).get('detail', 'no onboarding')}")
    return decoded(answer)


def _seller(client: Client, name: str, country: str, tax_identifier: str) -> str:
    """The seller's id; a seller nobody knows is made."""
    for seller in every(client, "/v1/sellers"):
        if (seller["country_code"], seller["tax_identifier"]) == (country, tax_identifier):
            return str(seller["id"])
    body = {"name": name, "country_code": country, "tax_identifier": tax_identifier}
    answer = client.ask("POST", "/v1/sellers", json=body)
    if answer.status_code != 201:
        _refuse(answer.status_code, decoded(answer))
    return str(decoded(answer)["id"])


def _registration(client: Client, wanted: dict[str, Any]) -> dict[str, Any]:
    """The registration; one nobody knows is made. Settings that are given are set on one that is new."""
    same = ("seller_id", "strategy", "environment", "unit")
    for found in every(client, "/v1/registrations", seller=wanted["seller_id"]):
        if found["state"] != "retired" and all(found[name] == wanted[name] for name in same):
            return _mended(client, found, wanted["settings"])
    answer = client.ask("POST", "/v1/registrations", json=wanted)
    if answer.status_code != 201:
        _refuse(answer.status_code, decoded(answer))
    return decoded(answer)


def _mended(client: Client, found: dict[str, Any], settings: dict[str, str]) -> dict[str, Any]:
    """A registration that is new, with the settings that were given now."""
    if found["state"] != "new" or not settings or {**found["settings"], **settings} == found["settings"]:
        return found
    answer = client.ask(
        "PATCH",
        f"/v1/registrations/{found['id']}",
        json={"settings": {**found["settings"], **settings}},
        headers={"If-Match": f'"{found["version"]}"'},
    )
    if answer.status_code != 200:
        _refuse(answer.status_code, decoded(answer))
    return decoded(answer)


def _refuse(status: int, problem: dict[str, Any]) -> None:
    """End with what the API refused and why."""
    for fault in faults_of(problem):
        say(f"{fault.pointer}: {fault.message}" + (f" {fault.hint}" if fault.hint else ""))
    raise Failure(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise Failure(f"{text!r} is not NAME=VALUE", USAGE)
    return name, value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path} cannot be read ({type(error).__name__})", USAGE) from None
