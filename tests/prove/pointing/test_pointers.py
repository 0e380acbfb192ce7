"""The long run: thousands of spoiled invoices per strategy, each fault in its place, each patch a mend.

TALLYSTICK_SEED repeats a run; the seed is printed. TALLYSTICK_MUTANTS is how many there are to be.
"""

import os
import secrets

import pytest

from pointing.bench import Bench
from pointing.properties import astray, failing_fixes
from tallystick.strategies import load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

REGISTRY = load()


@pytest.mark.parametrize("name", sorted(strategy.name for strategy in REGISTRY.all))
def test_every_fault_is_in_its_place_and_every_patch_mends(name: str) -> None:
    seed = int(os.environ.get("TALLYSTICK_SEED") or secrets.randbelow(10**9))
    mutants = int(os.environ.get("TALLYSTICK_MUTANTS") or 5_000)
    bench, tried = Bench(REGISTRY.by_name(name)), list[str]()

    lost = sorted(set(astray(bench, bench.heap(seed, mutants), REGISTRY.blocks)))
    useless = sorted(set(failing_fixes(bench, bench.heap(seed, mutants), tried)))
    print(f"{name}: seed {seed}, {mutants} mutants, {len(tried)} patches of {len(set(tried))} rules tried")

    assert lost == [], f"seed {seed}"
    assert useless == [], f"seed {seed}"
