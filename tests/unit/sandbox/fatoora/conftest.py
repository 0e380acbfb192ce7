"""A sandbox, and units that were onboarded at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tallystick.sandbox import Running, running
from unit.sandbox.fatoora.egs import Unit


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    """One sandbox for trials that leave no orders behind."""
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def unit(shared: Running) -> Unit:
    """A unit with a production credential in simulation."""
    return Unit(shared.url).enrol()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    """A sandbox of the trial's own, with a journal."""
    with running(tmp_path / "sandbox.jsonl") as started:
        yield started


@pytest.fixture
def enrolled(own: Running) -> Unit:
    """A unit of its own sandbox."""
    return Unit(own.url).enrol()


@pytest.fixture
def newcomer(shared: Running) -> Callable[..., Unit]:
    """Units that were not onboarded yet."""
    return lambda environment="simulation", wish=None: Unit(shared.url, environment, wish)
