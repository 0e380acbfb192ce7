"""Bodies outside the log: kept whole, named by a salted digest."""

import os
from uuid import UUID

from msgspec import Struct
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tallystick.ledger import ObjectRef, object_digest
from tallystick.store import ids
from tallystick.store.tables import object_

__all__ = ["Body", "body_of", "id_of", "keep", "new_body"]


class Body(Struct, frozen=True, kw_only=True):
    """A body with its salt and digest. `ref` is how an entry names it."""

    id: UUID
    salt: bytes
    digest: bytes
    media_type: str
    name: str
    body: bytes

    @property
    def ref(self) -> ObjectRef:
        """The body as the log names it."""
        return ObjectRef(
            digest=self.digest.hex(),
            media=self.media_type,
            name=self.name,
            salt=self.salt.hex(),
            size=len(self.body),
        )


def id_of(digest: bytes) -> UUID:
    """A body's id is the first half of its salted digest: what an entry names is found by key."""
    return ids.of(digest[:16])


def new_body(body: bytes, media_type: str, name: str) -> Body:
    """A body that can be kept, under a fresh random salt."""
    salt = os.urandom(16)
    digest = object_digest(salt, body)
    return Body(
        id=id_of(digest),
        salt=salt,
        digest=digest,
        media_type=media_type,
        name=name,
        body=body,
    )


async def keep(connection: AsyncConnection, tenant: UUID, body: Body) -> None:
    """Store the body in this transaction."""
    await connection.execute(
        insert(object_).values(
            id=body.id,
            tenant_id=tenant,
            salt=body.salt,
            digest=body.digest,
            size=len(body.body),
            media_type=body.media_type,
            name=body.name,
            body=body.body,
        )
    )


async def body_of(connection: AsyncConnection, object_id: UUID) -> bytes | None:
    """The body's bytes; None when it was erased, or is not there for this tenant."""
    found: bytes | None = await connection.scalar(select(object_.c.body).where(object_.c.id == object_id))
    return found
