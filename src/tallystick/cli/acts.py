"""`cancel` and `act`: ask an authority about an invoice that is in force there, through the API."""

import json
from typing import Annotated, Any, Final

import typer

from tallystick.cli.client import AsJson, Client, Key, Url, decoded, faults_of, id_of
from tallystick.cli.documents import text_of
from tallystick.cli.printing import DONE, FAULTY, OPEN, USAGE, Failure, say, show, show_json

__all__ = ["act", "cancel"]

Invoice = Annotated[str, typer.Argument(metavar="ID", help="The invoice's id, or its number.")]
Wait = Annotated[float, typer.Option(min=0, max=30, help="Seconds to wait for the authority's answer.")]
GOOD: Final = "done"
UNFINISHED: Final = "processing"


def cancel(
    invoice: Invoice,
    reason: Annotated[str, typer.Option(help="Why, in the words of the country's page.")],
    remark: Annotated[str | None, typer.Option(help="More about it.")] = None,
    url: Url = None,
    key: Key = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Cancel an invoice at its authority. The same asked twice is one cancellation."""
    given = {"reason": reason} | ({"remark": remark} if remark is not None else {})
    raise typer.Exit(asked(Client(url, key), invoice, "cancel", given, wait, as_json))


def act(
    invoice: Invoice,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The act: one of the invoice's actions.")],
    request: Annotated[str, typer.Argument(metavar="JSON", help="What it needs to know, as JSON.")] = "{}",
    url: Url = None,
    key: Key = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Ask an authority for an act on an invoice that is in force there, such as a transport document."""
    try:
        given = json.loads(request)
    except ValueError as error:
        raise Failure(f"the request is not JSON: {error}", USAGE) from None
    raise typer.Exit(asked(Client(url, key), invoice, name, given, wait, as_json))


def asked(client: Client, invoice: str, name: str, given: Any, wait: float, as_json: bool) -> int:
    """Ask, and say what came of it; the exit status."""
    path = f"/v1/invoices/{id_of(client, invoice)}/acts/{name}"
    headers = {"Prefer": f"wait={int(wait)}"} if wait else {}
    answer = client.ask("POST", path, json=given, headers=headers)
    content = decoded(answer)
    if as_json:
        show_json(content)
    if answer.status_code not in (200, 201):
        if not as_json:
            refused(name, answer.status_code, content)
        return FAULTY
    if not as_json:
        told(content)
    if content["status"] == UNFINISHED:
        return OPEN if wait else DONE
    return DONE if content["status"] == GOOD else FAULTY


def told(content: dict[str, Any]) -> None:
    """Where the act stands, and what the authority said against it."""
    words = (content["verdict"], content["reference"], content["reason"], content["detail"])
    more = ", ".join(str(word) for word in words if word)
    show(f"{content['act']} {content['id']} {content['status']}" + (f" ({more})" if more else ""))
    for fault in faults_of(content):
        say(text_of(content["act"], fault))


def refused(name: str, status: int, problem: dict[str, Any]) -> None:
    """A problem with all its faults, and what is allowed instead."""
    say(f"{name}: {status} {problem.get('title', '')}: {problem.get('detail', '')}")
    for fault in faults_of(problem):
        say(text_of(name, fault))
    allowed = problem.get("allowed_actions")
    if allowed:
        say(f"allowed: {', '.join(allowed)}")
