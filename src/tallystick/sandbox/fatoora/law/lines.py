"""Lines: quantity, price, net, VAT."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tallystick.sandbox.fatoora.finding import Finding, error, warning
from tallystick.sandbox.fatoora.law.allowances import percentage
from tallystick.sandbox.fatoora.law.rates import category
from tallystick.sandbox.fatoora.law.words import (
    CENT,
    decimals,
    is_charge,
    label,
    lines_of,
    rounded,
    scheme_is_vat,
    standard,
)
from tallystick.sandbox.judge.paper import Part

_CATEGORY = "cac:Item/cac:ClassifiedTaxCategory"
_VAT, _GROSS = "cac:TaxTotal/cbc:TaxAmount", "cac:TaxTotal/cbc:RoundingAmount"


def lines(root: Part) -> Iterator[Finding]:
    """Every line by itself."""
    found = lines_of(root)
    if not found:
        yield error("BR-16", "An Invoice shall have at least one Invoice line (BG-25)")
    if standard(root):
        yield from _standard(found)
    for line in found:
        yield from _present(line)
        yield from _category(line)
        yield from _net(line)
        yield from _tax(line)


def _standard(found: list[Part]) -> Iterator[Finding]:
    if not all(line.text(_VAT) for line in found):
        yield error("BR-KSA-52", "Every line of a standard document must contain its VAT (KSA-11)")
    if not all(line.text(_GROSS) for line in found):
        yield error("BR-KSA-53", "Every line of a standard document must contain its gross amount (KSA-12)")


def _present(line: Part) -> Iterator[Finding]:
    where = label(line)
    if not line.text("cbc:ID"):
        yield warning("BR-21", "Each Invoice line shall have an identifier (BT-126)")
    elif len(line.text("cbc:ID")) > 6:
        yield error("BR-KSA-F-06-C17", f"The identifier of {where} is longer than 6 characters")
    if line.text("cbc:InvoicedQuantity") in ("", "0"):
        yield error("BR-22", f"{where} shall have an invoiced quantity (BT-129)")
    if not line.text("cbc:LineExtensionAmount"):
        yield error("BR-24", f"{where} shall have a net amount (BT-131)")
    if not line.text("cac:Item/cbc:Name"):
        yield warning("BR-25", f"{where} shall contain the item name (BT-153)")
    if not line.text("cac:Price/cbc:PriceAmount"):
        yield error("BR-26", f"{where} shall contain the item net price (BT-146)")


def _category(line: Part) -> Iterator[Finding]:
    found = line.one(_CATEGORY)
    if found is None or not found.text("cbc:ID") or not scheme_is_vat(found):
        yield error("BR-CO-04", f"{label(line)} shall be categorised with a VAT category code (BT-151)")
        return
    code, rate = found.text("cbc:ID"), found.number("cbc:Percent")
    yield from category(found, label(line))
    if code == "O" and rate:
        yield error("BR-KSA-11", f"{label(line)} is outside the scope of VAT and has a rate")
    if code in ("Z", "E") and rate != 0:
        yield error(f"BR-{code}-05", f"The VAT rate of {label(line)} must be 0")
    if code == "S" and not rate:
        yield warning("BR-S-05", f"The VAT rate of {label(line)} must be above 0")


def _net(line: Part) -> Iterator[Finding]:
    price, base = line.amount("cac:Price/cbc:PriceAmount"), line.number("cac:Price/cbc:BaseQuantity")
    if base is not None and base <= 0:
        yield error("BR-KSA-EN16931-12", f"The base quantity of {label(line)} must be above zero")
        return
    yield from _price(line)
    net = rounded(price / (base or Decimal(1)) * line.amount("cbc:InvoicedQuantity"))
    for part in line.all("cac:AllowanceCharge"):
        net += part.amount("cbc:Amount") if is_charge(part) else -part.amount("cbc:Amount")
        yield from percentage(part)
        if is_charge(part) and not part.text("cbc:AllowanceChargeReasonCode"):
            yield warning("BR-KSA-20", f"A charge of {label(line)} must have a reason code")
        if is_charge(part) and not part.text("cbc:AllowanceChargeReason"):
            yield warning("BR-KSA-22", f"A charge of {label(line)} must have a reason")
    if abs(net - line.amount("cbc:LineExtensionAmount")) > CENT:
        yield warning(
            "BR-KSA-EN16931-11", f"The net amount of {label(line)} is not what price and quantity give"
        )


def _price(line: Part) -> Iterator[Finding]:
    for part in line.all("cac:Price/cac:AllowanceCharge"):
        if is_charge(part):
            yield error("BR-KSA-EN16931-06", f"The price of {label(line)} must not carry a charge")
        gross = part.number("cbc:BaseAmount")
        if gross is not None and line.amount("cac:Price/cbc:PriceAmount") != gross - part.amount(
            "cbc:Amount"
        ):
            yield error("BR-KSA-EN16931-07", f"The net price of {label(line)} is not gross less allowance")


def _tax(line: Part) -> Iterator[Finding]:
    vat, gross = line.number(_VAT), line.number(_GROSS)
    due = (vat or 0) + line.amount("cbc:LineExtensionAmount")
    if vat is not None and gross is not None and rounded(gross) != rounded(due):
        yield warning("BR-KSA-51", f"The gross amount of {label(line)} is not its net and its VAT")
    if decimals(line.text(_VAT)) > 2:
        yield warning("BR-KSA-DEC-03", f"The VAT of {label(line)} has more than 2 decimals")
    if decimals(line.text(_GROSS)) > 2:
        yield warning("BR-KSA-DEC-04", f"The gross amount of {label(line)} has more than 2 decimals")
