"""A strategy with everything a till needs: what it prints is the buyer's at once, before the authority hears.

That of `conformance.clearing` (a chain per unit, a login, a deadline), and with it: documents without a
department are receipts, built at once; every document carries the text of a QR code; the authority's answer
gives a stronger one.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from httpx import Request, Response
from msgspec import json, structs

from conformance import clearing
from flows.house import House, fixture, house, settings_for
from tallystick import strategies
from tallystick.canonical import Invoice
from tallystick.flows.administer import RegistrationBody, SellerBody, registrations, sellers
from tallystick.flows.courier import MaybeSent
from tallystick.strategies import Registry
from tallystick.strategy import Conversation, Document, Enrolment

PASSWORD = "open-sesame-7291"
BREAKS = "-BREAKS"


class Tills(clearing.Clearing):
    """Clearing, with receipts."""

    def at_once(self, invoice: Invoice, enrolment: Enrolment) -> bool:
        """A receipt names no department."""
        return not invoice.buyer_reference

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """With the text of a code; a number with BREAKS in it breaks it."""
        if BREAKS in invoice.invoice_number:
            raise RuntimeError(BREAKS)
        built = super().build(invoice, enrolment)
        number = enrolment.slot.number if enrolment.slot else 0
        return structs.replace(built, marks={"qr": f"built {invoice.invoice_number} as {number}"})

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """What was cleared carries the authority's own code."""
        outcome = yield from super().submit(document, enrolment)
        cleared = outcome.verdict == "cleared" and b"-A-" in document.body
        return structs.replace(outcome, marks={"qr": f"cleared {outcome.reference}"}) if cleared else outcome


strategy = Tills()


def registry() -> Registry:
    """The strategies of this checkout and the tills."""
    known = strategies.load()
    pairs: list[Any] = [(each, known.home(each.name)) for each in known.all]
    return Registry([*pairs, (strategy, sys.modules[__name__])])


class Prompt:
    """An authority that clears at once; what it got, by reference."""

    def __init__(self) -> None:
        self.got: dict[str, bytes] = {}

    async def send(self, request: Request, seconds: float) -> Response:
        if request.url.path.endswith("/login"):
            return Response(200, json={"token": f"token-{uuid4()}", "seconds": 3600})
        reference = request.url.path.rpartition("/")[2]
        if request.method == "PUT":
            assert self.got.setdefault(reference, request.content) == request.content
        if reference not in self.got:
            return Response(404, json={"state": "nothing"})
        return Response(200, json={"state": "cleared", "id": reference})


class Away:
    """An authority whose answers get lost, but for logins."""

    async def send(self, request: Request, seconds: float) -> Response:
        if request.url.path.endswith("/login"):
            return Response(200, json={"token": f"token-{uuid4()}", "seconds": 3600})
        raise MaybeSent("reset")


def receipt(**changes: Any) -> bytes:
    """A receipt of the first unit; `buyer_reference` makes it an invoice that must be cleared first."""
    body = json.decode(fixture("default", "standard", invoice_number=f"C-{uuid4().hex[:8]}"))
    body |= {"currency_code": "FJD", "regime_data": {"clearing": {"till": "north"}}, "buyer_reference": None}
    body["seller"] |= {"tax_identifier": "FJ-77"}
    body["seller"]["postal_address"]["country_code"] = "FJ"
    changed = {name: value for name, value in (body | changes).items() if value is not None}
    return json.encode(changed)


async def enrol(home: House, unit: str = "till-1", endpoint: str = "http://127.0.0.1:9") -> UUID:
    """A seller in the authority's country with one unit; the registration."""
    seller = await sellers.create_seller(
        home.app, home.caller, SellerBody(name="Suva Trading Ltd", country_code="FJ", tax_identifier="FJ-77")
    )
    made = await registrations.create_registration(
        home.app,
        home.caller,
        RegistrationBody(
            seller_id=seller.id,
            strategy="clearing",
            unit=unit,
            endpoint=endpoint,
            settings={"unit": unit},
            secrets={"password": PASSWORD},
        ),
    )
    return made.id


@asynccontextmanager
async def shop(tmp_path: Path, app_url: str, worker_url: str) -> AsyncIterator[House]:
    """A house with one unit."""
    async with house(settings_for(tmp_path, app_url, worker_url, ["127.0.0.1:9"])) as opened:
        opened.app.strategies = opened.worker.strategies = registry()
        await enrol(opened)
        yield opened
