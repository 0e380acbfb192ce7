"""A whole installation before an Indian portal: real processes, and a seller's hands at and behind the API.

One installation serves all tests of a process; each test has a seller of its own, so that sessions, orders
and numbers of one say nothing of another's.
"""

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from msgspec import Struct, field

from flows.house import fixture
from prove.field import Field, field_of, free_port
from prove.grounds import Ground
from prove.portals import CREDENTIAL, INDIA, IRP, portal_settings
from tallystick.sandbox import Running
from unit.sandbox.irp.conftest import Caller

__all__ = ["Seller", "installed", "today"]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FOUND = {"registered": "ACT", "cancelled": "CNL", "rejected": "REJ"}
"""What a portal calls what we show."""
WAIT = {"Prefer": "wait=15"}
_sellers = itertools.count(1)


def today(days: int = 0) -> str:
    """The day in India, or so many days later."""
    return (datetime.now(UTC) + INDIA + timedelta(days=days)).date().isoformat()


def gstin(number: int) -> str:
    """A taxpayer of Karnataka with a right check digit."""
    text, total = f"29AABCT{number:04d}K1Z", 0
    for place, letter in enumerate(text):
        product = ALPHABET.index(letter) * (1 + place % 2)
        total += product // 36 + product % 36
    return text + ALPHABET[(36 - total % 36) % 36]


class Background:
    """An event loop in a thread: what lives there goes on while tests come and go."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True, name="installation")
        self._thread.start()

    def run(self, work: Any, seconds: float = 60) -> Any:
        """Run a coroutine there, to its end."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    def close(self) -> None:
        """End the loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


async def _nothing(*_: Any) -> None:
    """Each test enrols its own seller."""


@contextmanager
def installed(folder: Path, workers: int = 2) -> Iterator[tuple[Field, Background]]:
    """The installation, and the loop it lives in."""
    ground = Ground(
        example=IRP.example,
        strategy=IRP.strategy,
        enrol=_nothing,
        body=IRP.body,
        ready=_nothing,
        whole=IRP.whole,
        orders=(),
    )
    behind = Background()
    beside = f"127.0.0.1:{free_port()}"  # where a test may play a portal of its own
    opening = field_of(folder, workers=workers, ground=ground, hosts=[beside])
    here = behind.run(opening.__aenter__(), 120)
    try:
        yield here, behind
    finally:
        behind.run(opening.__aexit__(None, None, None), 60)
        behind.close()


class Seller(Struct, kw_only=True):
    """A seller with a registration at a portal, what he may do, and a look at the other side."""

    here: Field
    behind: Background
    http: httpx.Client
    gstin: str
    id: str
    sandbox_url: str
    journal: Path
    portal: str = "nic1"
    registration: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def new(cls, here: Field, behind: Background, http: httpx.Client) -> "Seller":
        """Made through the API; not enrolled yet."""
        number = gstin(next(_sellers))
        made = http.post(
            "/v1/sellers",
            json={"name": "Tungabhadra Instruments Private Limited", "country_code": "IN"}
            | {"tax_identifier": number},
        )
        assert made.status_code == 201, made.text
        return cls(
            here=here,
            behind=behind,
            http=http,
            gstin=number,
            id=made.json()["id"],
            sandbox_url=here.sandbox_url,
            journal=here.folder / "authority.jsonl",
        )

    def enrol(self, portal: str = "nic1", unit: str = "", **more: Any) -> str:
        """A registration at this portal, through the API; its id."""
        settings = self.behind.run(portal_settings(self.sandbox_url, portal))
        body = {
            "seller_id": self.id,
            "strategy": "in_irp",
            "unit": unit,
            "endpoint": f"{self.sandbox_url}/irp/{portal}",
            "settings": settings | more.pop("settings", {}),
            "secrets": CREDENTIAL | more.pop("secrets", {}),
        }
        made = self.http.post("/v1/registrations", json=body)
        assert made.status_code == 201, made.text
        self.portal, self.registration = portal, made.json()["id"]
        return self.registration

    def change(self, **said: Any) -> Any:
        """Change the registration; how it is then."""
        path = f"/v1/registrations/{self.registration}"
        etag = self.http.get(path).headers["ETag"]
        answer = self.http.patch(path, json=said, headers={"If-Match": etag})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def number(self) -> str:
        """A number nobody used."""
        return f"T{int(self.gstin[7:11]):04d}/{next(self.numbers):03d}"

    def invoice(self, case: str = "standard", number: str = "", **changes: Any) -> bytes:
        """A fixture as this seller's, of today."""
        said = json.loads(fixture("in_irp", case))
        said |= {"invoice_number": number or self.number(), "issue_date": today()} | changes
        said["seller"]["tax_identifier"] = self.gstin
        return json.dumps(said).encode()

    def post(self, body: bytes | None = None, *, wait: bool = True, **headers: str) -> httpx.Response:
        """Post an invoice; the answer waits for what becomes of it."""
        said = {"Content-Type": "application/json", **(WAIT if wait else {}), **headers}
        return self.http.post("/v1/invoices", content=body or self.invoice(), headers=said)

    def registered(self, body: bytes | None = None) -> dict[str, Any]:
        """Post an invoice that is to be registered; the resource."""
        answer = self.post(body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = self.until(answer.json()["id"], "registered")
        assert found["authority_reference"]
        return found

    def look(self, invoice: str, part: str = "") -> Any:
        """The invoice, or a part of it, as the API shows it now."""
        answer = self.http.get(f"/v1/invoices/{invoice}{part}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def until(self, invoice: str, *states: str, seconds: float = 30) -> Any:
        """The invoice once its authority's status, or its own, is one of these."""
        end = time.monotonic() + seconds
        while True:
            found = self.look(invoice)
            if found["authority_status"] in states or found["processing_status"] in states:
                return found
            assert time.monotonic() < end, found
            time.sleep(0.05)

    def act(
        self, invoice: str, act: str, asked: Mapping[str, Any], *, wait: bool = True, key: str = ""
    ) -> httpx.Response:
        """Ask for an act."""
        headers = (WAIT if wait else {}) | ({"Idempotency-Key": key} if key else {})
        return self.http.post(f"/v1/invoices/{invoice}/acts/{act}", json=dict(asked), headers=headers)

    def cancel(self, invoice: str, *, wait: bool = True, key: str = "") -> httpx.Response:
        """Ask for the cancellation."""
        why = {"reason": "data_entry", "remark": "Wrong buyer"}
        return self.act(invoice, "cancel", why, wait=wait, key=key)

    def admin(self, path: str, **said: Any) -> Any:
        """Tell the portals something, or ask them (nothing said)."""
        url = f"{self.sandbox_url}/admin/{path}"
        with httpx.Client(timeout=10, trust_env=False) as client:
            answer = client.post(url, json=said) if said else client.get(url)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def order(self, fault: str, times: int | None = 1, **match: str) -> None:
        """Have something go wrong with this seller's next request (of that operation)."""
        self.admin("faults", fault=fault, times=times, match={"dialect": "irp", "sender": self.gstin} | match)

    @contextmanager
    def portal_client(self, portal: str = "") -> Iterator[Caller]:
        """Another program of this taxpayer, logged in at the portal (its token is the same)."""
        nobody: Any = None
        running = Running(self.sandbox_url, nobody, nobody)
        with httpx.Client(timeout=10, trust_env=False) as http:
            caller = Caller(running, portal or self.portal, self.gstin, http=http)
            assert caller.auth().codes == []
            yield caller

    def events(self, event: str = "") -> list[dict[str, Any]]:
        """What the portals' journal tells of this seller."""
        lines = self.journal.read_text().splitlines()
        found = [said for said in map(json.loads, lines) if said.get("sender") == self.gstin]
        return [said for said in found if said.get("event") == event] if event else found

    def held(self, irn: str) -> Any:
        """What the portal holds under the number."""
        (found,) = self.admin(f"irp/{self.portal}/registered?irn={irn}")
        return found

    def agrees(self, invoice: str) -> str:
        """Asserts that both sides show the same; the status."""
        shown = self.look(invoice)
        status: str = shown["authority_status"]
        assert self.held(shown["authority_reference"])["status"] == FOUND[status]
        return status

    def told(self, invoice: str) -> list[str]:
        """The types of the invoice's events."""
        return [event["type"] for event in self.look(invoice, "/events")["data"]]

    def arrived(self, invoice: str, kind: str) -> list[dict[str, Any]]:
        """The webhooks of this type that the subscriber got about the invoice; waits for the first one."""
        end = time.monotonic() + 15
        while True:
            lines = (self.here.folder / "consumer.jsonl").read_text().splitlines()
            bodies = [json.loads(json.loads(line)["body"]) for line in lines]
            found = [
                said for said in bodies if said["type"] == kind and said["data"]["invoice_id"] == invoice
            ]
            if found or time.monotonic() > end:
                return found
            time.sleep(0.1)

    def kept(self, invoice: str, name: str = "", media_type: str = "") -> list[bytes]:
        """What is kept of the invoice under names that begin so, in order."""
        listed = self.look(invoice, "/artifacts")["data"]
        wanted = [
            each for each in listed if each["name"].startswith(name) and media_type in each["media_type"]
        ]
        return [self.http.get(each["url"]).content for each in wanted]

    def rows(self, query: str) -> list[Any]:
        """Look behind the curtain."""
        found: list[Any] = self.behind.run(self.here.query(query))
        return found

    def findings(self) -> list[Any]:
        """What the checker finds of this seller's invoices, and of what the portals have under his name.

        Of other sellers it may find much: some of them play with portals of their own.
        """
        query = "SELECT id, registration_id FROM invoice"
        names = {str(row[0]) for row in self.rows(query) if row[1] == UUID(self.registration)}
        assert names
        names |= {event["instance_id"] for event in self.events("processed")}
        found = self.behind.run(self.here.check()).findings
        return [one for one in found if any(name in one.where for name in names)]

    def frozen(self, invoice: str) -> str:
        """The hash of the document that was frozen for it."""
        query = f"SELECT wire_sha256 FROM submission WHERE kind = 'issue' AND invoice_id = '{UUID(invoice)}'"
        digest: bytes = self.rows(query)[0][0]
        return digest.hex()
