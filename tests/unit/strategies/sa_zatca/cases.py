"""The fixtures of the strategy: the invoices that are accepted, and those that break a rule each."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tallystick.conformance.cases import refusals_of
from unit.strategies.sa_zatca.oddities import Document

FIXTURES: Final = Path(__file__).parents[4] / "fixtures"
CASES: Final = FIXTURES / "sa_zatca"


def broken_cases() -> dict[str, Document]:
    """Each case that breaks a rule, by the rule's number."""
    refusals = refusals_of(FIXTURES, "sa_zatca")
    return {f"{at} {refusal.breaks}": json.loads(body) for at, (refusal, body) in enumerate(refusals)}


def good_cases() -> dict[str, Document]:
    """The cases that are accepted, by name, but the long ones."""
    names = sorted(path.parent.name for path in CASES.glob("*/wire.xml"))
    found = {name: json.loads((CASES / name / "invoice.json").read_text()) for name in names}
    return {name: case for name, case in found.items() if len(case["lines"]) <= 20}


def encoded(cases: dict[str, Document]) -> Iterator[tuple[str, bytes]]:
    """The cases as (name, canonical JSON)."""
    return ((name, json.dumps(case).encode()) for name, case in cases.items())
