"""Wire documents in: read, judged like any other, their own bytes kept, nothing dropped in silence."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.accepting import austrian, new_caller, opened, register, row
from tallystick.flows import Caller
from tallystick.flows.accept import accept, from_document
from tallystick.flows.errors import DuplicateNumber, Faulty, KeyReused
from tallystick.flows.gateway import Gateway
from tallystick.flows.judging import judge

FOREIGN = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture
async def gateway(tmp_path: Path, app_database_url: str) -> AsyncIterator[Gateway]:
    async with opened(tmp_path, app_database_url) as made:
        yield made


@pytest.fixture
async def caller(gateway: Gateway) -> Caller:
    made = await new_caller(gateway)
    await register(gateway, made, "ATU12345675")
    return made


@pytest.fixture
async def document(gateway: Gateway, caller: Caller) -> bytes:
    """A UBL invoice as our own strategy writes it, with a foreign piece in it."""
    judged = await judge(gateway, caller, austrian(invoice_number="UBL-1"))
    assert judged.faults == ()
    assert judged.invoice is not None and judged.enrolment is not None
    built = gateway.strategies.by_name("peppol").build(judged.invoice, judged.enrolment).body
    return built.replace(b"</cbc:ID>", f"</cbc:ID><cbc:UUID>{FOREIGN}</cbc:UUID>".encode(), 1)


async def test_a_wire_document_is_accepted_and_its_bytes_are_kept(
    gateway: Gateway, caller: Caller, document: bytes, database_url: str
) -> None:
    accepted = await from_document(gateway, caller, document, idempotency_key="k1")
    shown = json.loads(accepted.body)
    assert (shown["invoice_number"], shown["strategy"]) == ("UBL-1", "peppol")
    query = "SELECT body, media_type, name FROM object o JOIN invoice i ON i.original_object = o.id"
    kept = await row(database_url, query)
    assert tuple(kept) == (document, "application/xml", "original.xml")
    entry = json.loads((await row(database_url, "SELECT entry FROM compliance_log"))["entry"])
    assert [part["name"] for part in entry["objects"]] == ["invoice.json", "original.xml"]


async def test_what_is_not_carried_is_named_with_its_place(
    gateway: Gateway, caller: Caller, document: bytes
) -> None:
    accepted = await from_document(gateway, caller, document, idempotency_key="k1")
    warnings = json.loads(accepted.body)["validation"]["warnings"]
    lost = [one for one in warnings if one["code"] == "document/not-carried"]
    assert [one["actual"] for one in lost] == [FOREIGN]
    assert "UUID" in lost[0]["wire_location"]


async def test_a_wire_document_is_accepted_once(gateway: Gateway, caller: Caller, document: bytes) -> None:
    first = await from_document(gateway, caller, document, idempotency_key="k1")
    again = await from_document(gateway, caller, document, idempotency_key="k1")
    assert again.replayed
    assert again.body == first.body
    with pytest.raises(KeyReused):
        await from_document(gateway, caller, document + b"\n", idempotency_key="k1")
    with pytest.raises(DuplicateNumber):
        await accept(gateway, caller, austrian(invoice_number="UBL-1"), idempotency_key="k1")


HOSTILE = (
    b"",
    b"<",
    b"{}",
    b"%PDF-1.7",
    b"<html/>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    b"\xff\xfe<\x00",
)


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_foreign_bytes_are_a_fault(gateway: Gateway, caller: Caller, hostile: bytes) -> None:
    with pytest.raises(Faulty) as refused:
        await from_document(gateway, caller, hostile, idempotency_key=None)
    assert all(fault.code.startswith("document/") for fault in refused.value.faults)


async def test_a_fault_is_told_at_its_place_in_the_document_that_was_sent(
    gateway: Gateway, caller: Caller, document: bytes
) -> None:
    spoiled = document.replace(b"<cbc:Percent>", b"<cbc:Percent>-")

    with pytest.raises(Faulty) as refused:
        await from_document(gateway, caller, spoiled, idempotency_key="k1")

    places = {fault.pointer: fault.wire_location for fault in refused.value.faults}
    item = "/Invoice/cac:InvoiceLine[1]/cac:Item/cac:ClassifiedTaxCategory/cbc:Percent"
    assert places["/lines/0/tax/rate"] == item


async def test_what_is_no_invoice_is_told_at_its_place_too(
    gateway: Gateway, caller: Caller, document: bytes
) -> None:
    spoiled = document.replace(b"<cbc:IssueDate>20", b"<cbc:IssueDate>xx", 1)

    with pytest.raises(Faulty) as refused:
        await from_document(gateway, caller, spoiled, idempotency_key="k1")

    assert [(one.pointer, one.wire_location) for one in refused.value.faults] == [
        ("/issue_date", "/Invoice/cbc:IssueDate")
    ]


async def test_a_long_document_is_judged_without_keeping_others_waiting(
    gateway: Gateway, caller: Caller, document: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallystick.flows.accept.MOST_TRACED", len(document) - 1)
    spoiled = document.replace(b"<cbc:Percent>", b"<cbc:Percent>-")

    with pytest.raises(Faulty) as refused:
        await from_document(gateway, caller, spoiled, idempotency_key="k1")

    assert {fault.wire_location for fault in refused.value.faults} == {""}
