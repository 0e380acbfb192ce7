"""The publisher's own examples: all are accepted, and rebuilt without losing anything."""

import json
from pathlib import Path
from typing import Any

import pytest

from tallystick.canonical import complete, decode
from tallystick.conformance import enrolment
from tallystick.strategies import load
from unit.formats.official import ABSENT, SHARED, WHY_ABSENT, fatal

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

EXAMPLES = [
    pytest.param(folder, path, id=f"{folder}/{path.name}")
    for folder in ("pint-aunz", "pint-aunz-sb")
    for path in sorted((SHARED / "official" / "examples" / folder).glob("*.xml"))
]


@pytest.mark.parametrize(("folder", "path"), EXAMPLES)
def test_an_example_survives(folder: str, path: Path, tmp_path: Path) -> None:
    strategy: Any = load().by_name("anz_pint")
    assert fatal(folder, path) == []

    reading = strategy.read(path.read_bytes())
    decoded = decode(reading.invoice, {})
    assert decoded.invoice is not None
    completed = complete(decoded.invoice)
    enrolled = enrolment(strategy, invoice=completed.invoice)
    faults = [*decoded.faults, *completed.faults, *strategy.check(completed.invoice, enrolled)]
    target = tmp_path / "rebuilt.xml"
    target.write_bytes(strategy.build(completed.invoice, enrolled).body)
    again = strategy.read(target.read_bytes())

    assert faults == []
    assert fatal(folder, target) == []
    assert (reading.unread, again.unread) == ((), ())
    assert json.loads(again.invoice) == json.loads(reading.invoice)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 15
