"""The door to the strategies: who there is, and who serves a seller.

In a checkout the top-level folder `strategies/` is appended to this package's path, in a wheel its modules
lie beside this one: `tallystick.strategies.NAME` either way. Third parties are found by entry points of the
group `tallystick.strategies`. Nothing imports a strategy by name; `load` is the only way in.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import Final

from msgspec import Struct

from tallystick.canonical import Fault, RegimeBlocks
from tallystick.strategy import CarriesData, Reads, Regional, Strategy

__all__ = ["GROUP", "Choice", "Registry", "StrategyConflict", "StrategyInvalid", "load"]

GROUP: Final = "tallystick.strategies"
FALLBACK: Final = "default"

_PACKAGE: Final = Path(__file__).parent
if _PACKAGE.parents[1].name == "src" and (_PACKAGE.parents[2] / "strategies").is_dir():
    __path__.append(str(_PACKAGE.parents[2] / "strategies"))


class StrategyConflict(Exception):
    """Two strategies claim one country, region, regime code or name: the gateway must not start."""


class StrategyInvalid(Exception):
    """A strategy module or plug-in that holds no strategy, or a plug-in that cannot be imported."""


class Choice(Struct, frozen=True):
    """Who serves, and why: `country DE`, `region EU`, `default: nobody claims XX`, `asked for by regime`."""

    strategy: Strategy
    reason: str


class Registry:
    """The loaded strategies. Never changes after `load`; safe to share between threads and tasks."""

    def __init__(self, found: Iterable[tuple[Strategy, ModuleType]]) -> None:
        """Raises StrategyConflict when two of `found` claim the same thing."""
        pairs = tuple(found)
        self.all: tuple[Strategy, ...] = tuple(strategy for strategy, _ in pairs)
        self._names = _claims("name", ((s, (s.name,)) for s in self.all))
        self._countries = _claims("country", ((s, s.countries) for s in self.all))
        self._regions = _claims("region", ((s, _regions(s)) for s in self.all))
        self._regimes = _claims("regime", ((s, _regimes(s)) for s in self.all))
        for code in self._regimes.keys() & self._names.keys():
            if self._regimes[code] is not self._names[code]:
                raise StrategyConflict(_sentence("regime", code, self._regimes[code], self._names[code]))
        self._homes = {strategy.name: module for strategy, module in pairs}
        self.blocks: Mapping[str, RegimeBlocks] = MappingProxyType(
            {s.regime: s.blocks for s in self.all if isinstance(s, CarriesData)}
        )

    def __contains__(self, name: object) -> bool:
        """Whether a strategy of that name is installed."""
        return name in self._names

    def by_name(self, name: str) -> Strategy:
        """The strategy of that name. Raises KeyError."""
        return self._names[name]

    def readers(self, body: bytes) -> list[Reads]:
        """Who recognises a wire document, whoever serves the fewest countries first: of one family of formats
        he knows the branch that the others would read as the plain one.
        """
        found = [one for one in self.all if isinstance(one, Reads) and one.recognises(body)]
        return sorted(found, key=lambda one: len(getattr(one, "countries", ())) or len(self._countries) + 1)

    def home(self, name: str) -> ModuleType:
        """The module or package the strategy of that name lives in. Raises KeyError."""
        return self._homes[name]

    def dispatch(
        self, country: str, tax_region: str | None = None, regime: str | None = None
    ) -> Choice | Fault:
        """Who serves a seller in `country` (ISO 3166 alpha-2): its claimant, the region's, or `default`.

        An explicit `regime` (a strategy's name or regime code) is obeyed if that strategy serves the seller.
        """
        if regime is not None:
            return self._asked_for(regime, country, tax_region)
        if country in self._countries:
            return Choice(self._countries[country], f"country {country}")
        if tax_region is not None and tax_region in self._regions:
            return Choice(self._regions[tax_region], f"region {tax_region}")
        if FALLBACK in self._names:
            return Choice(self._names[FALLBACK], f"{FALLBACK}: nobody claims {country}")
        return Fault(
            code="regime/none",
            pointer="/seller/postal_address/country_code",
            message=f"no strategy serves sellers in {country}",
            actual=country,
        )

    def _asked_for(self, regime: str, country: str, tax_region: str | None) -> Choice | Fault:
        asked = self._names.get(regime) or self._regimes.get(regime)
        if asked is None:
            return Fault(
                code="regime/unknown",
                pointer="/regime",
                message=f"there is no regime {regime!r}",
                expected=", ".join(sorted(self._names)),
                actual=regime,
            )
        if asked in self._serving(country, tax_region):
            return Choice(asked, "asked for by regime")
        return Fault(
            code="regime/not-served",
            pointer="/regime",
            message=f"regime {regime!r} does not serve sellers in {country}",
            expected=", ".join(strategy.name for strategy in self._serving(country, tax_region)),
            actual=regime,
        )

    def _serving(self, country: str, tax_region: str | None) -> list[Strategy]:
        """Who claims the country or the region; `default` where nobody does."""
        claimants = [self._countries.get(country), self._regions.get(tax_region or "")]
        serving = [strategy for strategy in claimants if strategy is not None]
        return serving or [strategy for strategy in self.all if strategy.name == FALLBACK]


def load() -> Registry:
    """Every strategy of the folder and of installed plug-ins.

    Raises StrategyConflict (two claims on one thing) or StrategyInvalid (no strategy where one must be).
    """
    return Registry([*_of_the_folder(), *_of_plugins()])


def _of_the_folder() -> Iterator[tuple[Strategy, ModuleType]]:
    for found in sorted(iter_modules(__path__), key=lambda module: module.name):
        module = import_module(f"{__name__}.{found.name}")
        yield _checked(getattr(module, "strategy", None), module.__name__), module


def _of_plugins() -> Iterator[tuple[Strategy, ModuleType]]:
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        try:
            strategy, module = entry.load(), import_module(entry.module)
        except (ImportError, AttributeError) as error:
            raise StrategyInvalid(f"{entry.value} cannot be loaded: {error}") from error
        yield _checked(strategy, entry.value), module


def _checked(strategy: object, where: str) -> Strategy:
    verbs = (getattr(strategy, verb, None) for verb in ("check", "build", "submit", "inquire"))
    facts = isinstance(getattr(strategy, "name", None), str) and hasattr(strategy, "countries")
    if facts and all(map(callable, verbs)):
        return strategy  # type: ignore[return-value]  # the kit proves the rest of the contract
    raise StrategyInvalid(f"{where} holds no strategy: a `strategy` with name, countries and the four verbs")


def _regions(strategy: Strategy) -> Iterable[str]:
    return strategy.regions if isinstance(strategy, Regional) else ()


def _regimes(strategy: Strategy) -> Iterable[str]:
    return (strategy.regime,) if isinstance(strategy, CarriesData) else ()


def _claims(what: str, claims: Iterable[tuple[Strategy, Iterable[str]]]) -> dict[str, Strategy]:
    """Each claimed thing with its one claimant. Raises StrategyConflict where there are two."""
    owners: dict[str, Strategy] = {}
    for strategy, things in claims:
        for thing in things:
            if thing in owners:
                raise StrategyConflict(_sentence(what, thing, owners[thing], strategy))
            owners[thing] = strategy
    return owners


def _sentence(what: str, thing: str, first: Strategy, second: Strategy) -> str:
    one, other = (f"{s.name} ({type(s).__module__})" for s in (first, second))
    return f"{what} {thing} is claimed twice: by {one} and by {other}"
