"""As many tax rates as lines, each of them wrong: what is told of them takes no longer than the invoice."""

import json
import time
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from tallystick.conformance import judge
from tallystick.conformance.trial import example_of
from tallystick.strategies import load
from yardstick import second, undisturbed

FIXTURES: Final = Path(__file__).parents[3] / "fixtures"
MANY: Final = 4000
LONGEST: Final = 3.0
"""In seconds of an ordinary machine; whoever searches all lines for every fault needs six and more."""

_RATES: Final = [f"{number // 100}.{number % 100:02}" for number in range(1, MANY + 1)]


def _exempt_at_rates(document: Any) -> Any:
    """Lines of one category that has no rate, at rates that all differ: each is an entry, each is wrong."""
    line = document["lines"][0]
    lines = [
        line | {"line_identifier": str(place), "tax": {"category_code": "E", "rate": rate}}
        for place, rate in enumerate(_RATES)
    ]
    return document | {"lines": lines}


def _wrongly_broken_down(document: Any) -> Any:
    """Every rate stated, with sums that are not the lines'."""
    line = document["lines"][0]
    lines = [
        line | {"line_identifier": str(place), "tax": {"category_code": "S", "rate": rate}}
        for place, rate in enumerate(_RATES)
    ]
    stated = {"tax_category_taxable_amount": "1.00", "tax_category_tax_amount": "7.00"}
    entries = [stated | {"tax_category_code": "S", "tax_category_rate": rate} for rate in _RATES]
    return document | {"lines": lines, "tax_breakdown": entries}


def _unknown_on_allowances(document: Any) -> Any:
    """Allowances of a category that nobody knows: what is said of the computed entries is told at these."""
    unknown = {"amount": "1.00", "reason": "Rebate", "tax_category_code": "X"}
    return document | {"allowances": [unknown | {"tax_rate": rate} for rate in _RATES]}


@pytest.mark.parametrize("spoil", [_exempt_at_rates, _wrongly_broken_down, _unknown_on_allowances])
@pytest.mark.parametrize(
    ("strategy", "settings"),
    [
        ("peppol", {"rules": "en16931"}),
        ("peppol", {"rules": "en16931", "syntax": "cii"}),
        ("anz_pint", {}),
        ("ae_pint", {}),
        ("sa_zatca", {}),
    ],
)
def test_many_faults_take_no_longer_than_many_lines(spoil: Any, strategy: str, settings: Any) -> None:
    document = json.loads((FIXTURES / strategy / "standard" / "invoice.json").read_text())
    body = json.dumps(spoil(document)).encode()
    example = example_of(strategy)
    example = replace(example, settings=settings) if settings else example
    with undisturbed():
        began = time.process_time()
        judged = judge(load().by_name(strategy), body, example=example)
        took = time.process_time() - began
    assert len(judged.faults) >= MANY
    assert took < LONGEST * second()
