"""Lines that take a prepayment off."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tallystick.sandbox.fatoora.finding import Finding, error, warning
from tallystick.sandbox.fatoora.law.words import CENT, label, lines_of, rounded
from tallystick.sandbox.judge.paper import Part

_SUBTOTAL = "cac:TaxTotal/cac:TaxSubtotal"
_NOUGHT = ("cbc:LineExtensionAmount", "cac:TaxTotal/cbc:TaxAmount", "cac:TaxTotal/cbc:RoundingAmount")
_NAMED = ("cbc:ID", "cbc:IssueDate", "cbc:IssueTime", "cbc:DocumentTypeCode")


def prepaid(root: Part) -> Iterator[Finding]:
    """Each such line, and their sum against the prepaid amount."""
    total, taken = root.amount("cac:LegalMonetaryTotal/cbc:PrepaidAmount"), Decimal(0)
    any_reference = False
    for line in lines_of(root):
        for subtotal in line.all(_SUBTOTAL):
            taken += subtotal.amount("cbc:TaxableAmount") + subtotal.amount("cbc:TaxAmount")
            yield from _rate(line, subtotal)
        reference = line.one("cac:DocumentReference")
        if reference is not None:
            any_reference = True
            yield from _line(line, reference)
    if rounded(total) != rounded(taken):
        yield warning(
            "BR-KSA-80", "The prepaid amount (BT-113) must be the sum of all prepayments with their VAT"
        )
    if total > 0 and not any_reference:
        yield warning("BR-KSA-73", "A prepaid amount needs the documents it was paid with")


def _line(line: Part, reference: Part) -> Iterator[Finding]:
    if not all(reference.has(name) for name in _NAMED):
        yield warning("BR-KSA-73", f"The prepayment of {label(line)} must have number, date, time and type")
    if reference.text("cbc:DocumentTypeCode") not in ("", "386"):
        yield error("BR-KSA-74", f"The prepayment of {label(line)} must be of type 386")
    if any(line.amount(name) != 0 for name in (*_NOUGHT, "cac:Price/cbc:PriceAmount")):
        yield error("BR-KSA-82", f"{label(line)} takes a prepayment off and must itself be zero")
    needed = ("cbc:TaxableAmount", "cbc:TaxAmount", "cac:TaxCategory/cbc:ID")
    subtotal = line.one(_SUBTOTAL)
    if subtotal is None or not all(subtotal.has(name) for name in needed):
        yield warning("BR-KSA-75", f"{label(line)} must tell the prepayment's VAT")


def _rate(line: Part, subtotal: Part) -> Iterator[Finding]:
    code, rate = subtotal.text("cac:TaxCategory/cbc:ID"), subtotal.amount("cac:TaxCategory/cbc:Percent")
    if code == "S":
        due = rounded(subtotal.amount("cbc:TaxableAmount") * rate / 100)
        if abs(due - subtotal.amount("cbc:TaxAmount")) > CENT:
            yield warning("BR-KSA-79", f"The VAT of the prepayment in {label(line)} is not its rate of it")
    elif rate != 0:
        rule = {"Z": "BR-KSA-76", "E": "BR-KSA-77", "O": "BR-KSA-78"}.get(code, "BR-KSA-18")
        yield warning(rule, f"The prepayment in {label(line)} must have the rate 0")
