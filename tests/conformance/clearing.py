"""A strategy as a third party would ship it, for an authority that never was: https://clearing.example/spec.

It has what Peppol and post-audit have not: documents in a chain, a login whose session is shared, an
authority that says "already cleared", typed data of its own, a legal deadline, acts on documents in force (to
cancel one within a day, to announce its transport), and an authority that changes its mind. A contract that
fits it too is cut right.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Literal
from urllib.parse import quote

from httpx import Request, Response
from msgspec import Meta, Struct, to_builtins

from tallystick.canonical import Fault, Invoice, RegimeBlocks, RuleRef
from tallystick.formats import jws
from tallystick.keys import Secret
from tallystick.strategy import (
    Artifact,
    Conversation,
    Document,
    Enrolment,
    Issued,
    Login,
    Notice,
    Outcome,
    Polling,
    Session,
    Slot,
    Strategy,
    Verdict,
)

WORDS = {"cleared": Verdict.CLEARED, "duplicate": Verdict.CLEARED, "refused": Verdict.REJECTED}
ACTS = {"cancelled": Verdict.CANCELLED, "done": Verdict.ACCEPTED, "refused": Verdict.REJECTED}
NEWS = {"withdrawn": Verdict.REJECTED, "other": Verdict.CONFLICT}
PENDING = "in work"
WINDOW = timedelta(days=1)


class Settings(Struct, frozen=True):
    """The unit that issues, as the authority knows it."""

    unit: str


class Till(Struct, frozen=True, forbid_unknown_fields=True):
    """What the authority wants to know beyond EN 16931."""

    till: str


class Cancel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the document shall no longer count."""

    reason: Literal["duplicate", "mistake", "order_cancelled"]
    remark: Annotated[str, Meta(max_length=100)] = ""


class Transport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which vehicle carries the goods."""

    vehicle: Annotated[str, Meta(min_length=4, max_length=15)]


class Clearing:
    """Clears every invoice before the buyer may see it."""

    name = "clearing"
    countries = frozenset({"FJ"})
    edition = "2026-01"
    settings_type = Settings
    secret_names = ("password",)
    regime = "clearing"
    blocks = RegimeBlocks(document=Till)
    acts: Mapping[str, type[Struct]] = MappingProxyType({"cancel": Cancel, "transport": Transport})
    poll_every = timedelta(hours=1)

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

    def check_act(self, act: str, asked: Any, issued: Issued, enrolment: Enrolment) -> Iterator[Fault]:
        """Cancelling has its day."""
        if act == "cancel" and enrolment.now - issued.at > WINDOW:
            yield Fault(
                code="act/window-closed",
                pointer="",
                message="The document is older than a day.",
                hint="Issue a credit note.",
            )

    def build_act(self, act: str, asked: Any, issued: Issued, enrolment: Enrolment) -> Document:
        """What is asked, of which document."""
        content = {"act": act, "document": issued.reference, **to_builtins(asked)}
        body = json.dumps(content, sort_keys=True).encode()
        return Document(media_type="application/json", body=body, marks={"document": issued.reference})

    def submit_act(self, act: str, document: Document, enrolment: Enrolment) -> Conversation:
        """One call, under an address of its own."""
        answer = yield Request(
            "PUT", _act(document, enrolment), content=document.body, headers=_credentials(enrolment)
        )
        return _done(answer)

    def inquire_act(self, act: str, document: Document, enrolment: Enrolment) -> Conversation:
        """The same address, read."""
        answer = yield Request("GET", _act(document, enrolment), headers=_credentials(enrolment))
        if answer.status_code == 404 and _said(answer).get("state") == "nothing":
            return Outcome(verdict=Verdict.ABSENT)
        return _done(answer)

    def polled(self, enrolment: Enrolment) -> bool:
        """Every unit but those on trial."""
        return not enrolment.settings.unit.startswith("trial-")

    def poll(self, enrolment: Enrolment, since: datetime) -> Polling:
        """What the authority changed its mind about since then."""
        address = (
            f"{enrolment.endpoint}/units/{enrolment.settings.unit}/news?since={quote(since.isoformat())}"
        )
        answer = yield Request("GET", address, headers=_credentials(enrolment))
        news = _said(answer).get("news")
        if answer.status_code == 200 and isinstance(news, list):
            return tuple(_notices(news))
        stale = answer.status_code == 401
        return Outcome(verdict=Verdict.RETRY, stale_session=stale, after=_pause(answer))


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


def _act(document: Document, enrolment: Enrolment) -> str:
    unit, reference = enrolment.settings.unit, enrolment.reference
    return f"{enrolment.endpoint}/units/{unit}/documents/{document.marks['document']}/acts/{reference}"


def _done(answer: Response) -> Outcome:
    """What an act came to."""
    if answer.status_code == 401:
        return Outcome(verdict=Verdict.RETRY, stale_session=True)
    if answer.status_code in (429, 503):
        return Outcome(verdict=Verdict.RETRY, after=_pause(answer))
    said = _said(answer)
    state, number = said.get("state"), said.get("id")
    if answer.status_code in (200, 409, 422) and state in tuple(ACTS) and isinstance(number, str):
        faults = tuple(_refusals(said)) if state == "refused" else ()
        marks = {"transport": number} if state == "done" else {}
        return Outcome(verdict=ACTS[str(state)], reference=number, faults=faults, marks=marks)
    return Outcome(verdict=Verdict.UNKNOWN, detail=f"status {answer.status_code}")


def _notices(news: list[Any]) -> Iterator[Notice]:
    for item in news:
        if isinstance(item, dict) and item.get("state") in tuple(NEWS) and isinstance(item.get("id"), str):
            yield Notice(reference=item["id"], verdict=NEWS[item["state"]], detail=str(item.get("why", "")))


def _refusals(said: dict[str, Any]) -> Iterator[Fault]:
    reasons = said.get("reasons")
    for reason in reasons if isinstance(reasons, list) else []:
        if isinstance(reason, str):
            yield Fault(code=reason, pointer="", message="refused by the authority")


def _pause(answer: Response) -> int | None:
    asked = answer.headers.get("retry-after", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None


strategy: Strategy = Clearing()
