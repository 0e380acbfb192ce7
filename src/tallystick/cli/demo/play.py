"""The demo's deeds, all over HTTP: register, post, wait, fetch receipts and have them verified."""

import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import httpx
from msgspec import Struct

from tallystick.cli.client import Client, decoded, faults_of
from tallystick.cli.demo.cast import REFUSED, Enrolling, Piece
from tallystick.cli.demo.stage import Stage
from tallystick.cli.intake import place
from tallystick.cli.printing import Failure, is_terminal, say
from tallystick.sandbox.server import endpoints

__all__ = ["ENDED", "Played", "Player"]

ENDED: Final = ("completed", "failed", "dead_lettered")
PATIENCE_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.1
NO_REGISTRATION: Final = "regime/registration-missing"


class Played(Struct, kw_only=True):
    """What came of a piece. `answer` is the resource, or the problem; `receipt` the verifier's word."""

    piece: Piece
    status: int
    answer: dict[str, Any]
    attempts: list[dict[str, Any]] = []
    receipt: str = ""
    folder: Path | None = None

    @property
    def id(self) -> str:
        """The invoice's id; empty when there is none."""
        return str(self.answer["id"]) if self.status == httpx.codes.CREATED else ""


class Player:
    """A seller's system, as the demo plays it."""

    def __init__(self, stage: Stage, run: str, enrolling: Mapping[str, Sequence[Enrolling]]) -> None:
        self.stage = stage
        self.run = run
        self.client = Client(stage.api, stage.key)
        self.admin = httpx.Client(base_url=stage.sandbox, trust_env=False, timeout=30)
        self.enrolling = enrolling
        self._registered: list[str] = []

    @property
    def consumer(self) -> str:
        """The name under which this run's webhooks arrive."""
        return f"demo-{self.run}"

    def prepare(self, pieces: Sequence[Piece]) -> None:
        """Subscribe to every event, register every seller that needs it, tell the authority to misbehave.

        Raises Failure when an onboarding does not come to its end.
        """
        self.made("/v1/webhook-endpoints", {"url": f"{self.stage.sandbox}/consumer/{self.consumer}"})
        for piece in pieces:
            self.register(piece)
            if piece.times:
                order = {"match": {"number": piece.number}, "fault": piece.fault, "times": piece.times}
                self.admin.post("/admin/faults", json=order).raise_for_status()

    def register(self, piece: Piece) -> None:
        """Register the seller if posting his invoice would fail for want of a registration."""
        identity = str(
            piece.seller.get("tax_identifier") or piece.seller.get("legal_registration_identifier")
        )
        if identity in self._registered:
            return
        self._registered.append(identity)
        report = self.report(piece)
        ways = self.enrolling.get(str(report.get("strategy")), ())
        if not ways or not any(fault["code"] == NO_REGISTRATION for fault in report.get("faults", [])):
            return
        way = ways[len(self._registered) % len(ways)]
        told = self.admin.get(way.asks).raise_for_status().json() if way.asks else {}
        registration = {
            "seller_id": self.seller(piece),
            "strategy": report["strategy"],
            "unit": way.unit,
            "endpoint": endpoints(self.stage.sandbox)[way.endpoint],
            "settings": way.settings_from(told),
            "secrets": way.secrets,
        }
        made = self.made("/v1/registrations", registration)
        if way.code:
            say(f"{report['strategy']}: onboarded in {self.onboard(made['id'], way.code)} steps")

    def seller(self, piece: Piece) -> str:
        """The id of a new seller: who issues the piece."""
        legal = piece.seller.get("legal_registration_identifier") or {}
        seller = {
            "name": piece.seller["name"],
            "country_code": piece.seller["postal_address"]["country_code"],
            "tax_identifier": piece.seller.get("tax_identifier"),
            "legal_registration_identifier": legal.get("value"),
        }
        return str(self.made("/v1/sellers", {name: value for name, value in seller.items() if value})["id"])

    def onboard(self, registration: str, code: str) -> int:
        """Hand the code in and wait for the credential; in how many steps. Raises Failure when none comes."""
        path = f"/v1/registrations/{registration}"
        self.client.ask("POST", f"{path}:submit-code", json={"code": code})
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = decoded(self.client.ask("GET", f"{path}/process"))
            if found["state"] == "done":
                return int(found["steps"])
            if found["state"] in ("failed", "waiting_code") or time.monotonic() > deadline:
                raise Failure(f"the onboarding came to {found['stage']}: {found['detail'] or found['state']}")
            time.sleep(PAUSE_SECONDS)

    def report(self, piece: Piece) -> dict[str, Any]:
        """What posting would say. Raises Failure when there is no report."""
        media_type = {"Content-Type": "application/json"}
        answer = self.client.ask("POST", "/v1/invoices:validate", content=piece.body, headers=media_type)
        if answer.status_code != httpx.codes.OK:
            raise Failure(
                f"{piece.number} cannot be judged: {answer.status_code} {decoded(answer).get('detail')}"
            )
        return decoded(answer)

    def made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What was made. Raises Failure when it was refused."""
        answer = self.client.ask("POST", path, json=body)
        content = decoded(answer)
        if answer.status_code != httpx.codes.CREATED:
            raise Failure(
                f"POST {path}: {answer.status_code} {content.get('detail')} {content.get('errors', '')}"
            )
        return content

    def post(self, piece: Piece) -> Played:
        """Post one invoice."""
        answer = self.client.post(piece.body, f"demo-{piece.number}")
        return Played(piece=piece, status=answer.status_code, answer=decoded(answer))

    def watch(self, played: Sequence[Played]) -> None:
        """Wait until every invoice has come to its end, or patience has; take over how it stands."""
        waiting = {one.id: one for one in played if one.id}
        deadline = time.monotonic() + PATIENCE_SECONDS
        with counting(len(waiting), "invoices have come to their end") as count:
            while time.monotonic() < deadline:
                found = decoded(self.client.ask("GET", "/v1/invoices", params={"limit": 200}))["data"]
                for summary in found:
                    if summary["id"] in waiting:
                        waiting[summary["id"]].answer |= summary
                ended = sum(one.answer["processing_status"] in ENDED for one in waiting.values())
                count(ended)
                if ended == len(waiting):
                    return
                time.sleep(PAUSE_SECONDS)

    def collect(self, played: Sequence[Played]) -> None:
        """Fetch every receipt and have it verified by the stand-alone verifier, in a bare interpreter."""
        key = decoded(self.client.ask("GET", "/v1/keys"))["ledger"]
        verifier = self.stage.home / "verify.py"
        place(verifier, self.client.ask("GET", "/v1/verifier/verify.py").content)
        stored = [one for one in played if one.id]
        with ThreadPoolExecutor(4) as hands, counting(len(stored), "receipts are verified") as count:
            for number, _ in enumerate(hands.map(lambda one: self._proved(one, verifier, key), stored), 1):
                count(number)

    def _proved(self, one: Played, verifier: Path, key: str) -> None:
        path = f"/v1/invoices/{one.id}"
        one.answer |= decoded(self.client.ask("GET", path))
        one.attempts = decoded(self.client.ask("GET", f"{path}/attempts"))["data"]
        one.folder = self.stage.home / "receipts" / self.run / one.piece.number.replace("/", "_")
        archive = one.folder.with_suffix(".zip")
        place(archive, self.client.ask("GET", f"{path}/receipt").content)
        command = [sys.executable, "-I", "-S", str(verifier), str(archive), "--key", key]
        said = subprocess.run(command, capture_output=True, text=True, check=False, env={})
        one.receipt = said.stdout.partition(":")[0] or f"the verifier failed: {said.stderr[-200:]}"
        if said.returncode == 0:
            with ZipFile(archive) as receipt:
                receipt.extractall(one.folder)

    def deliveries(self, wanted: int) -> list[dict[str, Any]]:
        """The webhooks that arrived, once there are as many as wanted or patience is at its end."""
        deadline = time.monotonic() + PATIENCE_SECONDS / 2
        while True:
            found: list[dict[str, Any]] = self.admin.get(f"/admin/consumer/{self.consumer}").json()
            arrived = [one for one in found if one["accepted"]]
            if len(arrived) >= wanted or time.monotonic() > deadline:
                return arrived
            time.sleep(PAUSE_SECONDS)

    def events(self) -> list[dict[str, Any]]:
        """Every event of this run, from the API's own feed."""
        feed, cursor = [], ""
        while True:
            page = decoded(self.client.ask("GET", "/v1/events", params={"limit": 200, **paging(cursor)}))
            feed += page["data"]
            if not page["has_more"]:
                return feed
            cursor = page["next_cursor"]

    def journal(self, numbers: Collection[str]) -> list[dict[str, Any]]:
        """What the authorities wrote down about these invoices."""
        found: list[dict[str, Any]] = self.admin.get("/admin/journal").json()
        return [one for one in found if one.get("number") in numbers]

    def refused(self, one: Played) -> bool:
        """Whether it was refused with faults, as it should be."""
        wanted = one.piece.fault == REFUSED and one.status == httpx.codes.UNPROCESSABLE_ENTITY
        return wanted and bool(faults_of(one.answer))


def paging(cursor: str) -> dict[str, str]:
    """The query of a page."""
    return {"cursor": cursor} if cursor else {}


@contextmanager
def counting(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """A way to say how many are done: a bar on a terminal, else one line at the end."""
    if not is_terminal():
        reached = [0]
        yield lambda done: reached.__setitem__(0, done)
        say(f"{reached[0]} of {total} {what}")
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
