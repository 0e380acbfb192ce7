"""The door: who serves whom, why, and what happens when two want the same."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from msgspec import Struct

from tallystick import strategies
from tallystick.canonical import Fault, RegimeBlocks
from tallystick.strategies import Choice, Registry, StrategyConflict, StrategyInvalid, load
from tallystick.strategy import Outcome, Strategy, Verdict

HOME = ModuleType("somewhere")


class Block(Struct, frozen=True, forbid_unknown_fields=True):
    """A regime's own data."""

    till: str = ""


class Country:
    """A strategy that serves, and does nothing else of note."""

    edition = "1"

    def __init__(self, name: str, *countries: str) -> None:
        self.name = name
        self.countries = frozenset(countries)

    def check(self, invoice: Any, enrolment: Any) -> tuple[Fault, ...]:
        return ()

    def build(self, invoice: Any, enrolment: Any) -> Any:
        raise NotImplementedError

    def submit(self, document: Any, enrolment: Any) -> Any:
        yield from ()
        return Outcome(verdict=Verdict.NOT_REQUIRED)

    inquire = submit


class Network(Country):
    """One that serves regions as well."""

    def __init__(self, name: str, *countries: str, regions: frozenset[str] = frozenset()) -> None:
        super().__init__(name, *countries)
        self.regions = regions


class WithData(Country):
    """One that brings data of its own."""

    blocks = RegimeBlocks(document=Block)

    def __init__(self, name: str, regime: str, *countries: str) -> None:
        super().__init__(name, *countries)
        self.regime = regime


def registry(*found: Strategy) -> Registry:
    return Registry([(strategy, HOME) for strategy in found])


DEFAULT = Country("default")
INDIA = WithData("in_irp", "in", "IN")
NETWORK = Network("network", "DE", "NL", regions=frozenset({"EU"}))


@pytest.fixture
def three() -> Registry:
    return registry(DEFAULT, INDIA, NETWORK)


@pytest.mark.parametrize(
    ("country", "region", "name", "reason"),
    [
        ("DE", None, "network", "country DE"),
        ("IN", None, "in_irp", "country IN"),
        ("IN", "EU", "in_irp", "country IN"),
        ("FR", "EU", "network", "region EU"),
        ("FR", None, "default", "default: nobody claims FR"),
        ("FR", "NORTH", "default", "default: nobody claims FR"),
        ("de", None, "default", "default: nobody claims de"),
        ("", "", "default", "default: nobody claims "),
    ],
)
def test_country_decides_then_region_then_default(
    three: Registry, country: str, region: str | None, name: str, reason: str
) -> None:
    choice = three.dispatch(country, region)

    assert isinstance(choice, Choice)
    assert (choice.strategy.name, choice.reason) == (name, reason)


@pytest.mark.parametrize(
    ("regime", "country", "region", "name"),
    [
        ("network", "DE", None, "network"),
        ("network", "IN", "EU", "network"),
        ("in", "IN", "EU", "in_irp"),
        ("in_irp", "IN", None, "in_irp"),
        ("default", "FR", None, "default"),
    ],
)
def test_a_regime_asked_for_is_obeyed_where_it_serves(
    three: Registry, regime: str, country: str, region: str | None, name: str
) -> None:
    choice = three.dispatch(country, region, regime)

    assert isinstance(choice, Choice)
    assert (choice.strategy.name, choice.reason) == (name, "asked for by regime")


@pytest.mark.parametrize(
    ("regime", "country", "region", "code", "expected"),
    [
        ("nowhere", "DE", None, "regime/unknown", "default, in_irp, network"),
        ("", "DE", None, "regime/unknown", "default, in_irp, network"),
        ("in", "DE", None, "regime/not-served", "network"),
        ("network", "IN", None, "regime/not-served", "in_irp"),
        ("default", "IN", None, "regime/not-served", "in_irp"),
        ("default", "FR", "EU", "regime/not-served", "network"),
        ("in_irp", "FR", None, "regime/not-served", "default"),
    ],
)
def test_a_regime_that_does_not_serve_is_a_fault_at_regime(
    three: Registry, regime: str, country: str, region: str | None, code: str, expected: str
) -> None:
    fault = three.dispatch(country, region, regime)

    assert isinstance(fault, Fault)
    assert (fault.code, fault.pointer, fault.expected, fault.actual) == (code, "/regime", expected, regime)


def test_without_a_default_an_unclaimed_country_is_a_fault() -> None:
    fault = registry(INDIA).dispatch("FR")

    assert isinstance(fault, Fault)
    assert (fault.code, fault.pointer) == ("regime/none", "/seller/postal_address/country_code")


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            Country("one", "DE"),
            Country("two", "FR", "DE"),
            "country DE is claimed twice: by one .* and by two",
        ),
        (
            Network("one", regions=frozenset({"EU"})),
            Network("two", regions=frozenset({"EU"})),
            "region EU is claimed twice",
        ),
        (WithData("one", "in"), WithData("two", "in"), "regime in is claimed twice"),
        (WithData("one", "two"), Country("two"), "regime two is claimed twice"),
        (Country("one", "DE"), Country("one", "FR"), "name one is claimed twice"),
    ],
    ids=["country", "region", "regime", "regime and name", "name"],
)
def test_two_claims_on_one_thing_are_a_conflict(first: Country, second: Country, message: str) -> None:
    with pytest.raises(StrategyConflict, match=message):
        registry(DEFAULT, first, second)


def test_a_strategy_may_bear_its_regimes_name() -> None:
    own = WithData("clearing", "clearing", "FJ")

    assert registry(own).blocks == {"clearing": own.blocks}


def test_the_registry_knows_names_homes_and_blocks(three: Registry) -> None:
    assert three.by_name("in_irp") is INDIA
    assert three.home("network") is HOME
    assert three.blocks == {"in": INDIA.blocks}
    with pytest.raises(KeyError):
        three.by_name("nobody")


def test_the_folder_of_the_checkout_is_loaded(root: Path) -> None:
    loaded = {strategy.name for strategy in load().all}
    there = {
        path.stem
        for path in (root / "strategies").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }

    assert there <= loaded
    assert load().home("default").__name__ == "tallystick.strategies.default"


def plug_in(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str) -> None:
    """Install a distribution `name` with one module and one entry point."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{strategies.GROUP}]\n{name} = {name}:strategy\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)


SOURCE = """
class Plugin:
    name = "{name}"
    countries = frozenset({countries})
    edition = "1"
    def check(self, invoice, enrolment): return ()
    def build(self, invoice, enrolment): ...
    def submit(self, document, enrolment): ...
    def inquire(self, document, enrolment): ...
strategy = Plugin()
"""


def test_a_plug_in_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(tmp_path, monkeypatch, "door_guest", SOURCE.format(name="door_guest", countries={"AQ"}))

    choice = load().dispatch("AQ")

    assert isinstance(choice, Choice)
    assert choice.strategy.name == "door_guest"
    assert load().home("door_guest").__name__ == "door_guest"


def test_a_plug_in_that_takes_a_name_of_ours_is_a_conflict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in(tmp_path, monkeypatch, "door_thief", SOURCE.format(name="default", countries=set()))

    with pytest.raises(StrategyConflict, match="name default is claimed twice"):
        load()


@pytest.mark.parametrize(
    "source", ["strategy = None", "strategy = object()", SOURCE.replace("def inquire", "def ask")]
)
def test_a_plug_in_without_a_strategy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    plug_in(tmp_path, monkeypatch, "door_empty", source.format(name="door_empty", countries={"AQ"}))

    with pytest.raises(StrategyInvalid, match="door_empty:strategy holds no strategy"):
        load()


@pytest.mark.parametrize("source", ["import nothing_of_that_name", "other = 1"])
def test_a_plug_in_that_cannot_be_loaded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    plug_in(tmp_path, monkeypatch, "door_shut", source)

    with pytest.raises(StrategyInvalid, match="door_shut:strategy cannot be loaded"):
        load()


class Reader(Country):
    """One that reads what begins with its own word."""

    def recognises(self, body: bytes) -> bool:
        return body.startswith(b"<")

    def read(self, body: bytes) -> Any:
        raise NotImplementedError


def test_who_serves_the_fewest_countries_reads_first() -> None:
    wide, narrow, silent = Reader("wide", "AA", "BB", "CC"), Reader("narrow", "DD"), Country("silent", "EE")
    fallback = Reader("default")
    registry = Registry([(one, HOME) for one in (wide, fallback, narrow, silent)])

    assert registry.readers(b"<a/>") == [narrow, wide, fallback]
    assert registry.readers(b"{}") == []
