"""Onboarding over HTTP: what is wanted is told, faults have pointers, codes come in and never out."""

from typing import Any

import asyncpg

from api.conftest import Actor, registered
from tallystick.keys import new_private_key

CODE = "canary-code-481516"
KEY = "canary-key-2342"
SELLER = {"name": "Maximum Speed Tech Supply LTD", "country_code": "SA", "tax_identifier": "399999999900003"}
SETTINGS = {"registered_address": "RRRD2929", "business_category": "Supply activities"}


async def unit(who: Actor, status: int = 201, **changes: Any) -> Any:
    """The answer to a new unit."""
    seller = await who.post("/v1/sellers", json=SELLER)
    body = {
        "seller_id": seller.json()["id"],
        "strategy": "sa_zatca",
        "environment": "simulation",
        "settings": SETTINGS,
        **changes,
    }
    made = await who.post("/v1/registrations", json=body)
    assert made.status_code == status, made.text
    return made.json()


async def test_a_new_unit_says_that_it_wants_a_code(alice: Actor) -> None:
    made = await unit(alice)
    assert (made["state"], made["expires_at"]) == ("new", None)

    found = await alice.get(f"/v1/registrations/{made['id']}/process")

    assert found.status_code == 200
    told = found.json()
    assert (told["state"], told["stage"], told["wanted"]) == ("waiting_code", "compliance", "code")
    assert "code" in told["detail"]


async def test_settings_that_lead_nowhere_are_refused_at_their_pointers(alice: Actor) -> None:
    refused = await unit(alice, 422, settings={"common_name": "unit-1"})

    pointers = [fault["pointer"] for fault in refused["errors"]]
    assert pointers == ["/settings/registered_address", "/settings/business_category"]
    assert all(fault["hint"] for fault in refused["errors"])
    assert (await alice.get("/v1/registrations")).json()["data"] == []


async def test_a_code_goes_in_and_is_never_seen_again(alice: Actor, database_url: str) -> None:
    made = await unit(alice)
    path = f"/v1/registrations/{made['id']}"

    taken = await alice.post(f"{path}:submit-code", json={"code": CODE})

    assert taken.status_code == 202, taken.text
    assert (taken.json()["state"], taken.json()["wanted"]) == ("due", None)
    shown = [taken, await alice.get(path), await alice.get(f"{path}/process")]
    assert all(CODE not in answer.text for answer in shown)
    again = await alice.post(f"{path}:submit-code", json={"code": "000000"})
    assert (again.status_code, again.json()["code"]) == (409, "state/conflict")
    connection = await asyncpg.connect(database_url)
    try:
        for table in ("registration_process", "registration", "compliance_log", "object"):
            for row in await connection.fetch(f"SELECT * FROM {table}"):
                stored = b"".join(v for v in row.values() if isinstance(v, bytes))
                assert CODE.encode() not in stored
    finally:
        await connection.close()


async def test_a_takeover_needs_all_of_the_unit(alice: Actor) -> None:
    made = await unit(alice)
    body = {"given": {"icv": "0"}, "secrets": {"token": "x"}, "private_key": KEY}

    refused = await alice.post(f"/v1/registrations/{made['id']}:takeover", json=body)

    assert refused.status_code == 422
    pointers = [fault["pointer"] for fault in refused.json()["errors"]]
    assert pointers == ["/given/icv", "/given/last_hash", "/secrets/token", "/secrets/secret"]
    assert KEY not in refused.text


async def test_keys_come_in_with_their_lines_and_nothing_else_does(alice: Actor) -> None:
    made = await unit(alice)
    path = f"/v1/registrations/{made['id']}:takeover"
    pem = new_private_key("ES256K").reveal()
    whole = {"given": {}, "secrets": {"token": "eHh4", "secret": "y"}}
    odd = {"settings": {**SETTINGS, "public_key": pem, "model": "1\n2"}, "unit": pem}

    taken = await alice.post(path, json={**whole, "private_key": pem})
    torn = await alice.post(
        path, json={**whole, "private_key": pem.replace("-----END", "\r\nX: y\r\n-----END")}
    )
    body = {"seller_id": made["seller_id"], "strategy": "sa_zatca", **odd}
    elsewhere = await alice.post("/v1/registrations", json=body)

    wanted = ["/given/icv", "/given/last_hash", "/secrets/token"]
    assert [fault["pointer"] for fault in taken.json()["errors"]] == wanted
    assert [fault["pointer"] for fault in torn.json()["errors"]] == ["/private_key"]
    assert {fault["pointer"] for fault in elsewhere.json()["errors"]} == {"/settings/model", "/unit"}


async def test_what_is_not_onboarded_has_no_onboarding(alice: Actor) -> None:
    made = await registered(alice)
    path = f"/v1/registrations/{made['id']}"

    assert (await alice.get(f"{path}/process")).status_code == 404
    assert (await alice.post(f"{path}:submit-code", json={"code": CODE})).status_code == 409
    assert (await alice.post(f"{path}:renew")).status_code == 422


async def test_a_unit_without_credentials_is_neither_paused_nor_activated(alice: Actor) -> None:
    made = await unit(alice)
    path = f"/v1/registrations/{made['id']}"
    for state in ("active", "paused"):
        answer = await alice.call("PATCH", path, json={"state": state}, headers={"If-Match": "*"})
        assert answer.status_code == 409, answer.text
    retired = await alice.call("PATCH", path, json={"state": "retired"}, headers={"If-Match": "*"})
    assert retired.json()["state"] == "retired"
    assert (await alice.get(f"{path}/process")).json()["state"] == "failed"


async def test_an_invoice_of_a_unit_without_credentials_says_where_to_look(alice: Actor) -> None:
    made = await unit(alice)
    address = {"line_1": "King Fahd Road", "city": "Riyadh", "post_code": "12214", "country_code": "SA"}
    block = {"sa": {"building_number": "2322", "district": "Al Olaya"}}
    body = {
        "invoice_number": "SA-1",
        "issue_date": "2026-03-01",
        "type_code": "388",
        "currency_code": "SAR",
        "transaction_type": "b2c",
        "seller": {
            "name": SELLER["name"],
            "tax_identifier": SELLER["tax_identifier"],
            "postal_address": address,
            "regime_data": block,
        },
        "lines": [
            {
                "line_identifier": "1",
                "invoiced_quantity": "1",
                "unit_of_measure_code": "PCE",
                "price": {"item_net_price": "10.00"},
                "tax": {"category_code": "S", "rate": "15"},
                "item": {"name": "Pencil"},
            }
        ],
    }
    refused = (await alice.post("/v1/invoices", json=body)).json()

    (fault,) = [each for each in refused["errors"] if each["code"] == "regime/registration-not-ready"]
    assert made["id"] in fault["hint"]
