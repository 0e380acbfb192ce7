"""Our rules say what the publisher's own say: the same numbers and counts, on every document."""

from functools import cache

import pytest

from agreeing import pint
from agreeing.comparing import Agreement
from unit.formats.official import ABSENT, WHY_ABSENT

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

SEEDS = {"pint-aunz": 61, "pint-aunz-sb": 64}
MUTANTS = 100


@cache
def _agreement(profile: str) -> Agreement:
    family = pint.PROFILES[profile]()
    return Agreement(family).over(family.heap(SEEDS[profile], MUTANTS))


@pytest.mark.parametrize("profile", sorted(SEEDS))
def test_the_rules_agree_on_cases_refusals_and_mutants(profile: str) -> None:
    found = _agreement(profile)

    assert found.apart == []
    assert found.unsound == []
    assert len(found.compared) > MUTANTS


@pytest.mark.parametrize("profile", sorted(SEEDS))
def test_every_rule_fires_and_is_missed_when_it_is_left_out(profile: str) -> None:
    found = _agreement(profile)

    assert found.silent == []
    assert found.broken == []
    assert found.survivors(found.family.native) == []
