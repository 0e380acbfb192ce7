"""XRechnung through the API: a registration that writes CII, and a document in CII that is read."""

import json
from pathlib import Path
from typing import Any

from api.conftest import ACCESS_POINT, Actor

SELLER = {"name": "Kontor und Papier GmbH", "country_code": "DE", "tax_identifier": "DE136695976"}


async def registered(who: Actor, **settings: str) -> None:
    seller = (await who.post("/v1/sellers", json=SELLER)).json()
    made = await who.post(
        "/v1/registrations",
        json={
            "seller_id": seller["id"],
            "strategy": "peppol",
            "endpoint": ACCESS_POINT,
            "settings": {"adapter": "phoss-ap", **settings},
            "secrets": {"token": "canary-41d0-token-of-the-access-point"},
        },
    )
    assert made.status_code == 201, made.text


def case(root: Path, name: str) -> Path:
    return root / "fixtures" / "peppol" / name


async def test_a_document_in_cii_is_read_and_accepted(alice: Actor, root: Path) -> None:
    await registered(alice, syntax="cii")
    document = (case(root, "xrechnung_in_cii") / "wire.xml").read_bytes()

    answer = await alice.post(
        "/v1/invoices:from-document", content=document, headers={"Content-Type": "application/xml"}
    )

    assert answer.status_code == 201, answer.text
    assert answer.json()["invoice_number"] == "XR-2026-1417"


async def test_a_registration_may_ask_for_xrechnung_whatever_the_invoice_says(
    alice: Actor, root: Path
) -> None:
    await registered(alice, rules="xrechnung", syntax="cii")
    invoice: dict[str, Any] = {
        key: value
        for key, value in json.loads((case(root, "xrechnung") / "invoice.json").read_text()).items()
        if key not in ("specification_identifier", "buyer_reference")
    }

    answer = await alice.post("/v1/invoices:validate", json=invoice)

    assert answer.status_code == 200, answer.text
    assert [fault["rule"]["id"] for fault in answer.json()["faults"]] == ["BR-DE-15"]
    assert answer.json()["faults"][0]["pointer"] == "/buyer_reference"


async def test_a_setting_that_nobody_knows_is_refused(alice: Actor) -> None:
    seller = (await alice.post("/v1/sellers", json=SELLER)).json()
    body = {
        "seller_id": seller["id"],
        "strategy": "peppol",
        "endpoint": ACCESS_POINT,
        "settings": {"syntax": "edifact"},
        "secrets": {"token": "t"},
    }

    answer = await alice.post("/v1/registrations", json=body)

    assert answer.status_code == 422, answer.text
