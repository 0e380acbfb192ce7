"""A strategy as a third party would ship it, for an authority that never was: https://clearing.example/spec.

It has what Peppol and post-audit have not: documents in a chain, a login whose session is shared, an
authority that says "already cleared", typed data of its own, a legal deadline. A contract that fits it too is
cut right.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from httpx import Request, Response
from msgspec import Struct

from tallystick.canonical import Fault, Invoice, RegimeBlocks, RuleRef
from tallystick.formats import jws
from tallystick.keys import Secret
from tallystick.strategy import (
    Artifact,
    Conversation,
    Document,
    Enrolment,
    Login,
    Outcome,
    Session,
    Slot,
    Strategy,
    Verdict,
)

WORDS = {"cleared": Verdict.CLEARED, "duplicate": Verdict.CLEARED, "refused": Verdict.REJECTED}
PENDING = "in work"


class Settings(Struct, frozen=True):
    """The unit that issues, as the authority knows it."""

    unit: str


class Till(Struct, frozen=True, forbid_unknown_fields=True):
    """What the authority wants to know beyond EN 16931."""

    till: str


class Clearing:
    """Clears every invoice before the buyer may see it."""

    name = "clearing"
    countries = frozenset({"FJ"})
    edition = "2026-01"
    settings_type = Settings
    secret_names = ("password",)
    regime = "clearing"
    blocks = RegimeBlocks(document=Till)

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterator[Fault]:
        """The authority's two rules."""
        if invoice.currency_code != "FJD":
            yield _fault("CL-01", "/currency_code", "The currency must be the dollar of Fiji.")
        if not invoice.buyer_reference:
            yield Fault(
                code="CL-03", pointer="/buyer_reference", severity="warning", message="Name the department."
            )

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """The totals, the place in the chain, and a signature over both."""
        slot = enrolment.slot or Slot(1)
        totals = invoice.document_totals
        content = {
            "number": invoice.invoice_number,
            "currency": invoice.currency_code,
            "counter": slot.number,
            "previous": slot.previous,
            "sums": [
                str(getattr(totals, name)) for name in totals.__struct_fields__ if getattr(totals, name)
            ],
        }
        body = json.dumps(content, sort_keys=True).encode()
        seal = jws.sign_detached(body, enrolment.signer) if enrolment.signer else ""
        return Document(
            media_type="application/json",
            body=body,
            link=hashlib.sha256(body).hexdigest(),
            artifacts=(Artifact("seal.jws", "application/jose", seal.encode()),),
        )

    def chain(self, invoice: Invoice, enrolment: Enrolment) -> str:
        """One chain per unit."""
        return f"clearing/{enrolment.settings.unit}"

    def deadline(self, invoice: Invoice, enrolment: Enrolment) -> datetime | None:
        """A day after the fact."""
        return enrolment.now + timedelta(days=1)

    def login(self, enrolment: Enrolment) -> Login:
        """Unit and password give a token for some seconds."""
        password = enrolment.secrets["password"].reveal()
        body = {"unit": enrolment.settings.unit, "password": password}
        answer = yield Request("POST", f"{enrolment.endpoint}/login", json=body)
        said = _said(answer)
        token, seconds = said.get("token"), said.get("seconds")
        if answer.status_code == 200 and isinstance(token, str) and isinstance(seconds, int):
            return Session({"token": Secret(token)}, enrolment.now + timedelta(seconds=seconds))
        return Outcome(verdict=Verdict.HALTED if answer.status_code in (401, 403) else Verdict.RETRY)

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """One call; the reference is in the address, so that a second call cannot make a second document."""
        answer = yield Request(
            "PUT", _address(enrolment), content=document.body, headers=_credentials(enrolment)
        )
        return _outcome(answer)

    def inquire(self, document: Document, enrolment: Enrolment) -> Conversation:
        """The same address, read."""
        answer = yield Request("GET", _address(enrolment), headers=_credentials(enrolment))
        if answer.status_code == 404 and _said(answer).get("state") == "nothing":
            return Outcome(verdict=Verdict.ABSENT)
        return _outcome(answer)


def _fault(number: str, pointer: str, message: str) -> Fault:
    return Fault(
        code=f"rule/{number}", pointer=pointer, message=message, rule=RuleRef("clearing", number, "1")
    )


def _address(enrolment: Enrolment) -> str:
    return f"{enrolment.endpoint}/units/{enrolment.settings.unit}/documents/{enrolment.reference}"


def _credentials(enrolment: Enrolment) -> dict[str, str]:
    return (
        {"authorization": f"Bearer {enrolment.session.secrets['token'].reveal()}"}
        if enrolment.session
        else {}
    )


def _said(answer: Response) -> dict[str, Any]:
    """The JSON object of the answer; empty for anything else."""
    try:
        said = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _outcome(answer: Response) -> Outcome:
    if answer.status_code == 401:
        return Outcome(verdict=Verdict.RETRY, stale_session=True)
    if answer.status_code in (429, 503):
        return Outcome(verdict=Verdict.RETRY, after=_pause(answer))
    said = _said(answer)
    state, number = said.get("state"), said.get("id")
    if answer.status_code == 202 and state == PENDING:
        return Outcome(verdict=Verdict.PENDING)
    if answer.status_code in (200, 409, 422) and state in tuple(WORDS) and isinstance(number, str):
        faults = tuple(_refusals(said)) if state == "refused" else ()
        return Outcome(verdict=WORDS[str(state)], reference=number, faults=faults)
    return Outcome(verdict=Verdict.UNKNOWN, detail=f"status {answer.status_code}")


def _refusals(said: dict[str, Any]) -> Iterator[Fault]:
    reasons = said.get("reasons")
    for reason in reasons if isinstance(reasons, list) else []:
        if isinstance(reason, str):
            yield Fault(code=reason, pointer="", message="refused by the authority")


def _pause(answer: Response) -> int | None:
    asked = answer.headers.get("retry-after", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None


strategy: Strategy = Clearing()
