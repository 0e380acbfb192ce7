"""An authority's chains: their names, and where one begins that ran elsewhere before."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["begin_chain", "chain_id"]


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
