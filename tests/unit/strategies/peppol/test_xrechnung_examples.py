"""The publishers' own examples, of XRechnung and of EN 16931 in CII: judged as there, and rebuilt."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tallystick.canonical import Invoice, canonical_bytes, complete, decode
from tallystick.conformance import enrolment
from tallystick.strategy import Enrolment, Reading
from unit.formats.official import ABSENT, SHARED, WHY_ABSENT, fatal, oracle, tool
from unit.strategies.peppol.agreement import peppol

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

COUNTS = {
    "en16931-cii": 9,
    "xrechnung-ubl": 25,
    "xrechnung-cii": 25,
    "xrechnung-ext-cii": 1,
    "xrechnung-cvd-ubl": 1,
    "xrechnung-cvd-cii": 1,
}
LEVELS = {"fatal": "error", "warning": "warning", "information": "info"}
OUR_OWN = "xrechnung/leitweg-id"
CARRIED_ELSEWHERE = ("GrossPriceProductTradePrice/BasisQuantity", "DefinedTradeContact/DepartmentName")
"""Said once by our writer, with the net price; and a department is the contact's name."""


def examples(*folders: str) -> list[Any]:
    """The documents of the folders, by folder and name."""
    return [
        pytest.param(folder, path, id=f"{folder}/{path.name}")
        for folder in folders
        for path in sorted((SHARED / "official" / "examples" / folder).glob("*.xml"))
    ]


def enrolled(folder: str) -> Enrolment:
    """The test enrolment, writing what is read."""
    strategy: Any = peppol()
    rules = None if folder.startswith("xrechnung") else "en16931"
    return replace(
        enrolment(strategy), settings=strategy.settings_type(rules=rules, syntax=folder.rpartition("-")[2])
    )


def read(path: Path) -> tuple[Reading, Invoice]:
    """The document as it is read, completed."""
    strategy: Any = peppol()
    assert strategy.recognises(path.read_bytes())
    reading = strategy.read(path.read_bytes())
    decoded = decode(reading.invoice)
    assert decoded.faults == ()
    assert decoded.invoice is not None
    return reading, complete(decoded.invoice).invoice


def leaves(path: Path) -> Counter[tuple[str, str]]:
    return Counter(tool("leaf_diff").leaves(str(path), False))


@pytest.mark.parametrize(("folder", "path"), examples(*COUNTS))
def test_an_example_is_judged_as_by_its_publisher(folder: str, path: Path) -> None:
    _, invoice = read(path)
    theirs = Counter((one.rule, LEVELS[one.flag]) for one in oracle().check(folder, str(path)))

    faults = peppol().check(invoice, enrolled(folder))
    ours = Counter((one.rule.id, one.severity) for one in faults if one.rule is not None)

    assert ours == theirs
    assert {one.code for one in faults if one.rule is None} <= {OUR_OWN}


@pytest.mark.parametrize(("folder", "path"), examples(*COUNTS))
def test_a_valid_example_survives_in_its_syntax(folder: str, path: Path, tmp_path: Path) -> None:
    assert fatal(folder, path) == []
    reading, invoice = read(path)
    rebuilt = tmp_path / "rebuilt.xml"
    rebuilt.write_bytes(peppol().build(invoice, enrolled(folder)).body)

    again, second = read(rebuilt)

    assert fatal(folder, rebuilt) == []
    assert again.unread == ()
    assert canonical_bytes(second) == canonical_bytes(invoice)
    named = {one.value for one in reading.unread}
    lost = leaves(path) - leaves(rebuilt)
    unnamed = {(at, text) for at, text in lost if text.partition("[@")[0] not in named}
    assert {at for at, _ in unnamed if not at.endswith(CARRIED_ELSEWHERE)} == set()
    there = {text for _, text in leaves(rebuilt)}
    assert {text for _, text in unnamed} <= there


@pytest.mark.parametrize(("folder", "path"), examples("xrechnung-ext-ubl"))
def test_what_the_extension_adds_and_the_model_has_not_is_named(folder: str, path: Path) -> None:
    """Sub lines and payments for third parties; without the latter the amount due does not follow."""
    reading, invoice = read(path)
    beyond = {part for one in reading.unread for part in one.path.split("/")}

    errors = {
        one.rule.id
        for one in peppol().check(invoice, enrolled(folder))
        if one.rule is not None and one.severity == "error"
    }

    assert any(part.startswith(("cac:SubInvoiceLine", "cac:PrepaidPayment")) for part in beyond)
    assert errors == ({"BR-DEX-09"} if "cac:PrepaidPayment[1]" in beyond else set())


def test_the_shelf_holds_the_examples_we_count_on() -> None:
    counted = {folder: len(examples(folder)) for folder in COUNTS}

    assert counted == COUNTS
