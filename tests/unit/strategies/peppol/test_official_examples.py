"""The publishers' own examples: what their rules accept we read, pass, and rebuild as acceptably."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from agreeing.official import verdict
from tallystick.canonical import complete, decode
from tallystick.conformance import enrolment
from tallystick.strategy import Enrolment, Reads
from unit.formats.official import ABSENT, SHARED, WHY_ABSENT, fatal
from unit.strategies.peppol.agreement import peppol

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

FOLDERS = {"peppol-bis3": None, "peppol-bis3-sb": None, "en16931-ubl": "en16931"}
"""Some plain examples carry Peppol's identifier and break its rules: they are judged as what they are."""

EXAMPLES = [
    pytest.param(folder, path, id=f"{folder}/{path.name}")
    for folder in FOLDERS
    for path in sorted((SHARED / "official" / "examples" / folder).rglob("*.xml"))
]


def _enrolled(folder: str) -> Enrolment:
    """The test enrolment with the rules of the folder."""
    strategy: Any = peppol()
    settings = strategy.settings_type(rules=FOLDERS[folder])
    return replace(enrolment(strategy), settings=settings)


@pytest.mark.parametrize(("folder", "path"), EXAMPLES)
def test_an_example_survives(folder: str, path: Path, tmp_path: Path) -> None:
    if fatal(folder, path):
        pytest.skip("the publishers' own rules refuse this example")
    strategy = peppol()
    assert isinstance(strategy, Reads)
    enrolled = _enrolled(folder)

    reading = strategy.read(path.read_bytes())
    decoded = decode(reading.invoice)
    assert decoded.faults == ()
    assert decoded.invoice is not None
    completed = complete(decoded.invoice)
    faults = [*completed.faults, *strategy.check(completed.invoice, enrolled)]
    rebuilt = strategy.build(completed.invoice, enrolled).body
    again = strategy.read(rebuilt)
    target = tmp_path / "rebuilt.xml"
    target.write_bytes(rebuilt)

    assert faults == []
    assert fatal(folder, target) == []
    assert json.loads(again.invoice) == json.loads(reading.invoice)
    assert again.unread == ()


@pytest.mark.parametrize(("folder", "path"), EXAMPLES)
def test_an_example_is_judged_as_the_publishers_judge_it(folder: str, path: Path) -> None:
    """The same numbers, equally often, at the same levels; what we cannot even read they refuse."""
    strategy = peppol()
    assert isinstance(strategy, Reads)
    theirs = verdict(folder, path.read_bytes())

    decoded = decode(strategy.read(path.read_bytes()).invoice)

    if decoded.invoice is None:
        assert {fault.code for fault in decoded.faults} <= {"invoice/missing-term"}
        assert "error" in {severity for _, severity in theirs.found}
        return
    faults = strategy.check(complete(decoded.invoice).invoice, _enrolled(folder))
    ours = Counter((fault.rule.id, str(fault.severity)) for fault in faults if fault.rule)
    assert ours == Counter(theirs.found)
    assert theirs.crash == ""


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 40
