"""Whatever passes our rules, the publishers' own rules accept: on every case, and on hundreds of mutants."""

from pathlib import Path

import pytest

from unit.formats.official import ABSENT, WHY_ABSENT, fatal
from unit.strategies.peppol.agreement import Agreement, profile_of
from unit.strategies.peppol.mutants import CASES, Mutants

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

MERELY_STRICTER = frozenset({"BR-CL-08", "PEPPOL-EN16931-P0100", "PEPPOL-EN16931-P0101"})
"""Rules that we hold where the publishers let a document through: a note that only seems to name a subject
behind its text; the type of a self-billed document in a process that is not self-billing's own."""


@pytest.mark.parametrize("case", sorted(path.parent.name for path in CASES.glob("*/wire.xml")))
def test_a_golden_document_is_accepted(case: str) -> None:
    wire = CASES / case / "wire.xml"

    assert fatal(profile_of(wire.read_bytes()), wire) == []


@pytest.mark.parametrize(("seed", "changes"), [(20261120, 1), (16931, 3)])
def test_a_changed_invoice_that_passes_is_accepted(tmp_path: Path, seed: int, changes: int) -> None:
    agreement = Agreement(tmp_path).over(Mutants(seed).take(400, changes))

    assert agreement.unsound == []
    assert agreement.accepted >= 100
    assert agreement.refused >= 50


def test_what_is_refused_is_wrong_by_the_official_rules_too(tmp_path: Path) -> None:
    agreement = Agreement(tmp_path).over(Mutants(7).take(400))

    assert agreement.stricter.keys() <= MERELY_STRICTER, agreement.stricter
