"""Invoices nobody wrote, of every rate and with everything that is folded: what is accepted is right."""

import importlib.util
import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tallystick.conformance import built, errors, judge
from tallystick.conformance.wire import problems
from unit.strategies.in_irp.official import ABSENT, ORACLE, WHY_ABSENT
from unit.strategies.in_irp.talks import FIXTURES, HOME, irp

RATES = ("0", "0.25", "3", "5", "18", "40")
INVOICES = 300


def _money(random: Random, most: int) -> str:
    return f"{random.randint(0, most * 100) / 100:.2f}"


def _tax(random: Random) -> dict[str, Any]:
    rate = random.choice(RATES)
    if random.random() < 0.1:
        return {"category_code": "E", "rate": "0"}
    on_top = []
    if rate != "0" and random.random() < 0.2:
        on_top.append({"code": "CESS", "rate": random.choice(("1", "5", "12.5")), "additional": True})
    if random.random() < 0.1:
        on_top.append({"code": "CESS_SPECIFIC", "amount": _money(random, 50), "additional": True})
    return {"category_code": "Z" if rate == "0" else "S", "rate": rate, "components": on_top}


def _line(random: Random, number: int) -> dict[str, Any]:
    whole = random.randint(-2 if random.random() < 0.15 else 1, 9)
    adjusted = {
        name: [{"amount": _money(random, 20)}] for name in ("allowances", "charges") if random.random() < 0.2
    }
    return {
        "line_identifier": str(number),
        "invoiced_quantity": f"{whole}.{random.randint(0, 999):03d}",
        "unit_of_measure_code": "C62",
        "price": {"item_net_price": f"{random.randint(0, 5000)}.{random.randint(0, 99999):05d}"},
        "tax": _tax(random),
        "item": {"name": "Gauge", "classification_identifiers": [{"scheme": "HS", "value": "90318000"}]},
        **adjusted,
    }


def _invoice(seed: int) -> bytes:
    random = Random(seed)
    case = random.choice(("standard", "intra_state"))
    content = json.loads((HOME / case / "invoice.json").read_bytes())
    content["lines"] = [_line(random, number) for number in range(1, random.randint(2, 8))]
    tax = random.choice(content["lines"])["tax"]
    like = {"tax_category_code": tax["category_code"], "tax_rate": tax["rate"]}
    if random.random() < 0.4:
        content["allowances"] = [{"amount": _money(random, 200), **like}]
    if random.random() < 0.4:
        untaxed = {"amount": _money(random, 20), "tax_category_code": "O"}
        content["charges"] = [{"amount": _money(random, 200), **like}, untaxed]
    return json.dumps(content).encode()


def _swallowed(body: bytes, invoice: Any) -> list[Decimal]:
    """The round-off, where it is more than the rounding of each amount: something is lost in it."""
    off = Decimal(json.loads(body, parse_float=Decimal)["ValDtls"]["RndOffAmt"])
    amounts = len(invoice.lines) + len(invoice.allowances) + len(invoice.charges) + 1
    return [off] if abs(off) > Decimal("0.05") * amounts else []


@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
def test_what_is_accepted_pleases_the_judge_and_comes_to_what_is_to_be_paid() -> None:
    spec = importlib.util.spec_from_file_location("check_inv01", ORACLE / "check_inv01.py")
    assert spec and spec.loader
    oracle: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(oracle)
    wrong, accepted = [], 0
    for seed in range(INVOICES):
        judged = judge(irp(), _invoice(seed), cases=FIXTURES)
        if judged.invoice is None or errors(judged.faults):
            continue
        document = built(irp(), judged)
        if document.marks["flow"] != "portal":
            continue
        accepted += 1
        report, _ = oracle.check(json.loads(document.body, parse_float=Decimal), profile="prod")
        wrong += [(seed, error) for error in report.errors]
        wrong += [(seed, off) for off in _swallowed(document.body, judged.invoice)]
        wrong += [(seed, problem) for problem in problems(irp(), judged.invoice, document)]

    assert wrong == []
    assert accepted > INVOICES * 3 / 4
