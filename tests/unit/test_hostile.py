"""The hostile corpus against everything that reads bytes from outside: the quick part of `./dev prove`."""

import pytest

from hostile.corpus import SHORT
from hostile.targets import TARGETS
from hostile.trial import allowed, tried

EVERY = 7  # each target gets every seventh seed, others than its neighbour; the proofs give it all


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_bytes_are_refused_in_a_moment(name: str) -> None:
    start = list(TARGETS).index(name) % EVERY
    faults = {}
    for what, seed in list(SHORT.items())[start::EVERY]:
        fault = tried(TARGETS[name], seed).fault(allowed(name))
        if fault:
            faults[what] = fault
    assert not faults
