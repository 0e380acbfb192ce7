"""`post` and `receipt`: a client of the API, for trials and scripts."""

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tallystick.cli.documents import text_of
from tallystick.cli.intake import Source, place, sources_of
from tallystick.cli.operator import is_id
from tallystick.cli.printing import (
    DONE,
    FAULTY,
    OPEN,
    USAGE,
    Failure,
    progress,
    say,
    show,
    show_json,
    write,
)

if TYPE_CHECKING:
    import httpx

__all__ = ["Client", "post", "receipt"]

Url = Annotated[str | None, typer.Option(help="The API's address; unset: TALLYSTICK_PUBLIC_URL.")]
Key = Annotated[str | None, typer.Option(help="The API key; unset: TALLYSTICK_API_KEY.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's answer.")]
GOOD: Final = "issued"
UNFINISHED: Final = "processing"
PAUSE: Final = 0.2


class Client:
    """The API as a caller sees it: one connection, one key."""

    def __init__(self, url: str | None = None, key: str | None = None) -> None:
        """Raises SettingsError; Failure (wrong usage) when no key is given."""
        import httpx

        from tallystick.settings import load

        settings = load()
        key = key or settings.api_key
        if not key:
            raise Failure("no API key: give --key, or set TALLYSTICK_API_KEY", USAGE)
        self.url = (url or settings.public_url).rstrip("/")
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def ask(self, method: str, path: str, **more: Any) -> "httpx.Response":
        """The answer, whatever its status. Raises Failure when there is none."""
        import httpx

        try:
            return self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise Failure(f"{self.url} does not answer ({type(error).__name__})") from None

    def post(self, body: bytes, key: str) -> "httpx.Response":
        """The answer to a new invoice: canonical JSON, or a wire document."""
        is_xml = body.lstrip()[:1] == b"<"
        path = "/v1/invoices:from-document" if is_xml else "/v1/invoices"
        media_type = "application/xml" if is_xml else "application/json"
        headers = {"Idempotency-Key": key, "Content-Type": media_type}
        return self.ask("POST", path, content=body, headers=headers)

    def settled(self, invoice: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The invoice once its processing has ended, or as it is when the time is up."""
        deadline = time.monotonic() + seconds
        while invoice["status"] == UNFINISHED and time.monotonic() < deadline:
            time.sleep(PAUSE)
            found = self.ask("GET", f"/v1/invoices/{invoice['id']}")
            invoice = found.json() if found.status_code == 200 else invoice
        return invoice


def post(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Canonical JSON or UBL; - is standard input.")
    ],
    url: Url = None,
    key: Key = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="For one file; unset: made from its content.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the authority's verdict.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Post invoices. The same file posted again is the same invoice, never a second one."""
    sources = sources_of(files)
    if idempotency_key is not None and len(sources) > 1:
        raise Failure("one idempotency key is for one file", USAGE)
    client = Client(url, key)
    done = [posted(client, source, idempotency_key, wait, as_json) for source in progress(sources, "posting")]
    raise typer.Exit(max(done, default=DONE))


def posted(client: Client, source: Source, key: str | None, wait: float, as_json: bool) -> int:
    """Post one document and say what came of it; its exit status."""
    body = source.read()
    answer = client.post(body, key or f"file-{hashlib.sha256(body).hexdigest()[:40]}")
    content = decoded(answer)
    if answer.status_code != 201:
        refused(source, answer.status_code, content, as_json)
        return FAULTY
    if wait:
        content = client.settled(content, wait)
    if as_json:
        show_json(content)
    else:
        state = f"{content['processing_status']}, {content['authority_status']}"
        show(f"{source.name}: {content['invoice_number']} {content['id']} {content['status']} ({state})")
    if content["status"] == UNFINISHED:
        return OPEN if wait else DONE
    return DONE if content["status"] == GOOD else FAULTY


def refused(source: Source, status: int, problem: dict[str, Any], as_json: bool) -> None:
    """Show a problem with all its faults."""
    if as_json:
        show_json(problem)
        return
    say(f"{source.name}: {status} {problem.get('title', '')}: {problem.get('detail', '')}")
    for fault in faults_of(problem):
        say(text_of(source.name, fault))


def faults_of(problem: dict[str, Any]) -> list[Any]:
    """The faults a problem lists; none of what is not of their form."""
    import msgspec

    from tallystick.canonical import Fault

    try:
        return msgspec.convert(problem.get("errors", []), list[Fault])
    except msgspec.ValidationError:
        return []


def decoded(answer: "httpx.Response") -> dict[str, Any]:
    """The JSON object of an answer. Raises Failure for anything else."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Failure(f"{answer.url} answered {answer.status_code} without JSON")
    return found


def receipt(
    invoice: Annotated[str, typer.Argument(metavar="ID", help="The invoice's id, or its number.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where; unset: receipt-ID.zip.")
    ] = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Fetch an invoice's receipt: its whole story, signed, in one file."""
    client = Client(url, key)
    id_ = id_of(client, invoice)
    answer = client.ask("GET", f"/v1/invoices/{id_}/receipt")
    if answer.status_code != 200:
        raise Failure(f"{answer.status_code}: {decoded(answer).get('detail', 'no receipt')}")
    if output == Path("-"):
        write(answer.content)
        return
    path = output or Path(f"receipt-{id_}.zip")
    place(path, answer.content)
    show(str(path))


def id_of(client: Client, wanted: str) -> str:
    """The id of the invoice of that id or number. Raises Failure unless there is exactly one."""
    if is_id(wanted):
        return wanted
    found = decoded(client.ask("GET", "/v1/invoices", params={"number": wanted})).get("data", [])
    if len(found) != 1:
        raise Failure(f"{len(found)} invoices have the number {wanted}" + (": give the id" if found else ""))
    return str(found[0]["id"])
