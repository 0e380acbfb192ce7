"""E-way bills: with the document, for its number, and what is told when there is none."""

import json
from typing import Any

import pytest

from registering.installation import Seller
from registering.test_cancel import TRUCK, done, refused


def warned(found: Any) -> list[str]:
    """The rules of the warnings in an event's or an act's list of faults."""
    return [each["rule"]["id"] for each in found if each["severity"] == "warning"]


def test_a_bill_for_a_number_is_made_and_shown_with_what_is_printed(seller: Seller) -> None:
    invoice = seller.registered()

    made = done(seller.act(invoice["id"], "eway_bill", TRUCK))
    shown = done(seller.act(invoice["id"], "eway_bill_details", {}))

    (held,) = seller.held(invoice["authority_reference"])["bills"]
    assert (str(held["number"]), held["live"]) == (made["reference"], True)
    assert made["verdict"] == shown["verdict"] == "accepted"
    assert shown["reference"] == made["reference"] == shown["marks"]["eway_bill_number"]
    assert made["marks"]["eway_bill_valid_until"]
    assert shown["marks"]["eway_bill_made_by"] == seller.gstin
    assert shown["marks"]["eway_bill_status"] == "ACT"
    assert seller.agrees(invoice["id"]) == "registered"


def test_its_details_are_kept_as_the_portal_gave_them(seller: Seller) -> None:
    invoice = seller.registered()
    made = done(seller.act(invoice["id"], "eway_bill", TRUCK))

    (kept,) = seller.kept(invoice["id"], "eway_bill")
    assert str(json.loads(kept)["EwbNo"]) == made["reference"]


def test_a_second_bill_is_the_first_one(seller: Seller) -> None:
    invoice = seller.registered()
    first = done(seller.act(invoice["id"], "eway_bill", TRUCK))

    again = done(seller.act(invoice["id"], "eway_bill", TRUCK))
    anew = done(seller.act(invoice["id"], "eway_bill", TRUCK, key=f"anew-{seller.gstin}"))

    assert first["id"] == again["id"] != anew["id"]
    assert first["reference"] == anew["reference"]
    assert len(seller.held(invoice["authority_reference"])["bills"]) == 1


def test_a_bill_whose_answer_is_lost_is_asked_about(seller: Seller) -> None:
    invoice = seller.registered()
    seller.order("process_then_drop", operation="ewb")

    made = done(seller.act(invoice["id"], "eway_bill", TRUCK))

    assert [str(each["number"]) for each in seller.held(invoice["authority_reference"])["bills"]] == [
        made["reference"]
    ]
    assert len(seller.events("bill")) == 1


def test_what_the_bill_lacks_is_said_before_anybody_is_asked(seller: Seller) -> None:
    invoice = seller.registered()

    answer = seller.act(invoice["id"], "eway_bill", {"mode": "1", "distance": 12, "vehicle_type": "R"})

    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert (fault["rule"]["id"], fault["pointer"]) == ("4011", "/vehicle_number")
    assert not [each for each in seller.events() if each["operation"] == "ewb"]


def test_what_only_the_portal_refuses_is_refused_with_its_rule(seller: Seller) -> None:
    invoice = seller.registered()
    seller.order("answer:4014", operation="ewb")

    fault = refused(seller.act(invoice["id"], "eway_bill", TRUCK))

    assert fault["rule"]["id"] == "4014"
    assert fault["pointer"] == "/vehicle_number"
    assert seller.agrees(invoice["id"]) == "registered"


@pytest.fixture
def transported(seller: Seller) -> bytes:
    """An invoice that wants a bill with its number."""
    said = json.loads(seller.invoice("eway_bill_by_road"))
    return json.dumps(said).encode()


def test_a_bill_with_the_document_comes_with_its_number(seller: Seller, transported: bytes) -> None:
    invoice = seller.registered(transported)

    (held,) = seller.held(invoice["authority_reference"])["bills"]
    assert invoice["marks"]["eway_bill_number"] == str(held["number"])


def test_a_failed_bill_leaves_the_invoice_registered_and_warns(seller: Seller, transported: bytes) -> None:
    seller.order("answer:ewb-4014")

    invoice = seller.registered(transported)

    assert seller.agrees(invoice["id"]) == "registered"
    assert seller.held(invoice["authority_reference"])["bills"] == []
    (event,) = [
        each
        for each in seller.look(invoice["id"], "/events")["data"]
        if each["type"] == "authority.registered"
    ]
    assert warned(event["data"]["errors"]) == ["4014"]
    assert invoice["marks"]["eway_bill_error"].startswith("4014 ")
    (webhook,) = seller.arrived(invoice["id"], "authority.registered")
    assert warned(webhook["data"]["errors"]) == ["4014"]
