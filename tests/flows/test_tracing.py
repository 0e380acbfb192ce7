"""What an authority says against a document is told at the field the caller sent."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from flows.house import House, enrol, fixture, house, settings_for
from tallystick.canonical import Fault, RuleRef, as_sent
from tallystick.flows.accept import validate
from tallystick.flows.errors import Faulty
from tallystick.flows.regimes import Explorer
from tallystick.flows.tracing import located
from tallystick.sandbox import Running, running
from tallystick.strategies import load
from tallystick.worker.courier import HttpCourier

LINE = "/ubl:Invoice/cac:InvoiceLine[2]/cbc:LineExtensionAmount"
SUBTOTAL = "/Invoice[1]/cac:TaxTotal[1]/cac:TaxSubtotal[1]/cbc:TaxAmount[1]/text()"


@pytest.fixture(scope="module")
def point() -> Iterator[Running]:
    with running() as opened:
        yield opened


@pytest.fixture
async def peppol(
    tmp_path: Path, app_database_url: str, worker_database_url: str, point: Running
) -> AsyncIterator[House]:
    settings = settings_for(tmp_path, app_database_url, worker_database_url, [urlsplit(point.url).netloc])
    async with house(settings) as opened:
        await enrol(opened, point.phoss, "phoss-ap")
        yield opened


def ordered(point: Running, order: str, number: str) -> None:
    """Have the access point refuse the document of this number."""
    what = {"fault": order, "match": {"number": number}}
    httpx.post(f"{point.url}/admin/faults", json=what).raise_for_status()


async def refused(home: House, point: Running, order: str, **changes: Any) -> dict[str, Any]:
    """The first fault that the event of a refusal tells, when the access point refuses as ordered."""
    number = f"T-{uuid4().hex[:8]}"
    ordered(point, order, number)
    accepted = await home.post(fixture("peppol", "standard", invoice_number=number, **changes))
    async with HttpCourier(home.worker.settings.access_point_hosts) as courier:
        row = await home.work(courier, accepted.invoice_id)
    assert (row["state"], row["verdict"]) == ("rejected", "rejected")
    query = "SELECT body FROM webhook_event WHERE type = 'authority.rejected' AND invoice_id = $1"
    told = json.loads((await home.rows(query, accepted.invoice_id))[0]["body"])
    fault: dict[str, Any] = told["data"]["errors"][0]
    return fault


async def test_a_place_in_the_document_is_told_as_the_field_it_was_written_from(
    peppol: House, point: Running
) -> None:
    fault = await refused(peppol, point, f"reject:PEPPOL-EN16931-R120@{LINE}")

    assert fault["pointer"] == "/lines/1/net_amount"
    assert fault["wire_location"] == LINE
    assert (fault["rule"]["set"], fault["term"]) != ("authority", "")


async def test_what_the_gateway_computed_is_told_at_what_was_sent(peppol: House, point: Running) -> None:
    fault = await refused(peppol, point, f"reject:BR-CO-17@{SUBTOTAL}")

    assert fault["pointer"] == "/tax_breakdown"
    assert fault["computed"] == "/tax_breakdown/0/tax_category_tax_amount"


async def test_a_rule_without_a_place_is_told_at_its_term(peppol: House, point: Running) -> None:
    fault = await refused(peppol, point, "reject:BR-04")

    assert (fault["pointer"], fault["term"]) == ("/type_code", "BT-3")


async def test_a_refusal_of_which_nothing_is_known_is_told_of_the_whole_document(
    peppol: House, point: Running
) -> None:
    fault = await refused(peppol, point, "reject:HOUSE-RULE-7@/Order/cbc:ID")

    assert (fault["pointer"], fault["rule"]["id"]) == ("", "HOUSE-RULE-7")


async def test_a_post_and_a_dry_run_point_at_the_same_places_in_what_was_sent(peppol: House) -> None:
    invoice = json.loads(fixture("peppol", "standard"))
    invoice["lines"][0]["tax"] = {"category_code": "Q", "rate": "19"}
    body = json.dumps(invoice).encode()

    with pytest.raises(Faulty) as refused:
        await peppol.post(body)
    dry = await validate(peppol.app, peppol.caller, body)

    told = [fault for fault in dry.faults if fault.computed.startswith("/tax_breakdown/")]
    assert {fault.pointer for fault in told} == {"/lines/0/tax/category_code"}
    assert refused.value.faults == dry.faults


def test_a_trace_that_leads_nowhere_leaves_the_term_to_lead() -> None:
    class Lost:
        def pointer(self, location: str) -> str | None:
            return None

        def location(self, pointer: str) -> str:
            return ""

    table = Explorer(load()).table("peppol")
    fault = Fault(
        code="authority/rejected",
        pointer="",
        message="wrong",
        rule=RuleRef("authority", "BR-CO-15"),
        wire_location="/Elsewhere",
    )

    told = located([fault], Lost(), table, {"lines": [{}]})[0]

    assert (told.pointer, told.computed) == ("/document_totals", "/document_totals/total_amount_with_tax")
    assert told.rule is not None and told.rule.set != "authority"


def test_what_was_sent_is_the_completed_invoice_without_what_was_computed() -> None:
    completed = {
        "lines": [{"net_amount": "1", "price": {}}],
        "tax_breakdown": [{"tax_category_code": "S", "tax_category_tax_amount": "1"}, {"rate": "0"}],
        "document_totals": {"total_tax_amount": "1"},
    }
    computed = (
        "/lines/0/net_amount",
        "/tax_breakdown/0/tax_category_tax_amount",
        "/tax_breakdown/1",
        "/document_totals/total_tax_amount",
        "/document_totals/never_there",
    )

    assert as_sent(completed, computed) == {
        "lines": [{"price": {}}],
        "tax_breakdown": [{"tax_category_code": "S"}],
    }
