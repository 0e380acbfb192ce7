"""Writes `fixtures/peppol/thousand_lines/invoice.json`: run it once, the file is what counts.

`python tests/unit/strategies/peppol/thousand_lines.py`
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[4] / "fixtures" / "peppol"
THINGS = ("Gauge pin", "Feeler blade", "Ring gauge", "Dowel", "Shim", "Bushing", "Spring", "Washer")


def line(number: int) -> dict[str, Any]:
    """Prices from 0.045 on, quantities from 1 to 40: sums that float arithmetic would get wrong."""
    return {
        "line_identifier": str(number),
        "invoiced_quantity": str(number % 40 + 1),
        "unit_of_measure_code": "C62",
        "price": {"item_net_price": f"{number * 45 % 9973 / 1000:.3f}"},
        "tax": {"category_code": "S", "rate": "14" if number % 10 == 0 else "25.5"},
        "item": {"name": f"{THINGS[number % len(THINGS)]} {number / 100:.2f} mm"},
    }


def main() -> None:
    """The standard case's parties and terms, other lines."""
    document = json.loads((FOLDER / "standard" / "invoice.json").read_text())
    document |= {"invoice_number": "SP-2026-1000", "lines": []}
    head = json.dumps(document, indent=2, ensure_ascii=False).removesuffix("[]\n}")
    lines = ",\n".join(f"    {json.dumps(line(number))}" for number in range(1, 1001))
    target = FOLDER / "thousand_lines" / "invoice.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(f"{head}[\n{lines}\n  ]\n}}\n")


if __name__ == "__main__":
    main()
