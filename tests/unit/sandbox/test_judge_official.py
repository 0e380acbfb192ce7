"""The judge beside the publishers' own files: every valid example passes, none of their rules is misread."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tallystick.sandbox.judge import Addressing, judge
from tallystick.sandbox.judge.paper import Part, Unreadable, parse

SHARED = (Path(__file__).parents[3] / "../shared").resolve()
EXAMPLES = SHARED / "official" / "examples"
INVALID = {
    "GR-base-example-TaxRepresentative.xml": {"UBL-SCHEMA", "BR-06"},
    "GR-base-example-correct.xml": {"UBL-SCHEMA"},
}
"""Published examples that the official rules refuse, and with what."""
FRAGMENTS = {
    ("PEPPOL-EN16931-P0101.xml#2", "PEPPOL-EN16931-P0101"): "type code of an invoice on a credit note",
    ("PEPPOL-EN16931-R001.xml#0", "PEPPOL-EN16931-R001"): "an empty element counts as given there",
    ("PEPPOL-EN16931-R054.xml#0", "PEPPOL-EN16931-R054"): "an empty element counts as given there",
    ("BR-08.xml#1", "BR-08"): "an empty element counts as given there",
    ("BR-10.xml#1", "BR-10"): "an empty element counts as given there",
}
"""Unit-test fragments whose emptiness another official rule refuses anyway."""


def _files() -> list[Path]:
    return sorted([*EXAMPLES.glob("peppol-bis3/*.xml"), *EXAMPLES.glob("peppol-bis3-sb/*.xml")])


def _endpoint(root: Part, role: str) -> str:
    found = root.one(f"cac:{role}/cac:Party/cbc:EndpointID")
    return "" if found is None else f"{found.attribute('schemeID')}:{found.words}"


def addressing_of(body: bytes) -> Addressing:
    """The addressing a correct sender would give this document."""
    root = parse(body)
    parties = ["AccountingSupplierParty", "AccountingCustomerParty"]
    if "selfbilling" in root.text("cbc:CustomizationID"):
        parties.reverse()
    namespace = root.element.tag[1:].partition("}")[0]
    return Addressing(
        sender=_endpoint(root, parties[0]),
        receiver=_endpoint(root, parties[1]),
        doc_type=f"{namespace}::{root.name}##{root.text('cbc:CustomizationID')}::2.1",
        process=root.text("cbc:ProfileID"),
        country="BE",
    )


@pytest.mark.oracle
def test_every_official_example_gets_the_official_verdict() -> None:
    files = _files()
    if not files:
        pytest.skip(f"the official examples are not there: {EXAMPLES}")
    for file in files:
        body = file.read_bytes()
        judgement = judge(body, addressing_of(body))
        assert set(judgement.rules) == INVALID.get(file.name, set()), (file.name, judgement.complaints)


def _cases() -> Iterator[tuple[str, bytes, list[tuple[str, str]]]]:
    spec = importlib.util.spec_from_file_location("unit_tests", SHARED / "oracle" / "unit_tests.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for profile in ("peppol-bis3", "en16931-ubl"):
        for case in module.cases(profile):
            yield case.name.partition("/")[2], case.xml.encode(), case.expected


@pytest.mark.oracle
def test_no_rule_fires_where_its_publisher_says_it_must_not() -> None:
    if not (SHARED / "oracle" / "unit_tests.py").is_file():
        pytest.skip(f"the official unit tests are not there: {SHARED}")
    caught = silent = 0
    for name, body, expected in _cases():
        try:
            addressing = addressing_of(body)
        except Unreadable:
            continue
        rules = set(judge(body, addressing).rules)
        for rule, claim in expected:
            if claim == "fires":
                caught += rule in rules
            elif (name, rule) not in FRAGMENTS:
                silent += 1
                assert rule not in rules, (name, rule)
    assert silent > 400
    assert caught > 300
