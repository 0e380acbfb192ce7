"""The long run: twenty thousand invoices per profile, on all of which both say the same.

TALLYSTICK_SEED repeats a run; the seed is printed. TALLYSTICK_MUTANTS is how many there are to be.
"""

import os
import secrets

import pytest

from agreeing.comparing import Agreement
from agreeing.peppol import PROFILES
from unit.formats.official import ABSENT, WHY_ABSENT

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(ABSENT, reason=WHY_ABSENT),
]


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_both_say_the_same_on_every_mutant(profile: str) -> None:
    seed = int(os.environ.get("TALLYSTICK_SEED") or secrets.randbelow(10**9))
    mutants = int(os.environ.get("TALLYSTICK_MUTANTS") or 20_000)
    print(f"{profile}: seed {seed}, {mutants} mutants")
    family = PROFILES[profile]()

    found = Agreement(family).over(family.heap(seed, mutants))
    print(f"{len(found.compared)} compared, {sum(len(one.theirs) for one in found.compared)} findings")

    assert found.apart == [], f"seed {seed}"
    assert found.unsound == [], f"seed {seed}"
    assert found.silent == []
    assert found.broken == []
    assert found.survivors(family.native) == []
