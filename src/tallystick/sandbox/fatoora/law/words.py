"""Questions that many rules ask of a document."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from tallystick.sandbox.judge.paper import Part

CENT = Decimal("0.01")


def type_name(root: Part) -> str:
    """The name attribute of the type code: flow and flags."""
    code = root.one("cbc:InvoiceTypeCode")
    return "" if code is None else code.attribute("name")


def standard(root: Part) -> bool:
    """Whether it is a standard document (one business to another)."""
    return type_name(root).startswith("01")


def simplified(root: Part) -> bool:
    """Whether it is a simplified document (to a consumer)."""
    return type_name(root).startswith("02")


def flag(root: Part, place: int) -> bool:
    """Whether the flag at this place (counted from 1) of the type's name is set."""
    return type_name(root)[place - 1 : place] == "1"


def rounded(amount: Decimal) -> Decimal:
    """To two places, half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def scheme_is_vat(category: Part) -> bool:
    """Whether a tax category belongs to VAT at all."""
    return category.text("cac:TaxScheme/cbc:ID").upper() == "VAT"


def lines_of(root: Part) -> list[Part]:
    """All lines, those of prepayments included."""
    return root.all("cac:InvoiceLine")


def label(line: Part) -> str:
    """How a message names a line."""
    return f"line {line.text('cbc:ID') or '?'}"


def is_charge(part: Part) -> bool:
    """Whether an AllowanceCharge is a charge."""
    return part.text("cbc:ChargeIndicator") in ("true", "1")


def decimals(text: str) -> int:
    """How many digits follow the point."""
    return len(text.partition(".")[2])
