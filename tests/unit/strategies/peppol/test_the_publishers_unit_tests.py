"""The publishers' own unit tests: a rule that is checked here fires, or stays silent, where they say so."""

from collections import Counter
from functools import cache

import pytest

from agreeing.fragments import Outcome, outcomes, tally
from agreeing.peppol import PROFILES
from unit.formats.official import ABSENT, WHY_ABSENT

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

SUITES = {"en16931-ubl": "en16931", "peppol-bis3": "peppol-bis3"}
FIGURES = {
    "en16931-ubl": {"as-expected": 510, "decoded": 106, "impossible": 70, "beyond": 40, "refused": 23},
    "peppol-bis3": {"as-expected": 298, "impossible": 17, "beyond": 22, "refused": 1},
}
"""Claims of either suite: 749 and 338. `agreeing.fragments.Outcome` says what each word means."""

GONE = {"BR-CO-25"}
"""Rules that still have tests and are no longer in the set."""


@cache
def found(suite: str) -> list[Outcome]:
    """What became of every claim of the suite."""
    return outcomes(PROFILES[SUITES[suite]](), suite)


def _named(suite: str, how: str) -> str:
    counted = Counter(one.claim.rule for one in found(suite) if one.how == how)
    return " ".join(f"{rule}×{count}" for rule, count in sorted(counted.items()))


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_no_claim_is_contradicted(suite: str) -> None:
    print(f"{suite}: {len(found(suite))} claims, {dict(tally(found(suite)))}")
    for how in ("decoded", "impossible", "refused", "beyond"):
        print(f"{how}: {_named(suite, how)}")

    assert [one.claim.case for one in found(suite) if one.how == "apart"] == []
    assert dict(tally(found(suite))) == FIGURES[suite]


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_what_is_not_checked_is_impossible_and_listed(suite: str) -> None:
    """Or no longer in the publisher's set."""
    unlisted = {one.claim.rule for one in found(suite) if one.how == "impossible" and one.lost}

    assert unlisted <= GONE


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_what_the_model_takes_no_fragment_for_says_which_member_it_lacks(suite: str) -> None:
    assert all(one.claim.fires and one.lost for one in found(suite) if one.how == "refused")
    assert all(one.lost for one in found(suite) if one.how == "beyond")
