"""Amounts: their sign, their decimals, their currency, and the totals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tallystick.sandbox.fatoora.finding import Finding, error, warning
from tallystick.sandbox.fatoora.law.words import decimals, is_charge, lines_of
from tallystick.sandbox.judge.codes import CURRENCIES
from tallystick.sandbox.judge.paper import CAC, CBC, Part, number_in

_TOTAL = "cac:LegalMonetaryTotal/cbc:"
_EXACT = {
    "LineExtensionAmount": "BR-DEC-09",
    "AllowanceTotalAmount": "BR-DEC-10",
    "ChargeTotalAmount": "BR-DEC-11",
    "TaxExclusiveAmount": "BR-DEC-12",
    "TaxInclusiveAmount": "BR-DEC-14",
    "PrepaidAmount": "BR-DEC-16",
    "PayableRoundingAmount": "BR-DEC-17",
    "PayableAmount": "BR-DEC-18",
}


def amounts(root: Part) -> Iterator[Finding]:
    """No negative amount, and every one in the document's currency (the VAT in SAR aside)."""
    own = root.text("cbc:DocumentCurrencyCode")
    for element in root.element.iter(f"{{{CBC}}}*"):
        name, currency = element.tag.rpartition("}")[2], element.get("currencyID")
        if currency is None and name != "InvoicedQuantity":
            continue
        if name != "PayableRoundingAmount" and number_in(element) < 0 and not _outside(element, name):
            yield error("BR-KSA-F-04", f"{name} must not be negative")
        if currency not in (None, own) and not _vat_total(element):
            yield error("BR-KSA-CL-02", f"{name} must be in {own}, the document's currency")
        if currency is not None and currency not in CURRENCIES:
            yield error("BR-CL-03", f"{currency!r} is no currency of ISO 4217")
    for name, rule in _EXACT.items():
        if decimals(root.text(_TOTAL + name)) > 2:
            yield warning(rule, f"{name} must not have more than 2 decimals")


def _outside(element: Any, name: str) -> bool:
    """Whether this is the taxable amount of what is outside the scope of VAT."""
    return name == "TaxableAmount" and Part(element.getparent()).text("cac:TaxCategory/cbc:ID") == "O"


def _vat_total(element: Any) -> bool:
    """Whether this is the VAT total of the document: that in the accounting currency is always in SAR."""
    above = element.getparent()
    return bool(above.tag == f"{{{CAC}}}TaxTotal" and above.getparent() is element.getroottree().getroot())


def _tax_totals(root: Part, *, detailed: bool) -> list[Part]:
    return [part for part in root.all("cac:TaxTotal") if part.has("cac:TaxSubtotal") == detailed]


def totals(root: Part) -> Iterator[Finding]:
    """The totals against the lines, the allowances and each other."""
    for rule, name in (("BR-14", "TaxInclusiveAmount"), ("BR-15", "PayableAmount")):
        if not root.text(_TOTAL + name):
            yield error(rule, f"An Invoice shall have the {name}")
    if not root.text(f"{_TOTAL}TaxExclusiveAmount"):
        yield warning("BR-13", "An Invoice shall have the TaxExclusiveAmount")
    net = sum((line.amount("cbc:LineExtensionAmount") for line in lines_of(root)), Decimal(0))
    if root.amount(f"{_TOTAL}LineExtensionAmount") != net:
        yield warning("BR-CO-10", "The sum of line net amounts (BT-106) is not that of the lines")
    yield from _allowances(root)
    less, more = root.amount(f"{_TOTAL}AllowanceTotalAmount"), root.amount(f"{_TOTAL}ChargeTotalAmount")
    without = root.amount(f"{_TOTAL}TaxExclusiveAmount")
    if without != root.amount(f"{_TOTAL}LineExtensionAmount") - less + more:
        yield warning("BR-CO-13", "The amount without VAT (BT-109) is not lines less allowances with charges")
    yield from _due(root, without)


def _allowances(root: Part) -> Iterator[Finding]:
    for charges, name, rule in (
        (False, "AllowanceTotalAmount", "BR-CO-11"),
        (True, "ChargeTotalAmount", "BR-CO-12"),
    ):
        found = [part for part in root.all("cac:AllowanceCharge") if is_charge(part) == charges]
        told = root.number(_TOTAL + name)
        if found and told is None:
            yield error(rule, f"{name} is missing")
        elif told is not None and told != sum((part.amount("cbc:Amount") for part in found), Decimal(0)):
            yield error(rule, f"{name} is not the sum")


def _due(root: Part, without: Decimal) -> Iterator[Finding]:
    detailed, plain = _tax_totals(root, detailed=True), _tax_totals(root, detailed=False)
    if len(detailed) != 1:
        yield warning("BR-KSA-EN16931-08", "There must be one VAT total with its breakdown")
    if len(plain) != 1:
        yield warning(
            "BR-KSA-EN16931-09", "There must be one VAT total in the accounting currency, without breakdown"
        )
    vat = detailed[0].amount("cbc:TaxAmount") if detailed else Decimal(0)
    rows = root.all("cac:TaxTotal/cac:TaxSubtotal")
    taxed = sum((row.amount("cbc:TaxAmount") for row in rows), Decimal(0))
    foreign = root.text("cbc:DocumentCurrencyCode") not in ("", "SAR")
    if foreign and plain and vat > 0 and plain[0].amount("cbc:TaxAmount") == vat:
        yield warning("BR-KSA-97", "The VAT total in SAR must differ from that in the document's currency")
    gross = root.amount(f"{_TOTAL}TaxInclusiveAmount")
    if gross != without + taxed:
        yield error("BR-CO-15", "The amount with VAT (BT-112) is not that without and the VAT")
    paid, rounding = root.amount(f"{_TOTAL}PrepaidAmount"), root.amount(f"{_TOTAL}PayableRoundingAmount")
    if root.amount(f"{_TOTAL}PayableAmount") != gross - paid + rounding:
        yield warning("BR-CO-16", "The amount due (BT-115) is not what is left of the total")
