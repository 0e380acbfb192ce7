"""We say what the publishers' own rules say, as often as they do: on every case, refusal and mutant."""

from functools import cache

import pytest

from agreeing.comparing import Agreement
from agreeing.peppol import PROFILES
from unit.formats.official import ABSENT, WHY_ABSENT, fatal
from unit.strategies.peppol.agreement import profile_of
from unit.strategies.peppol.mutants import CASES

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

MUTANTS = {"en16931": 60, "peppol-bis3": 150, "peppol-bis3-sb": 60}


@cache
def agreement(profile: str) -> Agreement:
    """The heap of a profile, judged once."""
    family = PROFILES[profile]()
    return Agreement(family).over(family.heap(16931, MUTANTS[profile]))


@pytest.mark.parametrize("case", sorted(path.parent.name for path in CASES.glob("*/wire.xml")))
def test_a_golden_document_is_accepted(case: str) -> None:
    wire = CASES / case / "wire.xml"

    assert fatal(profile_of(wire.read_bytes()), wire) == []


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_both_say_the_same_numbers_equally_often(profile: str) -> None:
    found = agreement(profile)

    assert found.apart == []
    assert found.unsound == []
    assert len(found.compared) >= 350


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_rule_fires_and_would_be_missed(profile: str) -> None:
    found = agreement(profile)

    assert found.silent == []
    assert found.survivors(found.family.native) == []


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_what_is_called_impossible_never_happens(profile: str) -> None:
    assert agreement(profile).broken == []
