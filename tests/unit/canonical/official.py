"""The money of a UBL document, read with the standard library alone: enough to try the arithmetic on."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

SHELF = Path(__file__).parents[3] / "../shared/official/examples"
_C = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
_A = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"


def examples(*folders: str) -> list[Path]:
    """The official UBL files of these folders, none if the shelf is not there."""
    return [path for folder in folders for path in sorted((SHELF / folder).rglob("*.xml"))]


def money(path: Path) -> dict[str, Any]:
    """A canonical document with the file's amounts and with invented words around them."""
    root = ET.parse(path).getroot()
    currency = root.findtext(f"{_C}DocumentCurrencyCode")
    document = {
        "invoice_number": "1",
        "issue_date": "2026-01-01",
        "type_code": "380",
        "currency_code": currency,
        "transaction_type": "b2c",
        "seller": {"name": "Seller", "postal_address": {"country_code": "DE"}},
        "allowances": _allowances(root, "false"),
        "charges": _allowances(root, "true"),
        "document_totals": _totals(root, currency),
        "tax_breakdown": [_subtotal(node) for node in root.findall(f"{_A}TaxTotal/{_A}TaxSubtotal")],
        "lines": [_line(node) for node in root if node.tag in (f"{_A}InvoiceLine", f"{_A}CreditNoteLine")],
    }
    if tax_currency := root.findtext(f"{_C}TaxCurrencyCode"):
        document["tax_currency_code"] = tax_currency
    return document


def _present(**terms: str | None) -> dict[str, str]:
    return {name: text.strip() for name, text in terms.items() if text is not None}


def _category(node: ET.Element) -> tuple[str, str | None]:
    return node.findtext(f"{_C}ID", "").strip(), node.findtext(f"{_C}Percent")


def _allowances(root: ET.Element, indicator: str) -> list[dict[str, str]]:
    found = []
    for node in root.findall(f"{_A}AllowanceCharge"):
        if node.findtext(f"{_C}ChargeIndicator", "").strip() == indicator:
            category = node.find(f"{_A}TaxCategory")
            assert category is not None
            code, rate = _category(category)
            amount = node.findtext(f"{_C}Amount")
            found.append(_present(amount=amount, tax_category_code=code, tax_rate=rate))
    return found


def _totals(root: ET.Element, currency: str | None) -> dict[str, str]:
    node = root.find(f"{_A}LegalMonetaryTotal")
    assert node is not None
    taxes = {tax.get("currencyID"): tax.text for tax in root.findall(f"{_A}TaxTotal/{_C}TaxAmount")}
    return _present(
        sum_of_invoice_line_net_amount=node.findtext(f"{_C}LineExtensionAmount"),
        sum_of_allowances=node.findtext(f"{_C}AllowanceTotalAmount"),
        sum_of_charges=node.findtext(f"{_C}ChargeTotalAmount"),
        total_amount_without_tax=node.findtext(f"{_C}TaxExclusiveAmount"),
        total_tax_amount=taxes.get(currency),
        total_amount_with_tax=node.findtext(f"{_C}TaxInclusiveAmount"),
        paid_amount=node.findtext(f"{_C}PrepaidAmount"),
        rounding_amount=node.findtext(f"{_C}PayableRoundingAmount"),
        amount_due_for_payment=node.findtext(f"{_C}PayableAmount"),
    )


def _subtotal(node: ET.Element) -> dict[str, str]:
    category = node.find(f"{_A}TaxCategory")
    assert category is not None
    code, rate = _category(category)
    return _present(
        tax_category_taxable_amount=node.findtext(f"{_C}TaxableAmount"),
        tax_category_tax_amount=node.findtext(f"{_C}TaxAmount"),
        tax_category_code=code,
        tax_category_rate=rate,
    )


def _line(node: ET.Element) -> dict[str, Any]:
    category = node.find(f"{_A}Item/{_A}ClassifiedTaxCategory")
    code, rate = _category(category) if category is not None else ("S", None)
    quantity = node.findtext(f"{_C}InvoicedQuantity", "") or node.findtext(f"{_C}CreditedQuantity", "1")
    price = node.findtext(f"{_A}Price/{_C}PriceAmount", "0")
    base = node.findtext(f"{_A}Price/{_C}BaseQuantity")
    return {
        "line_identifier": "1",
        "invoiced_quantity": quantity.strip(),
        "unit_of_measure_code": "C62",
        "net_amount": node.findtext(f"{_C}LineExtensionAmount", "").strip(),
        "price": _present(item_net_price=price, base_quantity=base),
        "tax": _present(category_code=code, rate=rate),
        "item": {"name": "Item"},
    }
