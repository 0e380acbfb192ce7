"""Arithmetic of the lines and the totals, with the portal's tolerance."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from tallystick.sandbox.irp.judge.finding import Finding, block, items, number
from tallystick.sandbox.irp.judge.supply import Supply

__all__ = ["line_sums", "tolerated", "totals"]

_CESS = ("CesAmt", "CesNonAdvlAmt")
_STATE_CESS = ("StateCesAmt", "StateCesNonAdvlAmt")
_TAXES = ("IgstAmt", "CgstAmt", "SgstAmt", *_CESS, *_STATE_CESS)
_TOTALS = (
    ("2182", "AssVal", ("AssAmt",)),
    ("2183", "SgstVal", ("SgstAmt",)),
    ("2184", "CgstVal", ("CgstAmt",)),
    ("2185", "IgstVal", ("IgstAmt",)),
    ("2186", "CesVal", _CESS),
    ("2187", "StCesVal", _STATE_CESS),
)


def tolerated(given: Decimal, exact: Decimal) -> bool:
    """Whether an amount is near enough: a whole rupee beyond the rupees around the exact value."""
    low = exact.to_integral_value(ROUND_FLOOR) - 1
    return low <= given <= exact.to_integral_value(ROUND_CEILING) + 1


def line_sums(line: dict[str, Any], path: str, supply: Supply) -> Iterator[Finding]:
    """2193, 2194, 2227, 2234, 2235, 2266, 2267: what a line's amounts must be to one another."""
    taxable = number(line, "AssAmt")
    if not tolerated(taxable, number(line, "TotAmt") - number(line, "Discount")):
        yield Finding("2193", f"{path}.AssAmt", "is not the gross amount less the discount")
    if number(line, "CgstAmt") != number(line, "SgstAmt"):
        yield Finding("2227", f"{path}.CgstAmt", "and SgstAmt must be equal")
    if supply.kind == "INV":
        yield from _rated(line, path, supply)
    due = sum((number(line, name) for name in _TAXES), Decimal(0))
    base = taxable + number(line, "OthChrg")
    given = number(line, "TotItemVal")
    if not (tolerated(given, base + due) or (supply.reverse and tolerated(given, base))):
        yield Finding("2194", f"{path}.TotItemVal", "is not the sum of the line's amounts")


def _rated(line: dict[str, Any], path: str, supply: Supply) -> Iterator[Finding]:
    taxable, rate = number(line, "AssAmt"), number(line, "GstRt")
    if supply.split:
        half = taxable * rate / 200
        if not (tolerated(number(line, "CgstAmt"), half) and tolerated(number(line, "SgstAmt"), half)):
            yield Finding("2234", f"{path}.CgstAmt", "and SgstAmt do not follow from rate and value")
    elif not supply.untaxed and not tolerated(number(line, "IgstAmt"), taxable * rate / 100):
        yield Finding("2235", f"{path}.IgstAmt", "does not follow from rate and value")
    for code, amount, percent in (("2266", "CesAmt", "CesRt"), ("2267", "StateCesAmt", "StateCesRt")):
        if not tolerated(number(line, amount), taxable * number(line, percent) / 100):
            yield Finding(code, f"{path}.{amount}", "does not follow from rate and value")


def totals(document: dict[str, Any], supply: Supply) -> Iterator[Finding]:
    """2182 to 2189 and 2220: the totals against the lines."""
    lines, values = items(document), block(document, "ValDtls")
    for code, name, parts in _TOTALS:
        exact = sum((number(line, part) for line in lines for part in parts), Decimal(0))
        if not tolerated(number(values, name), exact):
            yield Finding(code, f"ValDtls.{name}", "is not the sum over the items")
    discount, total = number(values, "Discount"), number(values, "TotInvVal")
    around = number(values, "OthChrg") + number(values, "RndOffAmt") - discount
    gross = sum((number(line, "TotItemVal") for line in lines), Decimal(0))
    untaxed = supply.reverse and tolerated(total, number(values, "AssVal") + around)
    if not (tolerated(total, gross + around) or untaxed):
        yield Finding("2189", "ValDtls.TotInvVal", "does not follow from the items and the values beside it")
    if total and 0 < discount >= total:
        yield Finding("2220", "ValDtls.Discount", "must be less than the invoice value")
