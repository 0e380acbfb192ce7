"""Answers of portals: every code has its consequence, every encoding is read, nothing else is believed."""

import csv
import json
from base64 import b64encode
from typing import Any

import pytest
from httpx import Request, Response

from tallystick.conformance.talk import Answer, replay
from tallystick.strategy import Outcome, Verdict
from unit.strategies.in_irp import portal
from unit.strategies.in_irp.official import ABSENT, INDIA, WHY_ABSENT, files
from unit.strategies.in_irp.talks import irp, module, ready

answers, registered = module("answers"), module("registered")
official = pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)

CLASSES = {
    "RETRY": "retry",
    "FIX_DATA": "fix",
    "AUTH_REFRESH": "login",
    "AUTH_CONFIG": "account",
    "DUPLICATE": "duplicate",
    "STATE": "state",
    "TOO_LATE": "late",
    "SYNC_GSTIN": "sync",
    "EWB_PARTIAL": "eway",
    "PORTAL_ONLY": "portal",
    "INFO": "info",
}
VERDICTS = {
    "retry": Verdict.UNKNOWN,  # nobody knows whether it was taken: it is asked for first
    "fix": Verdict.REJECTED,
    "late": Verdict.REJECTED,
    "eway": Verdict.REJECTED,
    "login": Verdict.RETRY,
    "account": Verdict.HALTED,
    "portal": Verdict.HALTED,
    "state": Verdict.UNKNOWN,
}


def _heard(body: Any, status: int = 200) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return answers.heard(Response(status, content=content, request=Request("GET", "https://portal.test")))


def _submitted(*bodies: Any) -> Outcome:
    document, trial = ready("standard")
    held = replay(irp().submit(document, trial), [Answer(body=body) for body in bodies])
    assert isinstance(held.result, Outcome)
    return held.result


@official
def test_every_known_code_has_its_class() -> None:
    rows = list(csv.DictReader((INDIA / "codes/irp_error_codes.csv").read_text().splitlines()))
    ours = {code: meaning.kind for code, meaning in answers.MEANINGS.items()}

    assert len(rows) == 269
    assert ours == {row["code"]: CLASSES[row["class"]] for row in rows}


def test_every_code_is_told_in_our_words_at_a_place_in_the_invoice() -> None:
    for code, meaning in answers.MEANINGS.items():
        assert meaning.text.endswith((".", "?")), code
        assert meaning.pointer == "" or meaning.pointer.startswith("/"), code


@pytest.mark.parametrize(
    "code",
    [
        code
        for code, meaning in answers.MEANINGS.items()
        if meaning.kind in VERDICTS and code not in ("5001", "5002") and code[0].isdigit()
    ],
)
def test_a_code_leads_to_what_its_class_says(code: str) -> None:
    outcome = _submitted(portal.refused((code, "as the portal says")))
    kind = answers.MEANINGS[code].kind

    assert outcome.verdict is VERDICTS[kind]
    assert outcome.stale_session is (kind == "login")
    assert code in outcome.detail or kind == "login"
    if outcome.verdict is Verdict.REJECTED:
        fault = outcome.faults[0]
        assert (fault.rule and fault.rule.id, fault.pointer) == (code, answers.MEANINGS[code].pointer)


@pytest.mark.parametrize("code", ["2270", "2278", "2305"])
def test_a_closed_window_tells_the_legal_way_out(code: str) -> None:
    fault = _submitted(portal.refused((code, "too late"))).faults[0]

    assert fault.hint == answers.MEANINGS[code].hint
    assert len(fault.hint) > 30


@pytest.mark.parametrize(
    ("code", "text", "verdict"),
    [
        ("5002", "DocDtls.No: has a value that is not allowed", Verdict.REJECTED),
        ("5002", "The JSON schema validation failed", Verdict.REJECTED),
        ("5002", "Application error occurred, please contact the helpdesk", Verdict.UNKNOWN),
        ("5001", "Application Error", Verdict.UNKNOWN),
        ("5001", "ItemList[0].HsnCd is invalid", Verdict.REJECTED),
    ],
)
def test_two_codes_are_told_apart_by_their_text(code: str, text: str, verdict: Verdict) -> None:
    assert _submitted(portal.refused((code, text))).verdict is verdict


def test_a_code_that_nobody_has_written_down_is_a_refusal_if_it_is_about_documents() -> None:
    assert _submitted(portal.refused(("2399", "New rule"))).verdict is Verdict.REJECTED
    assert _submitted(portal.refused(("7777", "?"))).verdict is Verdict.UNKNOWN
    assert _submitted(portal.refused()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("other", ["2147", "7777", "3001", "3028", "3026"])
def test_what_is_wrong_with_the_data_is_never_sent_again_whatever_stands_beside_it(other: str) -> None:
    outcome = _submitted(portal.refused((other, "Something else"), ("2176", "HSN")))

    assert outcome.verdict is Verdict.REJECTED
    assert "2176" in [fault.rule.id for fault in outcome.faults if fault.rule]


@pytest.mark.parametrize("encoding", ["list", "text", "base64"])
def test_errors_are_read_in_each_encoding(encoding: str) -> None:
    said = _heard(portal.refused(("2150", "Duplicate IRN"), ("2176", "HSN"), encoding=encoding))

    assert [(error.code, error.text) for error in said.errors] == [("2150", "Duplicate IRN"), ("2176", "HSN")]
    assert not said.good


@pytest.mark.parametrize("status", [0, "0", 1, "1"])
def test_a_status_is_a_number_or_its_text(status: int | str) -> None:
    assert _heard({"Status": status, "Data": "x"}).good is (str(status) == "1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'"x"',
        {},
        {"Status": 2},
        {"Status": True},
        {"Status": None},
        b'{"Status": 1',
    ],
)
def test_what_is_no_answer_says_nothing(body: Any) -> None:
    assert _heard(body) is None


@pytest.mark.parametrize(
    "said",
    [
        {"Irn": "x"},
        [{"Irn": "x"}],
        '{"Irn": "x"}',
        '[{"Irn": "x"}]',
    ],
)
def test_a_remark_is_an_object_a_list_or_text_of_either(said: Any) -> None:
    found = _heard({"Status": 0, "InfoDtls": [{"InfCd": "DUPIRN", "Desc": said}]})

    inner = found.said("DUPIRN")[0]
    assert (inner[0] if isinstance(inner, list) else inner) == {"Irn": "x"}


def test_remarks_are_chosen_by_their_code() -> None:
    remarks = [{"InfCd": "EWBPPD", "Desc": "980KM"}, {"InfCd": "EWBERR", "Desc": []}, "x", {"Desc": 7}]
    found = _heard({"Status": 1, "Data": "x", "InfoDtls": remarks})

    assert found.said("EWBPPD") == ["980KM"]


@official
@pytest.mark.parametrize("path", files("responses", "*.json"), ids=lambda path: path.stem)
def test_an_official_response_is_understood(path: Any) -> None:
    """Recorded behind a provider, in its own envelope; here in the portal's."""
    said = json.loads(path.read_bytes())
    body = {
        "Status": 1 if said["success"] else 0,
        "ErrorDetails": [{"ErrorCode": said.get("error_code", ""), "ErrorMessage": said["message"]}],
        "InfoDtls": said.get("info") or (said["result"] if isinstance(said["result"], list) else None),
    }
    found = _heard(body)

    assert found.good is said["success"]
    if path.stem == "ic_duplicate_irn":
        assert found.has("duplicate")
        assert found.said("DUPIRN")[0]["Irn"].startswith("706daecc")
    if path.stem == "ic_return_invoice":
        assert [error.code for error in registered.eway_errors(found)] == ["4019"]
    if path.stem == "ic_goods_item_with_ewaybill":
        assert found.said("EWBPPD") == ["Pin-Pin calc distance: 2467KM"]


def test_no_credential_is_repeated() -> None:
    document, trial = ready("standard")
    leaked = "; ".join(
        [secret.reveal() for secret in trial.secrets.values()]
        + [b64encode(trial.secrets["password"].reveal_bytes()).decode(), portal.TOKEN]
    )
    held = replay(irp().submit(document, trial), [Answer(body=portal.refused(("2176", leaked)))])
    assert isinstance(held.result, Outcome)

    for secret in (*trial.secrets.values(), *(trial.session.secrets.values() if trial.session else ())):
        assert secret.reveal() not in repr(held.result)


def test_no_credential_is_repeated_in_remarks() -> None:
    document, trial = ready("standard")
    leaked = trial.secrets["password"].reveal()
    elsewhere = [{"InfCd": "DUPIRNGLP", "Desc": {"RegIrp": leaked}}]
    failed = [
        {"InfCd": "EWBERR", "Desc": [{"ErrorCode": "4019", "ErrorMessage": leaked}]},
        {"InfCd": "EWBPPD", "Desc": leaked},
    ]
    record = portal.record(document.body, document.marks["irn"])

    for body in (portal.refused(("2150", "There"), remarks=elsewhere), portal.good(record, remarks=failed)):
        held = replay(irp().submit(document, trial), [Answer(body=body)])
        assert isinstance(held.result, Outcome)
        assert held.result.verdict in {Verdict.CONFLICT, Verdict.REGISTERED}
        assert leaked not in repr(held.result)


def test_what_repeating_hardly_mends_is_soon_looked_at_by_somebody() -> None:
    few = [_submitted(portal.refused(*errors)).tries for errors in ([("7777", "?")], [("4003", "no")], [])]

    assert few == [8, 8, 8]
    assert _submitted(portal.refused(("2147", "Signing failed"))).tries is None
