"""What the publishers' own judges say of a place in the document is told near where we say it ourselves.

TALLYSTICK_SEED repeats a run; the seed is printed. TALLYSTICK_MUTANTS is how many there are to be.
"""

import os
import re
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from agreeing import peppol, pint, xrechnung
from agreeing.comparing import Family
from pointing.bench import Bench, Refused
from pointing.official import Comparison
from tallystick.conformance.trial import changed, enrolment
from tallystick.strategies import load
from unit.formats.official import ABSENT, WHY_ABSENT, oracle

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(ABSENT, reason=WHY_ABSENT),
]

REGISTRY = load()
SEED = int(os.environ.get("TALLYSTICK_SEED") or secrets.randbelow(10**9))
MUTANTS = int(os.environ.get("TALLYSTICK_MUTANTS") or 1_000)
FAMILIES: dict[str, Callable[[], Family]] = {**peppol.PROFILES, **pint.PROFILES, **xrechnung.PROFILES}
NEAR = 0.9
LOOKED_AT = re.compile(r"BR-(?:S|Z|E|AE|G|IC|AF|AG|O)-0[234]|(?:BR-CL|ibr-cl)-03|PEPPOL-EN16931-CL007")
"""Rules of which the publishers name what they look at, and we what is wrong: they name a tax category, we
the party's number that it needs; they name each amount, we the currency that all of them have."""


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_official_places_lead_home(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    family, seen, judge = FAMILIES[name](), list[Any](), oracle()
    looked = judge.run_layer

    def look(*layer: Any, **again: Any) -> Any:  # a layer that stops is run anew, by the same call
        found = looked(*layer, **again)
        seen.extend(() if again else found)
        return found

    monkeypatch.setattr(judge, "run_layer", look)
    bench = Bench(REGISTRY.by_name(family.strategy.name))
    settings = family.enrolled(enrolment(bench.strategy, example=bench.example)).settings
    example = changed(bench.example, {"settings": msgspec.to_builtins(settings)})
    heap = (Refused(body=body, example=example) for _, body in family.heap(SEED, MUTANTS))

    found = Comparison(family, bench, REGISTRY, seen).over(heap)
    total = sum(found.near.values())
    print(f"{name}: seed {SEED}, {total} findings: {dict(found.near)}")
    apart = {rule: times for rule, times in found.apart.items() if times and not LOOKED_AT.fullmatch(rule)}

    assert found.lost == [], f"seed {SEED}"
    assert total > 100, "too few findings to say anything"
    assert sum(apart.values()) < (1 - NEAR) * total, f"seed {SEED}: {apart}"
