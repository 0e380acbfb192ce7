"""Conversations with an access point, over HTTP with the sandbox, in both dialects."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx
import pytest
from lxml import etree
from msgspec.structs import replace

from tallystick import sandbox
from tallystick.conformance import built, enrolment, judge
from tallystick.conformance.talk import hold
from tallystick.keys import Secret
from tallystick.sandbox import Running
from tallystick.strategy import Conversation, Document, Enrolment, Outcome, Strategy, Verdict
from unit.strategies.peppol.agreement import peppol
from unit.strategies.peppol.mutants import CASES, FIXTURES

TOKEN = "let-me-in"
DIALECTS = pytest.mark.parametrize("adapter", ["phoss-ap", "phase4"])


class Ready(NamedTuple):
    """A document on its way, and what is needed to send it."""

    strategy: Strategy
    document: Document
    enrolment: Enrolment

    def submit(self) -> Outcome:
        return spoken(self.strategy.submit(self.document, self.enrolment))

    def inquire(self) -> Outcome:
        return spoken(self.strategy.inquire(self.document, self.enrolment))


def spoken(conversation: Conversation) -> Outcome:
    """Hold the conversation over real sockets, as the courier does."""
    with httpx.Client(timeout=5) as client:
        held = hold(conversation, client.send)
    assert isinstance(held.result, Outcome)
    return held.result


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with sandbox.running(token=TOKEN) as one:
        yield one


@pytest.fixture
def point(running: Running) -> Running:
    """The sandbox with good manners and an empty memory."""
    running.point.faults.clear()
    running.point.transactions.clear()
    running.point.journal.events.clear()
    running.point.duplicates, running.point.refusal = "again", "receiver"
    return running


def ready(point: Running, adapter: str, case: str = "standard", **settings: Any) -> Ready:
    strategy: Any = peppol()
    judged = judge(strategy, (CASES / case / "invoice.json").read_bytes(), cases=FIXTURES)
    assert judged.invoice is not None
    enrolled = replace(
        enrolment(strategy, invoice=judged.invoice),
        endpoint=point.phoss if adapter == "phoss-ap" else f"{point.phase4}/",
        settings=strategy.settings_type(adapter=adapter, **settings),
        secrets={"token": Secret(TOKEN)},
    )
    return Ready(strategy, built(strategy, replace(judged, enrolment=enrolled)), enrolled)


def tell(point: Running, fault: str, *, times: int | None = 1, **match: str) -> None:
    point.point.faults.add(match or {"operation": "submit"}, fault, times, 1)


def processed(point: Running) -> list[dict[str, Any]]:
    return [event for event in point.point.journal.events if event["event"] in ("processed", "duplicate")]


@DIALECTS
@pytest.mark.parametrize("case", ["standard", "credit_note", "self_billed", "every_term", "thousand_lines"])
def test_a_good_document_is_accepted(point: Running, adapter: str, case: str) -> None:
    going = ready(point, adapter, case)

    outcome = going.submit()
    [event] = processed(point)

    assert (outcome.verdict, outcome.faults) == (Verdict.ACCEPTED, ())
    assert outcome.reference
    assert event["verdict"] == "accepted"
    assert event["instance_id"] == going.enrolment.reference


def test_the_names_on_the_network_come_from_the_document(point: Running) -> None:
    ready(point, "phoss-ap", "credit_note").submit()
    [event] = processed(point)

    assert event["sender"] == "0216:003727348915"
    assert event["receiver"] == "0216:003701715450"
    assert event["doc_type"] == (
        "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2::CreditNote##urn:cen.eu:en16931:2017"
        "#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
    )
    assert event["process"] == "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
    assert event["country"] == "FI"


def test_in_self_billing_the_buyer_sends(point: Running) -> None:
    ready(point, "phase4", "self_billed").submit()
    [event] = processed(point)
    parties = json.loads((CASES / "self_billed" / "invoice.json").read_text())

    assert event["sender"] == f"0208:{parties['buyer']['electronic_address']['value']}"
    assert event["receiver"] == f"0208:{parties['seller']['electronic_address']['value']}"


def test_the_registration_may_know_the_sender_better(point: Running) -> None:
    going = ready(point, "phase4", participant="0216:003727348915", c1_country="SE")
    going.submit()
    [event] = processed(point)

    assert (event["sender"], event["country"]) == ("0216:003727348915", "SE")


def test_identifiers_are_percent_encoded_whole(point: Running) -> None:
    going = ready(point, "phoss-ap")
    request = next(going.strategy.submit(going.document, going.enrolment))
    path = request.url.raw_path.decode().partition("?")[0].removeprefix("/phoss-ap/api/outbound/submit/")

    assert "#" not in path
    assert len(path.split("/")) == 5
    assert [unquote(part).partition("::")[0] for part in path.split("/")][:4] == [
        "iso6523-actorid-upis",
        "iso6523-actorid-upis",
        "busdox-docid-qns",
        "cenbii-procid-ubl",
    ]


def test_every_attempt_has_the_same_envelope(point: Running) -> None:
    going = ready(point, "phase4")
    later = replace(going.enrolment, now=going.enrolment.now + timedelta(days=3))
    first = next(going.strategy.submit(going.document, going.enrolment))
    again = next(going.strategy.inquire(going.document, later))

    assert first.content == again.content
    assert first.url == again.url


def test_the_envelope_holds_the_document_itself(point: Running) -> None:
    going = ready(point, "phase4")
    envelope = next(going.strategy.submit(going.document, going.enrolment)).content
    inside = going.document.body.partition(b"?>")[2]
    space = {"s": "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"}
    header = etree.fromstring(envelope).find("s:StandardBusinessDocumentHeader", space)

    assert inside in envelope
    assert header is not None
    assert header.findtext(".//s:InstanceIdentifier", namespaces=space) == going.enrolment.reference
    assert len(header.findall(".//s:Scope", space)) == 3


@DIALECTS
def test_a_refusal_names_the_rules(point: Running, adapter: str) -> None:
    tell(point, "reject:BR-CO-15")

    outcome = ready(point, adapter).submit()

    assert outcome.verdict is Verdict.REJECTED
    known = [(fault.rule.set, fault.rule.id, fault.term) for fault in outcome.faults if fault.rule]
    assert known == [("en16931", "BR-CO-15", "BT-112")]


def test_the_verifier_refuses_without_a_word(point: Running) -> None:
    point.point.refusal = "verifier"
    tell(point, "reject:BR-CO-15")
    going = ready(point, "phoss-ap")

    outcome = going.submit()

    assert outcome.verdict is Verdict.REJECTED
    assert outcome.faults
    assert going.inquire().verdict is Verdict.ABSENT


@DIALECTS
def test_a_dropped_line_is_asked_about(point: Running, adapter: str) -> None:
    tell(point, "process_then_drop")
    going = ready(point, adapter)

    with pytest.raises(httpx.TransportError):
        going.submit()
    outcome = going.inquire()

    assert outcome.verdict is Verdict.ACCEPTED
    assert len({event["sha256"] for event in processed(point)}) == 1


def test_nobody_resends_what_the_access_point_knows(point: Running) -> None:
    tell(point, "process_then_drop")
    going = ready(point, "phoss-ap")

    with pytest.raises(httpx.TransportError):
        going.submit()
    going.inquire()

    assert len(processed(point)) == 1


def test_what_never_arrived_is_absent(point: Running) -> None:
    tell(point, "drop")
    going = ready(point, "phoss-ap")

    with pytest.raises(httpx.TransportError):
        going.submit()

    assert going.inquire().verdict is Verdict.ABSENT
    assert going.submit().verdict is Verdict.ACCEPTED


@DIALECTS
@pytest.mark.parametrize("status", ["429", "503"])
def test_a_busy_access_point_is_given_time(point: Running, adapter: str, status: str) -> None:
    tell(point, f"{status}:17")

    outcome = ready(point, adapter).submit()

    # phoss-ap can be asked, so a 503 that a proxy may have said after the deed is not believed
    certain = (adapter, status) != ("phoss-ap", "503")
    assert (outcome.verdict, outcome.after) == (Verdict.RETRY if certain else Verdict.UNKNOWN, 17)


def test_a_busy_answer_to_a_resend_decides_nothing(point: Running) -> None:
    going = ready(point, "phase4")
    tell(point, "503:17")

    outcome = going.inquire()

    assert (outcome.verdict, outcome.after) == (Verdict.UNKNOWN, 17)


@DIALECTS
@pytest.mark.parametrize("fault", ["500", "502", "504", "garbage", "html", "html:502", "empty"])
def test_garbage_is_never_good(point: Running, adapter: str, fault: str) -> None:
    tell(point, fault)

    assert ready(point, adapter).submit().verdict is Verdict.UNKNOWN


@DIALECTS
def test_a_duplicate_is_the_first_success(point: Running, adapter: str) -> None:
    tell(point, "duplicate")

    assert ready(point, adapter).submit().verdict is Verdict.ACCEPTED


def test_a_receiver_that_turns_repeats_away_has_it(point: Running) -> None:
    point.point.duplicates = "refuse"
    going = ready(point, "phase4")
    going.submit()

    assert going.inquire().verdict is Verdict.ACCEPTED


@DIALECTS
def test_sent_but_not_reported_is_sent(point: Running, adapter: str) -> None:
    tell(point, "unreported")

    assert ready(point, adapter).submit().verdict is Verdict.ACCEPTED


def test_an_access_point_that_tries_by_itself_is_left_alone(point: Running) -> None:
    tell(point, "failed:2")
    going = ready(point, "phoss-ap")

    verdicts = [going.submit().verdict, going.inquire().verdict, going.inquire().verdict]

    assert verdicts == [Verdict.PENDING, Verdict.PENDING, Verdict.ACCEPTED]
    assert len(processed(point)) == 1


def test_an_access_point_that_gives_up_ends_it(point: Running) -> None:
    tell(point, "give_up:1")
    going = ready(point, "phoss-ap")
    verdicts = [going.submit().verdict, going.inquire().verdict]

    assert verdicts == [Verdict.PENDING, Verdict.REJECTED]


@DIALECTS
def test_a_wrong_token_stops_everything(point: Running, adapter: str) -> None:
    going = ready(point, adapter)
    strange = going._replace(enrolment=replace(going.enrolment, secrets={"token": Secret("wrong")}))

    outcome = strange.submit()

    assert outcome.verdict is Verdict.HALTED
    assert "wrong" not in outcome.detail
    assert strange.inquire().verdict is Verdict.HALTED


def test_without_a_token_phase4_is_not_even_asked(point: Running) -> None:
    going = ready(point, "phase4")
    bare = going._replace(enrolment=replace(going.enrolment, secrets={}))

    assert bare.submit().verdict is Verdict.HALTED
    assert processed(point) == []


@DIALECTS
def test_a_document_without_addresses_stays_home(point: Running, adapter: str) -> None:
    going = ready(point, adapter)
    stranded = going._replace(document=replace(going.document, marks={}))

    assert stranded.submit().verdict is Verdict.REJECTED
    assert stranded.inquire().verdict is Verdict.REJECTED
    assert processed(point) == []


@DIALECTS
def test_another_instance_is_no_answer_to_ours(point: Running, adapter: str) -> None:
    going = ready(point, adapter)
    conversation = going.strategy.submit(going.document, going.enrolment)
    request = next(conversation)
    with httpx.Client() as client:
        report = client.send(request).json()
    answer = httpx.Response(200, json=report | {"sbdhInstanceIdentifier": "somebody-else"}, request=request)
    with pytest.raises(StopIteration) as end:
        conversation.send(answer)

    assert end.value.value.verdict is Verdict.UNKNOWN
