"""The publisher's own examples: what its rules accept we read, pass, and rebuild as acceptably."""

import json
from pathlib import Path
from typing import Any

import pytest

from tallystick.canonical import complete, decode
from tallystick.conformance import enrolment
from tallystick.strategies import load
from unit.formats.official import ABSENT, SHARED, WHY_ABSENT, fatal

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

FOLDERS = ("pint-ae", "pint-ae-sb")

EXAMPLES = [
    pytest.param(folder, path, id=f"{folder}/{path.name}")
    for folder in FOLDERS
    for path in sorted((SHARED / "official" / "examples" / folder).glob("*.xml"))
]


def _strategy() -> Any:
    return load().by_name("ae_pint")


@pytest.mark.parametrize(("folder", "path"), EXAMPLES)
def test_an_example_survives(folder: str, path: Path, tmp_path: Path) -> None:
    strategy = _strategy()
    assert fatal(folder, path) == []

    reading = strategy.read(path.read_bytes())
    decoded = decode(reading.invoice, {strategy.regime: strategy.blocks})
    assert decoded.faults == ()
    assert decoded.invoice is not None
    completed = complete(decoded.invoice, strategy.decimals)
    enrolled = enrolment(strategy, invoice=completed.invoice)
    faults = [*completed.faults, *strategy.check(completed.invoice, enrolled)]
    rebuilt = strategy.build(completed.invoice, enrolled).body
    again = strategy.read(rebuilt)
    target = tmp_path / "rebuilt.xml"
    target.write_bytes(rebuilt)

    assert faults == []
    assert fatal(folder, target) == []
    assert list(_lost(json.loads(reading.invoice), json.loads(again.invoice), "")) == []
    assert again.unread == ()


def test_amounts_finer_than_their_currency_are_carried_as_they_are() -> None:
    folder = SHARED / "official" / "examples" / "pint-ae"
    standard = json.loads(_strategy().read((folder / "inv-Standard_tax_invoice.xml").read_bytes()).invoice)
    fine = json.loads(_strategy().read((folder / "inv-Disclosed.agent.billing.xml").read_bytes()).invoice)

    assert standard["tax_breakdown"][0]["tax_category_tax_amount"] == "532.1645"
    assert fine["lines"][0]["net_amount"] == "999.375"
    assert fine["tax_breakdown"][0]["tax_category_taxable_amount"] == "949.405"


def _lost(there: Any, here: Any, pointer: str) -> Any:
    """What stands in the first document and not in the second."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key, value in there.items():
            yield from _lost(value, here.get(key), f"{pointer}/{key}")
    elif isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for index, (one, other) in enumerate(zip(there, here, strict=True)):
            yield from _lost(one, other, f"{pointer}/{index}")
    elif there != here:
        yield pointer, there, here


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 21
