"""The kit as a pytest plugin: it finds strategies and cases itself; nothing is listed by hand.

pytest -p tallystick.conformance.plugin --pyargs tallystick.conformance --cases DIR [--strategy NAME]
"""

import re
import shlex
import socket
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import pytest_socket

from tallystick.conformance.again import elsewhere
from tallystick.conformance.cases import Case, cases_of
from tallystick.strategies import Registry, StrategyConflict, StrategyInvalid, load
from tallystick.strategy import Strategy

FUZZ: Final = 150
NAME: Final = re.compile(rb'"([a-z0-9_]+)"\s*:')


def pytest_addoption(parser: pytest.Parser) -> None:
    """The kit's options. (pytest itself owns --fixtures.)"""
    group = parser.getgroup("conformance", "conformance of e-invoicing strategies")
    group.addoption("--cases", metavar="DIR", help="folder with one folder per strategy (default: fixtures)")
    group.addoption(
        "--strategy", action="append", default=[], metavar="NAME", help="only this one; repeatable"
    )
    group.addoption("--update", action="store_true", help="rewrite the golden files, then read them")
    group.addoption(
        "--judge",
        action="append",
        default=[],
        metavar="[NAME=]COMMAND",
        help="an official validator: called with the wire files as arguments, exit 0 accepts them all",
    )
    group.addoption("--fuzz", type=int, metavar="N", help=f"N random invoices (default: {FUZZ} fixed ones)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs each test of the kit for every strategy, or every case, that there is."""
    if metafunc.definition.path.parent != Path(__file__).parent:
        return
    chosen = _chosen(metafunc.config)
    if "case" in metafunc.fixturenames:
        root = cases_root(metafunc.config)
        pairs = [(strategy, case) for strategy in chosen for case in cases_of(root, strategy.name)]
        names = [f"{strategy.name}-{case.name}" for strategy, case in pairs]
        metafunc.parametrize(("strategy", "case"), pairs, ids=names)
    elif "strategy" in metafunc.fixturenames:
        metafunc.parametrize("strategy", chosen, ids=[strategy.name for strategy in chosen])


@cache
def _registry() -> Registry:
    try:
        return load()
    except (StrategyConflict, StrategyInvalid) as error:
        raise pytest.UsageError(f"the strategies cannot be loaded: {error}") from None


def _chosen(config: pytest.Config) -> list[Strategy]:
    wanted = config.getoption("strategy")
    there = {strategy.name: strategy for strategy in _registry().all}
    if missing := sorted(set(wanted) - there.keys()):
        raise pytest.UsageError(
            f"no strategy is called {', '.join(missing)}; there are {', '.join(sorted(there))}"
        )
    return [there[name] for name in sorted(wanted or there)]


def cases_root(config: pytest.Config) -> Path:
    """The folder that holds one folder of cases per strategy."""
    given = config.getoption("cases")
    return (config.invocation_params.dir / given).resolve() if given else config.rootpath / "fixtures"


@pytest.fixture(scope="session")
def registry() -> Registry:
    """All strategies, chosen or not."""
    return _registry()


@pytest.fixture(scope="session")
def cases(pytestconfig: pytest.Config) -> Path:
    """The folder of all cases."""
    return cases_root(pytestconfig)


@pytest.fixture(scope="session")
def update(pytestconfig: pytest.Config) -> bool:
    """Whether golden files are rewritten."""
    return bool(pytestconfig.getoption("update"))


@pytest.fixture(scope="session")
def fuzz(pytestconfig: pytest.Config) -> int | None:
    """How many random invoices are wanted; None: the fixed ones."""
    wanted = pytestconfig.getoption("fuzz")
    return int(wanted) if wanted else None


@pytest.fixture(scope="session")
def twins(pytestconfig: pytest.Config, cases: Path) -> list[dict[str, str]]:
    """What two other processes built of all cases, by `strategy/case`."""
    return elsewhere(cases, [strategy.name for strategy in _chosen(pytestconfig)])


@pytest.fixture(scope="session")
def judges(pytestconfig: pytest.Config) -> Mapping[str, list[str]]:
    """The official validators' command lines by strategy; under "" the one for all others."""
    found: dict[str, list[str]] = {}
    names = {strategy.name for strategy in _registry().all}
    for given in pytestconfig.getoption("judge"):
        name, mark, command = given.partition("=")
        found.update({name: shlex.split(command)} if mark and name in names else {"": shlex.split(given)})
    return found


@pytest.fixture
def no_socket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """While it lasts nobody opens a socket, whatever the run allows otherwise."""
    monkeypatch.setattr(socket, "socket", socket.socket)
    pytest_socket.disable_socket()
    yield
    monkeypatch.undo()


@pytest.fixture
def accepted(strategy: Strategy, cases: Path) -> Case:
    """A case that is not refused, one that talks if there is any: what the kit sends when any one will do."""
    good = _accepted(strategy, cases)
    return next((case for case in good if case.talks), good[0])


@pytest.fixture
def richest(strategy: Strategy, cases: Path) -> Case:
    """The accepted case that says the most different things: what the kit changes at random."""
    return max(_accepted(strategy, cases), key=lambda case: len(set(NAME.findall(case.invoice))))


def _accepted(strategy: Strategy, cases: Path) -> list[Case]:
    good = [case for case in cases_of(cases, strategy.name) if not case.refused]
    if not good:
        pytest.fail(f"{strategy.name} has no case that is accepted: put one under {cases / strategy.name}")
    return good
