"""What the document needs so that it can be written at all."""

from collections.abc import Iterator
from typing import Final

from tallystick.canonical import Fault, Invoice
from tallystick.strategy import Enrolment

from .supply import needs_portal
from .writing import wire_of

_NEEDED: Final = (
    (("DocDtls", "No"), "/invoice_number"),
    (("SellerDtls", "Gstin"), "/seller/tax_identifier"),
    (("SellerDtls", "Stcd"), "/seller/postal_address/country_subdivision"),
    (("BuyerDtls", "Gstin"), "/buyer/tax_identifier"),
    (("BuyerDtls", "Stcd"), "/buyer/postal_address/country_subdivision"),
    (("BuyerDtls", "Pos"), "/buyer/postal_address/country_subdivision"),
)


def check(invoice: Invoice, enrolment: Enrolment) -> Iterator[Fault]:
    """Every rule the invoice breaks."""
    if not needs_portal(invoice):
        return
    wire = wire_of(invoice)
    for (group, member), pointer in _NEEDED:
        if member not in wire.tree.get(group, {}):
            yield Fault(code="rule/5002", pointer=pointer, message=f"{group}.{member} must be there.")
    for one in wire.loose:
        yield Fault(code="rule/IN-FOLD", pointer=one.pointer, message="No item can take the amount up.")
    if wire.supply.rate is None:
        yield Fault(code="rule/IN-RATE", pointer="/exchange_rate", message="There is no rate to rupees.")
    for item, line in zip(wire.tree.get("ItemList", ()), wire.lines, strict=False):
        if "HsnCd" not in item:
            pointer = f"/lines/{line}/item/classification_identifiers"
            yield Fault(code="rule/2176", pointer=pointer, message="The item must have an HSN code.")
