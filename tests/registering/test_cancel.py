"""Cancelling, over HTTP and with real processes: every time the right answer, and both sides agree."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from registering.installation import Seller, today

TRUCK = {"mode": "1", "distance": 980, "vehicle_number": "KA01AB1234", "vehicle_type": "R"}
DAY = 25 * 3600


def done(answer: httpx.Response) -> dict[str, Any]:
    """The act, which came to a good end."""
    assert answer.status_code in (200, 201), answer.text
    act: dict[str, Any] = answer.json()
    assert act["status"] == "done", act
    return act


def refused(answer: httpx.Response) -> dict[str, Any]:
    """The one fault with which the portal refused the act."""
    assert answer.status_code == 201, answer.text
    assert (answer.json()["status"], answer.json()["verdict"]) == ("refused", "rejected"), answer.text
    (fault,) = answer.json()["errors"]
    return dict(fault)


def test_inside_its_day_it_is_cancelled_and_both_sides_say_so(seller: Seller) -> None:
    invoice = seller.registered()
    assert seller.agrees(invoice["id"]) == "registered"
    assert "cancel" in invoice["actions"]

    act = done(seller.cancel(invoice["id"]))

    assert (act["verdict"], act["reference"]) == ("cancelled", invoice["authority_reference"])
    assert act["marks"]["cancelled_at"]
    assert seller.agrees(invoice["id"]) == "cancelled"
    (told,) = seller.events("cancelled")
    assert (told["irn"], told["reason"]) == (invoice["authority_reference"], "2")
    assert seller.told(invoice["id"])[-1] == "authority.cancelled"
    assert seller.look(invoice["id"])["actions"] == []


def test_asked_twice_it_is_cancelled_once_and_the_answer_is_the_same(seller: Seller) -> None:
    invoice = seller.registered()
    first = seller.cancel(invoice["id"], key=f"once-{seller.gstin}")

    again = seller.cancel(invoice["id"])
    repeated = seller.cancel(invoice["id"], key=f"once-{seller.gstin}")

    assert done(first)["id"] == done(again)["id"] == repeated.json()["id"]
    assert (first.status_code, again.status_code) == (201, 200)
    assert len([one for one in seller.events() if one["operation"] == "cancel"]) == 1
    assert seller.agrees(invoice["id"]) == "cancelled"


def test_asked_by_eight_at_once_it_is_cancelled_once(seller: Seller) -> None:
    invoice = seller.registered()

    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: seller.cancel(invoice["id"]), range(8)))

    assert len({done(answer)["id"] for answer in answers}) == 1
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len([one for one in seller.events() if one["operation"] == "cancel"]) == 1
    assert seller.agrees(invoice["id"]) == "cancelled"


def test_after_its_day_nobody_is_asked_and_a_credit_note_is_the_way(seller: Seller) -> None:
    seller.registered()  # there is a session, so that the portal's clock is not asked for its end
    seller.admin("irp/clock", offset=-DAY)
    invoice = seller.registered(seller.invoice(issue_date=today(-2)))
    seller.admin("irp/clock", offset=0)

    answer = seller.cancel(invoice["id"])

    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert fault["rule"]["id"] == "2270"
    assert "credit note" in fault["hint"].lower()
    assert not [one for one in seller.events() if one["operation"] == "cancel"]
    assert seller.agrees(invoice["id"]) == "registered"


def test_a_credit_note_for_what_is_too_old_to_cancel_is_registered(seller: Seller) -> None:
    invoice = seller.registered()
    original = {"reference": invoice["invoice_number"], "issue_date": today()}

    note = seller.registered(seller.invoice("credit_note", preceding_invoice_references=[original]))

    assert seller.events("processed")[-1]["doc_type"] == "CRN"
    assert seller.agrees(note["id"]) == "registered"


def test_where_only_the_portal_knows_the_day_is_over_its_rule_is_the_answer(seller: Seller) -> None:
    invoice = seller.registered()
    seller.admin("irp/clock", advance=DAY)

    fault = refused(seller.cancel(invoice["id"]))

    assert fault["rule"]["id"] == "2270"
    assert "credit note" in fault["hint"].lower()
    assert seller.agrees(invoice["id"]) == "registered"
    assert seller.told(invoice["id"])[-1] == "act.refused"


def test_what_is_still_being_registered_cannot_be_cancelled_yet(seller: Seller) -> None:
    seller.order("stall:0.9")
    invoice = seller.post(wait=False).json()["id"]

    early = seller.cancel(invoice, wait=False)
    seller.until(invoice, "registered")
    act = done(seller.cancel(invoice))

    assert (early.status_code, early.json()["code"]) == (409, "state/under-way")
    assert int(early.headers["Retry-After"]) >= 1
    assert act["verdict"] == "cancelled"
    assert seller.agrees(invoice) == "cancelled"


def test_a_lost_answer_to_the_registration_does_not_open_the_door_either(seller: Seller) -> None:
    seller.order("process_then_drop")
    seller.order("503", operation="status")
    invoice = seller.post(wait=False).json()["id"]

    answers = [seller.cancel(invoice, wait=False)]
    while answers[-1].status_code == 409:
        assert answers[-1].json()["code"] == "state/under-way"
        answers.append(seller.cancel(invoice))

    assert len(answers) > 1
    assert done(answers[-1])["verdict"] == "cancelled"
    assert len(seller.events("processed")) == len(seller.events("cancelled")) == 1
    assert seller.agrees(invoice) == "cancelled"


def test_while_an_eway_bill_lives_it_is_refused_and_afterwards_it_works(seller: Seller) -> None:
    invoice = seller.registered()
    bill = done(seller.act(invoice["id"], "eway_bill", TRUCK))

    fault = refused(seller.cancel(invoice["id"]))
    assert fault["rule"]["id"] == "2230"
    assert "e-way bill" in fault["hint"].lower()
    assert seller.agrees(invoice["id"]) == "registered"

    end_bill(seller, bill["reference"])
    assert done(seller.cancel(invoice["id"]))["verdict"] == "cancelled"
    assert seller.agrees(invoice["id"]) == "cancelled"


def end_bill(seller: Seller, number: str) -> None:
    """Cancel the e-way bill where that is done: in its own system."""
    said = {"ewbNo": number, "cancelRsnCode": "2", "cancelRmrk": "order cancelled"}
    with seller.portal_client() as caller:
        assert caller.post("/ewaybillapi/v1.03/ewayapi", said, action="CANEWB").codes == []


@pytest.mark.parametrize("fault", ["process_then_drop", "after:504", "after:answer:9999", "truncated"])
def test_a_cancellation_whose_answer_is_lost_is_asked_about(seller: Seller, fault: str) -> None:
    invoice = seller.registered()
    seller.order(fault, operation="cancel")

    act = done(seller.cancel(invoice["id"]))

    assert act["verdict"] == "cancelled"
    assert len(seller.events("cancelled")) == 1
    assert seller.agrees(invoice["id"]) == "cancelled"


@pytest.mark.parametrize("fault", ["503", "drop", "answer:retry", "answer:expired", "answer:revoked"])
def test_a_cancellation_that_did_not_arrive_is_asked_for_again(seller: Seller, fault: str) -> None:
    invoice = seller.registered()
    seller.order(fault, operation="cancel")

    assert done(seller.cancel(invoice["id"]))["verdict"] == "cancelled"
    assert len(seller.events("cancelled")) == 1
    assert seller.agrees(invoice["id"]) == "cancelled"


def test_what_was_cancelled_elsewhere_is_cancelled(seller: Seller) -> None:
    invoice = seller.registered()
    with seller.portal_client() as caller:
        assert caller.cancel(invoice["authority_reference"], "3").codes == []

    assert done(seller.cancel(invoice["id"]))["verdict"] == "cancelled"
    assert seller.agrees(invoice["id"]) == "cancelled"


def test_a_cancelled_number_is_burnt(seller: Seller) -> None:
    number = seller.number()
    invoice = seller.registered(seller.invoice(number=number))
    done(seller.cancel(invoice["id"]))

    again = seller.post(seller.invoice("freight", number))

    assert again.status_code == 409, again.text
    assert seller.agrees(invoice["id"]) == "cancelled"


def test_the_checker_finds_nothing_after_all_of_it(seller: Seller) -> None:
    for fault in ("process_then_drop", "503", "answer:2270"):
        invoice = seller.registered()
        seller.order(fault, operation="cancel")
        seller.cancel(invoice["id"])
    moved = seller.registered()
    done(seller.act(moved["id"], "eway_bill", TRUCK))
    refused(seller.cancel(moved["id"]))

    assert [event["event"] for event in seller.events() if event["event"] == "cancelled"] == ["cancelled"] * 2
    assert seller.findings() == []


def test_the_checker_sees_what_somebody_else_registered_under_our_name(seller: Seller) -> None:
    ours = seller.registered()
    document = json.loads(seller.kept(ours["id"], "wire")[0])
    document["DocDtls"]["No"] = seller.number()
    with seller.portal_client() as caller:
        assert caller.generate(document).codes == []

    (found,) = seller.findings()

    assert "no submission here stands for" in found.what
