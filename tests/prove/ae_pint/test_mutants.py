"""The long run: thousands of changed invoices, judged alike here and by the publisher's own rules.

TALLYSTICK_SEED repeats a run; the seed is printed.
"""

import os
import secrets

import pytest

from agreeing import pint
from agreeing.comparing import Agreement
from unit.formats.official import ABSENT, WHY_ABSENT

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(ABSENT, reason=WHY_ABSENT),
]


@pytest.mark.parametrize("profile", sorted(pint.PROFILES))
def test_twenty_thousand_mutants_are_judged_alike(profile: str) -> None:
    seed = int(os.environ.get("TALLYSTICK_SEED") or secrets.randbelow(10**9))
    print(f"seed {seed}, {profile}")
    family = pint.PROFILES[profile]()

    found = Agreement(family).over(family.heap(seed, 20_000))

    assert found.apart == [], f"seed {seed}"
    assert found.unsound == [], f"seed {seed}"
    assert found.silent == []
    assert found.broken == []
    assert found.survivors(family.native) == []
