"""What a user would write instead: FastAPI, pydantic models, SQLAlchemy ORM objects, one session a request.

It does what an accept has to do: checks the key, checks the sums, looks for the number, then writes the
idempotency row, the body, the invoice, the submission, the first chained log entry with its pending mark, and
the event, into the same tables, in one transaction. It runs none of the official rules.
"""

import hashlib
import hmac
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Table, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from tallystick.store import tables

TENANT = UUID(os.environ["BENCH_TENANT"])
PEPPER = (Path(os.environ["TALLYSTICK_KEY_DIRECTORY"]) / "pepper").read_bytes()


class Base(DeclarativeBase):
    """The tables as ORM classes."""


def mapped(name: str, table: Table) -> Any:
    """An ORM class for a table that stands."""
    return type(name, (Base,), {"__table__": table})


Key = mapped("Key", tables.idempotency_key)
Body = mapped("Body", tables.object_)
Invoice = mapped("Invoice", tables.invoice)
Submission = mapped("Submission", tables.submission)
Entry = mapped("Entry", tables.compliance_log)
Pending = mapped("Pending", tables.log_pending)
Event = mapped("Event", tables.webhook_event)
ApiKey = mapped("ApiKey", tables.api_key)


class Loose(BaseModel):
    """Everything else of the model is kept as it came."""

    model_config = ConfigDict(extra="allow")


class Tax(Loose):
    category_code: str
    rate: Decimal | None = None


class Price(Loose):
    item_net_price: Decimal


class Line(Loose):
    line_identifier: str
    invoiced_quantity: Decimal
    unit_of_measure_code: str
    price: Price
    tax: Tax
    item: dict[str, Any]
    net_amount: Decimal | None = None


class Posted(Loose):
    invoice_number: str
    issue_date: date
    type_code: str
    currency_code: str
    seller: dict[str, Any]
    buyer: dict[str, Any]
    lines: list[Line]


def total(posted: Posted) -> Decimal:
    """The amount with tax, from the lines."""
    cent = Decimal("0.01")
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for line in posted.lines:
        net = line.net_amount
        if net is None:
            net = (line.invoiced_quantity * line.price.item_net_price).quantize(cent, ROUND_HALF_UP)
        group = (line.tax.category_code, line.tax.rate or Decimal(0))
        sums[group] = sums.get(group, Decimal(0)) + net
    taxes = ((base * rate / 100).quantize(cent, ROUND_HALF_UP) for (_, rate), base in sums.items())
    return sum(sums.values(), Decimal(0)) + sum(taxes, Decimal(0))


engine = create_async_engine(
    os.environ["BENCH_DATABASE"].replace("postgresql://", "postgresql+asyncpg://"), pool_size=20
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def life(app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=life)


@app.post("/v1/invoices", status_code=201)
async def accept(
    posted: Posted,
    request: Request,
    authorization: str = Header(),
    idempotency_key: str = Header(),
) -> dict[str, Any]:
    """Accept one invoice."""
    raw = await request.body()
    async with sessions() as session, session.begin():
        await session.execute(text("SELECT set_config('app.tenant', :t, true)"), {"t": str(TENANT)})
        await authenticated(session, authorization)
        known = await session.get(Key, (TENANT, "test", "/v1/invoices", idempotency_key))
        fingerprint = hashlib.sha256(raw).digest()
        if known is not None:
            if known.fingerprint != fingerprint:
                raise HTTPException(422, "key reused")
            return dict(json.loads(known.body))
        taken = select(Invoice.id).where(
            Invoice.tenant_id == TENANT,
            Invoice.mode == "test",
            Invoice.seller_key == "bench",
            Invoice.doc_family == "invoice",
            Invoice.number == posted.invoice_number,
            Invoice.fiscal_year == posted.issue_date.year,
            Invoice.superseded_by.is_(None),
        )
        if await session.scalar(taken) is not None:
            raise HTTPException(409, "number taken")
        return await stored(session, posted, raw, fingerprint, idempotency_key)


async def authenticated(session: AsyncSession, authorization: str) -> None:
    """The key is known, and the hash of its text is the stored one."""
    token = authorization.removeprefix("Bearer ")
    row = await session.get(ApiKey, token[:16])
    given = hmac.new(PEPPER, token.encode(), hashlib.sha256).digest()
    if row is None or row.revoked_at is not None or not hmac.compare_digest(row.hash, given):
        raise HTTPException(401)


async def stored(
    session: AsyncSession, posted: Posted, raw: bytes, fingerprint: bytes, key: str
) -> dict[str, Any]:
    """Write all of it."""
    now, invoice_id, payload_id = datetime.now(UTC), uuid4(), uuid4()
    salt = os.urandom(16)
    entry = json.dumps(
        {
            "at": now.isoformat(),
            "event": "invoice.accepted",
            "prev_hash": "0" * 64,
            "stream_id": str(invoice_id),
            "stream_seq": 1,
            "tenant": str(TENANT),
            "v": 1,
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode()
    digest = hashlib.sha256(b"tallystick/log-entry/v1\n" + entry).digest()
    amount = total(posted)
    answer = {
        "id": str(invoice_id),
        "invoice_number": posted.invoice_number,
        "status": "processing",
        "total_with_tax": str(amount),
        "created_at": now.isoformat(),
    }
    session.add(
        Body(
            id=payload_id,
            tenant_id=TENANT,
            salt=salt,
            digest=hashlib.sha256(salt + raw).digest(),
            size=len(raw),
            media_type="application/json",
            name="invoice.json",
            body=raw,
        )
    )
    session.add(
        Invoice(
            id=invoice_id,
            tenant_id=TENANT,
            mode="test",
            strategy="peppol",
            strategy_reason="country",
            seller_key="bench",
            seller_country="FI",
            doc_family="invoice",
            type_code=posted.type_code,
            number=posted.invoice_number,
            fiscal_year=posted.issue_date.year,
            issue_date=posted.issue_date,
            currency_code=posted.currency_code,
            total_with_tax=amount,
            payload_object=payload_id,
            computed=[],
            warnings="[]",
            stream_seq=1,
            stream_hash=digest,
            event_seq=1,
        )
    )
    session.add(
        Submission(
            id=uuid4(),
            invoice_id=invoice_id,
            tenant_id=TENANT,
            strategy="peppol",
            authority="bench",
            external_ref=str(uuid4()),
        )
    )
    row = Entry(
        tenant_id=TENANT,
        stream_kind="invoice",
        stream_id=invoice_id,
        stream_seq=1,
        prev_hash=bytes(32),
        hash=digest,
        entry=entry,
        at=now,
    )
    session.add(row)
    await session.flush()
    session.add(Pending(entry_id=row.id))
    session.add(
        Event(
            id=uuid4(),
            tenant_id=TENANT,
            invoice_id=invoice_id,
            seq=1,
            type="invoice.accepted",
            body=json.dumps({"type": "invoice.accepted", "data": answer}).encode(),
            at=now,
        )
    )
    session.add(
        Key(
            tenant_id=TENANT,
            mode="test",
            path="/v1/invoices",
            key=key,
            method="POST",
            fingerprint=fingerprint,
            invoice_id=invoice_id,
            status=201,
            body=json.dumps(answer).encode(),
            expires_at=now + timedelta(days=30),
        )
    )
    return answer


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False, loop="uvloop"
    )
