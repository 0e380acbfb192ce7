"""ItemList: what was sold, item by item."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from tallystick.canonical import Invoice, Line

from .codes import GTIN_SCHEME, HSN_SCHEME, unit_of
from .folding import Folded, line_of
from .supply import Supply, line_block_of
from .taxes import Taxes, taxes_of
from .tree import Tree, block, day, measure, money, text

ZERO: Final = Decimal(0)
SERVICES: Final = "99"
_LONGEST_NUMBER: Final = 6
_LEAST_GROSS_OFF: Final = Decimal(1)


class Item(Struct, frozen=True, kw_only=True):
    """An item with its taxes and the untaxed charges that belong to it; `total` is all of it."""

    folded: Folded
    taxes: Taxes
    charges: Decimal

    @property
    def total(self) -> Decimal:
        """Value, taxes that are totalled, other charges."""
        return self.folded.value + self.taxes.totalled + self.charges


def items_of(invoice: Invoice, folded: Sequence[Folded], supply: Supply) -> list[Item]:
    """The items with what they cost."""
    charges: dict[str, Decimal] = {}
    for charge in invoice.charges:
        line = line_of(charge)
        if line is not None:
            charges[line] = charges.get(line, ZERO) + supply.rupees(charge.amount)
    return [
        Item(
            folded=item,
            taxes=taxes_of(item, supply),
            charges=charges.pop(item.line.line_identifier, ZERO),
        )
        for item in folded
    ]


def item_list(items: Sequence[Item], supply: Supply) -> list[Tree]:
    """ItemList."""
    numbers = _numbers([item.folded.line for item in items])
    return [_written(item, number, supply) for item, number in zip(items, numbers, strict=True)]


def hsn_of(line: Line) -> str | None:
    """The HSN code: the item's class of scheme HS, digits only."""
    for found in line.item.classification_identifiers:
        if found.scheme == HSN_SCHEME:
            return "".join(found.value.replace(".", "").split())
    return None


def _numbers(lines: Sequence[Line]) -> list[str]:
    """The lines' own identifiers where the portal can take them all, else 1, 2, 3."""
    own = [line.line_identifier for line in lines]
    fit = all(one.isascii() and one.isdigit() and len(one) <= _LONGEST_NUMBER for one in own)
    return own if fit and len(set(own)) == len(own) else [str(number + 1) for number in range(len(own))]


def _written(item: Item, number: str, supply: Supply) -> Tree:
    line, more = item.folded.line, line_block_of(item.folded.line)
    hsn = hsn_of(line)
    return block(
        (
            ("SlNo", number),
            ("PrdDesc", text(line.item.name, line.item.description, shortest=3)),
            ("IsServc", "Y" if hsn and hsn.startswith(SERVICES) else "N"),
            ("HsnCd", hsn),
            ("Barcde", _bar_code(line)),
            ("Qty", measure(abs(line.invoiced_quantity))),
            ("FreeQty", measure(more.free_quantity)),
            ("Unit", unit_of(line.unit_of_measure_code)),
            ("UnitPrice", measure(_price(item.folded, supply))),
            ("TotAmt", money(item.folded.gross)),
            ("Discount", money(item.folded.discount)),
            ("PreTaxVal", money(more.pre_tax_value)),
            ("AssAmt", money(item.folded.value)),
            *_taxes(item.taxes),
            ("OthChrg", money(item.charges)),
            ("TotItemVal", money(item.total)),
            ("OrdLineRef", text(line.purchase_order_line_reference)),
            ("OrgCntry", line.item.country_of_origin),
            ("PrdSlNo", text(more.serial_number)),
            ("BchDtls", _batch(line)),
            (
                "AttribDtls",
                [block((("Nm", text(a.name)), ("Val", text(a.value)))) for a in line.item.attributes],
            ),
        )
    )


def _taxes(taxes: Taxes) -> list[tuple[str, Any]]:
    return [
        ("GstRt", measure(taxes.rate)),
        ("IgstAmt", money(taxes.integrated)),
        ("CgstAmt", money(taxes.central)),
        ("SgstAmt", money(taxes.state)),
        ("CesRt", measure(taxes.cess_rate)),
        ("CesAmt", money(taxes.cess)),
        ("CesNonAdvlAmt", money(taxes.cess_specific)),
        ("StateCesRt", measure(taxes.state_cess_rate)),
        ("StateCesAmt", money(taxes.state_cess)),
        ("StateCesNonAdvlAmt", money(taxes.state_cess_specific)),
    ]


def _price(item: Folded, supply: Supply) -> Decimal:
    """The price of one unit. Where additions make quantity times price another sum, the price that fits."""
    line = item.line
    quantity = abs(line.invoiced_quantity)
    price = abs(line.price.item_net_price) * (supply.rate or 1)
    if line.price.base_quantity:
        price = price / abs(line.price.base_quantity)
    added = bool(line.charges) or item.changed
    if quantity and added and abs(quantity * price - item.gross) > _LEAST_GROSS_OFF:
        return item.gross / quantity
    return price


def _bar_code(line: Line) -> str | None:
    said = line_block_of(line).bar_code
    standard = line.item.standard_identifier
    return said or (standard.value if standard and standard.scheme == GTIN_SCHEME else None)


def _batch(line: Line) -> Tree:
    batch = line_block_of(line).batch
    if batch is None:
        return {}
    return block(
        (("Nm", text(batch.name)), ("ExpDt", day(batch.expiry_date)), ("WrDt", day(batch.warranty_date)))
    )
