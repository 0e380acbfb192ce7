"""A hand-written valid invoice, how it is addressed, and a sandbox on a real port."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tallystick.sandbox import Running, running
from tallystick.sandbox.judge import Addressing

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
PARTY = """<cac:Party>
    <cbc:EndpointID schemeID="{scheme}">{endpoint}</cbc:EndpointID>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>{country}</cbc:IdentificationCode></cac:Country>
    </cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>{vat}</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party>"""
SELLER = PARTY.format(
    scheme="0088",
    endpoint="7300010000001",
    country="BE",
    vat="BE0123456749",
    name="Quarry & Kiln".replace("&", "and"),
)
BUYER = PARTY.format(
    scheme="9930", endpoint="DE123456788", country="DE", vat="DE123456788", name="Harbour Supply"
)
LINE = """<cac:InvoiceLine>
    <cbc:ID>{id}</cbc:ID>
    <cbc:InvoicedQuantity unitCode="C62">{quantity}</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Roof tile</cbc:Name>
      <cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="EUR">{price}</cbc:PriceAmount></cac:Price>
  </cac:InvoiceLine>"""
DOCUMENT = f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{INVOICE}"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>{BILLING}</cbc:CustomizationID>
  <cbc:ProfileID>{PROFILE}</cbc:ProfileID>
  <cbc:ID>TILES-1</cbc:ID>
  <cbc:IssueDate>2026-11-20</cbc:IssueDate>
  <cbc:DueDate>2026-12-20</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cbc:BuyerReference>yard 4</cbc:BuyerReference>
  <cac:AccountingSupplierParty>{SELLER}</cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty>{BUYER}</cac:AccountingCustomerParty>
  <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
    <cac:PayeeFinancialAccount><cbc:ID>BE68539007547034</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
  <cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>
    <cbc:AllowanceChargeReasonCode>95</cbc:AllowanceChargeReasonCode>
    <cbc:Amount currencyID="EUR">10.00</cbc:Amount>
    <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:AllowanceCharge>
  <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">39.90</cbc:TaxAmount>
    <cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">190.00</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="EUR">39.90</cbc:TaxAmount>
      <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="EUR">200.00</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="EUR">190.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">229.90</cbc:TaxInclusiveAmount>
    <cbc:AllowanceTotalAmount currencyID="EUR">10.00</cbc:AllowanceTotalAmount>
    <cbc:PayableAmount currencyID="EUR">229.90</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  {LINE.format(id=1, quantity=100, net="150.00", price="1.5")}
  {LINE.format(id=2, quantity=1, net="50.00", price="50")}
</Invoice>
"""
ADDRESSING = Addressing(
    sender="0088:7300010000001",
    receiver="9930:DE123456788",
    doc_type=f"{INVOICE}::Invoice##{BILLING}::2.1",
    process=PROFILE,
    country="BE",
)
SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"


@pytest.fixture(scope="session")
def document() -> str:
    """A valid invoice as text, to be changed and encoded."""
    return DOCUMENT


@pytest.fixture(scope="session")
def addressed() -> Addressing:
    """Where that invoice goes."""
    return ADDRESSING


def _scope(kind: str, value: str, scheme: str = "") -> str:
    identifier = f"<Identifier>{scheme}</Identifier>" if scheme else ""
    return f"<Scope><Type>{kind}</Type><InstanceIdentifier>{value}</InstanceIdentifier>{identifier}</Scope>"


@pytest.fixture(scope="session")
def enveloped() -> Callable[..., bytes]:
    """Put a document into a Standard Business Document with a given instance id."""

    def envelope(text: str, instance_id: str, **replaced: str) -> bytes:
        said = {name: getattr(ADDRESSING, name) for name in ADDRESSING.__dataclass_fields__} | replaced
        partners = "".join(
            f'<{role}><Identifier Authority="iso6523-actorid-upis">{said[role.lower()]}</Identifier></{role}>'
            for role in ("Sender", "Receiver")
        )
        scopes = (
            _scope("DOCUMENTID", said["doc_type"], "busdox-docid-qns")
            + _scope("PROCESSID", said["process"], "cenbii-procid-ubl")
            + _scope("COUNTRY_C1", said["country"])
        )
        return (
            f'<StandardBusinessDocument xmlns="{SBDH}"><StandardBusinessDocumentHeader>'
            f"<HeaderVersion>1.0</HeaderVersion>{partners}<DocumentIdentification><Standard>{INVOICE}</Standard>"
            f"<TypeVersion>2.1</TypeVersion><InstanceIdentifier>{instance_id}</InstanceIdentifier>"
            "<Type>Invoice</Type><CreationDateAndTime>2026-11-20T10:00:00Z</CreationDateAndTime>"
            f"</DocumentIdentification><BusinessScope>{scopes}</BusinessScope></StandardBusinessDocumentHeader>"
            f"{text.partition('?>')[2].strip()}</StandardBusinessDocument>"
        ).encode()

    return envelope


class Sender:
    """Talks to a running sandbox as a gateway would."""

    def __init__(self, sandbox: Running, token: str = "t") -> None:
        self.sandbox = sandbox
        self.http = httpx.Client(timeout=10, headers={"X-Token": token, "Content-Type": "application/xml"})

    def path(self, **replaced: str) -> str:
        """The five path segments, percent-encoded whole."""
        said = {name: getattr(ADDRESSING, name) for name in ADDRESSING.__dataclass_fields__} | replaced
        segments = (
            f"iso6523-actorid-upis::{said['sender']}",
            f"iso6523-actorid-upis::{said['receiver']}",
            f"busdox-docid-qns::{said['doc_type']}",
            f"cenbii-procid-ubl::{said['process']}",
            said["country"],
        )
        return "/".join(quote(segment, safe="") for segment in segments)

    def submit(
        self, text: str = DOCUMENT, instance_id: str = "", fault: str = "", **replaced: str
    ) -> httpx.Response:
        """phoss-ap: submit a raw document."""
        headers = {"X-Sandbox-Fault": fault} if fault else {}
        url = f"{self.sandbox.phoss}/api/outbound/submit/{self.path(**replaced)}"
        return self.http.post(
            url,
            params={"sbdhInstanceID": instance_id or new_id()},
            content=text.encode(),
            headers=headers,
        )

    def status(self, instance_id: str) -> httpx.Response:
        """phoss-ap: what became of it."""
        return self.http.get(f"{self.sandbox.phoss}/api/outbound/status/{instance_id}")

    def sendsbdh(self, body: bytes, fault: str = "") -> httpx.Response:
        """phase4: send a whole envelope."""
        headers = {"X-Sandbox-Fault": fault} if fault else {}
        return self.http.post(f"{self.sandbox.phase4}/sendsbdh", content=body, headers=headers)

    def admin(self, method: str, path: str, content: dict[str, Any] | None = None) -> httpx.Response:
        """An admin call."""
        return self.http.request(
            method,
            f"{self.sandbox.url}/admin/{path}",
            json=content,
            headers={"Content-Type": "application/json"},
        )

    def order(self, fault: str, times: int | None = None, **match: str) -> httpx.Response:
        """Write down a standing order."""
        return self.admin("POST", "faults", {"fault": fault, "match": match, "times": times})

    def events(self, **wanted: str) -> list[dict[str, Any]]:
        """The sandbox's journal over HTTP."""
        found: list[dict[str, Any]] = self.http.get(f"{self.sandbox.url}/admin/journal", params=wanted).json()
        return found


def new_id() -> str:
    """A fresh instance id."""
    return str(uuid.uuid4())


@pytest.fixture
def instance_id() -> str:
    """A fresh instance id."""
    return new_id()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where the sandbox writes."""
    return tmp_path / "sandbox.jsonl"


@pytest.fixture
def sandbox(journal: Path, tmp_path: Path) -> Iterator[Running]:
    """A sandbox on a free port."""
    with running(journal, consumer_journal=tmp_path / "consumer.jsonl") as started:
        yield started


@pytest.fixture
def sender(sandbox: Running) -> Iterator[Sender]:
    """A client of that sandbox."""
    with_sandbox = Sender(sandbox)
    with with_sandbox.http:
        yield with_sandbox


@pytest.fixture(scope="session")
def sender_of() -> Callable[[Running], Sender]:
    """A client for a sandbox a test started itself."""
    return Sender
