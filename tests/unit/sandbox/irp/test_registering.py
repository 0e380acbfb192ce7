"""Registering documents: the number, the tokens, what a second attempt gets, who may."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tallystick.sandbox import Running


def test_a_good_document_gets_its_number_and_both_tokens(caller: Any, invoice: dict[str, Any]) -> None:
    plain = json.dumps(invoice).encode()
    answer = caller.generate(plain)
    assert (answer.codes, answer.envelope["Status"], answer.infos) == ([], 1, {})
    event = caller.events(event="processed")[0]
    assert answer.irn == hashlib.sha256(f"{caller.gstin}{event['year']}INVTILES/1".encode()).hexdigest()
    signed = caller.verified(answer.data["SignedInvoice"])
    code = caller.verified(answer.data["SignedQRCode"])
    assert (signed["Irn"], signed["AckNo"], signed["ItemList"][0]["ItemNo"]) == (
        answer.irn,
        answer.data["AckNo"],
        0,
    )
    assert code == {
        "SellerGstin": invoice["SellerDtls"]["Gstin"], "BuyerGstin": invoice["BuyerDtls"]["Gstin"],
        "DocNo": "TILES/1", "DocTyp": "INV", "DocDt": invoice["DocDtls"]["Dt"], "TotInvVal": 177,
        "ItemCnt": 1, "MainHsnCode": "690510", "Irn": answer.irn, "IrnDt": signed["AckDt"],
    }  # fmt: skip
    assert answer.data["Status"] == "ACT" and answer.data["EwbNo"] is None


def test_the_journal_knows_the_content_before_the_answer_arrives(
    caller: Any, invoice: dict[str, Any], tmp_path: Any
) -> None:
    plain = json.dumps(invoice, indent=3).encode()
    irn = caller.generate(plain).irn
    lines = [json.loads(line) for line in (tmp_path / "sandbox.jsonl").read_text().splitlines()]
    event = lines[-1]
    digest = hashlib.sha256(plain).hexdigest()
    assert (event["event"], event["authority"], event["verdict"]) == ("processed", "irp", "accepted")
    assert event["sha256"] == event["document_sha256"] == digest
    assert (event["instance_id"], event["irn"], event["sender"]) == (irn, irn, caller.gstin)
    assert (event["number"], event["doc_type"], event["answered"]) == ("TILES/1", "INV", True)
    held = caller.admin("GET", "nic1/registered?number=TILES/1").json()
    assert [(one["irn"], one["sha256"], one["status"]) for one in held] == [(irn, digest, "ACT")]


def test_an_acknowledgement_has_fifteen_digits_and_a_moment_to_the_minute(
    caller: Any, invoice: dict[str, Any]
) -> None:
    answer = caller.generate(invoice)
    assert len(str(answer.data["AckNo"])) == 15 and str(answer.data["AckNo"])[0] == "1"
    assert answer.data["AckDt"].endswith(":00")
    signed = caller.verified(answer.data["SignedInvoice"])
    assert abs(int(signed["AckDt"][-2:]) - 30) <= 30 and signed["AckDt"][:13] <= answer.data["AckDt"][:13]
    caller.admin("POST", "nic1/habits", {"ack_as_text": True})
    assert caller.by_irn(answer.irn).data["AckNo"] == str(answer.data["AckNo"])


def test_numbers_are_the_same_whatever_their_case(caller: Any, invoice: dict[str, Any]) -> None:
    invoice["DocDtls"]["No"] = "tiles/1"
    first = caller.generate(invoice)
    assert caller.verified(first.data["SignedQRCode"])["DocNo"] == "TILES/1"
    invoice["DocDtls"]["No"] = "TILES/1"
    assert caller.generate(invoice).codes == ["2150"]
    assert caller.by_document(invoice).irn == first.irn


def test_one_number_gives_a_registration_for_each_type(caller: Any, invoice: dict[str, Any]) -> None:
    numbers = set()
    for kind in ("INV", "CRN", "DBN"):
        invoice["DocDtls"]["Typ"] = kind
        numbers.add(caller.generate(invoice).irn)
    assert len(numbers) == 3


def test_a_second_time_gives_the_first_registration(caller: Any, invoice: dict[str, Any]) -> None:
    first = caller.generate(invoice)
    again = caller.generate(invoice)
    assert (again.codes, again.data, again.envelope["Status"]) == (["2150"], None, 0)
    assert again.infos == {"DUPIRN": {name: first.data[name] for name in ("AckNo", "AckDt", "Irn")}}
    invoice["ValDtls"]["RndOffAmt"] = 0.4
    other = caller.generate(invoice)
    assert other.infos == again.infos
    assert [one["event"] for one in caller.events()][1:] == ["processed", "duplicate", "conflict"]
    conflict = caller.events(event="conflict")[0]
    assert conflict["first_sha256"] == caller.events(event="processed")[0]["sha256"] != conflict["sha256"]


def test_the_signed_copy_keeps_scales_and_binds_keys_of_any_case(
    caller: Any, invoice: dict[str, Any]
) -> None:
    text = (
        json.dumps(invoice)
        .replace('"TotAmt": 150', '"totamt": 150.00')
        .replace('"Qty": 100', '"Qty": "100.0"')
    )
    text = text.replace('"Gstin"', '"GSTIN"').replace('"Pos"', '"POS"').replace('"RndOffAmt"', '"rndoffamt"')
    token = caller.generate(text.encode()).data["SignedInvoice"]
    claims = token.split(".")[1]
    data = json.loads(b64decode(claims + "=" * (-len(claims) % 4), altchars=b"-_"))["data"]
    assert '"ItemNo":0,"SlNo":"1"' in data and '"TotAmt":150.00' in data and '"Qty":100.0' in data
    assert "Quarry \\u0026 Kiln" in data and "&" not in data
    assert data.startswith('{"AckNo":') and '"Irn":"' in data.split('"Version"')[0]


def test_the_main_tariff_code_is_that_of_the_greatest_value(caller: Any, invoice: dict[str, Any]) -> None:
    line = {
        **invoice["ItemList"][0],
        "SlNo": "2",
        "HsnCd": "690721",
        "TotAmt": 300,
        "AssAmt": 300,
        "IgstAmt": 54,
    }
    invoice["ItemList"].append({**line, "UnitPrice": 3, "TotItemVal": 354})
    invoice["ValDtls"] = {"AssVal": 450, "IgstVal": 81, "TotInvVal": 531}
    code = caller.verified(caller.generate(invoice).data["SignedQRCode"])
    assert (code["MainHsnCode"], code["ItemCnt"]) == ("690721", 2)


def test_a_bad_document_is_refused_with_every_fault_and_registers_nothing(
    caller: Any, invoice: dict[str, Any]
) -> None:
    invoice["ValDtls"]["TotInvVal"] = 100
    invoice["ItemList"][0]["GstRt"] = 17
    answer = caller.generate(invoice)
    assert (answer.data, set(answer.codes)) == (None, {"2240", "2189"})
    event = caller.events(event="refused")[0]
    assert set(event["codes"]) == {"2240", "2189"} and event["verdict"] == "refused"
    assert caller.by_document(invoice).codes == ["2148"]
    assert caller.admin("GET", "nic1/registered").json() == []


@pytest.mark.parametrize("encoding", ["array", "text", "base64"])
def test_errors_come_in_three_encodings(caller: Any, invoice: dict[str, Any], encoding: str) -> None:
    caller.admin("POST", "nic1/habits", {"errors": encoding, "status_as_text": True})
    invoice["DocDtls"]["Typ"] = "BOS"
    answer = caller.generate(invoice)
    details = answer.envelope["ErrorDetails"]
    assert answer.codes == ["2161"] and answer.envelope["Status"] == "0"
    assert isinstance(details, list if encoding == "array" else str)
    if encoding == "base64":
        assert json.loads(b64decode(str(details), validate=True))[0]["ErrorCode"] == "2161"


def test_mixed_encodings_take_turns(caller: Any) -> None:
    caller.admin("POST", "nic1/habits", {"errors": "mixed"})
    seen = [caller.by_irn("0" * 64).envelope["ErrorDetails"] for _ in range(6)]
    assert len({type(one).__name__ + str(one)[:1] for one in seen}) == 3


def test_only_the_supplier_or_its_marketplace_registers(caller: Any, invoice: dict[str, Any]) -> None:
    caller.gstin = "29AACCF1132H1C3"
    assert caller.auth().codes == []
    assert caller.generate(invoice).codes == ["2143"]
    caller.extra = {"sup_gstin": invoice["SellerDtls"]["Gstin"]}
    assert caller.generate(invoice).codes == ["2169"]
    invoice["TranDtls"]["EcmGstin"] = caller.gstin
    answer = caller.generate(invoice)
    assert answer.codes == [] and caller.by_irn(answer.irn).irn == answer.irn


def test_another_portal_says_where_it_is_registered(
    started: Running, caller_of: Callable[..., Any], caller: Any, invoice: dict[str, Any]
) -> None:
    first = caller.generate(invoice)
    private = caller_of(started, "irp6")
    private.auth()
    answer = private.generate(invoice)
    assert (answer.codes, answer.infos) == (["2295"], {"DUPIRNGLP": {"Irn": first.irn, "RegIrp": "NIC1"}})
    production = caller_of(started, "nic1-production")
    production.auth()
    other = production.generate(invoice)
    assert other.codes == [] and production.verified(other.data["SignedQRCode"])["Irn"] == first.irn


def test_the_registry_is_asked_and_can_be_synchronised(caller: Any, invoice: dict[str, Any]) -> None:
    buyer = invoice["BuyerDtls"]["Gstin"]
    said = {"gstin": buyer, "status": "INA", "later": "ACT", "legal_name": "Harbour Supply"}
    assert caller.admin("POST", "nic1/taxpayers", said).status_code == 204
    assert caller.generate(invoice).codes == ["3029"]
    assert caller.get(f"/eivital/v1.04/Master/gstin/{buyer}").data["Status"] == "INA"
    assert caller.get(f"/eivital/v1.04/Master/syncgstin/{buyer}").data["Status"] == "ACT"
    assert caller.generate(invoice).codes == []


def test_a_document_sent_many_times_at_once_is_registered_once(caller: Any, invoice: dict[str, Any]) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: caller.generate(invoice), range(16)))
    assert sorted(answer.codes for answer in answers) == [[]] + [["2150"]] * 15
    assert len(caller.events(event="processed")) == 1
    assert {answer.infos["DUPIRN"]["Irn"] for answer in answers if answer.codes} == {
        answer.irn for answer in answers if not answer.codes
    }


def test_a_thousand_items_are_registered(caller: Any, invoice: dict[str, Any]) -> None:
    line = invoice["ItemList"][0]
    invoice["ItemList"] = [{**line, "SlNo": str(place)} for place in range(1, 1001)]
    invoice["ValDtls"] = {"AssVal": 150000, "IgstVal": 27000, "TotInvVal": 177000}
    assert caller.verified(caller.generate(invoice).data["SignedQRCode"])["ItemCnt"] == 1000
