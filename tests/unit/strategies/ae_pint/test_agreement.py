"""Our rules say what the publisher's own say: the same numbers, levels and counts, on every document."""

from functools import cache
from itertools import islice

import pytest

from agreeing import pint
from agreeing.comparing import Agreement
from unit.formats.official import ABSENT, WHY_ABSENT

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

SEEDS = {"pint-ae": 971, "pint-ae-sb": 52}
MUTANTS = 400


@cache
def _agreement(profile: str) -> Agreement:
    family = pint.PROFILES[profile]()
    return Agreement(family).over(family.heap(SEEDS[profile], MUTANTS))


profiles = pytest.mark.parametrize("profile", sorted(SEEDS))


@profiles
def test_the_rules_agree_on_cases_refusals_and_mutants(profile: str) -> None:
    found = _agreement(profile)

    assert found.apart == []
    assert found.unsound == []
    assert len(found.compared) > MUTANTS / 2


@profiles
def test_every_rule_fires_and_no_impossible_one(profile: str) -> None:
    found = _agreement(profile)

    assert found.silent == []
    assert found.broken == []


@profiles
def test_a_rule_that_is_left_out_is_missed(profile: str) -> None:
    found = _agreement(profile)

    assert found.survivors(found.family.native) == []


def test_mutants_follow_from_their_seed() -> None:
    family = pint.PROFILES["pint-ae"]()

    first, second, other = (list(islice(family.heap(seed, 30), 250, 270)) for seed in (7, 7, 8))

    assert first == second
    assert first != other
