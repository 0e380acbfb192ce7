"""XRechnung in either syntax and EN 16931 in CII, as their publishers judge them: mutants and unit tests."""

from collections import Counter
from functools import cache

import pytest

from agreeing.comparing import Agreement
from agreeing.fragments import Outcome, outcomes, tally
from agreeing.xrechnung import PROFILES
from unit.formats.official import ABSENT, WHY_ABSENT

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

MUTANTS = 150
FIGURES = {
    "en16931-cii": {"as-expected": 5},
    "xrechnung-ubl": {"as-expected": 612, "impossible": 74, "beyond": 18},
    "xrechnung-cii": {"as-expected": 326, "impossible": 13, "beyond": 5},
}
"""Claims of each suite: 5, 704 and 344. `agreeing.fragments.Outcome` says what each word means."""


@cache
def agreement(profile: str) -> Agreement:
    """The heap of a profile, judged once."""
    family = PROFILES[profile]()
    return Agreement(family).over(family.heap(16931, MUTANTS))


@cache
def found(suite: str) -> list[Outcome]:
    """What became of every claim of the suite."""
    return outcomes(PROFILES[suite](), suite)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_both_say_the_same_numbers_equally_often(profile: str) -> None:
    compared = agreement(profile)

    assert compared.apart == []
    assert compared.unsound == []
    assert len(compared.compared) >= 500


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_rule_fires_and_would_be_missed(profile: str) -> None:
    compared = agreement(profile)

    assert compared.silent == []
    assert compared.survivors(compared.family.native) == []


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_what_is_called_impossible_never_happens(profile: str) -> None:
    assert agreement(profile).broken == []


@pytest.mark.parametrize("suite", sorted(FIGURES))
def test_no_claim_is_contradicted(suite: str) -> None:
    print(f"{suite}: {len(found(suite))} claims, {dict(tally(found(suite)))}")
    for how in ("impossible", "beyond"):
        counted = Counter(one.claim.rule for one in found(suite) if one.how == how)
        print(f"{how}: {' '.join(f'{rule}×{count}' for rule, count in sorted(counted.items()))}")

    assert dict(tally(found(suite))) == FIGURES[suite]


@pytest.mark.parametrize("suite", sorted(FIGURES))
def test_what_is_not_checked_is_listed_and_what_is_beyond_the_model_says_why(suite: str) -> None:
    assert {one.claim.rule for one in found(suite) if one.how == "impossible" and one.lost} == set()
    assert all(one.lost for one in found(suite) if one.how == "beyond")
