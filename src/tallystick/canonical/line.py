"""One line of the invoice: what was sold, how much of it, at what price, under which tax."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Final, cast

from msgspec import field

from tallystick.canonical.amounts import LineAllowance, LineCharge
from tallystick.canonical.numbers import Amount, Percent, Quantity, UnitPrice
from tallystick.canonical.regime import RegimeData
from tallystick.canonical.terms import CountryCode, Group, Identifier, SchemedIdentifier, bg, bt, ours


class LinePeriod(Group, frozen=True, kw_only=True):
    """BG-26: the time the line is for."""

    group: ClassVar[str] = "BG-26"

    start_date: Annotated[date | None, bt("BT-134", "First day.")] = None
    end_date: Annotated[date | None, bt("BT-135", "Last day.")] = None


UNPRICED: Final = cast("UnitPrice", Decimal(0))
"""Stands for BT-146 until it follows from the price with tax. Known by identity: a price may well be 0."""


class Price(Group, frozen=True, kw_only=True):
    """BG-29: what one unit costs. One price must be given; without tax, it may follow."""

    group: ClassVar[str] = "BG-29"

    item_net_price: Annotated[
        UnitPrice,
        bt("BT-146", "Price without tax, discount taken off; may follow from the other price."),
    ] = UNPRICED
    item_price_with_tax: Annotated[
        UnitPrice | None, ours("Price with the tax of the line's category and rate, discount taken off.")
    ] = None
    item_price_discount: Annotated[UnitPrice | None, bt("BT-147", "Discount taken off the gross price.")] = (
        None
    )
    item_gross_price: Annotated[UnitPrice | None, bt("BT-148", "Price without tax, before the discount.")] = (
        None
    )
    base_quantity: Annotated[
        Quantity | None, bt("BT-149", "How many units the price is for; one if absent.")
    ] = None
    base_quantity_unit_code: Annotated[
        str | None, bt("BT-150", "Unit of the base quantity, code of UN/ECE Rec 20 or 21.")
    ] = None


class TaxComponent(Group, frozen=True, kw_only=True):
    """A part of a line's tax where the regime splits it, or a tax that comes on top."""

    code: Annotated[str, ours("What the component is, in the regime's own code.")]
    rate: Annotated[Percent | None, ours("Rate of the component.")] = None
    amount: Annotated[Amount | None, ours("Amount of the component.")] = None
    taxable_amount: Annotated[Amount | None, ours("What the component is taken of.")] = None
    additional: Annotated[
        bool, ours("It is a tax of its own, on top of that of category and rate; its amount is in the total.")
    ] = False


class LineTax(Group, frozen=True, kw_only=True):
    """BG-30: the tax of the line."""

    group: ClassVar[str] = "BG-30"

    category_code: Annotated[str, bt("BT-151", "Tax category, code of UNTDID 5305.")]
    rate: Annotated[Percent | None, bt("BT-152", "Tax rate.")] = None
    components: Annotated[tuple[TaxComponent, ...], ours("Parts of the tax where the regime splits it.")] = ()


class ItemClassification(Group, frozen=True, kw_only=True):
    """A code that says what kind of thing the item is."""

    scheme: Annotated[str, ours("Classification scheme, code of UNTDID 7143.")]
    scheme_version: Annotated[str | None, ours("Version of the scheme.")] = None
    value: Annotated[str, ours("The class.")]


class ItemAttribute(Group, frozen=True, kw_only=True):
    """BG-32: a property of the item."""

    group: ClassVar[str] = "BG-32"

    name: Annotated[str, bt("BT-160", "Name of the property.")]
    value: Annotated[str, bt("BT-161", "Value of the property.")]


class Item(Group, frozen=True, kw_only=True):
    """BG-31: what was sold."""

    group: ClassVar[str] = "BG-31"

    name: Annotated[str, bt("BT-153", "Name of the item.")]
    description: Annotated[str | None, bt("BT-154", "Description of the item.")] = None
    sellers_identifier: Annotated[str | None, bt("BT-155", "The seller's own identifier.")] = None
    buyers_identifier: Annotated[str | None, bt("BT-156", "The buyer's own identifier.")] = None
    standard_identifier: Annotated[
        SchemedIdentifier | None, bt("BT-157", "Identifier of a registered scheme, such as a GTIN.")
    ] = None
    classification_identifiers: Annotated[
        tuple[ItemClassification, ...], bt("BT-158", "Classes the item belongs to.")
    ] = ()
    country_of_origin: Annotated[CountryCode | None, bt("BT-159", "Where the item comes from.")] = None
    attributes: Annotated[tuple[ItemAttribute, ...], bg("BG-32", "Properties of the item.")] = ()


class Line(Group, frozen=True, kw_only=True):
    """BG-25: one line."""

    group: ClassVar[str] = "BG-25"
    level: ClassVar[str] = "line"

    line_identifier: Annotated[str, bt("BT-126", "Identifier of the line, unique in the invoice.")]
    note: Annotated[str | None, bt("BT-127", "Note on the line.")] = None
    object_identifier: Annotated[
        Identifier | None, bt("BT-128", "What the line is based on, such as a meter or subscription.")
    ] = None
    invoiced_quantity: Annotated[Quantity, bt("BT-129", "How much was sold.")]
    unit_of_measure_code: Annotated[str, bt("BT-130", "Unit of the quantity, code of UN/ECE Rec 20 or 21.")]
    net_amount: Annotated[
        Amount | None, bt("BT-131", "Amount without tax, line allowances and charges included.")
    ] = None
    purchase_order_line_reference: Annotated[
        str | None, bt("BT-132", "Line of the buyer's purchase order.")
    ] = None
    buyer_accounting_reference: Annotated[
        str | None, bt("BT-133", "Where the buyer should book the line.")
    ] = None
    period: Annotated[LinePeriod | None, bg("BG-26", "The time the line is for.")] = None
    allowances: Annotated[tuple[LineAllowance, ...], bg("BG-27", "Deductions from the line.")] = ()
    charges: Annotated[tuple[LineCharge, ...], bg("BG-28", "Additions to the line.")] = ()
    price: Annotated[Price, bg("BG-29", "What one unit costs.")]
    tax: Annotated[LineTax, bg("BG-30", "The tax of the line.")]
    item: Annotated[Item, bg("BG-31", "What was sold.")]
    regime_data: RegimeData = field(default_factory=dict)
