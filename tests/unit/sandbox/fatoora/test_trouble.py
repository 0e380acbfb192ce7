"""When things go wrong: duplicates, lost answers, a closed door, a restart, and the chain meanwhile."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tallystick.sandbox import Running, endpoints, running
from tallystick.sandbox.fatoora.form import read_form
from tallystick.sandbox.fatoora.judgement import Case, judged
from tallystick.sandbox.fatoora.registry import Credential
from unit.sandbox.fatoora.egs import SIX, Paper, Unit, codes, credential, new_key
from yardstick import second


def sent(unit: Unit, paper: Paper, path: str = "reporting") -> tuple[str, dict[str, str]]:
    """A request that can be repeated to the byte."""
    document, digest = unit.stamper().stamp(paper)
    body = {"invoiceHash": digest, "uuid": paper.id, "invoice": b64encode(document).decode()}
    return f"/invoices/{path}/single", body


def again(unit: Unit, request: tuple[str, dict[str, str]]) -> httpx.Response:
    return unit.call("POST", request[0], request[1], by=unit.production)


def test_a_cleared_document_sent_again_gets_the_first_cleared_bytes(unit: Unit) -> None:
    request = sent(unit, unit.next("01"), "clearance")
    first, second = again(unit, request), again(unit, request)
    assert (first.status_code, second.status_code) == (200, 208)
    assert second.json()["clearedInvoice"] == first.json()["clearedInvoice"]
    assert codes(second, "warningMessages") == ["Invoice-Errors"]


def test_a_reported_document_sent_again_is_called_an_error(unit: Unit) -> None:
    request = sent(unit, unit.next())
    assert again(unit, request).status_code == 200
    second = again(unit, request)
    assert (second.status_code, second.json()["reportingStatus"]) == (409, "NOT_REPORTED")


def test_a_refused_document_is_judged_again(unit: Unit) -> None:
    request = sent(unit, unit.next(changes=(("15.00", "14.00"),)))
    assert [again(unit, request).status_code for _ in range(2)] == [400, 400]


def test_duplicates_are_known_for_a_day(enrolled: Unit) -> None:
    request = sent(enrolled, enrolled.next())
    assert again(enrolled, request).status_code == 200
    enrolled.admin("POST", "fatoora/habits", {"ahead": 23 * 3600})
    assert again(enrolled, request).status_code == 409
    enrolled.admin("POST", "fatoora/habits", {"ahead": 25 * 3600})
    assert again(enrolled, request).status_code == 202


@pytest.mark.parametrize(
    "fault",
    [
        "process_then_drop",
        "after:504",
        "after:500",
        "truncated",
        "garbage",
        "html:400",
        "empty",
        "after:answer:any-400-html",
    ],
)
def test_a_lost_answer_is_found_by_sending_the_same_bytes(unit: Unit, fault: str) -> None:
    request = sent(unit, unit.next())
    unit.order(fault)
    with suppress(httpx.TransportError):
        assert again(unit, request).status_code in (200, 400, 500, 504)
    assert again(unit, request).status_code == 409


@pytest.mark.parametrize("fault", ["drop", "503", "429:7", "413", "401", "before:504"])
def test_what_was_not_processed_is_taken_afterwards(unit: Unit, fault: str) -> None:
    request = sent(unit, unit.next())
    unit.order(fault)
    try:
        answer = again(unit, request)
        assert answer.status_code >= 400
        assert answer.headers.get("Retry-After") == ("7" if fault == "429:7" else None)
    except httpx.TransportError:
        assert fault == "drop"
    assert again(unit, request).status_code == 200


def test_a_slow_answer_comes(unit: Unit) -> None:
    unit.order("stall:0.2")
    answer = unit.report()
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.2


def test_faults_can_be_for_one_unit_one_flow_one_environment(unit: Unit) -> None:
    other = Unit(unit.url).enrol()
    assert other.production is not None
    unit.order("503", None, unit=other.production.request_id, flow="reporting", environment="simulation")
    try:
        assert unit.report().status_code == 200
        assert other.clear().status_code == 200
        assert other.report().status_code == 503
    finally:
        unit.http.delete(f"{unit.url}/admin/faults")


def test_a_share_of_requests_goes_wrong_the_same_way_each_time(unit: Unit) -> None:
    def run() -> list[int]:
        order = {"fault": "503", "match": {"dialect": "fatoora"}, "share": 0.5, "seed": 7}
        unit.admin("POST", "faults", order)
        try:
            return [unit.report().status_code for _ in range(12)]
        finally:
            unit.http.delete(f"{unit.url}/admin/faults")

    first = run()
    assert set(first) == {200, 503}
    assert run() == first


def test_a_number_can_ask_for_trouble(unit: Unit) -> None:
    paper = unit.next(number="INV-7-X-503-x2")
    assert [unit.report(paper).status_code for _ in range(3)] == [503, 503, 200]
    named = unit.next(number="INV-8-X-answer-reporting-409-empty")
    answer = unit.report(named)
    assert (answer.status_code, answer.text) == (409, "")


def test_a_refusal_can_be_ordered(unit: Unit) -> None:
    unit.order("reject:BR-KSA-14")
    answer = unit.clear()
    assert (answer.status_code, answer.json()["clearanceStatus"]) == (400, "NOT_CLEARED")
    assert codes(answer) == ["BR-KSA-14"]
    assert answer.json()["clearedInvoice"] is None


def test_clearance_that_is_switched_off_sends_to_reporting_and_takes_the_same_document_there(
    enrolled: Unit,
) -> None:
    paper = enrolled.next("01")
    assert enrolled.report(paper).status_code == 303
    enrolled.admin("POST", "fatoora/habits", {"clearance_off": ["simulation"]})
    turned = enrolled.clear(paper)
    assert turned.status_code == 303
    assert turned.json()["message"].startswith("Clearance is deactiviated")
    assert enrolled.report(paper, stamper=enrolled.stamper(stamped=False)).status_code == 400
    assert enrolled.report(paper).status_code == 200
    enrolled.admin("POST", "fatoora/habits", {"clearance_off": []})
    assert enrolled.clear(paper).status_code == 208
    assert [one["event"] for one in enrolled.events() if one.get("instance_id") == paper.id] == [
        *("turned_away", "turned_away", "processed", "processed", "duplicate")
    ]


def test_a_clearance_status_of_zero_asks_for_303(unit: Unit) -> None:
    path, body = sent(unit, unit.next("01"), "clearance")
    assert unit.call("POST", path, body, by=unit.production, Clearance_Status="0").status_code == 303


def test_the_journal_tells_what_a_comparison_needs(enrolled: Unit) -> None:
    paper = enrolled.next()
    path, body = sent(enrolled, paper)
    content = b'{"invoiceHash":"%s","uuid":"%s","invoice":"%s"}' % tuple(
        body[name].encode() for name in ("invoiceHash", "uuid", "invoice")
    )
    enrolled.call("POST", path, content=content, by=enrolled.production)
    enrolled.call("POST", path, content=content, by=enrolled.production)
    first, second = (one for one in enrolled.events() if one.get("instance_id") == paper.id)
    assert (first["event"], second["event"]) == ("processed", "duplicate")
    assert first["sha256"] == second["sha256"] == hashlib.sha256(content).hexdigest()
    document = b64decode(body["invoice"])
    assert first["document_sha256"] == hashlib.sha256(document).hexdigest()
    assert (first["verdict"], first["hash"], first["icv"], first["pih"]) == (
        "accepted",
        body["invoiceHash"],
        "1",
        paper.pih,
    )
    assert enrolled.production is not None
    assert first["unit"] == enrolled.production.request_id


def test_a_restarted_sandbox_remembers_credentials_documents_codes_and_steps(tmp_path: Path) -> None:
    journal = tmp_path / "sandbox.jsonl"
    with running(journal) as first:
        unit = Unit(first.url).enrol()
        request = sent(unit, unit.next("01"), "clearance")
        told = again(unit, request).json()["clearedInvoice"]
        spent, fresh = unit.otp(), unit.otp()
        assert Unit(first.url).ask(otp=spent).status_code == 200
        half = Unit(first.url)
        given = half.ask()
        chain = unit.admin("GET", "fatoora/chains")
    with running(journal) as second:
        moved = {"url": second.url, "base": f"{second.url}/e-invoicing/simulation"}
        for one in (unit, half):
            vars(one).update(moved)
        duplicate = again(unit, request)
        assert (duplicate.status_code, duplicate.json()["clearedInvoice"]) == (208, told)
        assert unit.report().status_code == 200
        assert unit.admin("GET", "fatoora/chains")[0]["documents"][0] == chain[0]["documents"][0]
        assert Unit(second.url).ask(otp=spent).status_code == 400
        assert Unit(second.url).ask(otp=fresh).status_code == 200
        assert half.ask().json()["dispositionMessage"] == "NOT_COMPLIANT"
        assert given.status_code == 200


def test_a_chain_is_seen_whole(enrolled: Unit) -> None:
    for flow in ("02", "01", "02"):
        paper = enrolled.next(flow)
        assert (enrolled.report(paper) if flow == "02" else enrolled.clear(paper)).status_code == 200
    (chain,) = enrolled.admin("GET", "fatoora/chains", documents="1")
    assert chain["whole"] and (chain["first"], chain["last"], chain["accepted"]) == (1, 3, 3)
    assert [one["icv"] for one in chain["documents"]] == ["1", "2", "3"]
    assert b"<cbc:UUID>3</cbc:UUID>" in b64decode(chain["documents"][2]["document"])


def test_documents_out_of_order_and_refused_ones_make_a_whole_chain(enrolled: Unit) -> None:
    papers = [enrolled.next(), enrolled.next(changes=(("15.00", "14.00"),)), enrolled.next()]
    assert [enrolled.report(paper).status_code for paper in reversed(papers)] == [200, 400, 200]
    (chain,) = enrolled.admin("GET", "fatoora/chains")
    assert chain["whole"] and chain["accepted"] == 2


def test_gaps_repeats_and_broken_links_are_seen(enrolled: Unit) -> None:
    first = enrolled.next()
    enrolled.report(first)
    enrolled.report(Paper(icv=1, number="FORK"))
    enrolled.next()
    enrolled.report(enrolled.next())
    enrolled.report(Paper(icv=4, number="LOOSE"))
    (chain,) = enrolled.admin("GET", "fatoora/chains")
    assert not chain["whole"]
    assert (chain["missing"], chain["repeated"], chain["broken"]) == ([2], [1], [4])


def test_a_document_is_judged_in_a_moment(unit: Unit) -> None:
    """Processor time, so that a busy machine makes nobody slower."""
    form = read_form(json.dumps(sent(unit, unit.next())[1]).encode())
    assert unit.production is not None
    owner = Credential(
        environment="simulation",
        kind="production",
        unit=unit.production.request_id,
        token=unit.production.token,
        secret_sha256="",
        vat=unit.wish.vat,
        title="1100",
        name="",
        key_sha256="",
        request_pem="",
        expires_at=datetime.now(UTC),
    )
    began = time.process_time()
    for _ in range(20):
        assert judged(Case(form, "reporting", owner, datetime.now(UTC))) == []
    assert (time.process_time() - began) / 20 < 0.015 * second()


def test_many_units_at_once_each_get_a_whole_chain(own: Running) -> None:
    def work(_: int) -> str:
        unit = Unit(own.url).enrol()
        papers = [unit.next("02" if turn % 2 else "01") for turn in range(10)]
        for paper in papers:
            answer = unit.report(paper) if paper.flow == "02" else unit.clear(paper)
            assert answer.status_code == 200
        assert unit.production is not None
        return unit.production.request_id

    with ThreadPoolExecutor(6) as pool:
        units = set(pool.map(work, range(6)))
    chains = httpx.get(f"{own.url}/admin/fatoora/chains").json()
    assert {chain["unit"] for chain in chains if chain["whole"] and chain["last"] == 10} == units


def test_answers_lost_while_onboarding_lose_no_unit(enrolled: Unit) -> None:
    newcomer = Unit(enrolled.url)
    newcomer.order("process_then_drop", operation="compliance")
    with pytest.raises(httpx.TransportError):
        newcomer.ask()
    assert newcomer.ask().json()["dispositionMessage"] == "NOT_COMPLIANT"  # the key is known by now
    newcomer = Unit(enrolled.url)
    newcomer.compliance = credential(newcomer.ask())
    for flow, code in SIX:
        newcomer.order("process_then_drop", operation="compliance_invoice")
        with pytest.raises(httpx.TransportError):
            newcomer.comply(flow, code, newcomer.compliance)
    newcomer.order("process_then_drop", operation="production")
    with pytest.raises(httpx.TransportError):
        newcomer.promote(newcomer.compliance)
    newcomer.production = credential(newcomer.promote(newcomer.compliance))
    assert newcomer.report().status_code == 200


def test_an_answer_lost_while_renewing_leaves_the_unit_as_it_was(enrolled: Unit) -> None:
    assert enrolled.production is not None
    enrolled.order("process_then_drop", operation="renewal")
    with pytest.raises(httpx.TransportError):
        enrolled.renew(enrolled.production, new_key())
    assert enrolled.report().status_code == 200
    assert enrolled.renew(enrolled.production, new_key()).status_code == 428


def test_every_address_is_told() -> None:
    told = endpoints("http://here")
    assert told["fatoora simulation"] == "http://here/e-invoicing/simulation"
    assert told["irp nic1"] == "http://here/irp/nic1"
    assert told["phase4"] == "http://here/phase4"
