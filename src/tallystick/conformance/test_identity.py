"""Identity: one name everywhere, real countries, a source, and at least one case."""

import re
from inspect import getdoc
from pathlib import Path

import pytest

from tallystick import schemas
from tallystick.conformance.cases import cases_of
from tallystick.strategies import Registry
from tallystick.strategy import Enrols, Regional, Strategy


def test_it_is_named_after_its_module(strategy: Strategy, registry: Registry) -> None:
    module = registry.home(strategy.name).__name__.rpartition(".")[2]

    assert strategy.name == module


def test_its_name_is_a_plain_word(strategy: Strategy) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", strategy.name)


def test_it_has_a_case(strategy: Strategy, cases: Path) -> None:
    if not cases_of(cases, strategy.name):
        pytest.fail(
            f"{strategy.name} has no case: put one at {cases / strategy.name / 'standard' / 'invoice.json'}"
        )


def test_it_has_a_case_that_is_accepted(strategy: Strategy, cases: Path) -> None:
    found = cases_of(cases, strategy.name)

    assert [case.name for case in found if not case.refused], f"every case of {strategy.name} is refused"


def test_its_countries_are_real(strategy: Strategy) -> None:
    real = set(schemas.path("codelists/iso-3166.txt").read_text(encoding="utf-8").split())

    assert strategy.countries <= real


def test_its_regions_are_codes(strategy: Strategy) -> None:
    regions = strategy.regions if isinstance(strategy, Regional) else frozenset()

    assert [region for region in regions if not re.fullmatch(r"[A-Z]{2,8}", region)] == []


def test_it_tells_its_edition_and_its_source(strategy: Strategy, registry: Registry) -> None:
    assert strategy.edition.strip()
    assert "https://" in (getdoc(registry.home(strategy.name)) or ""), (
        "the module's docstring names no source"
    )


def test_its_secrets_have_names(strategy: Strategy) -> None:
    names = strategy.secret_names if isinstance(strategy, Enrols) else ()

    assert [name for name in names if not name.isidentifier()] == []
    assert len(set(names)) == len(names)
