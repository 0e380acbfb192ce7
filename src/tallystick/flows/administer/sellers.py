"""Sellers: made, listed, changed in name, deleted while nothing depends on them."""

from collections.abc import Callable
from uuid import UUID

from msgspec import UNSET

from tallystick.canonical import Fault
from tallystick.flows import Caller
from tallystick.flows.administer.bodies import SellerBody, SellerChange, SellerResource
from tallystick.flows.administer.refusals import BadBody, Conflict
from tallystick.flows.errors import NotFound
from tallystick.flows.gateway import Gateway
from tallystick.flows.paging import Page
from tallystick.flows.slices import slice_of
from tallystick.flows.transactions import within
from tallystick.store import ids, rows
from tallystick.store.rows import Row

__all__ = ["change_seller", "create_seller", "delete_seller", "seller", "sellers"]


async def create_seller(gateway: Gateway, caller: Caller, body: SellerBody) -> SellerResource:
    """A new seller. Raises BadBody without any identifier, Conflict if the tenant has one with the same."""
    if not (body.tax_identifier or body.legal_registration_identifier):
        message = "A seller needs a tax identifier or a legal registration identifier."
        raise BadBody(Fault(pointer="/tax_identifier", code="seller/no-identifier", message=message))
    values = {name: getattr(body, name) for name in SellerBody.__struct_fields__}
    async with within(gateway, caller.tenant_id) as connection:
        await rows.alone(connection, caller.tenant_id)
        twin = await rows.one(connection, "seller", same_identity(body))
        if twin is not None:
            raise Conflict("The tenant has a seller with this identifier.", f"/v1/sellers/{twin['id']}")
        return view(
            await rows.add(connection, "seller", {"id": ids.new(), "tenant_id": caller.tenant_id, **values})
        )


def same_identity(body: SellerBody) -> Row:
    """What makes another seller the same one: country and tax (else registration) identifier."""
    name = "tax_identifier" if body.tax_identifier else "legal_registration_identifier"
    return {"country_code": body.country_code, name: getattr(body, name)}


async def sellers(gateway: Gateway, caller: Caller, limit: int, cursor: str | None) -> Page[SellerResource]:
    """The tenant's sellers, oldest first. Raises BadCursor."""
    found, next_cursor = await slice_of(gateway, caller, "seller", {}, limit, cursor)
    return Page(data=[view(row) for row in found], next_cursor=next_cursor, has_more=next_cursor is not None)


async def seller(gateway: Gateway, caller: Caller, seller_id: UUID) -> SellerResource:
    """One seller. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as connection:
        row = await rows.one(connection, "seller", {"id": seller_id})
    if row is None:
        raise NotFound
    return view(row)


async def change_seller(
    gateway: Gateway,
    caller: Caller,
    seller_id: UUID,
    body: SellerChange,
    unchanged: Callable[[SellerResource], None] = lambda _: None,
) -> SellerResource:
    """The seller with what the body gives. `unchanged` is shown the locked seller and raises if it is not as
    expected.

    Raises NotFound.
    """
    given = {name: getattr(body, name) for name in body.__struct_fields__ if getattr(body, name) is not UNSET}
    async with within(gateway, caller.tenant_id) as connection:
        row = await rows.one(connection, "seller", {"id": seller_id}, lock=True)
        if row is None:
            raise NotFound
        unchanged(view(row))
        changed = await rows.change(connection, "seller", {"id": seller_id}, given) if given else row
        return view(changed or row)


async def delete_seller(gateway: Gateway, caller: Caller, seller_id: UUID) -> None:
    """Take the seller away. Raises NotFound; Conflict while it has registrations."""
    async with within(gateway, caller.tenant_id) as connection:
        if await rows.one(connection, "seller", {"id": seller_id}, lock=True) is None:
            raise NotFound
        if await rows.one(connection, "registration", {"seller_id": seller_id}) is not None:
            raise Conflict("The seller has registrations.", f"/v1/registrations?seller={seller_id}")
        await rows.remove(connection, "seller", {"id": seller_id})


def view(row: Row) -> SellerResource:
    """A row as callers see it."""
    return SellerResource(**{name: row[name] for name in SellerResource.__struct_fields__})
