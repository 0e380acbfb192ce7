"""Our rules say what the authority's own say: the same numbers, severities and counts, on every document."""

from functools import cache

import pytest

from unit.strategies.sa_zatca.agreement import Agreement, native, saudi
from unit.strategies.sa_zatca.cases import broken_cases, encoded, good_cases
from unit.strategies.sa_zatca.judge import ABSENT, SHARED, WHY_ABSENT
from unit.strategies.sa_zatca.mutants import Mutants

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]


@cache
def _on_cases() -> Agreement:
    return Agreement().over(encoded(good_cases()))


@cache
def _on_broken_cases() -> Agreement:
    return Agreement().over(encoded(broken_cases()))


def test_the_rules_agree_on_every_case() -> None:
    found = _on_cases()

    assert found.apart == []
    assert found.unsound == []
    assert len(found.compared) == len(good_cases())


def test_the_rules_agree_on_every_official_sample() -> None:
    """The rotten ones included."""
    samples = sorted((SHARED / "official/zatca").glob("samples-*/**/*.xml"))
    found = Agreement().over((path.name, saudi().read(path.read_bytes()).invoice) for path in samples)

    assert found.apart == []
    assert found.unsound == []
    assert len(found.compared) == len(samples) > 30


def test_every_case_is_free_of_errors() -> None:
    errors = {
        one.what: number
        for one in _on_cases().compared
        for number, severity in one.theirs
        if severity == "error"
    }

    assert errors == {}


def test_the_rules_agree_on_every_case_that_breaks_one() -> None:
    found = _on_broken_cases()

    assert found.apart == []
    assert found.unsound == []


def test_every_rule_that_is_checked_is_broken_by_a_document_that_the_authority_judges() -> None:
    fired = _on_broken_cases().fired

    assert sorted(set(native().items()) - fired.keys()) == []


def test_a_rule_that_is_taken_out_is_missed() -> None:
    assert list(_on_broken_cases().survivors(native())) == []


@pytest.mark.parametrize(("seed", "count", "changes"), [(20261120, 160, 1), (346, 100, 2)])
def test_the_rules_agree_on_changed_invoices(seed: int, count: int, changes: int) -> None:
    found = Agreement().over(Mutants(seed).take(count, changes))

    assert found.apart == []
    assert found.unsound == []
    assert len(found.compared) > count / 2
    assert len(found.fired) > 40
