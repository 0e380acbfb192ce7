"""Every fault points into what was sent, every offered patch mends, every rule is mended where it points."""

from functools import cache

import pytest

from pointing.bench import FIXTURES, Bench
from pointing.hints import TOGETHER, members_of_the_model, named_in, unhelpful
from pointing.places import is_in_the_model, is_told_well
from pointing.properties import ELSEWHERE, UNMENDABLE, astray, failing_fixes, unmended
from tallystick.conformance.rules import rules_of
from tallystick.strategies import load
from tallystick.strategy import Enrols, Strategy
from thorough import THOROUGH

REGISTRY = load()
NAMES = sorted(strategy.name for strategy in REGISTRY.all)
SEED = 20261120
MUTANTS = 300


@cache
def bench(name: str) -> Bench:
    return Bench(REGISTRY.by_name(name))


def settings_of(strategy: Strategy) -> frozenset[str]:
    """What a registration with the strategy may set."""
    return frozenset(strategy.settings_type.__struct_fields__ if isinstance(strategy, Enrols) else ())


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_points_into_what_was_sent(name: str) -> None:
    heap = bench(name).heap(SEED, MUTANTS)

    assert sorted(set(astray(bench(name), heap, REGISTRY.blocks))) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_patch_that_is_offered_applies_and_mends(name: str) -> None:
    tried: list[str] = []

    failing = sorted(set(failing_fixes(bench(name), bench(name).heap(SEED, MUTANTS), tried)))

    assert failing == []
    assert len(set(tried)) >= 10, "hardly a rule offered a patch: was there anything to try?"


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_is_mended_where_its_fault_points(name: str) -> None:
    assert unmended(bench(name), set()) == {}


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_says_what_to_do_in_names_that_exist(name: str) -> None:
    members = members_of_the_model(REGISTRY.blocks) | settings_of(bench(name).strategy)
    rules = [rule for rule in rules_of(name, FIXTURES).values() if rule.checked]

    wrong = {rule.id: sorted(set(named_in(rule.hint)) - members) for rule in rules}

    assert [rule.id for rule in rules if not rule.hint.strip()] == []
    assert {number: names for number, names in wrong.items() if names} == {}


@pytest.mark.parametrize("name", NAMES)
def test_changing_what_the_hint_names_makes_the_fault_go(name: str) -> None:
    found = unhelpful(bench(name), REGISTRY.blocks)

    assert {number: told for number, told in found.items() if number not in TOGETHER} == {}


@pytest.mark.skipif(not THOROUGH, reason="every excuse is tried by ./dev prove")
def test_no_rule_is_excused_without_need() -> None:
    excused: set[str] = set()
    for name in NAMES:
        unmended(bench(name), excused)

    assert sorted(ELSEWHERE.keys() - excused) == []
    assert UNMENDABLE.keys() <= bench("sa_zatca").native
    assert TOGETHER.keys() == set[str]().union(*(unhelpful(bench(name), REGISTRY.blocks) for name in NAMES))


@pytest.mark.parametrize(
    ("pointer", "there"),
    [
        ("/payment_instructions/payment_means_type_code", False),
        ("/lines/0/price/net", False),
        ("/lines/0/regime_data/ae/amount_in_aed", True),
        ("/regime_data/ae/amount_in_aed", False),
        ("/tax_breakdown/7/tax_category_rate", True),
        ("", True),
    ],
)
def test_the_yardstick_knows_the_model(pointer: str, there: bool) -> None:
    assert is_in_the_model(pointer, REGISTRY.blocks) is there


@pytest.mark.parametrize(
    ("pointer", "well"),
    [("/a/b", True), ("/a/c", True), ("/a/c/d", False), ("/l/0", True), ("/l/1", False), ("/a/b/c", False)],
)
def test_the_yardstick_knows_what_was_sent(pointer: str, well: bool) -> None:
    assert is_told_well({"a": {"b": "1"}, "l": ["x"]}, pointer) is well
