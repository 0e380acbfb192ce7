"""What the amounts of each tax category come to, line by line and all together."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from tallystick.canonical import Invoice, complete, decode
from tallystick.rules.en16931.uses import Uses, first_uses

FIXTURES: Final = Path(__file__).parents[3] / "fixtures"

TAXES: Final = (("S", "25.5"), ("S ", "25.50"), ("S", "14"), ("E", "0"), ("S", "25.5"), ("O", None))


def invoice(lines: int, **groups: Any) -> Invoice:
    """So many lines of 10, 20, 30 and so on, taxed in turn as `TAXES` say."""
    document = json.loads((FIXTURES / "peppol/standard/invoice.json").read_bytes())
    first = document["lines"][0]
    document["lines"] = [
        first
        | {
            "line_identifier": str(place),
            "invoiced_quantity": "1",
            "price": {"item_net_price": f"{place + 1}0"},
            "tax": {"category_code": code} | ({"rate": rate} if rate else {}),
        }
        for place, (code, rate) in enumerate(TAXES[:lines])
    ]
    for name in ("document_totals", "tax_breakdown", "allowances", "charges"):
        document.pop(name, None)
    decoded = decode(json.dumps(document | groups).encode())
    assert decoded.invoice is not None, decoded.faults
    return complete(decoded.invoice).invoice


def adjustment(code: str, rate: str, amount: str) -> dict[str, str]:
    return {"amount": amount, "reason": "x", "tax_category_code": code, "tax_rate": rate}


LESS: Final = [adjustment("S", "25.5", "3"), adjustment("Z", "0", "1")]
MORE: Final = [adjustment(" S", "14.0", "5")]


def test_lines_of_one_category_and_rate_come_together_however_these_are_written() -> None:
    uses = Uses(invoice(6))

    assert uses.sums == {
        "S": {Decimal("25.5"): Decimal(80), Decimal(14): Decimal(30)},
        "E": {Decimal(0): Decimal(40)},
        "O": {None: Decimal(60)},
    }
    assert (uses.total("S"), uses.total("O"), uses.total("Z")) == (Decimal(110), Decimal(60), None)
    assert uses.at("S", Decimal(10)) is None


def test_allowances_are_taken_off_and_charges_added() -> None:
    uses = Uses(invoice(1, allowances=LESS, charges=MORE))

    assert uses.sums == {
        "S": {Decimal("25.5"): Decimal(7), Decimal(14): Decimal(5)},
        "Z": {Decimal(0): Decimal(-1)},
    }
    assert uses.adjusted("S", Decimal("25.5")) == Decimal(-3)
    assert uses.adjusted("S", Decimal(10)) is None
    assert uses.adjusted("E", Decimal(0)) is None


@pytest.mark.parametrize("lines", [1, 2, 6])
@pytest.mark.parametrize("groups", [{}, {"allowances": LESS}, {"charges": MORE}])
def test_sums_are_those_of_their_parts(lines: int, groups: dict[str, Any]) -> None:
    uses = Uses(invoice(lines, **groups))

    for name, rates in uses.sums.items():
        assert uses.total(name) == sum(uses.parts.of(name, None, any_rate=True))
        for rate, amount in rates.items():
            assert amount == sum(uses.parts.of(name, rate, any_rate=False))


def test_a_line_without_an_amount_counts_nothing() -> None:
    one = invoice(1)
    without = replace(one, lines=(replace(one.lines[0], net_amount=None),))

    assert Uses(without).sums == {"S": {Decimal("25.5"): Decimal(0)}}


def test_each_category_is_pointed_at_where_it_is_first_used() -> None:
    assert first_uses(invoice(6, allowances=LESS, charges=MORE)) == {
        "S": {"line": "/lines/0/tax", "allowance": "/allowances/0", "charge": "/charges/0"},
        "E": {"line": "/lines/3/tax"},
        "O": {"line": "/lines/5/tax"},
        "Z": {"allowance": "/allowances/1"},
    }
