"""Small invoices whose sums are tried."""

import json
from typing import Any

from tallystick.canonical import Completed, Fault, Invoice, complete, decode, encode
from unit.canonical.documents import body_of, plain_document, plain_line


def invoice_of(**terms: Any) -> Invoice:
    decoded = decode(body_of(plain_document(**terms)))
    assert decoded.invoice is not None, decoded.faults
    return decoded.invoice


def completed_of(**terms: Any) -> dict[str, Any]:
    completed = complete(invoice_of(**terms))
    assert completed.faults == ()
    document: dict[str, Any] = json.loads(encode(completed.invoice))
    return document


def only_fault(completed: Completed) -> Fault:
    assert len(completed.faults) == 1, completed.faults
    return completed.faults[0]


def line_of(
    quantity: str, price: str, category: str = "S", rate: str | None = "19", **terms: Any
) -> dict[str, Any]:
    tax = {"category_code": category} | ({"rate": rate} if rate is not None else {})
    return plain_line(invoiced_quantity=quantity, price={"item_net_price": price}, tax=tax, **terms)


def entry_of(taxable: str, tax: str, category: str = "S", rate: str = "19") -> dict[str, str]:
    return {
        "tax_category_taxable_amount": taxable,
        "tax_category_tax_amount": tax,
        "tax_category_code": category,
        "tax_category_rate": rate,
    }
