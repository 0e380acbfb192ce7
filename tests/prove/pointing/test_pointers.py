"""The long run: thousands of spoiled invoices, each fault in its place, each patch a mend.

TALLYSTICK_SEED repeats a run; the seed is printed. TALLYSTICK_MUTANTS is how many there are to be.
"""

import os
import secrets
from collections.abc import Callable, Iterable

import msgspec
import pytest

from agreeing import peppol, pint, xrechnung
from agreeing.comparing import Family
from pointing.bench import Bench, Refused
from pointing.properties import astray, failing_fixes
from tallystick.conformance.trial import changed, enrolment
from tallystick.strategies import load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

REGISTRY = load()
SEED = int(os.environ.get("TALLYSTICK_SEED") or secrets.randbelow(10**9))
MUTANTS = int(os.environ.get("TALLYSTICK_MUTANTS") or 5_000)
FAMILIES: dict[str, Callable[[], Family]] = {**peppol.PROFILES, **pint.PROFILES, **xrechnung.PROFILES}


def held(bench: Bench, heap: Iterable[Refused]) -> None:
    """Each fault of these documents is in its place, and each patch mends."""
    documents, tried = list(heap), list[str]()
    lost = sorted(set(astray(bench, documents, REGISTRY.blocks)))
    useless = sorted(set(failing_fixes(bench, documents, tried)))
    print(f"seed {SEED}: {len(documents)} documents, {len(tried)} patches of {len(set(tried))} rules tried")

    assert lost == [], f"seed {SEED}"
    assert useless == [], f"seed {SEED}"


@pytest.mark.parametrize("name", sorted(strategy.name for strategy in REGISTRY.all))
def test_every_fault_of_a_strategy_is_in_its_place_and_every_patch_mends(name: str) -> None:
    bench = Bench(REGISTRY.by_name(name))

    held(bench, bench.heap(SEED, MUTANTS))


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_so_it_is_on_what_the_official_judges_are_shown(name: str) -> None:
    family = FAMILIES[name]()
    bench = Bench(REGISTRY.by_name(family.strategy.name))
    settings = family.enrolled(enrolment(bench.strategy, example=bench.example)).settings
    example = changed(bench.example, {"settings": msgspec.to_builtins(settings)})

    held(bench, (Refused(body=body, example=example) for _, body in family.heap(SEED, MUTANTS)))
