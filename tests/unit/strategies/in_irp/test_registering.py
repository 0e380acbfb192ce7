"""Conversations with a portal, over HTTP with the sandbox: log in, register, ask, cancel, and trouble."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest
from msgspec.structs import replace

from tallystick import sandbox
from tallystick.conformance import built, judge
from tallystick.conformance.talk import hold
from tallystick.keys import Secret
from tallystick.sandbox import Running
from tallystick.strategy import (
    Acts,
    Document,
    Enrolment,
    Issued,
    LogsIn,
    Outcome,
    Polls,
    Session,
    Strategy,
    Verdict,
)
from unit.strategies.in_irp.talks import FIXTURES, HOME, irp, module

SETTINGS = module("settings")
PORTAL_CASES = sorted(
    path.parent.name
    for path in HOME.glob("*/wire.json")
    if json.loads((path.parent / "marks.json").read_bytes())["marks"]["flow"] == "portal"
)


"""Dated before numbers were upper-cased; a portal of today takes no such document but the sandbox does."""


class Portal:
    """A portal of the sandbox, and how to tell it what to do wrong."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.http = httpx.Client(timeout=10, base_url=running.url)
        self.admin("nic1/habits", {"window": None, "floor": None})
        self.keys = self.http.get("/admin/irp/nic1").json()

    def admin(self, path: str, content: Any) -> Any:
        """An admin call."""
        answer = self.http.post(f"/admin/irp/{path}", json=content)
        assert answer.status_code < 300, answer.text
        return answer

    def tell(self, fault: str, operation: str = "submit", times: int = 1) -> None:
        """Let something go wrong."""
        self.running.point.faults.add({"operation": operation}, fault, times, 1)

    def registered(self, irn: str) -> list[dict[str, Any]]:
        """What the portal holds under the number."""
        found: list[dict[str, Any]] = self.http.get("/admin/irp/nic1/registered", params={"irn": irn}).json()
        return found

    def settings(self, **more: Any) -> Any:
        """Settings that trust the portal."""
        key = SETTINGS.Key(kid=self.keys["kid"], pem=self.keys["certificate"])
        return SETTINGS.Settings(**{"public_key": self.keys["auth_key"], "keys": (key,), **more})


class Ready(NamedTuple):
    """A document on its way, and what is needed to send it."""

    strategy: Strategy
    document: Document
    enrolment: Enrolment
    invoice: Any

    def submit(self) -> Outcome:
        return spoken(self.strategy.submit(self.document, self.enrolment))

    def inquire(self) -> Outcome:
        return spoken(self.strategy.inquire(self.document, self.enrolment))

    def with_settings(self, settings: Any) -> "Ready":
        return self._replace(enrolment=replace(self.enrolment, settings=settings))

    def act(self, name: str, asked: Any, outcome: Outcome, hours: int = 0) -> Any:
        """An act on the registered document: its faults, or its outcome."""
        assert isinstance(self.strategy, Acts)
        now = datetime.now(UTC)
        issued = Issued(
            invoice=self.invoice,
            verdict=outcome.verdict,
            reference=outcome.reference,
            at=now,
            marks={**self.document.marks, **outcome.marks},
        )
        enrolment = replace(self.enrolment, now=now + timedelta(hours=hours))
        faults = list(self.strategy.check_act(name, asked, issued, enrolment))
        if faults:
            return faults
        document = self.strategy.build_act(name, asked, issued, enrolment)
        return spoken(self.strategy.submit_act(name, document, enrolment))


def spoken(conversation: Any) -> Outcome:
    """Hold the conversation over real sockets, as the courier does."""
    result = heard(conversation)
    assert isinstance(result, Outcome)
    return result


def heard(conversation: Any) -> Any:
    with httpx.Client(timeout=5) as client:
        return hold(conversation, client.send).result


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with sandbox.running() as one:
        yield one


@pytest.fixture
def portal(running: Running) -> Portal:
    """The portal with good manners."""
    running.point.faults.clear()
    return Portal(running)


def ready(portal: Portal, case: str = "standard", number: str = "", **changes: Any) -> Ready:
    """A case under its own number, or another; logged in."""
    strategy = irp()
    content = {**json.loads((HOME / case / "invoice.json").read_bytes()), **changes}
    content["invoice_number"] = number or content["invoice_number"]
    judged = judge(strategy, json.dumps(content).encode(), cases=FIXTURES)
    assert judged.enrolment is not None, judged.faults
    enrolled = replace(
        judged.enrolment,
        endpoint=portal.running.irp(),
        settings=portal.settings(),
        now=datetime.now(UTC),
        session=None,
        secrets={
            "client_id": Secret("tallystick-client"),
            "client_secret": Secret("tallystick-secret"),
            "username": Secret("tallystick"),
            "password": Secret("Tallystick@1"),
        },
    )
    going = Ready(strategy, built(strategy, replace(judged, enrolment=enrolled)), enrolled, judged.invoice)
    return logged_in(going)


def logged_in(going: Ready) -> Ready:
    session = _login(going.enrolment)
    assert isinstance(session, Session), session
    return going._replace(enrolment=replace(going.enrolment, session=session))


def _login(enrolment: Enrolment) -> Any:
    strategy = irp()
    assert isinstance(strategy, LogsIn)
    return heard(strategy.login(enrolment))


@pytest.mark.parametrize("case", PORTAL_CASES)
def test_every_case_is_registered_with_the_number_computed_in_advance(portal: Portal, case: str) -> None:
    going = ready(portal, case)

    outcome = going.submit()

    assert outcome.verdict is Verdict.REGISTERED, outcome.detail
    assert outcome.reference == outcome.marks["irn"]
    assert outcome.reference == going.document.marks["irn"]
    assert outcome.marks["kid"] == portal.keys["kid"]
    assert outcome.marks["qr"].count(".") == 2
    assert [artifact.name for artifact in outcome.artifacts] == ["signed_invoice.jws", "signed_qr.jws"]
    assert len(portal.registered(outcome.reference)) == 1


def test_what_is_sent_again_is_the_first_success_told_once_more(portal: Portal) -> None:
    going = ready(portal, number="AGAIN/1")
    first, again, asked = going.submit(), going.submit(), going.inquire()

    assert first.verdict is again.verdict is asked.verdict is Verdict.REGISTERED
    assert first.reference == again.reference == asked.reference
    assert first.marks["ack_no"] == again.marks["ack_no"] == asked.marks["ack_no"]


def test_other_content_under_the_same_number_is_a_conflict(portal: Portal) -> None:
    ready(portal, number="OTHER/1").submit()
    changed = ready(portal, "intra_state", number="OTHER/1")

    outcome = changed.submit()

    assert outcome.verdict is Verdict.CONFLICT
    assert "other content" in outcome.detail
    assert outcome.artifacts


def test_a_document_that_never_arrived_is_absent(portal: Portal) -> None:
    assert ready(portal, number="NEVER/1").inquire().verdict is Verdict.ABSENT


@pytest.mark.parametrize("fault", ["html", "garbage", "empty", "500", "503", "504"])
def test_trouble_after_the_work_is_unknown_and_found_out(portal: Portal, fault: str) -> None:
    going = ready(portal, number=f"T/{fault}")
    portal.tell(f"after:{fault}")

    first = going.submit()
    asked = going.inquire()

    assert first.verdict is Verdict.UNKNOWN
    assert asked.verdict is Verdict.REGISTERED, asked.detail
    assert len(portal.registered(asked.reference)) == 1


@pytest.mark.parametrize("fault", ["process_then_drop", "after:truncated"])
def test_a_line_that_breaks_after_the_work_is_found_out(portal: Portal, fault: str) -> None:
    going = ready(portal, number=f"L/{fault[-9:].replace('_', '-')}")
    portal.tell(fault)

    with pytest.raises(httpx.TransportError):
        going.submit()
    asked = going.inquire()

    assert asked.verdict is Verdict.REGISTERED
    assert len(portal.registered(asked.reference)) == 1


@pytest.mark.parametrize("name", ["wrong-key", "tampered", "tampered-qr", "flipped"])
def test_a_signature_that_proves_nothing_registers_nothing(portal: Portal, name: str) -> None:
    going = ready(portal, number=f"S/{name}")
    portal.tell(f"answer:{name}")

    outcome = going.submit()

    assert outcome.verdict in (Verdict.UNKNOWN, Verdict.CONFLICT)
    assert "qr" not in outcome.marks
    assert outcome.artifacts
    assert going.inquire().verdict is Verdict.REGISTERED


def test_a_key_that_nobody_knows_halts_until_it_is_added_and_loses_nothing(portal: Portal) -> None:
    going = ready(portal, number="KEY/1")
    stranger = going.with_settings(portal.settings(keys=()))

    outcome = stranger.submit()

    assert outcome.verdict is Verdict.HALTED
    assert portal.keys["kid"] in outcome.detail
    assert len(outcome.artifacts) == 2
    assert going.submit().verdict is Verdict.REGISTERED


@pytest.mark.parametrize("name", ["expired", "revoked"])
def test_a_session_that_ends_in_mid_flight_loses_no_document(portal: Portal, name: str) -> None:
    going = ready(portal, number=f"E/{name}")
    portal.tell(f"answer:{name}")

    over = going.submit()

    assert (over.verdict, over.stale_session) == (Verdict.RETRY, True)
    assert going.submit().stale_session
    assert logged_in(going).submit().verdict is Verdict.REGISTERED


def test_an_answer_under_another_key_is_unknown_and_found_out(portal: Portal) -> None:
    going = ready(portal, number="SEK/1")
    portal.tell("after:answer:wrong-session-key")

    assert going.submit().verdict is Verdict.UNKNOWN
    assert going.inquire().verdict is Verdict.REGISTERED


def test_a_buyer_the_portal_does_not_know_is_looked_up_once(portal: Portal) -> None:
    going = ready(portal, number="SYNC/1")
    buyer = going.invoice.buyer.tax_identifier
    portal.admin("nic1/taxpayers", {"gstin": buyer, "status": "", "later": "ACT"})

    assert going.submit().verdict is Verdict.REGISTERED
    portal.admin("nic1/taxpayers", {"gstin": buyer, "status": "ACT"})


def test_a_race_that_was_lost_is_heard_of(portal: Portal) -> None:
    going = ready(portal, number="RACE/1")
    outcome = going.submit()
    portal.admin("reject", {"irn": outcome.reference, "first_at": "IRP6"})
    strategy = going.strategy
    assert isinstance(strategy, Polls)

    enrolment = replace(going.enrolment, settings=portal.settings(multi_irp=True))
    news = heard(strategy.poll(enrolment, datetime.now(UTC) - timedelta(days=1)))

    assert strategy.polled(enrolment)
    assert not strategy.polled(going.enrolment)
    assert [(one.reference, one.verdict) for one in news] == [(outcome.reference, Verdict.REJECTED)]


def test_a_wrong_password_halts(portal: Portal) -> None:
    going = ready(portal, number="PW/1")
    wrong = {**going.enrolment.secrets, "password": Secret("Something@2")}

    outcome = _login(replace(going.enrolment, secrets=wrong))

    assert isinstance(outcome, Outcome)
    assert outcome.verdict is Verdict.HALTED
    assert "1019" in outcome.detail
    assert "Something@2" not in outcome.detail


def test_the_wrong_key_of_the_portal_halts(portal: Portal) -> None:
    going = ready(portal, number="PW/2")
    settings = portal.settings(public_key=portal.http.get("/admin/irp/nic2").json()["auth_key"])

    outcome = _login(replace(going.enrolment, settings=settings))

    assert isinstance(outcome, Outcome)
    assert outcome.verdict is Verdict.HALTED


def _cancel(**more: str) -> Any:
    return module("acting").Cancel(**{"reason": "data_entry", "remark": "Wrong buyer", **more})


def test_a_number_is_cancelled_within_a_day_and_twice_is_once(portal: Portal) -> None:
    going = ready(portal, number="CNL/1")
    outcome = going.submit()

    first, again = (going.act("cancel", _cancel(), outcome) for _ in range(2))

    assert first.verdict is again.verdict is Verdict.CANCELLED
    assert portal.registered(outcome.reference)[0]["status"] == "CNL"
    assert going.act("cancel", _cancel(), outcome, hours=25)[0].hint.startswith("Issue a credit note")


def test_a_cancelled_number_cannot_be_used_again(portal: Portal) -> None:
    going = ready(portal, number="CNL/2")
    going.act("cancel", _cancel(), going.submit())

    outcome = going.submit()

    assert outcome.verdict in (Verdict.REJECTED, Verdict.CONFLICT)
    assert outcome.verdict is Verdict.CONFLICT or outcome.faults[0].pointer == "/invoice_number"


def test_an_e_way_bill_is_made_shown_and_keeps_its_number_from_being_cancelled(portal: Portal) -> None:
    going = ready(portal, number="EWB/1")
    outcome = going.submit()
    acting = module("acting")
    truck = acting.Transport(mode="1", distance=0, vehicle_number="KA01AB1234", vehicle_type="R")

    made = going.act("eway_bill", truck, outcome)
    again = going.act("eway_bill", truck, outcome)
    shown = going.act("eway_bill_details", acting.Nothing(), outcome)
    refused = going.act("cancel", _cancel(), outcome)

    assert made.verdict is again.verdict is shown.verdict is Verdict.ACCEPTED
    assert made.reference == again.reference == shown.reference
    assert made.marks["eway_bill_number"] == shown.marks["eway_bill_number"]
    assert made.marks["eway_bill_valid_until"]
    assert refused.verdict is Verdict.REJECTED
    assert refused.faults[0].rule.id == "2230"


def test_a_document_with_transport_gets_its_bill_at_once(portal: Portal) -> None:
    outcome = ready(portal, "eway_bill_by_road", number="EWB/2").submit()

    assert outcome.verdict is Verdict.REGISTERED
    assert len(outcome.marks["eway_bill_number"]) == 12


def test_a_bill_that_fails_leaves_the_number_standing(portal: Portal) -> None:
    going = ready(portal, "credit_note", number="EWB/3", regime_data={"in": {"eway_bill": {"distance": 10}}})

    outcome = going.submit()

    assert outcome.verdict is Verdict.REGISTERED
    assert outcome.marks["eway_bill_error"]
    assert [fault.severity for fault in outcome.faults] == ["warning"]
