"""After registration: reading back, cancelling, e-way bills, races between portals, restarts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tallystick.sandbox import Running, running

ROAD = {"TransMode": "1", "Distance": 250, "VehNo": "KA01AB1234", "VehType": "R"}
BILL = "/eiewb/v1.03/ewaybill"
HOUR = 3600
INDIA = timezone(timedelta(hours=5, minutes=30))


def advance(caller: Any, seconds: float) -> None:
    """Move the portals' clock."""
    assert caller.admin("POST", "clock", {"advance": seconds}).status_code == 200


def moment(said: str) -> datetime:
    """A moment as the portal writes it."""
    return datetime.strptime(said, "%Y-%m-%d %H:%M:%S").replace(tzinfo=INDIA)


def cancel_bill(caller: Any, number: Any, reason: str = "2", action: str = "CANEWB") -> Any:
    """Cancel an e-way bill."""
    said = {"ewbNo": number, "cancelRsnCode": reason, "cancelRmrk": "not sent"}
    return caller.post("/ewaybillapi/v1.03/ewayapi", said, action=action)


def test_details_are_read_for_three_days(caller: Any, invoice: dict[str, Any]) -> None:
    caller.admin("POST", "nic1/habits", {"life": 10 * 24 * HOUR})
    caller.admin("POST", "nic1/revoke", {})
    caller.auth()
    irn = caller.generate(invoice).irn
    advance(caller, 72 * HOUR - 60)
    assert caller.by_irn(irn).irn == caller.by_document(invoice).irn == irn
    advance(caller, 120)
    assert caller.by_irn(irn).codes == caller.by_document(invoice).codes == ["2283"]
    assert caller.generate(invoice).codes == ["2150"]


def test_what_is_not_there_is_not_found(caller: Any, invoice: dict[str, Any]) -> None:
    assert caller.by_irn("0" * 64).codes == caller.by_document(invoice).codes == ["2148"]
    assert caller.by_irn("xyz").codes == ["2145"]
    path = "/eicore/v1.03/Invoice/irnbydocdetails"
    assert caller.get(path).codes == caller.get(path, doctype="INV", docnum="1").codes == ["3009"]
    assert caller.get(path, doctype="INV", docnum="1", docdate="2026-11-20").codes == ["2144"]
    caller.extra = {"doctype": "INV", "docnum": "TILES/1", "docdate": invoice["DocDtls"]["Dt"]}
    irn = caller.generate(invoice).irn
    assert caller.get(path).irn == irn


def test_others_do_not_read_cancel_or_move_it(caller: Any, invoice: dict[str, Any]) -> None:
    irn = caller.generate(invoice).irn
    caller.gstin = "09AAJCM7191E1Z5"
    caller.auth()
    assert caller.by_irn(irn).codes == ["2226"]
    assert caller.cancel(irn).codes == ["2143"]
    assert caller.post(BILL, {"Irn": irn, **ROAD}).codes == ["4037"]


def test_the_public_portals_reach_each_others_numbers_with_the_header(
    started: Running, caller_of: Callable[..., Any], caller: Any, invoice: dict[str, Any]
) -> None:
    irn = caller.generate(invoice).irn
    second, private = caller_of(started, "nic2"), caller_of(started, "irp6")
    for one in (second, private):
        one.auth()
        assert one.by_irn(irn).codes == ["2148"]
        one.extra = {"irp": "NIC1"}
    assert private.by_irn(irn).codes == ["2148"]
    assert second.by_irn(irn).irn == irn
    assert second.cancel(irn).codes == []
    assert caller.by_irn(irn).data["Status"] == "CNL"


def test_a_registration_is_cancelled_once_and_its_number_is_burnt(
    caller: Any, invoice: dict[str, Any]
) -> None:
    irn = caller.generate(invoice).irn
    answer = caller.cancel(irn)
    assert answer.data["Irn"] == irn
    assert moment(answer.data["CancelDate"]).second == 0
    assert caller.by_irn(irn).data["Status"] == "CNL"
    assert caller.cancel(irn).codes == ["9999"]
    assert caller.generate(invoice).codes == ["2278"]
    assert [one["verdict"] for one in caller.events(event="cancelled")] == ["cancelled"]


def test_after_a_day_nothing_is_cancelled(caller: Any, invoice: dict[str, Any]) -> None:
    caller.admin("POST", "nic1/habits", {"life": 3 * 24 * HOUR})
    caller.admin("POST", "nic1/revoke", {})
    caller.auth()
    irn = caller.generate(invoice).irn
    advance(caller, 24 * HOUR + 5)
    assert caller.cancel(irn).codes == ["2270"]
    advance(caller, -60)
    assert caller.cancel(irn).codes == []


@pytest.mark.parametrize(
    ("said", "code"),
    [({"CnlRsn": "5"}, "2142"), ({"CnlRem": ""}, "2142"), ({"CnlRem": "x" * 101}, "2142"),
     ({"Irn": "1"}, "2145"), ({"Irn": "0" * 64}, "2154"), ({"Irn": None}, "2145"), ({"CnlRsn": 2}, None)],
)  # fmt: skip
def test_what_a_cancellation_must_say(
    caller: Any, invoice: dict[str, Any], said: dict[str, Any], code: str | None
) -> None:
    irn = caller.generate(invoice).irn
    body = {"irn": irn, "Cnlrsn": "2", "Cnlrem": "typed wrong"}
    body |= {next(key for key in body if key.lower() == name.lower()): value for name, value in said.items()}
    assert caller.post("/eicore/v1.03/Invoice/Cancel", body).codes == ([code] if code else [])


def test_a_living_bill_holds_the_registration(caller: Any, invoice: dict[str, Any]) -> None:
    irn = caller.generate({**invoice, "EwbDtls": ROAD}).irn
    number = caller.by_irn(irn).data["EwbNo"]
    assert len(str(number)) == 12
    assert caller.cancel(irn).codes == ["2230"]
    assert cancel_bill(caller, number).data["ewayBillNo"] == str(number)
    assert caller.get(f"{BILL}/irn/{irn}").data["Status"] == "CNL"
    assert caller.cancel(irn).codes == []


def test_a_bill_may_come_with_the_registration_or_later(caller: Any, invoice: dict[str, Any]) -> None:
    irn = caller.generate(invoice).irn
    assert caller.get(f"{BILL}/irn/{irn}").codes == ["4005"]
    made = caller.post(BILL, {"Irn": irn, **ROAD}).data
    days = timedelta(days=2)
    start = moment(made["EwbDt"])
    assert moment(made["EwbValidTill"]).date() == (start + days).date()
    details = caller.get(f"{BILL}/irn/{irn}").data
    assert (details["EwbNo"], details["Status"], details["VehNo"]) == (made["EwbNo"], "ACT", "KA01AB1234")
    assert (details["Distance"], details["GenGstin"]) == (250, caller.gstin)
    assert caller.post(BILL, {"Irn": irn, **ROAD}).codes == ["4002"]
    assert caller.by_irn(irn).data["EwbNo"] == made["EwbNo"]


def test_distance_zero_is_computed_and_said(caller: Any, invoice: dict[str, Any]) -> None:
    answer = caller.generate({**invoice, "EwbDtls": {**ROAD, "Distance": 0}})
    assert answer.data["EwbNo"] and "KM" in answer.infos["EWBPPD"]


def test_a_part_a_slip_has_no_end(caller: Any, invoice: dict[str, Any]) -> None:
    said = {"Distance": 100, "TransId": "12AWGPV7107B1Z1"}
    answer = caller.generate({**invoice, "EwbDtls": said})
    assert answer.data["EwbNo"] and answer.data["EwbValidTill"] is None


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("4019", {"Distance": 0}),
    ("4028", {"Distance": 10, "VehNo": "KA01AB1234"}),
    ("4011", {"TransMode": "1", "Distance": 10, "VehType": "R"}),
    ("4022", {"TransMode": "1", "Distance": 10, "VehNo": "KA01AB1234"}),
    ("4014", {**ROAD, "VehNo": "1234"}),
    ("4012", {"TransMode": "2", "Distance": 10}),
    ("4023", {"TransMode": "3", "Distance": 10, "TransDocNo": "A1"}),
    ("4024", {"TransMode": "2", "Distance": 10, "TransDocNo": "A1", "VehType": "O"}),
    ("4039", {"TransMode": "4", "Distance": 10, "TransDocNo": "A1", "VehType": "R"}),
    ("4040", {"TransMode": "4", "Distance": 10}),
    ("4016", {**ROAD, "TransDocNo": "A1", "TransDocDt": "31/12/2029"}),
    ("4021", {**ROAD, "TransDocNo": "A1", "TransDocDt": "01/01/2020"}),
    ("4017", {**ROAD, "TransDocNo": "A1", "TransDocDt": "31/02/2026"}),
]


def test_a_bill_that_fails_leaves_the_registration_good(caller: Any, invoice: dict[str, Any]) -> None:
    for place, (code, transport) in enumerate(WRONG):
        what = {**invoice["DocDtls"], "No": f"W{place}"}
        answer = caller.generate({**invoice, "DocDtls": what, "EwbDtls": transport})
        assert answer.codes == [] and answer.data["EwbNo"] is None, code
        assert code in {one["ErrorCode"] for one in answer.infos["EWBERR"]}, code
        assert caller.by_irn(answer.irn).irn == answer.irn
        assert code in caller.post(BILL, {"Irn": answer.irn, **transport}).codes, code


def test_there_is_no_bill_for_notes_services_or_the_same_place(caller: Any, invoice: dict[str, Any]) -> None:
    service = {**invoice["ItemList"][0], "IsServc": "Y", "HsnCd": "998314"}
    same = {"Nm": "Depot", "Addr1": "4 Quay", "Loc": "Noida", "Pin": 201301, "Stcd": "09"}
    for code, changes in (
        ("4010", {"DocDtls": {**invoice["DocDtls"], "Typ": "CRN"}}),
        ("4009", {"DocDtls": {**invoice["DocDtls"], "No": "S1"}, "ItemList": [service]}),
        ("4029", {"DocDtls": {**invoice["DocDtls"], "No": "S2"}, "DispDtls": same}),
    ):
        answer = caller.generate({**invoice, **changes, "EwbDtls": {**ROAD, "Distance": 0}})
        assert [one["ErrorCode"] for one in answer.infos["EWBERR"]] == [code]


def test_bills_need_a_living_registration_and_a_sound_request(caller: Any, invoice: dict[str, Any]) -> None:
    irn = caller.generate(invoice).irn
    assert caller.post(BILL, {"Irn": irn, "TransMode": "1"}).codes == ["5002"]
    assert caller.post(BILL, {"Irn": irn, **ROAD, "Distance": 4001}).codes == ["5002"]
    assert caller.post(BILL, {"Irn": "0" * 64, **ROAD}).codes == ["4003"]
    caller.cancel(irn)
    assert caller.post(BILL, {"Irn": irn, **ROAD}).codes == ["4000"]


def test_a_bill_is_cancelled_once_within_a_day(caller: Any, invoice: dict[str, Any]) -> None:
    caller.admin("POST", "nic1/habits", {"life": 3 * 24 * HOUR})
    caller.admin("POST", "nic1/revoke", {})
    caller.auth()
    number = caller.generate({**invoice, "EwbDtls": ROAD}).data["EwbNo"]
    assert cancel_bill(caller, number, "9").codes == ["4059"]
    assert cancel_bill(caller, number, action="GENEWAYBILL").codes == ["2142"]
    assert cancel_bill(caller, 999).codes == cancel_bill(caller, "x").codes == ["4057"]
    advance(caller, 24 * HOUR + 5)
    assert cancel_bill(caller, number).codes == ["4055"]
    advance(caller, -60)
    assert cancel_bill(caller, number).codes == []
    assert cancel_bill(caller, number).codes == ["4057"]


def test_who_loses_the_race_is_listed_on_its_day(caller: Any, invoice: dict[str, Any]) -> None:
    irn = caller.generate(invoice).irn
    path, day = "/eicore/v1.03/Invoice/rejectedirn", invoice["DocDtls"]["Dt"]
    assert caller.get(path, date=day).codes == ["3001"]
    assert caller.get(path).codes == caller.get(path, date="today").codes == ["3009"]
    assert caller.admin("POST", "reject", {"irn": irn, "first_at": "IRP6"}).status_code == 204
    assert caller.admin("POST", "reject", {"irn": irn}).status_code == 404
    listed = caller.get(path, date=day).data
    assert [(one["Irn"], one["Status"], one["RegIrp"]) for one in listed] == [(irn, "REJ", "IRP6")]
    assert caller.get(path, date="01/01/2026").codes == ["3001"]
    again = caller.generate(invoice)
    assert (again.codes, again.infos["DUPIRNGLP"]["RegIrp"]) == (["2295"], "IRP6")
    assert caller.cancel(irn).codes == ["9999"]


def test_taxpayers_are_looked_up(caller: Any) -> None:
    path = "/eivital/v1.04/Master/gstin/"
    found = caller.get(f"{path}09AAJCM7191E1Z5").data
    assert (found["Gstin"], found["Status"], found["TxpType"], found["DtDReg"]) == (
        "09AAJCM7191E1Z5",
        "ACT",
        "REG",
        None,
    )
    assert caller.get(f"{path}nobody").codes == ["3030"]
    caller.admin("POST", "nic1/taxpayers", {"gstin": "09AAJCM7191E1Z5", "status": ""})
    assert caller.get(f"{path}09AAJCM7191E1Z5").codes == ["3028"]


def test_the_portal_says_that_it_is_up(stranger: Any) -> None:
    assert stranger.http.get(f"{stranger.base}/eivital/v1.03/health").json()["Status"] == 1
    assert stranger.http.get(f"{stranger.sandbox.url}/irp/nowhere/eivital/v1.03/health").status_code == 404


def test_a_restart_keeps_keys_registrations_users_habits_and_the_clock(
    tmp_path: Path, keys_once: Path, caller_of: Callable[..., Any], invoice: dict[str, Any]
) -> None:
    journal = tmp_path / "kept.jsonl"
    (tmp_path / "kept.jsonl.keys").symlink_to(keys_once)
    with running(journal) as sandbox:
        caller = caller_of(sandbox)
        caller.admin("POST", "nic1/users", {"gstin": caller.gstin, "user_name": "clerk", "password": "Pw@1"})
        caller.admin("POST", "nic1/habits", {"errors": "text", "life": 7200, "floor": "2020-01-01"})
        caller.admin("POST", "nic1/taxpayers", {"gstin": "09AAJCM7191E1Z5", "legal_name": "Harbour"})
        caller.login = ("clerk", "Pw@1")
        caller.auth()
        advance(caller, 100)
        described = caller.described()
        first = caller.generate({**invoice, "EwbDtls": ROAD})
        gone = caller.generate({**invoice, "DocDtls": {**invoice["DocDtls"], "No": "GONE"}})
        caller.cancel(gone.irn)
        token = caller.token
    with running(journal) as sandbox:
        caller = caller_of(sandbox, login=("clerk", "Pw@1"), token=token)
        assert caller.described() == described
        assert caller.by_irn(first.irn).codes == ["1005"]
        caller.auth()
        assert caller.by_irn(first.irn).data == first.data
        assert caller.generate({**invoice, "EwbDtls": ROAD}).codes == ["2150"]
        assert caller.cancel(first.irn).codes == ["2230"]
        assert caller.cancel(gone.irn).codes == ["9999"]
        assert cancel_bill(caller, first.data["EwbNo"]).codes == []
        assert caller.admin("POST", "clock", {}).json()["offset"] == 100
        assert caller.get("/eivital/v1.04/Master/gstin/09AAJCM7191E1Z5").data["LegalName"] == "Harbour"
        third = caller.generate({**invoice, "DocDtls": {**invoice["DocDtls"], "No": "THIRD"}})
        assert third.data["AckNo"] > gone.data["AckNo"]
    with running(journal) as sandbox:
        caller = caller_of(sandbox, login=("clerk", "Pw@1"))
        caller.auth()
        assert caller.get(f"{BILL}/irn/{first.irn}").data["Status"] == "CNL"
        assert caller.cancel(first.irn).codes == []


def test_keys_are_made_and_kept_beside_the_journal(tmp_path: Path, caller_of: Callable[..., Any]) -> None:
    seen = []
    for _ in range(2):
        with running(tmp_path / "new.jsonl") as sandbox:
            seen.append(caller_of(sandbox).described())
    assert seen[0] == seen[1]
    private = tmp_path / "new.jsonl.keys" / "nic1-sign.pem"
    assert private.stat().st_mode & 0o77 == 0


def test_the_clock_can_be_set_beside_real_time(stranger: Any) -> None:
    shown = stranger.admin("POST", "clock", {"offset": -86400}).json()["now"]
    yesterday = datetime.now(INDIA) - timedelta(days=1)
    assert shown[:10] == yesterday.strftime("%Y-%m-%d")
