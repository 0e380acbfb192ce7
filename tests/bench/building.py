"""How long a UBL invoice takes to build, beside lxml serialising the same bytes and beside drafthorse."""

import gc
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from drafthorse.models.accounting import ApplicableTradeTax
from drafthorse.models.document import Document
from drafthorse.models.tradelines import LineItem
from lxml import etree

from tallystick import strategies
from tallystick.canonical import Invoice, complete, decode
from tallystick.conformance import enrolment

ROOT = Path(__file__).parents[2]
SIZES = (1, 10, 100, 1000)


def invoice_of(lines: int) -> Invoice:
    """The standard fixture with this many lines."""
    raw = json.loads((ROOT / "fixtures/peppol/standard/invoice.json").read_bytes())
    first = raw["lines"][0]
    raw["lines"] = [first | {"line_identifier": str(n + 1)} for n in range(lines)]
    for name in ("document_totals", "tax_breakdown", "allowances", "charges"):
        raw.pop(name, None)
    return completed(json.dumps(raw).encode())


def completed(body: bytes) -> Invoice:
    """The invoice of this canonical JSON with all its sums."""
    found = decode(body)
    if found.invoice is None:
        raise SystemExit(f"the fixture is no longer an invoice: {found.faults}")
    return complete(found.invoice).invoice


def drafted(lines: int) -> bytes:
    """A CII invoice with this many lines, by drafthorse."""
    document = Document()
    document.context.guideline_parameter.id = "urn:cen.eu:en16931:2017"
    document.header.id = "B-1"
    document.header.type_code = "380"
    document.header.issue_date_time = date(2026, 11, 20)
    document.trade.agreement.seller.name = "Seller Oy"
    document.trade.agreement.seller.address.country_id = "FI"
    document.trade.agreement.buyer.name = "Buyer Oy"
    document.trade.settlement.currency_code = "EUR"
    for number in range(lines):
        line = LineItem()
        line.document.line_id = str(number + 1)
        line.product.name = "Consulting"
        line.agreement.net.amount = Decimal("100.00")
        line.delivery.billed_quantity = (Decimal("1.0000"), "C62")
        line.settlement.trade_tax.type_code = "VAT"
        line.settlement.trade_tax.category_code = "S"
        line.settlement.trade_tax.rate_applicable_percent = Decimal("25.50")
        line.settlement.monetary_summation.total_amount = Decimal("100.00")
        document.trade.items.add(line)
    tax = ApplicableTradeTax()
    tax.calculated_amount = Decimal("25.50")
    tax.basis_amount = Decimal("100.00")
    tax.type_code = "VAT"
    tax.category_code = "S"
    tax.rate_applicable_percent = Decimal("25.50")
    document.trade.settlement.trade_tax.add(tax)
    return bytes(document.serialize(schema=None))


def best(work: Callable[[], Any], seconds: float) -> float:
    """Microseconds of one run: the best of several, garbage collection off."""
    gc.collect()
    gc.disable()
    try:
        fastest, until = float("inf"), time.perf_counter() + seconds
        while time.perf_counter() < until:
            began = time.perf_counter()
            work()
            fastest = min(fastest, time.perf_counter() - began)
    finally:
        gc.enable()
    return fastest * 1e6


def main() -> dict[str, dict[str, float]]:
    """The figures in microseconds, by number of lines; last the document that has every term of the model."""
    figures: dict[str, dict[str, float]] = {}
    for lines in SIZES:
        figures[str(lines)] = measured(invoice_of(lines)) | {"drafthorse": best(lambda: drafted(lines), 1.0)}  # noqa: B023
    figures["every term"] = measured(
        completed((ROOT / "fixtures/peppol/every_term/invoice.json").read_bytes())
    )
    return figures


def measured(invoice: Invoice) -> dict[str, float]:
    """Checking and building this invoice, and lxml serialising what was built."""
    strategy = strategies.load().by_name("peppol")
    place = enrolment(strategy)
    body = strategy.build(invoice, place).body
    tree = etree.fromstring(body)
    return {
        "bytes": len(body),
        "check": best(lambda: list(strategy.check(invoice, place)), 1.0),
        "build": best(lambda: strategy.build(invoice, place), 1.0),
        "lxml": best(lambda: etree.tostring(tree, encoding="UTF-8", xml_declaration=True), 1.0),
    }


if __name__ == "__main__":
    json.dump(main(), sys.stdout)
