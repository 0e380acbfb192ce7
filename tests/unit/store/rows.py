"""Rows for the store's tests: an acceptance with everything in it, and what stands around it."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec

from tallystick.ledger import GENESIS, Entry, template
from tallystick.store import AcceptRow, Store, append_entry, event_template, ids, new_body
from tallystick.store.tables import tenant

NUMBER = "INV-1"


async def new_tenant(store: Store, name: str = "Kestrel Trading") -> UUID:
    """A tenant."""
    made = ids.new()
    async with store.tenant(made) as db:
        await db.execute(tenant.insert().values(id=made, name=name))
    return made


def accept_row(tenant_id: UUID, **changes: Any) -> AcceptRow:
    """An acceptance of invoice INV-1; `content` decides payload and fingerprint."""
    content = changes.pop("content", b'{"invoice_number":"INV-1"}')
    invoice_id = changes.pop("invoice_id", None) or ids.new()
    payload, event_id = new_body(content, "application/json", "invoice.json"), ids.new()
    states = {"processing_status": "accepted", "authority_status": "pending"}
    entry = Entry(
        tenant=str(tenant_id),
        stream_kind="invoice",
        stream_id=str(invoice_id),
        stream_seq=0,
        prev_hash=GENESIS,
        event="invoice.accepted",
        at="",
        actor="key:ts_test_abc",
        data={**states},
        objects=(payload.ref,),
    )
    row = AcceptRow(
        tenant_id=tenant_id,
        mode="test",
        invoice_id=invoice_id,
        submission_id=ids.new(),
        event_id=event_id,
        key=None,
        method="POST",
        path="/v1/invoices",
        fingerprint=hashlib.sha256(content).digest(),
        key_days=30,
        registration_id=None,
        strategy="default",
        strategy_reason="default: nobody claims XX",
        authority="default",
        seller_key="tax:XX1",
        seller_country="XX",
        doc_family="invoice",
        type_code="380",
        number=NUMBER,
        fiscal_year=2026,
        issue_date=date(2026, 11, 20),
        currency_code="EUR",
        total_with_tax=Decimal("121.00"),
        computed=("/document_totals/sum_of_charges",),
        warnings="[]",
        supersedes=None,
        payload_id=payload.id,
        payload_salt=payload.salt,
        payload_digest=payload.digest,
        payload_media=payload.media_type,
        payload_name=payload.name,
        payload_body=payload.body,
        original_id=None,
        original_salt=None,
        original_digest=None,
        original_media=None,
        original_name=None,
        original_body=None,
        external_ref=str(uuid4()),
        chain_id=None,
        deadline_at=None,
        entry=template(entry),
        event_type="invoice.accepted",
        event_body=event_template(event_id, "invoice.accepted", {"id": str(invoice_id), **states}),
        status=201,
        answer=f'{{"id":"{invoice_id}","created_at":"\x01"}}',
    )
    return msgspec.structs.replace(row, **changes)


async def reject(store: Store, tenant_id: UUID, invoice_id: UUID) -> None:
    """The authority says no, as the worker would write it."""
    from sqlalchemy import text

    async with store.everyone() as db:
        await append_entry(
            db,
            tenant=tenant_id,
            stream_kind="invoice",
            stream_id=invoice_id,
            event="authority.rejected",
            actor="worker",
            data={"processing_status": "completed", "authority_status": "rejected"},
        )
        await db.execute(
            text(
                "UPDATE invoice SET processing_status='completed', authority_status='rejected' WHERE id=:id"
            ),
            {"id": invoice_id},
        )
