"""Currencies of three decimals and of none: what is computed keeps the rules of the network."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tallystick.conformance import errors, judge
from tallystick.strategies import load

FIXTURES: Final = Path(__file__).parents[3] / "fixtures"
CASES: Final[tuple[tuple[str, str], ...]] = (
    ("peppol", "standard"),
    ("peppol", "xrechnung"),
    ("peppol", "plain_en16931_in_cii"),
    ("anz_pint", "standard"),
    ("ae_pint", "foreign_currency"),
)


def _in(currency: str, strategy: str, case: str, *, decimals: int = 2, **changes: Any) -> bytes:
    """The case in another currency: one line, of a price that is finer than sums, if the currency can be."""
    document = json.loads((FIXTURES / strategy / case / "invoice.json").read_text())
    for sums in ("allowances", "charges", "document_totals", "tax_breakdown"):
        document.pop(sums, None)
    price = {"item_net_price": "333.337" if decimals else "333"}
    line = document["lines"][0] | {"invoiced_quantity": "3", "price": price}
    line = {
        name: value for name, value in line.items() if name not in ("allowances", "charges", "net_amount")
    }
    if "exchange_rate" in document:
        document["exchange_rate"]["from"] = currency
    return json.dumps(document | {"currency_code": currency, "lines": [line]} | changes).encode()


@pytest.mark.parametrize(
    ("currency", "decimals", "strategy", "case"),
    [
        *((currency, 2, *case) for currency in ("KWD", "BHD", "OMR", "EUR") for case in CASES),
        *(("JPY", 0, *case) for case in CASES if case[0] != "ae_pint"),  # its slack is less than a yen
    ],
)
def test_computed_amounts_have_two_decimals_at_most(
    currency: str, decimals: int, strategy: str, case: str
) -> None:
    judged = judge(load().by_name(strategy), _in(currency, strategy, case, decimals=decimals))
    assert judged.invoice is not None
    assert errors(judged.faults) == ()
    totals = judged.invoice.document_totals
    assert totals.amount_due_for_payment is not None
    assert totals.amount_due_for_payment.as_tuple().exponent == -decimals


def test_so_has_the_tax_in_the_currency_it_is_accounted_in() -> None:
    exchange = {"from": "EUR", "to": "KWD", "rate": "0.3367"}
    body = _in("EUR", "peppol", "standard", tax_currency_code="KWD", exchange_rate=exchange)
    judged = judge(load().by_name("peppol"), body)
    assert judged.invoice is not None
    assert errors(judged.faults) == ()
    assert str(judged.invoice.document_totals.total_tax_amount_in_accounting_currency) == "85.86"
