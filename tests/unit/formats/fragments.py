"""Pieces of UBL documents for tests, and what the reader makes of them."""

import json
from typing import Any

from tallystick.formats import ubl

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"


def read(content: str, root: str = "Invoice") -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The JSON, and what is left as path and value. `c:` and `b:` are the prefixes in here."""
    namespace = INVOICE if root == "Invoice" else CREDIT_NOTE
    body = f'<{root} xmlns="{namespace}" xmlns:c="{CAC}" xmlns:b="{CBC}">{content}</{root}>'
    reading = ubl.read(body.encode())
    return json.loads(reading.invoice), [(one.path, one.value) for one in reading.unread]


def money(tag: str, value: str, currency: str = "EUR") -> str:
    return f'<b:{tag} currencyID="{currency}">{value}</b:{tag}>'


EUR = "<b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>"


def seller(content: str) -> str:
    return f"<c:AccountingSupplierParty><c:Party>{content}</c:Party></c:AccountingSupplierParty>"
