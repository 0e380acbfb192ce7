"""The long run: thousands of changed invoices, each judged here and by the authority's own rules.

TALLYSTICK_SEED repeats a run; the seed is printed, and how many documents each rule was broken by.
"""

import os
import secrets
from collections import Counter

import pytest

from unit.strategies.sa_zatca.agreement import Agreement, native
from unit.strategies.sa_zatca.cases import broken_cases, encoded
from unit.strategies.sa_zatca.judge import ABSENT, WHY_ABSENT
from unit.strategies.sa_zatca.mutants import Mutants

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(ABSENT, reason=WHY_ABSENT),
]

HOW_MANY = {1: 3500, 2: 2000, 4: 1000}


def test_our_rules_and_the_authority_say_the_same_of_every_mutant() -> None:
    seed = int(os.environ.get("TALLYSTICK_SEED") or secrets.randbelow(10**9))
    print(f"seed {seed}")
    found = Agreement().over(encoded(broken_cases()))
    for changes, count in HOW_MANY.items():
        found.over(Mutants(seed + changes).take(count, changes))
    mutants, refused = len(found.compared), found.refused + found.unread
    print(
        f"{mutants} documents compared, {refused} not built, crashes of the rule files: {dict(found.crashed)}"
    )
    _print_kills(found)

    assert found.apart == [], f"seed {seed}"
    assert found.unsound == [], f"seed {seed}"
    assert mutants >= 5000
    assert sorted(set(native().items()) - found.fired.keys()) == []
    assert list(found.survivors(native())) == [], "rules that could be taken out unnoticed"


def _print_kills(found: Agreement) -> None:
    """Per rule: in how many documents the run fails when the rule is taken out."""
    kills = Counter(
        number
        for one in found.compared
        for number in {fault.rule.id for fault in one.faults if fault.rule is not None}
        if one.apart(without=number)
    )
    for number in sorted(native(), key=lambda number: (kills[number], number)):
        print(f"{kills[number]:6} {number}")
