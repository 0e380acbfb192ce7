"""Misbehaviour on demand, each seen from the other end of a real connection."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature

from tallystick.sandbox.irp.codes import CLASSES
from tallystick.sandbox.irp.forging import ANSWERS


def known(caller: Any) -> list[str]:
    """What is registered."""
    return [one["number"] for one in caller.admin("GET", "nic1/registered").json()]


def sealed(caller: Any, invoice: dict[str, Any]) -> httpx.Response:
    """The bare answer to a registration."""
    found: httpx.Response = caller.send("/eicore/v1.03/Invoice", json.dumps(invoice).encode())
    return found


@pytest.mark.parametrize(("fault", "kept"), [("drop", False), ("process_then_drop", True)])
def test_a_dropped_connection_leaves_the_outcome_open(
    caller: Any, invoice: dict[str, Any], fault: str, kept: bool
) -> None:
    caller.order(fault)
    with pytest.raises(httpx.TransportError):
        caller.generate(invoice)
    assert known(caller) == (["TILES/1"] if kept else [])
    event = caller.events()[-1]
    assert (event["event"], event["answered"]) == (("processed" if kept else "fault"), False)
    assert caller.by_document(invoice).codes == ([] if kept else ["2148"])
    assert caller.generate(invoice).codes == (["2150"] if kept else [])


@pytest.mark.parametrize(
    ("fault", "status", "kept"), [("503:7", 503, False), ("500", 500, False), ("after:504", 504, True)]
)
def test_a_status_is_no_answer(
    caller: Any, invoice: dict[str, Any], fault: str, status: int, kept: bool
) -> None:
    caller.order(fault)
    assert sealed(caller, invoice).status_code == status
    assert bool(known(caller)) is kept


@pytest.mark.parametrize("fault", ["html", "html:200", "garbage", "empty"])
def test_a_body_nobody_can_read_comes_after_registration(
    caller: Any, invoice: dict[str, Any], fault: str
) -> None:
    caller.order(fault)
    with pytest.raises(ValueError):
        sealed(caller, invoice).json()
    assert known(caller) == ["TILES/1"] and caller.events()[-1]["answered"] is False


def test_a_truncated_body_breaks_off(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("truncated")
    with pytest.raises(httpx.TransportError):
        sealed(caller, invoice)
    assert known(caller) == ["TILES/1"]


def test_a_slow_answer_is_a_registered_document(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("stall:5")
    caller.http.timeout = 0.5
    with pytest.raises(httpx.ReadTimeout):
        sealed(caller, invoice)
    assert known(caller) == ["TILES/1"]
    caller.http.timeout = 10
    caller.order("before:stall:0.3", match={"operation": "status"})
    start = time.monotonic()
    assert caller.by_document(invoice).codes == []
    assert time.monotonic() - start >= 0.3


def test_every_code_and_class_can_be_asked_for() -> None:
    codes = {code for codes in CLASSES.values() for code in codes}
    assert len(codes) == 262 and {*codes, *CLASSES, *(f"ewb-{code}" for code in codes)} <= ANSWERS


def test_a_single_code_refuses_and_registers_nothing(caller: Any, invoice: dict[str, Any]) -> None:
    for code in ("2139", "2150", "2189", "2305", "3028", "3043", "5001", "1005"):
        caller.order(f"answer:{code}")
        assert caller.generate(invoice).codes == [code]
    assert known(caller) == []
    assert caller.generate(invoice).codes == []


def test_5002_has_two_meanings(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("answer:5002")
    caller.order("answer:5002-field")
    messages = [caller.generate(invoice).envelope["ErrorDetails"][0] for _ in range(2)]
    assert {one["ErrorCode"] for one in messages} == {"5002"}
    assert messages[0]["ErrorMessage"] == "application error" and "DocDtls.No" in messages[1]["ErrorMessage"]


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_class_gives_its_codes_in_turn(caller: Any, invoice: dict[str, Any], name: str) -> None:
    codes = CLASSES[name]
    caller.order(f"answer:{name}", len(codes))
    seen = [code for _ in codes for code in caller.generate(invoice).codes]
    assert sorted(seen) == sorted(codes) and known(caller) == []


def test_a_code_may_come_after_registration(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("after:answer:2139")
    assert caller.generate(invoice).codes == ["2139"] and known(caller) == ["TILES/1"]


def test_the_general_refusal_works_here_too(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("reject:2176")
    assert caller.generate(invoice).codes == ["2176"] and known(caller) == []


@pytest.mark.parametrize("fault", ["answer:dupirn", "duplicate"])
def test_a_first_registration_may_call_itself_a_duplicate(
    caller: Any, invoice: dict[str, Any], fault: str
) -> None:
    caller.order(fault)
    answer = caller.generate(invoice)
    assert (answer.codes, answer.infos["DUPIRN"]["Irn"]) == (["2150"], caller.by_document(invoice).irn)
    assert len(caller.events(event="processed")) == 1


@pytest.mark.parametrize(("name", "status"), [("expired", 200), ("revoked", 401)])
def test_a_session_may_end_in_mid_flight(
    caller: Any, invoice: dict[str, Any], name: str, status: int
) -> None:
    caller.order(f"answer:{name}")
    answer = caller.generate(invoice)
    assert (answer.http, answer.codes, known(caller)) == (status, ["1005"], [])
    assert caller.generate(invoice).codes == ["1005"]
    before = caller.token
    caller.auth()
    assert caller.token != before and caller.generate(invoice).codes == []


def test_a_session_may_end_after_the_work_was_done(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("after:answer:expired")
    assert caller.generate(invoice).codes == ["1005"] and known(caller) == ["TILES/1"]
    caller.auth()
    assert caller.generate(invoice).codes == ["2150"]


def payload(token: str) -> dict[str, Any]:
    """The claims, whoever signed them."""
    claims = token.split(".")[1]
    found: dict[str, Any] = json.loads(
        json.loads(b64decode(claims + "=" * (-len(claims) % 4), altchars=b"-_"))["data"]
    )
    return found


@pytest.mark.parametrize("how", ["wrong-key", "flipped"])
def test_a_signature_may_be_wrong_under_the_right_name(
    caller: Any, invoice: dict[str, Any], how: str
) -> None:
    caller.order(f"answer:{how}")
    data = caller.generate(invoice).data
    for name in ("SignedInvoice", "SignedQRCode"):
        with pytest.raises(InvalidSignature):
            caller.verified(data[name])
        assert payload(data[name])["Irn"] == data["Irn"]
    assert caller.verified(caller.by_document(invoice).data["SignedInvoice"])["Irn"] == data["Irn"]


def test_a_token_may_name_a_key_nobody_has(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("answer:unknown-kid")
    token = caller.generate(invoice).data["SignedInvoice"]
    head = json.loads(b64decode(token.split(".")[0] + "==", altchars=b"-_"))
    assert len(head["kid"]) == 40 and head["kid"] != caller.described()["kid"]


def test_other_content_may_be_signed_with_the_right_key(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("answer:tampered")
    data = caller.generate(invoice).data
    assert caller.verified(data["SignedInvoice"])["ValDtls"]["TotInvVal"] == 178
    assert caller.verified(data["SignedQRCode"])["TotInvVal"] == 178
    caller.order("answer:tampered-qr", match={"operation": "status"})
    data = caller.by_document(invoice).data
    assert caller.verified(data["SignedInvoice"])["ValDtls"]["TotInvVal"] == 177
    assert caller.verified(data["SignedQRCode"])["TotInvVal"] == 178


def test_an_answer_may_be_under_another_session_key(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("answer:wrong-session-key")
    with pytest.raises(ValueError):
        caller.generate(invoice)
    assert caller.generate(invoice).codes == ["2150"]


def test_a_race_may_be_lost_after_all_seemed_well(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("answer:lost-race")
    answer = caller.generate(invoice)
    assert (answer.codes, answer.data["Status"]) == ([], "ACT")
    listed = caller.get("/eicore/v1.03/Invoice/rejectedirn", date=invoice["DocDtls"]["Dt"]).data
    assert [one["Irn"] for one in listed] == [answer.irn]
    assert [one["event"] for one in caller.events(event="rejected")] == ["rejected"]


def test_the_bill_alone_may_fail(caller: Any, invoice: dict[str, Any]) -> None:
    caller.order("answer:ewb-4001")
    invoice["EwbDtls"] = {"TransMode": "1", "Distance": 250, "VehNo": "KA01AB1234", "VehType": "R"}
    answer = caller.generate(invoice)
    assert answer.codes == [] and answer.data["EwbNo"] is None
    assert [one["ErrorCode"] for one in answer.infos["EWBERR"]] == ["4001"]


@pytest.mark.parametrize("operation", ["auth", "submit", "status", "cancel", "ewb", "ewb_details",
                                       "ewb_cancel", "rejected", "taxpayer", "sync", "health"])  # fmt: skip
def test_every_call_can_be_dropped_and_answered_with_an_error(caller: Any, operation: str) -> None:
    zeros = "0" * 64
    calls = {
        "auth": caller.auth,
        "submit": lambda: caller.generate({}),
        "status": lambda: caller.by_irn(zeros),
        "cancel": lambda: caller.cancel(zeros),
        "ewb": lambda: caller.post("/eiewb/v1.03/ewaybill", {"Irn": zeros}),
        "ewb_details": lambda: caller.get(f"/eiewb/v1.03/ewaybill/irn/{zeros}"),
        "ewb_cancel": lambda: caller.post("/ewaybillapi/v1.03/ewayapi", {}, action="CANEWB"),
        "rejected": lambda: caller.get("/eicore/v1.03/Invoice/rejectedirn"),
        "taxpayer": lambda: caller.get("/eivital/v1.04/Master/gstin/09AAJCM7191E1Z5"),
        "sync": lambda: caller.get("/eivital/v1.04/Master/syncgstin/09AAJCM7191E1Z5"),
        "health": lambda: caller.http.get(f"{caller.base}/eivital/v1.03/health"),
    }
    caller.order("drop", match={"operation": operation})
    with pytest.raises(httpx.TransportError):
        calls[operation]()
    if operation != "health":
        caller.order("answer:3043", match={"operation": operation})
        assert calls[operation]().codes == ["3043"]
    assert caller.http.get(f"{caller.base}/eivital/v1.03/health").status_code == 200


def test_orders_meet_portal_taxpayer_number_and_type(caller: Any, invoice: dict[str, Any]) -> None:
    for match in (
        {"unit": "nic2"},
        {"sender": "09*"},
        {"number": "OTHER*"},
        {"flow": "CRN"},
        {"environment": "production"},
    ):
        caller.order("answer:2139", None, match=match)
    assert caller.generate(invoice).codes == []
    invoice["DocDtls"]["No"] = "other/1"
    assert caller.generate(invoice).codes == ["2139"]
    invoice["DocDtls"]["Typ"], invoice["DocDtls"]["No"] = "CRN", "N1"
    assert caller.generate(invoice).codes == ["2139"]


def test_a_share_under_a_seed_meets_the_same_requests(caller: Any, invoice: dict[str, Any]) -> None:
    runs = []
    for run in range(2):
        caller.http.request("DELETE", f"{caller.sandbox.url}/admin/faults")
        caller.order("answer:3043", None, share=0.5, seed=7)
        numbers = [{**invoice, "DocDtls": {**invoice["DocDtls"], "No": f"R{run}-{n}"}} for n in range(12)]
        runs.append([caller.generate(one).codes for one in numbers])
    assert runs[0] == runs[1] and 0 < runs[0].count(["3043"]) < 12


def test_a_document_number_can_ask_for_a_fault(caller: Any, invoice: dict[str, Any]) -> None:
    invoice["DocDtls"]["No"] = "A7/X-503"
    assert sealed(caller, invoice).status_code == 503
    assert caller.generate(invoice).codes == []


def test_orders_for_answers_that_there_are_not_are_refused(caller: Any) -> None:
    answer = caller.http.post(f"{caller.sandbox.url}/admin/faults", json={"fault": "answer:9998"})
    assert answer.status_code == 400
    caller.extra = {"X-Sandbox-Fault": "answer:nonsense"}
    found = caller.http.get(f"{caller.base}/eicore/v1.03/Invoice/irn/0", headers=caller.headers())
    assert found.status_code == 400
