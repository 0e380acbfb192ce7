"""Every answer of Fatoora that was ever seen has its verdict; no garbage, no contradiction gives success."""

import base64
import importlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Request, Response
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tallystick.keys import Secret
from tallystick.strategies import load
from tallystick.strategy import GOOD, Document, Enrolment, Outcome, Verdict

submitting: Any = importlib.import_module("tallystick.strategies.sa_zatca.submitting")
verifying: Any = importlib.import_module("tallystick.strategies.sa_zatca.verifying")
answers: Any = importlib.import_module("tallystick.strategies.sa_zatca.answers")

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OURS = (
    b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
    b' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
    b"<cbc:UUID>8d487816-70b8-4ade-a618-9d620b73814a</cbc:UUID></Invoice>"
)
ENROLMENT = Enrolment(
    endpoint="https://gw.test/e-invoicing/core",
    secrets={"token": Secret("VE9LRU4tb2YtdGhlLXVuaXQ="), "secret": Secret("c2VjcmV0LW9mLXRoZS11bml0")},
    now=NOW,
)


def document(flow: str, body: bytes = OURS) -> Document:
    """A document of ours as it was frozen: its hash and UUID are those of `body`."""
    read = verifying.examine(body)
    marks = {"uuid": read.uuid, "flow": flow, "issue_date": "2026-11-20"}
    return Document(media_type="application/xml", body=body, link=read.hash, marks=marks)


def talk(
    document: Document, *given: Response, enrolment: Enrolment = ENROLMENT
) -> tuple[Outcome, list[Request]]:
    """Hold the conversation with these answers, the last one again and again."""
    conversation = submitting.submit(document, enrolment)
    requests, waiting = [next(conversation)], list(given)
    while True:
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        try:
            requests.append(conversation.send(answer))
        except StopIteration as stop:
            return stop.value, requests


def fixture(shared: Path, name: str) -> Response:
    """A recorded answer."""
    told = json.loads((shared / "official/zatca/api-fixtures" / f"{name}.json").read_bytes())
    body = told["body"]
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Response(told["status"], headers={"content-type": told["content_type"]}, content=content)


def their_copy(shared: Path) -> bytes:
    """The document that the recorded clearances hand out."""
    body = json.loads((shared / "official/zatca/api-fixtures/clearance-200.json").read_bytes())["body"]
    return base64.b64decode(body["clearedInvoice"])


SEEN = [
    ("clearance", "clearance-200", Verdict.CLEARED),
    ("clearance", "clearance-202", Verdict.CLEARED),
    ("clearance", "clearance-208", Verdict.CLEARED),
    ("clearance", "clearance-208-without-xml", Verdict.CLEARED),
    ("clearance", "clearance-400", Verdict.REJECTED),
    ("reporting", "reporting-200", Verdict.REPORTED),
    ("reporting", "reporting-202", Verdict.REPORTED),
    ("reporting", "reporting-202-qr-time", Verdict.REPORTED),
    ("reporting", "reporting-303", Verdict.RETRY),
    ("reporting", "reporting-400", Verdict.REJECTED),
    ("reporting", "reporting-400-erro-messages", Verdict.REJECTED),
    ("reporting", "reporting-400-legacy", Verdict.REJECTED),
    ("reporting", "reporting-400-null-messages", Verdict.UNKNOWN),
    ("reporting", "reporting-400-permission", Verdict.REJECTED),
    ("reporting", "reporting-409", Verdict.REPORTED),
    ("reporting", "reporting-409-empty", Verdict.REPORTED),
    ("reporting", "reporting-409-older", Verdict.REPORTED),
    ("reporting", "reporting-409-reported-earlier", Verdict.REPORTED),
    *(
        (flow, name, verdict)
        for flow in ("clearance", "reporting")
        for name, verdict in {
            "any-401": Verdict.HALTED,
            "any-406": Verdict.RETRY,
            "any-413": Verdict.RETRY,
            "any-429": Verdict.RETRY,
            "any-500": Verdict.UNKNOWN,
            "any-500-invalid-request": Verdict.UNKNOWN,
            "any-503": Verdict.UNKNOWN,
            "any-504": Verdict.UNKNOWN,
        }.items()
    ),
]
OF_ONBOARDING = ("compliance-", "production-", "renewal-")


@pytest.mark.parametrize(("flow", "name", "verdict"), SEEN)
def test_each_answer_that_was_seen_has_its_verdict(
    shared: Path, flow: str, name: str, verdict: Verdict
) -> None:
    outcome, _ = talk(document(flow, their_copy(shared)), fixture(shared, name))

    assert outcome.verdict is verdict


def test_no_recorded_answer_is_left_out(shared: Path) -> None:
    recorded = {path.stem for path in (shared / "official/zatca/api-fixtures").glob("*.json")}
    of_documents = {name for name in recorded if not name.startswith(OF_ONBOARDING)}

    assert of_documents - {name for _, name, _ in SEEN} == {"clearance-303"}  # which has a test of its own


def test_what_is_refused_says_under_which_rule(shared: Path) -> None:
    outcome, _ = talk(document("clearance"), fixture(shared, "clearance-400"))

    assert [fault.rule.id for fault in outcome.faults if fault.rule] == ["BR-KSA-14"]
    assert outcome.faults[0].severity == "error"


def test_warnings_come_back_as_warnings(shared: Path) -> None:
    outcome, _ = talk(document("reporting"), fixture(shared, "reporting-202"))

    assert [(fault.severity, fault.rule.id) for fault in outcome.faults if fault.rule] == [
        ("warning", "BR-KSA-98")
    ]


def test_when_clearance_is_off_the_same_bytes_are_reported(shared: Path) -> None:
    outcome, requests = talk(
        document("clearance"), fixture(shared, "clearance-303"), fixture(shared, "reporting-200")
    )

    assert outcome.verdict is Verdict.REPORTED
    assert [request.url.path.rpartition("e-invoicing")[2] for request in requests] == [
        "/core/invoices/clearance/single",
        "/core/invoices/reporting/single",
    ]
    assert requests[0].content == requests[1].content
    assert [request.headers["clearance-status"] for request in requests] == ["1", "0"]


def test_the_cleared_document_is_kept_byte_for_byte_and_its_code_is_the_one_to_print(shared: Path) -> None:
    theirs = their_copy(shared)
    outcome, requests = talk(document("clearance", theirs), fixture(shared, "clearance-200"))

    assert [artifact.body for artifact in outcome.artifacts] == [theirs]
    assert outcome.marks["cleared_document"] == "kept"
    assert outcome.marks["qr"].startswith("AW")
    assert len(requests) == 1


def test_other_content_than_ours_is_a_conflict(shared: Path) -> None:
    outcome, _ = talk(document("clearance"), fixture(shared, "clearance-200"))

    assert outcome.verdict is Verdict.CONFLICT
    assert [artifact.name for artifact in outcome.artifacts] == ["cleared.xml"]


def clearance(**changed: Any) -> Response:
    body = {
        "validationResults": {"warningMessages": [], "errorMessages": [], "status": "PASS"},
        "clearanceStatus": "CLEARED",
        "clearedInvoice": base64.b64encode(OURS).decode(),
    }
    return Response(200, json=body | changed)


@pytest.mark.parametrize("lost", [None, "", "not base64", 7, base64.b64encode(b"<no").decode()])
def test_a_cleared_document_that_did_not_come_is_asked_for_once(lost: Any) -> None:
    known = Response(208, json=json.loads(clearance().content))
    fetched, requests = talk(document("clearance"), clearance(clearedInvoice=lost), known)
    gone, asked = talk(document("clearance"), clearance(clearedInvoice=lost))

    assert (fetched.verdict, fetched.artifacts[0].body) == (Verdict.CLEARED, OURS)
    assert requests[0].content == requests[1].content
    assert (gone.verdict, gone.marks["cleared_document"]) == (Verdict.CLEARED, "unavailable")
    assert [fault.severity for fault in gone.faults] == ["warning"]
    assert len(asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"clearanceStatus": "NOT_CLEARED"},
        {"clearanceStatus": None},
        {"clearanceStatus": None, "reportingStatus": "REPORTED"},
        {"validationResults": None},
        {"validationResults": {"status": "ERROR"}},
        {"validationResults": {"status": "PASS", "errorMessages": [{"code": "X", "message": "no"}]}},
        {"validationResults": {"status": "PASS", "erroMessages": {"code": "X"}}},
    ],
)
def test_a_contradiction_is_no_success(body: dict[str, Any]) -> None:
    outcome, _ = talk(document("clearance"), clearance(**body))

    assert outcome.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(("flow", "status"), [("clearance", 208), ("reporting", 409)])
@pytest.mark.parametrize("content", [b"<html>Conflict</html>", b"{}", b"[]", b'{"reportingStatus":"NO"}'])
def test_a_duplicate_is_believed_only_in_its_own_words(flow: str, status: int, content: bytes) -> None:
    outcome, _ = talk(document(flow), Response(status, content=content))

    assert outcome.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(("flow", "status"), [("clearance", 409), ("reporting", 208)])
def test_a_duplicate_of_the_other_flow_is_not_believed(flow: str, status: int) -> None:
    outcome, _ = talk(document(flow), Response(status))

    assert outcome.verdict not in GOOD


@pytest.mark.parametrize("now", ["2026-11-19T21:30:00+00:00", "2026-11-19T23:59:59+00:00"])
def test_a_date_that_fatoora_has_not_reached_is_waited_for(now: str) -> None:
    error = {"code": "BR-KSA-04", "category": "KSA", "message": "future", "status": "ERROR"}
    refusal = Response(400, json={"validationResults": {"errorMessages": [error], "status": "ERROR"}})
    night = structs.replace(ENROLMENT, now=datetime.fromisoformat(now))
    day = structs.replace(ENROLMENT, now=NOW)
    waits, _ = talk(document("reporting"), refusal, enrolment=night)
    final, _ = talk(document("reporting"), refusal, enrolment=day)

    assert waits.verdict is Verdict.RETRY
    assert night.now + timedelta(seconds=waits.after or 0) >= datetime(2026, 11, 20, tzinfo=UTC)
    assert final.verdict is Verdict.REJECTED


@pytest.mark.parametrize(
    ("status", "tries"), [(413, 2), (404, 1), (405, 1), (406, 1), (415, 1), (400, 3), (303, 3)]
)
def test_what_repeating_does_not_mend_soon_needs_somebody(status: int, tries: int) -> None:
    outcome, _ = talk(document("reporting"), Response(status, content=b"<html></html>"))

    assert (outcome.tries, outcome.verdict in GOOD) == (tries, False)


def test_every_attempt_says_the_same() -> None:
    later = structs.replace(ENROLMENT, now=NOW + timedelta(days=400))
    first, _ = talk(document("reporting"), Response(500))
    said = [talk(document("reporting"), Response(500), enrolment=one)[1][0] for one in (ENROLMENT, later)]

    assert said[0].content == said[1].content
    assert sorted(said[0].headers.raw) == sorted(said[1].headers.raw)
    assert first.verdict is Verdict.UNKNOWN


def test_an_answer_that_repeats_our_credential_does_not_bring_it_into_a_fault() -> None:
    secret = ENROLMENT.secrets["secret"].reveal()
    error = {"code": "X", "message": f"you said {secret}"}
    refusal = Response(400, json={"validationResults": {"errorMessages": [error], "status": "ERROR"}})

    outcome, _ = talk(document("reporting"), refusal)

    assert secret not in repr(outcome)


@pytest.mark.parametrize("before", ["", " ", "  "])
def test_a_cleared_document_that_carries_the_units_certificate_is_kept_as_it_came(before: str) -> None:
    certificate = "MIIC" * 30
    token = base64.b64encode(certificate.encode()).decode()
    theirs = OURS.replace(b"</cbc:UUID>", f"</cbc:UUID><!--{before}{certificate}-->".encode())
    assert any(token.encode() in base64.b64encode(b" " * n + theirs) for n in range(3))
    answer = clearance(clearedInvoice=base64.b64encode(theirs).decode())
    enrolled = structs.replace(ENROLMENT, secrets={**ENROLMENT.secrets, "token": Secret(token)})

    outcome, _ = talk(document("clearance"), answer, enrolment=enrolled)

    assert [artifact.body for artifact in outcome.artifacts] == [theirs]


def test_a_credential_is_not_repeated_however_its_text_is_escaped() -> None:
    enrolled = structs.replace(
        ENROLMENT, secrets={"token": Secret("T09L"), "secret": Secret("abc/def+ghi/jkl=")}
    )
    said = r'{"validationResults": {"errorMessages": [{"code": "X", "message": "abc\/def\u002bghi/jkl="}]}}'

    outcome, _ = talk(document("reporting"), Response(400, content=said.encode()), enrolment=enrolled)

    assert outcome.verdict is Verdict.REJECTED
    assert "abc/def+ghi" not in repr(outcome)


REPORTED = {"validationResults": {"status": "PASS", "errorMessages": []}, "reportingStatus": "REPORTED"}
DUPLICATE = {"code": "Invoice-Errors", "category": "Duplicate-Invoice", "message": "It was reported earlier."}


@pytest.mark.parametrize(
    "twist",
    [
        {"validationResults": {"status": "PASS", "errorMessages": ["The hash is wrong"]}},
        {"validationResults": {"status": "PASS", "errorMessages": [{"status": "ERROR"}]}},
        {"validationResults": {"status": "PASS", "errorMessages": "The hash is wrong"}},
        {"validationResults": {"status": "PASS", "errorMessages": [[{"code": "X"}]]}},
        {"validationResults": {"status": "PASS", "erroMessages": {"deep": [7]}}},
        {"errors": ["The hash is wrong"]},
        {"errorMessages": [{"code": "X"}]},
        {"clearanceStatus": "NOT_CLEARED"},
    ],
)
def test_an_error_of_any_shape_in_any_place_keeps_an_answer_from_being_a_success(
    twist: dict[str, Any],
) -> None:
    assert talk(document("reporting"), Response(200, json=REPORTED))[0].verdict is Verdict.REPORTED

    outcome, _ = talk(document("reporting"), Response(200, json=REPORTED | twist))

    assert outcome.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("nothing", [None, [], [None], [[]], {}, "", [{}], [{"code": None, "message": ""}]])
def test_an_empty_list_of_errors_of_any_shape_is_no_error(nothing: Any) -> None:
    said = REPORTED | {"validationResults": {"status": "PASS", "errorMessages": nothing}}

    assert talk(document("reporting"), Response(200, json=said))[0].verdict is Verdict.REPORTED


@pytest.mark.parametrize("word", ["NOT_REPORTED", "REPORTED"])
def test_a_refusal_that_says_it_has_the_document_is_none(word: str) -> None:
    other = {"code": "BR-KSA-40", "message": "The VAT number is wrong"}
    errors = [DUPLICATE, other] if word == "NOT_REPORTED" else [other]
    said = {"validationResults": {"status": "ERROR", "errorMessages": errors}, "reportingStatus": word}

    outcome, _ = talk(document("reporting"), Response(400, json=said))

    assert outcome.verdict is Verdict.UNKNOWN


def shapes() -> Iterator[Any]:
    """Values where another kind of value is expected."""
    yield from (None, 7, "", [], {}, [[]], [None, 1], {"": None}, "CLEARED")


@given(
    st.sampled_from(["clearance", "reporting"]),
    st.sampled_from([200, 202, 208, 303, 400, 409, 500]),
    st.binary(),
)
def test_bytes_never_give_success(flow: str, status: int, content: bytes) -> None:
    outcome, _ = talk(document(flow), Response(status, content=content or b"?"))

    assert outcome.verdict in {Verdict.UNKNOWN, Verdict.RETRY}


@pytest.mark.parametrize("member", ["validationResults", "clearanceStatus", "clearedInvoice"])
def test_a_twisted_member_still_gives_a_verdict(member: str) -> None:
    for shape in shapes():
        for status in (200, 202, 208, 400):
            answer = clearance(**{member: shape})
            outcome, _ = talk(document("clearance"), Response(status, content=answer.content))

            assert isinstance(outcome.verdict, Verdict)


def test_the_strategy_speaks_through_this_module() -> None:
    strategy = load().by_name("sa_zatca")
    submission = next(strategy.submit(document("reporting"), ENROLMENT))

    assert submission.url.path == "/e-invoicing/core/invoices/reporting/single"
    assert next(strategy.inquire(document("reporting"), ENROLMENT)).content == submission.content


@pytest.mark.parametrize(
    ("number", "pointer"),
    [
        ("BR-KSA-37", "/seller/regime_data/sa/building_number"),
        ("BR-KSA-98", "/issue_time"),
        ("BR-KSA-90", "/exchange_rate/rate"),
        ("BR-CO-15", ""),  # a term of EN 16931: the gateway knows where it stands
        ("BR-UNHEARD-OF", ""),
    ],
)
def test_a_message_without_a_place_is_told_where_its_rules_own_term_stands(number: str, pointer: str) -> None:
    said = {"validationResults": {"errorMessages": [{"code": number, "message": "wrong"}]}}

    errors = answers.heard(said, "reportingStatus").errors

    assert [fault.pointer for fault in errors] == [pointer]
