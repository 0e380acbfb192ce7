"""The long run: thousands of changed invoices, none of which passes here and fails at the official judge.

TALLYSTICK_SEED repeats a run; the seed is printed.
"""

import os
import secrets
from pathlib import Path

import pytest

from unit.formats.official import ABSENT, WHY_ABSENT
from unit.strategies.peppol.agreement import Agreement
from unit.strategies.peppol.mutants import Mutants

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(ABSENT, reason=WHY_ABSENT),
]


@pytest.mark.parametrize("changes", [1, 2, 4])
def test_no_mutant_passes_here_and_fails_there(tmp_path: Path, changes: int) -> None:
    seed = int(os.environ.get("TALLYSTICK_SEED") or secrets.randbelow(10**9))
    print(f"seed {seed}, {changes} changes each")

    agreement = Agreement(tmp_path).over(Mutants(seed).take(6000, changes))
    print(f"agreed: {agreement.accepted} accepted, {agreement.refused} refused")
    print(f"only here refused, by rule: {dict(agreement.stricter)}")

    assert agreement.unsound == [], f"seed {seed}"
    assert agreement.accepted > 500
