"""The explorer: what there is to know of each loaded strategy. Read when asked for the first time, then kept.

A strategy that is not ours may bring `rules.toml` in its package. What a strategy does not bring is empty.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from tallystick.canonical import Fault
from tallystick.flows.errors import NotFound
from tallystick.flows.regimes.describing import regime_of, root_of
from tallystick.flows.regimes.fields import fields_of, wire_of
from tallystick.flows.regimes.lists import list_of
from tallystick.flows.regimes.views import (
    CodeList,
    CodeListInShort,
    CodeLists,
    FieldViews,
    Regime,
    Regimes,
    RuleView,
)
from tallystick.rules.listing import Rule, RuleSet, Table, TableInvalid, read_table, shelved
from tallystick.strategies import Registry
from tallystick.strategy import CarriesData, Strategy

__all__ = ["Explorer", "NoSuchRegime", "Sought"]

T = TypeVar("T")
UNNAMED: Final = RuleSet(title="")
SLASH: Final = "/"
CHECKED: Final = "rule/"  # begins the code of a fault that a check of ours found against a publisher's rule
OURS: Final = ""  # stands for our own sets, whose rules' numbers are codes of faults
ESCAPED: Final = "~1"  # as in a JSON pointer: a path's segment holds no slash
logger = logging.getLogger(__name__)


class NoSuchRegime(NotFound):
    """No strategy of that name is loaded, or it has no such rule or list."""


class Sought(Struct, frozen=True, kw_only=True):
    """Which rules are wanted. `term` and `set` are exact, but for their case; `q` may stand in any text."""

    severity: str | None = None
    term: str | None = None
    set: str | None = None
    native: bool | None = None
    q: str | None = None

    def fits(self, rule: RuleView) -> bool:
        """Whether the rule is one of them."""
        exact = ((self.severity, rule.severity), (self.term, rule.term), (self.set, rule.set))
        if any(wanted is not None and wanted.casefold() != has.casefold() for wanted, has in exact):
            return False
        if self.native is not None and self.native != rule.native:
            return False
        texts = (rule.id, rule.term, rule.text, rule.text_ar, rule.hint, rule.impossible or "")
        return self.q is None or self.q.casefold() in "\n".join(texts).casefold()


class Explorer:
    """What the strategies of a `registry` know. Safe to share between tasks."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._tables: dict[str, Table] = {}
        self._rules: dict[str, Mapping[str, RuleView]] = {}
        self._regimes: dict[str, Regime] = {}
        self._fields: dict[str, FieldViews] = {}
        self._lists: dict[str, Mapping[str, CodeList]] = {}
        self._arabic: dict[tuple[str, str], str] = {}

    def regimes(self) -> Regimes:
        """Every strategy, by name."""
        return Regimes(data=[self.regime(name) for name in sorted(one.name for one in self.registry.all)])

    def regime(self, name: str) -> Regime:
        """One strategy. Raises NoSuchRegime."""
        strategy = self._strategy(name)
        return _kept(self._regimes, name, lambda: regime_of(strategy, self.table(name)))

    def table(self, name: str) -> Table:
        """Its rule table; empty where there is none, or where it cannot be read. Raises NoSuchRegime."""
        self._strategy(name)
        return _kept(self._tables, name, lambda: self._read(name))

    def rules(self, name: str, sought: Sought | None = None) -> Sequence[RuleView]:
        """Its rules in the order of the table, or those that are sought. Raises NoSuchRegime."""
        every = self._every_rule(name).values()
        return [rule for rule in every if sought is None or sought.fits(rule)]

    def rule(self, name: str, rule_id: str) -> RuleView:
        """One rule, by its number (a slash in it as such or as `~1`). Raises NoSuchRegime."""
        found = self._every_rule(name).get(rule_id.replace(ESCAPED, SLASH))
        if found is None:
            raise NoSuchRegime(rule_id)
        return found

    def fields(self, name: str) -> FieldViews:
        """Every place of an invoice, with the regime's own. Raises NoSuchRegime."""
        strategy = self._strategy(name)
        brings = strategy if isinstance(strategy, CarriesData) else None
        code, blocks = (brings.regime, brings.blocks) if brings else (None, None)
        return _kept(
            self._fields, name, lambda: FieldViews(data=fields_of(code, blocks, wire_of(strategy.name)))
        )

    def code_lists(self, name: str) -> CodeLists:
        """The code lists its table names. Raises NoSuchRegime."""
        shown = CodeListInShort.__struct_fields__
        return CodeLists(
            data=[
                CodeListInShort(**{member: getattr(one, member) for member in shown})
                for one in self._every_list(name).values()
            ]
        )

    def code_list(self, name: str, listed: str) -> CodeList:
        """One of them, with its codes. Raises NoSuchRegime."""
        found = self._every_list(name).get(listed)
        if found is None:
            raise NoSuchRegime(listed)
        return found

    def linked(self, name: str, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """The faults, each with the path of its rule where this strategy's table has it."""
        return tuple(self._linked(name, fault) for fault in faults)

    def _linked(self, name: str, fault: Fault) -> Fault:
        href = self.href(name, fault)
        return replace(fault, rule=replace(fault.rule, href=href)) if fault.rule and href else fault

    def href(self, name: str, fault: Fault) -> str:
        """The path of the rule that a fault of this strategy names; empty where the table has none."""
        known = self._every_rule(name).get(fault.rule.id) if fault.rule else None
        return (known.href or "") if known and fault.rule and known.set == fault.rule.set else ""

    def text_ar(self, fault: Fault) -> str:
        """How things must be by the rule that our own check found broken, in Arabic; empty where there is no
        such rule or no such text.
        """
        if not self._arabic:
            self._arabic = self._every_text_ar()
        if fault.rule is None:
            return self._arabic.get((OURS, fault.code), "")
        ours = fault.code == f"{CHECKED}{fault.rule.id}"
        return self._arabic.get((fault.rule.set, fault.rule.id), "") if ours else ""

    def _every_text_ar(self) -> dict[tuple[str, str], str]:
        """By set and number; where the number is itself a fault's code, under `OURS`."""
        found: dict[tuple[str, str], str] = {}
        for strategy in self.registry.all:
            for rule in self._every_rule(strategy.name).values():
                found.setdefault((OURS if SLASH in rule.id else rule.set, rule.id), rule.text_ar)
        return found

    def _strategy(self, name: str) -> Strategy:
        if name not in self.registry:
            raise NoSuchRegime(name)
        return self.registry.by_name(name)

    def _every_rule(self, name: str) -> Mapping[str, RuleView]:
        table = self.table(name)
        return _kept(
            self._rules,
            name,
            lambda: {id_: _shown(name, rule, table.sets) for id_, rule in table.rules.items()},
        )

    def _every_list(self, name: str) -> Mapping[str, CodeList]:
        table = self.table(name)
        return _kept(self._lists, name, lambda: _lists(name, table))

    def _read(self, name: str) -> Table:
        try:
            path = _place(name, self.registry)
            return Table() if path is None else read_table(path)
        except TableInvalid as error:
            logger.warning("the rules of %s are not shown: %s", name, error)
            return Table()


def _place(name: str, registry: Registry) -> Path | None:
    """Where the strategy's table lies: on our shelf, or in its own package."""
    try:
        return shelved(name)
    except FileNotFoundError:
        folders = list(getattr(registry.home(name), "__path__", ()))
    found = [path for folder in folders if (path := Path(folder) / "rules.toml").is_file()]
    return found[0] if found else None


def _lists(name: str, table: Table) -> Mapping[str, CodeList]:
    found = ((listed, list_of(listed, root_of(name))) for listed in table.code_lists)
    return {listed: one for listed, one in found if one is not None}


def _shown(name: str, rule: Rule, sets: Mapping[str, RuleSet]) -> RuleView:
    escaped = rule.id.replace(SLASH, ESCAPED)
    return RuleView(
        id=rule.id,
        set=rule.set,
        version=sets.get(rule.set, UNNAMED).version,
        severity=rule.severity,
        levels=rule.levels,
        bindings=rule.bindings,
        term=rule.term,
        text=rule.text,
        text_ar=rule.text_ar,
        hint=rule.hint,
        source=rule.source,
        native=rule.checked,
        impossible=rule.impossible or None,
        since=rule.since,
        until=rule.until,
        href=f"{root_of(name)}/rules/{quote(escaped, safe='~')}",
    )


def _kept(known: dict[str, T], name: str, make: Callable[[], T]) -> T:
    """What is known under the name; made the first time."""
    if name not in known:
        known[name] = make()
    return known[name]
