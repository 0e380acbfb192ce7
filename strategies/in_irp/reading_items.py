"""INV-01 documents into the canonical model: the items, and what they sum to."""

from decimal import Decimal
from typing import Any, Final

from .binding import Bound
from .blocks import REGIME
from .codes import EXPORTS, HSN_SCHEME, SPECIAL_ZONES, unit_code
from .taxes import (
    CENTRAL,
    CESS,
    CESS_SPECIFIC,
    INTEGRATED,
    STATE,
    STATE_CESS,
    STATE_CESS_SPECIFIC,
)
from .tree import block

NO_UNIT: Final = "ZZ"
ZERO: Final = Decimal(0)


class Sums:
    """What the items come to: tax per category and rate, untaxed charges, whether tax is in the totals."""

    def __init__(self) -> None:
        self.charges: list[dict[str, Any]] = []
        self.untaxed = ZERO
        self.totalled = False
        self._groups: dict[tuple[str, Decimal], list[Decimal]] = {}

    def add(self, category: str, rate: Decimal, taxable: Decimal, tax: Decimal) -> None:
        """One item's part."""
        group = self._groups.setdefault((category, rate), [ZERO, ZERO])
        group[0] += taxable
        group[1] += tax

    def breakdown(self, untaxed: Decimal | None) -> list[dict[str, Any]]:
        """The tax breakdown as the items give it; `untaxed` is what stands outside the tax, if anything."""
        found = [
            block(
                (
                    ("tax_category_taxable_amount", format(taxable, "f")),
                    ("tax_category_tax_amount", format(tax, "f")),
                    ("tax_category_code", category),
                    ("tax_category_rate", format(rate, "f")),
                )
            )
            for (category, rate), (taxable, tax) in self._groups.items()
        ]
        if untaxed is not None:
            amount = format(untaxed, "f")
            found.append(
                {
                    "tax_category_taxable_amount": amount,
                    "tax_category_tax_amount": "0",
                    "tax_category_code": "O",
                }
            )
        return found


class _Item:
    """The money of one item."""

    def __init__(self, row: Bound) -> None:
        self.rate = row.number("GstRt")
        self.integrated, self.central, self.state = (
            row.amount(name) for name in ("IgstAmt", "CgstAmt", "SgstAmt")
        )
        self.on_top = [
            (CESS, row.number("CesRt"), row.amount("CesAmt")),
            (CESS_SPECIFIC, None, row.amount("CesNonAdvlAmt")),
            (STATE_CESS, row.number("StateCesRt"), row.amount("StateCesAmt")),
            (STATE_CESS_SPECIFIC, None, row.amount("StateCesNonAdvlAmt")),
        ]
        self.other = row.amount("OthChrg")
        self.gross, self.net = row.number("TotAmt"), row.number("AssAmt")
        self.total = row.number("TotItemVal")

    @property
    def tax(self) -> Decimal:
        return self.integrated + self.central + self.state

    @property
    def all_tax(self) -> Decimal:
        return self.tax + sum((amount for _, _, amount in self.on_top), ZERO)

    def is_totalled(self, *, reverse: bool) -> bool:
        """Whether the tax is in the item's total; under reverse charge it may be left out."""
        if not reverse or self.net is None or self.total is None:
            return True
        return Decimal(self.total) - Decimal(self.net) - self.other >= self.all_tax / 2 or not self.all_tax


def lines(rows: list[Bound], kind: str | None, *, reverse: bool) -> tuple[list[dict[str, Any]], Sums]:
    """The lines of the invoice, and what they come to."""
    sums = Sums()
    return [_line(row, index, kind, sums, reverse=reverse) for index, row in enumerate(rows)], sums


def _line(row: Bound, index: int, kind: str | None, sums: Sums, *, reverse: bool) -> dict[str, Any]:
    number, money = row.text("SlNo") or str(index + 1), _Item(row)
    totalled = money.is_totalled(reverse=reverse)
    sums.totalled = sums.totalled or totalled
    discount = row.number("Discount")
    if money.other:
        charge = {"amount": format(money.other, "f"), "tax_category_code": "O"}
        sums.charges.append({**charge, "regime_data": {REGIME: {"line": number}}})
        sums.untaxed += money.other
    unit = row.text("Unit")
    line = block(
        (
            ("line_identifier", number),
            ("invoiced_quantity", row.number("Qty") or "1"),
            ("unit_of_measure_code", unit_code(unit) if unit else NO_UNIT),
            ("net_amount", money.net),
            ("purchase_order_line_reference", row.text("OrdLineRef")),
            ("allowances", [{"amount": discount}] if discount and Decimal(discount) else None),
            ("price", block((("item_net_price", row.number("UnitPrice")),))),
            ("tax", _tax(money, kind, sums, reverse=reverse, totalled=totalled)),
            ("item", _item(row)),
            ("regime_data", block(((REGIME, _more(row)),))),
        )
    )
    row.text("IsServc")
    row.finish()
    return line


def _tax(money: _Item, kind: str | None, sums: Sums, *, reverse: bool, totalled: bool) -> dict[str, Any]:
    rate = Decimal(money.rate or 0)
    abroad = kind in EXPORTS or kind in SPECIAL_ZONES
    if rate and totalled and (money.tax or not abroad):
        category, shown = "S", money.rate or "0"
    else:
        category, shown = "AE" if reverse and not totalled else "G" if abroad else "Z", "0"
    sums.add(category, Decimal(shown), Decimal(money.net or 0), money.tax if category == "S" else ZERO)
    parts = _parts(money, abroad=abroad) if rate or money.tax else []
    on_top = [
        block(
            (
                ("code", code),
                ("rate", said if said and Decimal(said) else None),
                ("amount", format(amount, "f")),
                ("additional", totalled or None),
            )
        )
        for code, said, amount in money.on_top
        if amount or (said and Decimal(said))
    ]
    return block((("category_code", category), ("rate", shown), ("components", parts + on_top)))


def _parts(money: _Item, *, abroad: bool) -> list[dict[str, Any]]:
    """The parts of the tax as the item states them."""
    rate = Decimal(money.rate or 0)
    halves = money.central or money.state or not (money.integrated or abroad)
    found = []
    if money.integrated or not halves:
        found.append((INTEGRATED, rate, money.integrated))
    if halves:
        found += [(CENTRAL, rate / 2, money.central), (STATE, rate / 2, money.state)]
    return [
        {"code": code, "rate": format(part, "f"), "amount": format(amount, "f")}
        for code, part, amount in found
    ]


def _item(row: Bound) -> dict[str, Any]:
    hsn, name = row.text("HsnCd"), row.text("PrdDesc")
    attributes = []
    for one in row.children("AttribDtls"):
        named = block((("name", one.text("Nm")), ("value", one.text("Val"))))
        if len(named) == 2:
            attributes.append(named)
        elif named:
            one.tell("", named, "an attribute has a name and a value")
        one.finish()
    return block(
        (
            ("name", name or hsn or row.path),
            ("classification_identifiers", [{"scheme": HSN_SCHEME, "value": hsn}] if hsn else None),
            ("country_of_origin", row.text("OrgCntry")),
            ("attributes", attributes),
        )
    )


def _more(row: Bound) -> dict[str, Any]:
    batch = row.child("BchDtls")
    found = block(
        (
            ("free_quantity", row.number("FreeQty")),
            ("pre_tax_value", row.number("PreTaxVal")),
            ("bar_code", row.text("Barcde")),
            ("serial_number", row.text("PrdSlNo")),
            (
                "batch",
                block(
                    (
                        ("name", batch.text("Nm")),
                        ("expiry_date", batch.day("ExpDt")),
                        ("warranty_date", batch.day("WrDt")),
                    )
                ),
            ),
        )
    )
    batch.finish()
    return found
