"""An invoice of a PINT through the whole gateway: posted over HTTP, built, sent by the worker, issued."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from api.serving import Served, served
from flows.house import House, fixture, settings_for
from tallystick.flows import Caller
from tallystick.flows.gateway import open_gateway
from tallystick.sandbox import Running, running
from tallystick.settings import Settings
from tallystick.worker.courier import HttpCourier

ADDED_TAX = "/Invoice/cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    with running() as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path, app_database_url: str, worker_database_url: str, provider: Running) -> Settings:
    return settings_for(tmp_path, app_database_url, worker_database_url, [urlsplit(provider.url).netloc])


@pytest.fixture
def api(settings: Settings) -> Iterator[Served]:
    with served(settings) as opened:
        yield opened


@pytest.fixture
async def home(settings: Settings, api: Served) -> AsyncIterator[House]:
    """The gateway behind the API's tenant."""
    caller = Caller(tenant_id=api.tenant, key_prefix="ts_test_00000000", scopes=frozenset({"admin"}))
    async with open_gateway(settings, "app") as app, open_gateway(settings, "worker") as worker:
        yield House(app=app, worker=worker, caller=caller)


class Desk:
    """A seller's system: it speaks HTTP, and the worker works for it."""

    def __init__(self, home: House, api: Served, provider: Running) -> None:
        self.home = home
        self.provider = provider
        self.client = httpx.Client(
            base_url=api.url, headers={"Authorization": f"Bearer {api.key}"}, trust_env=False, timeout=30
        )

    def register(self, strategy: str, party: dict[str, Any], **settings: str) -> None:
        """Register a party of an invoice with the provider."""
        legal = party.get("legal_registration_identifier", {}).get("value")
        seller = {
            "name": party["name"],
            "country_code": party["postal_address"]["country_code"],
            "tax_identifier": party.get("tax_identifier"),
            "legal_registration_identifier": legal,
        }
        kept = {name: value for name, value in seller.items() if value}
        made = self.client.post("/v1/sellers", json=kept).raise_for_status().json()
        registration = {
            "seller_id": made["id"],
            "strategy": strategy,
            "endpoint": self.provider.phoss,
            "settings": {"adapter": "phoss-ap", **settings},
            "secrets": {"token": "sandbox-token"},
        }
        self.client.post("/v1/registrations", json=registration).raise_for_status()

    def post(self, strategy: str, case: str, number: str = "", **changes: Any) -> httpx.Response:
        """Post a fixture's invoice under a number of its own, its issuer registered."""
        number = number or f"P-{uuid4().hex[:8]}"
        document = json.loads(fixture(strategy, case, invoice_number=number, **changes))
        self_billed = document["type_code"] in ("389", "261")
        self.register(strategy, document["buyer" if self_billed else "seller"])
        return self.client.post("/v1/invoices", json=document)

    async def submit(self, invoice: str, times: int = 1) -> Any:
        """Let the worker look at it; its row."""
        async with HttpCourier(self.home.worker.settings.access_point_hosts) as courier:
            return await self.home.work(courier, UUID(invoice), times)

    def order(self, fault: str, number: str) -> None:
        """Have the provider misbehave with the document of this number."""
        what = {"fault": fault, "match": {"number": number}}
        httpx.post(f"{self.provider.url}/admin/faults", json=what, trust_env=False).raise_for_status()

    def journal(self, number: str) -> list[dict[str, Any]]:
        """What the provider says that it did with the document of this number."""
        told = httpx.get(f"{self.provider.url}/admin/journal", trust_env=False).json()
        entries = told["entries"] if isinstance(told, dict) else told
        return [entry for entry in entries if entry.get("number") == number]

    def invoice(self, id: str) -> dict[str, Any]:
        """The invoice as the API shows it."""
        found: dict[str, Any] = self.client.get(f"/v1/invoices/{id}").raise_for_status().json()
        return found


@pytest.fixture
def desk(home: House, api: Served, provider: Running) -> Desk:
    return Desk(home, api, provider)


@pytest.mark.parametrize(
    ("strategy", "case", "document", "receiver"),
    [
        ("ae_pint", "standard", "billing-1@ae-1", "0235:1007654321"),
        ("ae_pint", "self_billed", "selfbilling-1@ae-1", "0235:1001234567"),
        ("ae_pint", "export", "billing-1@ae-1", "0235:9900000099"),
        ("anz_pint", "new_zealand", "billing-1@aunz-1", "0088:9429051002725"),
        ("anz_pint", "self_billed_credit_note", "selfbilling-1@aunz-1", "0088:9429047001183"),
        ("peppol", "self_billed", "poacc:selfbilling:3.0", "0208:0456781215"),
    ],
)
async def test_an_invoice_is_built_sent_judged_and_issued(
    desk: Desk, strategy: str, case: str, document: str, receiver: str
) -> None:
    answer = desk.post(strategy, case)
    assert answer.status_code == 201, answer.text
    posted = answer.json()

    row = await desk.submit(posted["id"], times=3)  # a busy machine may need another look

    found = desk.invoice(posted["id"])
    (taken,) = desk.journal(found["invoice_number"])
    assert (found["strategy"], found["status"], found["authority_status"]) == (strategy, "issued", "accepted")
    assert (taken["event"], taken["verdict"], taken["receiver"]) == ("processed", "accepted", receiver)
    assert document in taken["doc_type"]
    assert taken["sha256"] == row["wire_sha256"].hex()


@pytest.mark.parametrize(
    ("case", "delivery"),
    [
        ("deemed_supply", "reported only"),
        ("buyer_not_subject", "reported only"),
        ("buyer_abroad", "receiver"),
    ],
)
async def test_what_nobody_receives_is_marked_as_reported_only(desk: Desk, case: str, delivery: str) -> None:
    posted = desk.post("ae_pint", case).json()

    row = await desk.submit(posted["id"], times=3)  # a busy machine may need another look

    assert (row["state"], row["verdict"]) == ("done", "accepted")
    assert desk.invoice(posted["id"])["marks"]["delivery"] == delivery


async def test_what_the_rules_refuse_is_told_at_the_callers_own_field_and_never_sent(desk: Desk) -> None:
    number = f"P-{uuid4().hex[:8]}"
    answer = desk.post("ae_pint", "credit_note", number, regime_data={"ae": {}})

    told = {(error["code"], error["pointer"]) for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert ("rule/ibr-158-ae", "/regime_data/ae/credit_reason") in told
    assert desk.journal(number) == []


async def test_what_the_provider_refuses_is_told_at_the_callers_own_field(desk: Desk) -> None:
    number = f"P-{uuid4().hex[:8]}"
    desk.order(f"reject:ibr-co-15@{ADDED_TAX}", number)
    posted = desk.post("ae_pint", "standard", number).json()

    row = await desk.submit(posted["id"], times=3)  # a busy machine may need another look

    assert (row["state"], row["verdict"]) == ("rejected", "rejected")
    query = "SELECT body FROM webhook_event WHERE type = 'authority.rejected' AND invoice_id = $1"
    told = json.loads((await desk.home.rows(query, UUID(posted["id"])))[0]["body"])
    fault = told["data"]["errors"][0]
    assert (fault["rule"]["id"], fault["rule"]["set"]) == ("ibr-co-15", "pint")
    assert fault["pointer"] == "/document_totals"
    assert fault["computed"] == "/document_totals/total_amount_with_tax"


async def test_what_was_taken_unheard_is_asked_for_and_not_sent_twice(desk: Desk) -> None:
    number = f"P-{uuid4().hex[:8]}-X-process_then_drop"
    posted = desk.post("ae_pint", "self_billed_credit_note", number).json()

    lost = await desk.submit(posted["id"])
    found = await desk.submit(posted["id"])

    assert lost["state"] == "unknown"
    assert (found["state"], found["verdict"]) == ("done", "accepted")
    assert [entry["event"] for entry in desk.journal(number)].count("processed") == 1
    assert "duplicate" not in [entry["event"] for entry in desk.journal(number)]
