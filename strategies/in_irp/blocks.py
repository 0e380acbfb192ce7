"""What an invoice says in India beyond EN 16931: the typed blocks under `regime_data.in`.

Only what cannot be derived. Derived are: the document type from `type_code`, the supply type of ordinary
sales and exports, the states from addresses and GSTINs, the place of supply from the delivery or the buyer's
address, goods or services from the HSN code, the unit from its code, the parts of the tax from its rate.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from tallystick.canonical import Amount, Quantity, RegimeBlocks

REGIME = "in"

Text = Annotated[str, Meta(min_length=1)]
Gstin = Annotated[str, Meta(pattern="^[0-9]{2}[0-9A-Z]{13}$", max_length=15)]
StateCode = Annotated[str, Meta(pattern="^[0-9]{2}$", max_length=2)]


class Block(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A closed group of terms."""


class Dispatch(Block, frozen=True, kw_only=True):
    """Where the goods leave from, if not from the seller's address."""

    name: Text
    line_1: Text
    line_2: Text | None = None
    city: Text
    post_code: Text
    state: StateCode


class ShipTo(Block, frozen=True, kw_only=True):
    """Who receives the goods, beyond `delivery`. `tax_identifier` is a GSTIN, or URP."""

    tax_identifier: Annotated[str, Meta(pattern="^([0-9]{2}[0-9A-Z]{13}|URP)$", max_length=15)] | None = None
    trading_name: Text | None = None


class Export(Block, frozen=True, kw_only=True):
    """The export. `currency` is derived from the invoice's, `country` from the buyer's address."""

    shipping_bill_number: Text | None = None
    shipping_bill_date: date | None = None
    port: Text | None = None
    refund_claimed: bool | None = None
    currency: Text | None = None
    country: Text | None = None
    duty: Amount | None = None


class EwayBill(Block, frozen=True, kw_only=True):
    """How the goods travel: with this block the IRP makes an e-way bill along with the IRN.

    `mode` is 1 road, 2 rail, 3 air, 4 ship; `distance` in kilometres, 0 has the portal compute it;
    `vehicle_type` is R regular, O over-dimensional cargo.
    """

    distance: Annotated[int, Meta(ge=0, le=4000)] = 0
    mode: Literal["1", "2", "3", "4"] | None = None
    transporter_identifier: Gstin | None = None
    transporter_name: Text | None = None
    document_number: Text | None = None
    document_date: date | None = None
    vehicle_number: Text | None = None
    vehicle_type: Literal["R", "O"] | None = None


class Payment(Block, frozen=True, kw_only=True):
    """Terms of payment that have no place elsewhere. `amount_due` only where it is not what follows."""

    credit_transfer: Text | None = None
    amount_due: Amount | None = None


class OtherReference(Block, frozen=True, kw_only=True):
    """A further reference of the preceding invoice whose number is `reference`."""

    reference: Text
    other: Text


class Contract(Block, frozen=True, kw_only=True):
    """Dates of the document's own references (the first entry), and further sets of references."""

    receiving_advice_reference: Text | None = None
    receiving_advice_date: date | None = None
    tender_or_lot_reference: Text | None = None
    contract_reference: Text | None = None
    external_reference: Text | None = None
    project_reference: Text | None = None
    purchase_order_reference: Text | None = None
    purchase_order_date: date | None = None


class AdditionalDocument(Block, frozen=True, kw_only=True):
    """A supporting document whose content is a text of the seller's own making."""

    url: Text | None = None
    content: Text | None = None
    information: Text | None = None


class In(Block, frozen=True, kw_only=True):
    """The document's block.

    `reverse_charge`: the buyer owes the tax that is shown and totalled (tax category AE says the same of tax
    that is shown but not totalled). `igst_on_intra`: IGST although seller and place of supply are in one
    state. `place_of_supply` only where it is neither the place of delivery nor the buyer's.
    `contract` completes the document's own references, `contracts` are further ones.
    """

    reverse_charge: bool = False
    igst_on_intra: bool = False
    place_of_supply: StateCode | None = None
    ecommerce_operator: Gstin | None = None
    dispatch: Dispatch | None = None
    ship_to: ShipTo | None = None
    export: Export | None = None
    eway_bill: EwayBill | None = None
    payment: Payment | None = None
    other_references: tuple[OtherReference, ...] = ()
    contract: Contract | None = None
    contracts: tuple[Contract, ...] = ()
    additional_documents: tuple[AdditionalDocument, ...] = ()
    total_in_foreign_currency: Amount | None = None


class Batch(Block, frozen=True, kw_only=True):
    """The batch the goods are from."""

    name: Text
    expiry_date: date | None = None
    warranty_date: date | None = None


class LineBlock(Block, frozen=True, kw_only=True):
    """What a line says besides. `bar_code` only if it is no GTIN; `pre_tax_value` counts nowhere."""

    free_quantity: Quantity | None = None
    pre_tax_value: Amount | None = None
    bar_code: Text | None = None
    serial_number: Text | None = None
    batch: Batch | None = None


class Adjustment(Block, frozen=True, kw_only=True):
    """An untaxed charge (category O) that belongs to the line with that identifier, not to the document."""

    line: Text


BLOCKS = RegimeBlocks(document=In, line=LineBlock, allowance=Adjustment)
