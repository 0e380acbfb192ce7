"""How much of a long list the ordinary suite goes through: a share of it; the proofs go through all."""

import os
from collections.abc import Iterable
from itertools import cycle
from typing import Final, TypeVar

__all__ = ["THOROUGH", "paired", "share"]

THOROUGH: Final = os.environ.get("SUITE_THOROUGH") == "1"
"""Whether everything is to be gone through: `tests/prove/test_everything.py` asks for it."""

One = TypeVar("One")
Other = TypeVar("Other")


def share(cases: Iterable[One], every: int) -> list[One]:
    """Every so many of the cases, or all where the run is to be thorough."""
    return list(cases)[:: 1 if THOROUGH else every]


def paired(ones: Iterable[One], others: Iterable[Other]) -> list[tuple[One, Other]]:
    """Each of `ones` with one of `others` in turn, or with all where the run is to be thorough."""
    ones, others = list(ones), list(others)
    if THOROUGH:
        return [(one, other) for one in ones for other in others]
    return list(zip(ones, cycle(others)))
