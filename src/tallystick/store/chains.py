"""An authority's chains, and documents that are built in a transaction of their own.

The statements are functions of the database, run on a raw connection inside a transaction: under a chain's
lock every round trip is time that the next document waits.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tallystick.store.objects import Body

__all__ = [
    "Begun",
    "Readiness",
    "StoredDocument",
    "begin_chain",
    "begin_document",
    "chain_id",
    "ends_with",
    "store_document",
]

Readiness = Literal["ready", "changed", "frozen", "taken"]
BEGIN: Final = "SELECT * FROM begin_document($1, $2, $3, $4, $5, $6, $7)"


class Begun(Struct, frozen=True, kw_only=True):
    """A submission under lock, and its chain's next place (None outside chains).

    `readiness`: `ready` to be built; `changed`: the registration is no longer as it was read; `frozen`: it
    was built already; `taken`: a worker is at it, or it is over. `moment` is the database's time.
    """

    readiness: Readiness
    number: int | None
    previous: str | None
    token: int | None
    state: str | None
    moment: datetime | None


class StoredDocument(Struct, frozen=True, kw_only=True):
    """What is stored of a document. `bodies`: the document first, then what is kept beside it; `marks` is
    JSON text; `entry` and `event_body` are templates (see `ledger.template`, `event_template`).
    """

    submission_id: UUID
    invoice_id: UUID
    tenant_id: UUID
    token: int
    sha256: bytes
    marks: str
    link: str
    chain: str | None
    number: int | None
    previous: str | None
    bodies: Sequence[Body]
    entry: str
    event_id: UUID | None = None
    event_type: str | None = None
    event_body: str | None = None


STORE: Final = f"SELECT store_document({', '.join(f'${n}' for n in range(1, 21))})"


async def begin_document(
    connection: Any,
    submission: UUID,
    invoice: UUID,
    tenant: UUID,
    registration: UUID | None,
    version: int,
    state: str,
    chain: str | None,
) -> Begun:
    """Lock the registration (shared), the chain, the invoice and the submission, in this order.

    Nothing but the registration is locked when that is no longer of this version and state.
    """
    row = await connection.fetchrow(BEGIN, submission, invoice, tenant, registration, version, state, chain)
    return Begun(**row)


async def store_document(connection: Any, document: StoredDocument) -> None:
    """Store what was built under `begin_document` in the same transaction: bodies, place, entry, event.

    Raises a database error when the submission has a document already, or the place was taken: then nothing
    of the transaction may stand.
    """
    given = msgspec.structs.asdict(document)
    bodies = given.pop("bodies")
    before = [given[name] for name in list(given)[:10]]
    after = [given[name] for name in list(given)[10:]]
    columns = [
        [getattr(body, name) for body in bodies]
        for name in ("id", "salt", "digest", "media_type", "name", "body")
    ]
    await connection.execute(STORE, *before, *columns, *after)


def chain_id(tenant: UUID, strategy: str, environment: str, name: str) -> str:
    """The row's id: neither two tenants nor two environments ever share a chain, whatever their devices are
    called.
    """
    return f"{tenant}/{strategy}/{environment}/{name}"


async def begin_chain(
    db: AsyncConnection,
    tenant: UUID,
    strategy: str,
    environment: str,
    name: str,
    after_no: int,
    after_link: str,
) -> None:
    """Make a chain whose first document here follows number `after_no`, whose link was `after_link`.

    Raises IntegrityError when the chain is there already.
    """
    await db.execute(
        text(
            """INSERT INTO authority_chain (id, tenant_id, next_no, last_link, first_no, first_link)
               VALUES (:id, :tenant, :no + 1, :link, :no + 1, :link)"""
        ),
        {
            "id": chain_id(tenant, strategy, environment, name),
            "tenant": tenant,
            "no": after_no,
            "link": after_link,
        },
    )


async def ends_with(db: AsyncConnection, chain: str, number: int, link: str) -> bool:
    """Whether that document is the chain's last one here; nobody adds another until the transaction ends."""
    row = await db.execute(
        text("SELECT next_no, last_link FROM authority_chain WHERE id = :id FOR UPDATE"), {"id": chain}
    )
    return row.first() == (number + 1, link)
