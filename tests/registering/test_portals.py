"""Several portals, and answers that must not be believed: nothing is registered that was not proven."""

import json
import time
from uuid import UUID

import pytest

from registering.installation import Seller


def tokens(seller: Seller, invoice: str) -> set[bytes]:
    """The signed tokens that were kept of an invoice, believed or not."""
    return set(seller.kept(invoice, media_type="application/jose"))


def why(seller: Seller, invoice: str) -> str:
    """What the last outcome came with."""
    return str(json.loads(seller.kept(invoice, "outcome")[-1])["detail"])


def test_what_another_portal_registered_is_a_conflict_for_a_person(stranger: Seller) -> None:
    number = stranger.number()
    stranger.enrol("irp6", "first")
    registered = stranger.registered(stranger.invoice(number=number, registration="first"))
    document = json.loads(stranger.kept(registered["id"], "wire")[0])
    stranger.enrol("nic1", "second")
    document["DocDtls"]["No"] = other = stranger.number()
    with stranger.portal_client("irp6") as caller:
        assert caller.generate(document).codes == []

    answer = stranger.post(stranger.invoice(number=other, registration="second"))

    found = stranger.until(answer.json()["id"], "conflict")
    assert found["status"] == "attention"
    assert stranger.told(found["id"])[-1] == "authority.conflict"
    assert "IRP6" in why(stranger, found["id"])


@pytest.fixture
def polled(stranger: Seller) -> Seller:
    """A seller who uses several portals."""
    stranger.enrol(settings={"multi_irp": True})
    return stranger


def ask_now(seller: Seller) -> None:
    """As if a day had gone by since the portal was asked for news."""
    seller.rows(
        f"""UPDATE registration_poll SET next_at = clock_timestamp()
            WHERE registration_id = '{UUID(seller.registration)}' RETURNING 1"""
    )


def test_a_lost_race_is_heard_of_the_next_day(polled: Seller) -> None:
    kept = polled.registered()
    polled.order("answer:lost-race")
    lost = polled.registered()
    assert polled.held(lost["authority_reference"])["status"] == "REJ"

    ask_now(polled)
    found = polled.until(lost["id"], "rejected")

    assert (found["status"], polled.agrees(lost["id"])) == ("rejected", "rejected")
    assert polled.agrees(kept["id"]) == "registered"
    assert polled.told(lost["id"])[-1] == "authority.rejected"
    assert "NIC2" in why(polled, lost["id"])
    again = polled.cancel(lost["id"])
    assert (again.status_code, again.json()["code"]) == (409, "state/illegal-transition")


def test_whoever_uses_one_portal_does_not_ask(seller: Seller) -> None:
    seller.registered()
    time.sleep(0.5)
    ask_now(seller)
    time.sleep(1.5)

    assert not [event for event in seller.events() if event["operation"] == "rejected"]


FORGED = ("wrong-key", "flipped", "wrong-session-key")


@pytest.mark.parametrize("fault", FORGED)
def test_what_is_not_proven_is_kept_and_asked_about(seller: Seller, fault: str) -> None:
    seller.order(f"answer:{fault}")
    seller.order("503", times=2, operation="status")
    invoice = seller.post(wait=False).json()["id"]

    doubted = seller.until(invoice, "outcome_unknown", "registered", "conflict")
    assert doubted["authority_status"] not in ("registered", "conflict")
    found = seller.until(invoice, "registered")

    assert seller.agrees(invoice) == "registered"
    true = {seller.events("processed")[0][name].encode() for name in ("signed_invoice", "signed_qr")}
    kept = tokens(seller, invoice)
    assert true <= kept
    assert found["qr"].encode() in true
    # with another session's key nobody can read a token out of the answer: it is kept as it came
    assert (len(kept) > 2) == (fault != "wrong-session-key")
    assert seller.kept(invoice, "response")[0].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("fault", ["tampered", "tampered-qr"])
def test_other_content_under_the_portals_own_signature_is_for_a_person(seller: Seller, fault: str) -> None:
    seller.order(f"answer:{fault}")
    invoice = seller.post(wait=False).json()["id"]

    found = seller.until(invoice, "conflict", "registered")

    assert (found["authority_status"], found["status"]) == ("conflict", "attention")
    assert "totinvval" in why(seller, invoice).lower()
    assert len(tokens(seller, invoice)) == 2
    assert found["qr"] is None


def test_a_forger_who_does_not_stop_is_never_believed(seller: Seller) -> None:
    for operation in ("submit", "status"):
        seller.order("answer:wrong-key", times=None, operation=operation)
    invoice = seller.post(wait=False).json()["id"]

    seller.until(invoice, "outcome_unknown")
    time.sleep(2)

    shown = seller.look(invoice)
    assert shown["authority_status"] == "pending"
    assert shown["qr"] is None
    assert len(seller.events("processed")) == 1


def test_a_key_that_nobody_has_told_us_waits_for_it(seller: Seller) -> None:
    seller.order("answer:unknown-kid")
    invoice = seller.post(wait=False).json()["id"]

    found = seller.until(invoice, "held")
    registration = seller.http.get(f"/v1/registrations/{seller.registration}").json()

    assert found["authority_status"] == "pending"
    assert registration["state"] == "paused"
    assert "certificate" in registration["paused_reason"]
    assert len(tokens(seller, invoice)) == 2
    seller.change(state="active")
    seller.until(invoice, "registered")
    assert seller.agrees(invoice) == "registered"


@pytest.mark.parametrize("fault", ["html:200", "html:502", "truncated", "empty", "garbage"])
def test_an_answer_nobody_can_read_is_asked_about(seller: Seller, fault: str) -> None:
    seller.order(fault)
    invoice = seller.registered()

    assert len(seller.events("processed")) == 1
    assert seller.agrees(invoice["id"]) == "registered"
    asked = [event for event in seller.events() if event["operation"] == "status"]
    assert len(asked) >= 1
    assert seller.frozen(invoice["id"]) == seller.events("processed")[0]["sha256"]


def test_a_page_in_the_place_of_an_answer_is_kept_as_evidence(seller: Seller) -> None:
    seller.order("html:200")
    invoice = seller.registered()

    assert any(b"<html" in answer.lower() for answer in seller.kept(invoice["id"], "response"))


def test_the_copy_at_the_portal_is_what_was_frozen_here(seller: Seller) -> None:
    invoice = seller.registered()

    assert seller.held(invoice["authority_reference"])["sha256"] == seller.frozen(invoice["id"])
