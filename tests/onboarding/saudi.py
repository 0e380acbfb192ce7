"""A Saudi seller and its units before a sandbox that plays Fatoora: everything onboarding tests need."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from flows.house import House
from tallystick.flows.administer import CodeBody, ProcessView, RegistrationBody, SellerBody, registrations
from tallystick.flows.administer import sellers as seller_flow
from tallystick.flows.courier import Courier
from tallystick.flows.onboarding import asking, running
from tallystick.sandbox.server import Running

VAT = "399999999900003"
NAME = "Maximum Speed Tech Supply LTD"
SETTINGS = {
    "organization_unit": "Riyadh Branch",
    "registered_address": "RRRD2929",
    "business_category": "Supply activities",
}


async def admin(sandbox: Running, path: str, **body: Any) -> Any:
    """Ask the sandbox's operator for something."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{sandbox.url}/admin/{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()


async def code(sandbox: Running, environment: str = "simulation") -> str:
    """A fresh one-time code."""
    return str((await admin(sandbox, "fatoora/otp", environment=environment))["otp"])


async def seller(home: House, vat: str = VAT) -> Any:
    """The seller."""
    body = SellerBody(name=NAME, country_code="SA", tax_identifier=vat)
    return await seller_flow.create_seller(home.app, home.caller, body)


async def unit(
    home: House,
    sandbox: Running,
    owner: Any = None,
    name: str = "",
    environment: Any = "simulation",
    **more: Any,
) -> UUID:
    """A registration that is new."""
    owner = owner or await seller(home)
    body = RegistrationBody(
        seller_id=owner.id,
        strategy="sa_zatca",
        environment=environment,
        unit=name,
        endpoint=sandbox.fatoora(environment),
        settings={**SETTINGS, **more.pop("settings", {})},
        **more,
    )
    return (await registrations.create_registration(home.app, home.caller, body)).id


async def given(home: House, registration: UUID, text: str) -> ProcessView:
    """Hand a code in."""
    return await asking.submit_code(home.app, home.caller, registration, CodeBody(code=text))


async def looked(home: House, registration: UUID) -> ProcessView:
    """The onboarding as callers see it."""
    return await asking.look(home.app, home.caller, registration)


async def steps(home: House, courier: Courier, rounds: int = 1) -> None:
    """Let the worker look for onboardings, now and whatever they wait for."""
    for _ in range(rounds):
        await home.worker.store.hot.execute(
            """UPDATE registration_process SET next_at = clock_timestamp()
               WHERE state IN ('due', 'draining') AND next_at > clock_timestamp()"""
        )
        await running.look(home.worker, courier, "test", asyncio.Event())


async def enrolled(home: House, courier: Courier, sandbox: Running, owner: Any = None, **more: Any) -> UUID:
    """A unit with its production credential."""
    made = await unit(home, sandbox, owner, **more)
    await given(home, made, await code(sandbox, more.get("environment", "simulation")))
    await steps(home, courier)
    found = await looked(home, made)
    assert found.state == "done", (found.state, found.detail, found.faults)
    return made


async def row(home: House, registration: UUID) -> Any:
    """The registration's row."""
    return (await home.rows("SELECT * FROM registration WHERE id = $1", registration))[0]


async def entries(home: House, registration: UUID) -> list[dict[str, Any]]:
    """The registration's stream."""
    query = "SELECT entry FROM compliance_log WHERE stream_id = $1 ORDER BY stream_seq"
    return [json.loads(each["entry"]) for each in await home.rows(query, registration)]


async def told(home: House, registration: UUID) -> list[dict[str, Any]]:
    """The registration's events, in order."""
    query = "SELECT body FROM webhook_event WHERE invoice_id = $1 AND subject = 'registration' ORDER BY seq"
    return [json.loads(each["body"]) for each in await home.rows(query, registration)]


def invoice(number: str, kind: str = "b2c", **changes: Any) -> bytes:
    """An invoice of the seller: simplified, or standard for `b2b`."""
    address = {"line_1": "King Fahd Road", "city": "Riyadh", "post_code": "12214", "country_code": "SA"}
    block = {"sa": {"building_number": "2322", "district": "Al Olaya"}}
    there = datetime.now(UTC) + timedelta(hours=3) - timedelta(minutes=2)
    body: dict[str, Any] = {
        "invoice_number": number,
        "issue_date": there.date().isoformat(),
        "issue_time": there.strftime("%H:%M:%S"),
        "type_code": "388",
        "currency_code": "SAR",
        "transaction_type": kind,
        "seller": {
            "name": NAME,
            "tax_identifier": VAT,
            "identifiers": [{"value": "1010010000", "scheme": "CRN"}],
            "postal_address": address,
            "regime_data": block,
        },
        "delivery": {"actual_delivery_date": there.date().isoformat()},
        "payment_instructions": [{"payment_means_type_code": "10"}],
        "lines": [
            {
                "line_identifier": "1",
                "invoiced_quantity": "2",
                "unit_of_measure_code": "PCE",
                "price": {"item_net_price": "22.00"},
                "tax": {"category_code": "S", "rate": "15"},
                "item": {"name": "Pencils"},
            }
        ],
        **changes,
    }
    if kind == "b2b":
        body["buyer"] = {
            "name": "Fatoora Samples LTD",
            "tax_identifier": "399999999800003",
            "postal_address": address,
            "regime_data": block,
        }
    return json.dumps(body).encode()
