"""EN 16931 and Peppol arithmetic: sums, tax, line amounts, price, decimals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_FLOOR, Decimal

from tallystick.sandbox.judge.complaint import Addressing, Complaint, label, lines_of
from tallystick.sandbox.judge.paper import Part

_CENT = Decimal("0.01")
_SLACK = Decimal("0.02")
_TOTALS = "cac:LegalMonetaryTotal"


def cents(value: Decimal) -> Decimal:
    """Rounded to two decimals, halves towards plus infinity, as XPath's round() does."""
    return (whole(value * 100) / 100).quantize(_CENT)


def whole(value: Decimal) -> Decimal:
    """Rounded to an integer, halves towards plus infinity."""
    return (value + Decimal("0.5")).to_integral_value(ROUND_FLOOR)


def _sum(parts: Iterable[Part], path: str) -> Decimal:
    return sum((part.amount(path) for part in parts), Decimal(0))


def _charges(root: Part, *, charge: bool) -> list[Part]:
    wanted = "true" if charge else "false"
    return [entry for entry in root.all("cac:AllowanceCharge") if entry.text("cbc:ChargeIndicator") == wanted]


def _stated(total: Part, rule: str, name: str, expected: Decimal) -> Iterator[Complaint]:
    stated = total.one(f"cbc:{name}")
    if stated is not None and stated.value != expected:
        text = f"{name} is {stated.value}, the document adds up to {expected}"
        yield Complaint(rule, text, stated.place)


def totals(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-CO-10 to BR-CO-13, BR-CO-15, BR-CO-16 on the document totals (BG-22)."""
    total = root.one(_TOTALS)
    if total is None:
        return
    yield from _stated(
        total, "BR-CO-10", "LineExtensionAmount", cents(_sum(lines_of(root), "cbc:LineExtensionAmount"))
    )
    for rule, name, charge in (
        ("BR-CO-11", "AllowanceTotalAmount", False),
        ("BR-CO-12", "ChargeTotalAmount", True),
    ):
        entries = _charges(root, charge=charge)
        if entries and not total.has(f"cbc:{name}"):
            yield Complaint(rule, f"{name} is missing though the document has such entries", total.place)
        yield from _stated(total, rule, name, cents(_sum(entries, "cbc:Amount")))
    net = (
        total.amount("cbc:LineExtensionAmount")
        + total.amount("cbc:ChargeTotalAmount")
        - total.amount("cbc:AllowanceTotalAmount")
    )
    yield from _stated(total, "BR-CO-13", "TaxExclusiveAmount", cents(net))
    yield from _gross(root, total)
    due = (
        total.amount("cbc:TaxInclusiveAmount")
        - total.amount("cbc:PrepaidAmount")
        + total.amount("cbc:PayableRoundingAmount")
    )
    yield from _stated(total, "BR-CO-16", "PayableAmount", cents(due))


def _gross(root: Part, total: Part) -> Iterator[Complaint]:
    currency = root.text("cbc:DocumentCurrencyCode")
    found = [
        amount
        for amount in root.all("cac:TaxTotal/cbc:TaxAmount")
        if amount.attribute("currencyID") == currency
    ]
    if len(found) != 1:
        yield Complaint("BR-CO-15", f"{len(found)} tax totals in {currency}, there must be one")
        return
    expected = cents(total.amount("cbc:TaxExclusiveAmount") + found[0].value)
    yield from _stated(total, "BR-CO-15", "TaxInclusiveAmount", expected)


def taxes(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-CO-14, BR-CO-17, BR-CO-18: tax total against its breakdown, each rate against its base."""
    if not root.has("cac:TaxTotal/cac:TaxSubtotal"):
        yield Complaint("BR-CO-18", "there is no VAT breakdown (BG-23)")
    for total in root.all("cac:TaxTotal"):
        subtotals = total.all("cac:TaxSubtotal")
        if subtotals:
            yield from _stated(total, "BR-CO-14", "TaxAmount", cents(_sum(subtotals, "cbc:TaxAmount")))
        for subtotal in subtotals:
            yield from _rate(subtotal)


def _rate(subtotal: Part) -> Iterator[Complaint]:
    base, tax = subtotal.amount("cbc:TaxableAmount"), subtotal.amount("cbc:TaxAmount")
    percent = subtotal.amount("cac:TaxCategory/cbc:Percent")
    expected = cents(abs(base) * percent / 100)
    near = abs(abs(tax) - expected) < 1 if whole(percent) else whole(tax) == 0
    if not near:
        yield Complaint("BR-CO-17", f"tax {tax} is not {percent} % of {base} ({expected})", subtotal.place)


def line_amounts(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """PEPPOL-EN16931-R120, R121, R130: net amount of a line from quantity, price and its own entries."""
    counted = "cbc:InvoicedQuantity" if root.name == "Invoice" else "cbc:CreditedQuantity"
    for number, line in enumerate(lines_of(root), 1):
        where = label(line, number)
        base = line.number("cac:Price/cbc:BaseQuantity")
        if base is not None and base <= 0:
            yield Complaint("PEPPOL-EN16931-R121", f"the base quantity of {where} is {base}", line.place)
        quantity = line.number(counted)
        extra = cents(_sum(_charges(line, charge=True), "cbc:Amount")) - cents(
            _sum(_charges(line, charge=False), "cbc:Amount")
        )
        price = line.amount("cac:Price/cbc:PriceAmount") / (base or Decimal(1))
        expected = (Decimal(1) if quantity is None else quantity) * price + extra
        stated = line.amount("cbc:LineExtensionAmount")
        if abs(stated - expected) > _SLACK:
            text = f"net amount of {where} is {stated}, expected {expected}"
            yield Complaint("PEPPOL-EN16931-R120", text, f"{line.place}/cbc:LineExtensionAmount")
        yield from _unit(line, counted, where)


def _unit(line: Part, counted: str, where: str) -> Iterator[Complaint]:
    base, quantity = line.one("cac:Price/cbc:BaseQuantity"), line.one(counted)
    unit = "" if base is None else base.attribute("unitCode")
    if unit and quantity is not None and unit != quantity.attribute("unitCode"):
        yield Complaint(
            "PEPPOL-EN16931-R130", f"the base quantity of {where} is in {unit}, its quantity is not"
        )


def entries(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """PEPPOL-EN16931-R040 to R046: amounts of allowances and charges, discount on the price."""
    found = root.all("cac:AllowanceCharge")
    for line in lines_of(root):
        found.extend(line.all("cac:AllowanceCharge"))
        yield from _discount(line)
    for entry in found:
        yield from _entry(entry)


def _entry(entry: Part) -> Iterator[Complaint]:
    percent, base = entry.number("cbc:MultiplierFactorNumeric"), entry.number("cbc:BaseAmount")
    if percent is not None and base is not None:
        amount = entry.amount("cbc:Amount")
        if abs(amount - base * percent / 100) > _SLACK:
            text = f"amount {amount} is not {percent} % of {base}"
            yield Complaint("PEPPOL-EN16931-R040", text, f"{entry.place}/cbc:Amount")
    elif percent is not None:
        yield Complaint("PEPPOL-EN16931-R041", "a percentage without its base amount", entry.place)
    elif base is not None:
        yield Complaint("PEPPOL-EN16931-R042", "a base amount without its percentage", entry.place)
    if entry.text("cbc:ChargeIndicator") not in ("true", "false"):
        yield Complaint("PEPPOL-EN16931-R043", "ChargeIndicator must be true or false")


def _discount(line: Part) -> Iterator[Complaint]:
    for entry in line.all("cac:Price/cac:AllowanceCharge"):
        if entry.text("cbc:ChargeIndicator") != "false":
            yield Complaint("PEPPOL-EN16931-R044", "a charge on price level is not allowed")
        gross = entry.number("cbc:BaseAmount")
        net = line.amount("cac:Price/cbc:PriceAmount")
        if gross is not None and net != gross - entry.amount("cbc:Amount"):
            yield Complaint("PEPPOL-EN16931-R046", f"net price {net} is not gross {gross} less its discount")


_DECIMALS = {
    "LineExtensionAmount": "BR-DEC-23",
    "AllowanceTotalAmount": "BR-DEC-10",
    "ChargeTotalAmount": "BR-DEC-11",
    "TaxExclusiveAmount": "BR-DEC-12",
    "TaxInclusiveAmount": "BR-DEC-14",
    "PrepaidAmount": "BR-DEC-16",
    "PayableRoundingAmount": "BR-DEC-17",
    "PayableAmount": "BR-DEC-18",
    "TaxableAmount": "BR-DEC-19",
    "TaxAmount": "BR-DEC-20",
}
_ENTRY_DECIMALS = {
    (False, "false"): ("BR-DEC-01", "BR-DEC-02"),
    (False, "true"): ("BR-DEC-05", "BR-DEC-06"),
    (True, "false"): ("BR-DEC-24", "BR-DEC-25"),
    (True, "true"): ("BR-DEC-27", "BR-DEC-28"),
}


def decimals(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-DEC-*: amounts have at most two decimals; prices and quantities are free."""
    for element in root.element.iter("*"):
        name = element.tag.rpartition("}")[2]
        text = (element.text or "").strip()
        if len(text.partition(".")[2]) > 2 and name in _DECIMALS:
            rule = _DECIMALS[name]
            if name == "LineExtensionAmount" and element.getparent().tag.endswith("LegalMonetaryTotal"):
                rule = "BR-DEC-09"
            yield Complaint(rule, f"{name} {text} has more than two decimals")
    owners = [(False, root), *((True, line) for line in lines_of(root))]
    for on_line, owner in owners:
        for entry in owner.all("cac:AllowanceCharge"):
            rules = _ENTRY_DECIMALS.get((on_line, entry.text("cbc:ChargeIndicator")))
            for rule, path in zip(rules or (), ("cbc:Amount", "cbc:BaseAmount"), strict=False):
                if len(entry.text(path).partition(".")[2]) > 2:
                    yield Complaint(rule, f"{entry.text(path)} has more than two decimals")
