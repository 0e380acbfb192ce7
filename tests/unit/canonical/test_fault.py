"""Faults: every code is explained, and a fault says nothing it does not know."""

import re
from pathlib import Path

import msgspec

import tallystick.canonical as canonical
from tallystick.canonical import FAULT_CODES, Fault, RuleRef, Step

_SOURCES = Path(canonical.__file__).parent.glob("*.py")


def test_every_code_in_the_source_is_explained_and_every_explained_code_is_used() -> None:
    used = {
        code
        for path in _SOURCES
        if path.name != "fault.py"
        for code in re.findall(r'"((?:request|invoice)/[a-z-]+)"', path.read_text(encoding="utf-8"))
    }
    assert used == set(FAULT_CODES)


def test_a_fault_leaves_out_what_it_does_not_know_and_always_tells_its_severity() -> None:
    told = {"code": "invoice/bad-date", "pointer": "/issue_date", "message": "No.", "severity": "error"}
    silent = Fault(code="invoice/bad-date", pointer="/issue_date", message="No.")
    outspoken = Fault(code="invoice/bad-date", pointer="/issue_date", message="No.", severity="error")
    assert msgspec.to_builtins(silent) == msgspec.to_builtins(outspoken) == told


def test_a_fault_survives_its_json() -> None:
    fault = Fault(
        code="invoice/arithmetic",
        pointer="/document_totals/total_tax_amount",
        message="No.",
        severity="warning",
        rule=RuleRef("en16931", "BR-CO-14", "1.3.16"),
        calculation=(Step("the sum of BT-117", ("1", "2"), "3"),),
        fix=({"op": "replace", "path": "/x", "value": "3"},),
    )
    assert msgspec.json.decode(msgspec.json.encode(fault), type=Fault) == fault
