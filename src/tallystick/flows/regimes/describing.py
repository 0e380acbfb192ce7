"""A strategy described: where it serves, what it can do, what a registration with it says."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from tallystick import strategy as contract
from tallystick.canonical.numbers import NUMBER_PATTERN, NUMBERS
from tallystick.flows.regimes.views import EnvironmentView, Regime, RegimeLinks, SetView
from tallystick.rules.listing import Rule, RuleSet, Table
from tallystick.strategy import Acts, CarriesData, Enrols, HasEndpoints, Regional, Strategy

__all__ = ["regime_of", "root_of"]

WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
ABILITIES: Final[Mapping[str, type]] = {
    WORD.sub("_", name).lower(): kind
    for name, kind in sorted(vars(contract).items())
    if getattr(kind, "_is_runtime_protocol", False)
}
"""Every ability the contract knows, by its name: whatever can be asked of a strategy with isinstance."""

ENVIRONMENTS: Final = ("sandbox", "simulation", "production")
UNNAMED: Final = RuleSet(title="")


def root_of(name: str) -> str:
    """The path under which everything about a strategy stands."""
    return f"/v1/regimes/{name}"


def regime_of(strategy: Strategy, table: Table) -> Regime:
    """All that is told of a strategy. What it does not say is empty."""
    root = root_of(strategy.name)
    enrols = strategy if isinstance(strategy, Enrols) else None
    return Regime(
        id=strategy.name,
        countries=sorted(strategy.countries),
        regions=sorted(strategy.regions) if isinstance(strategy, Regional) else [],
        edition=getattr(strategy, "edition", ""),
        regime_data=strategy.regime if isinstance(strategy, CarriesData) else None,
        abilities=[name for name, kind in ABILITIES.items() if isinstance(strategy, kind)],
        environments=list(_environments(strategy)),
        settings=_schema(enrols.settings_type) if enrols else None,
        secrets=sorted(enrols.secret_names) if enrols else [],
        acts={name: _schema(kind) for name, kind in sorted(strategy.acts.items())}
        if isinstance(strategy, Acts)
        else {},
        rule_sets=list(_sets(table)),
        links=RegimeLinks(
            self_=root, rules=f"{root}/rules", fields=f"{root}/fields", code_lists=f"{root}/code-lists"
        ),
    )


def _environments(strategy: Strategy) -> Iterator[EnvironmentView]:
    if isinstance(strategy, HasEndpoints):
        for name, endpoint in strategy.endpoints.items():
            yield EnvironmentView(name=name, endpoint=endpoint)
    elif isinstance(strategy, Enrols):
        for name in ENVIRONMENTS:
            yield EnvironmentView(name=name, endpoint=None)


def _sets(table: Table) -> Iterator[SetView]:
    by_set: dict[str, list[Rule]] = {name: [] for name in table.sets}
    for rule in table.rules.values():
        by_set.setdefault(rule.set, []).append(rule)
    for name, rules in by_set.items():
        known = table.sets.get(name, UNNAMED)
        native = sum(rule.checked for rule in rules)
        impossible = sum(bool(rule.impossible) for rule in rules)
        yield SetView(
            name=name,
            title=known.title,
            publisher=known.publisher,
            version=known.version,
            source=known.source,
            since=known.since,
            until=known.until,
            rules=len(rules),
            native=native,
            impossible=impossible,
            authority=len(rules) - native - impossible,
        )


def _schema(struct: type[Struct]) -> dict[str, Any]:
    """The struct as JSON Schema; empty for one that has types JSON Schema cannot say."""
    try:
        return msgspec.json.schema(struct, schema_hook=_number)
    except (TypeError, NotImplementedError):
        return {}


def _number(kind: type) -> dict[str, Any]:
    if kind in NUMBERS:
        return {"type": "string", "pattern": f"^{NUMBER_PATTERN}$"}
    raise NotImplementedError(kind)
