"""A profile is data: which rules, how severe, from when until when, in which editions."""

from collections.abc import Mapping, Set
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from tallystick.canonical import Severity
from tallystick.rules.table import Rule, read, span

__all__ = ["Edition", "Profile", "edition", "profile"]

Levels = tuple[tuple[str, Severity], ...]


class Edition(Struct, frozen=True, eq=False, kw_only=True):
    """The rules of a profile as they were published together, from its first day until its last.

    Where two editions hold on the same day, that is a grace period: a document may be judged by either.
    """

    name: str
    rules: Mapping[str, Rule]
    began: date | None = None
    ended: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether a document issued on that day may be judged by it."""
        return self.has_begun_on(day) and (self.ended is None or day <= self.ended)

    def has_begun_on(self, day: date) -> bool:
        """Whether it was in force on that day, or before."""
        return self.began is None or self.began <= day


class Profile(Struct, frozen=True, eq=False):
    """The rules of one kind of document, by number.

    `rules` holds every one that can be broken, each with the severity that this profile gives it; `began` is
    the first day on which its sets were in force together, `edition` what they are called. `earlier` are
    editions before this one, the latest first.
    """

    name: str
    rules: Mapping[str, Rule]
    began: date | None = None
    edition: str = ""
    earlier: tuple[Edition, ...] = ()

    def on(self, day: date, wished: str = "") -> Mapping[str, Rule]:
        """The rules for a document issued on that day.

        They are those of the latest edition that had begun; of the `wished` one, if it holds on that day. A
        document issued before any edition is judged by the first, as on its first day: no other is known.
        """
        return _in_force(self, day, wished)

    def editions(self) -> tuple[Edition, ...]:
        """All that are known, the latest first."""
        latest = Edition(name=self.edition, rules=self.rules, began=self.began)
        return (latest, *self.earlier)

    def without(self, numbers: Set[str]) -> Self:
        """The same profile, in no edition of which any of these rules is told."""

        def kept(rules: Mapping[str, Rule]) -> Mapping[str, Rule]:
            found = {key: rule for key, rule in rules.items() if rule.ref.id not in numbers}
            return MappingProxyType(found)

        earlier = tuple(replace(one, rules=kept(one.rules)) for one in self.earlier)
        return replace(self, rules=kept(self.rules), earlier=earlier)


class _Known(Struct, frozen=True):
    """An edition, and the days from and until which every one of its rules holds."""

    edition: Edition
    whole_from: date
    whole_until: date


@lru_cache(maxsize=256)
def _known(whole: Profile) -> tuple[_Known, ...]:
    return tuple(
        _Known(
            one,
            max((rule.since for rule in one.rules.values() if rule.since), default=date.min),
            min((rule.until for rule in one.rules.values() if rule.until), default=date.max),
        )
        for one in whole.editions()
    )


@lru_cache(maxsize=1024)
def _in_force(whole: Profile, day: date, wished: str) -> Mapping[str, Rule]:
    known = _known(whole)
    found = known[-1]
    for one in reversed(known):
        if one.edition.has_begun_on(day):
            found = one
    if wished:
        named = (one for one in known if one.edition.name == wished and one.edition.holds_on(day))
        found = next(named, found)
    began, rules = found.edition.began, found.edition.rules
    if began is not None and day < began:
        day = began
    if found.whole_from <= day <= found.whole_until:
        return rules
    return MappingProxyType({number: rule for number, rule in rules.items() if rule.holds_on(day)})


@lru_cache(maxsize=256)
def edition(name: str, tables: tuple[str, ...], levels: Levels = ()) -> Edition:
    """The rules of all `tables`, with other severities where `levels` says so.

    A rule of a later table takes the place of one with its number. The edition holds while all sets do.
    """
    rules = {number: rule for table in tables for number, rule in read(table).items() if rule.told}
    rules |= {number: replace(rules[number], severity=severity) for number, severity in levels}
    spans = [span(table) for table in tables]
    return Edition(
        name=name,
        rules=MappingProxyType(rules),
        began=max((first for first, _ in spans if first is not None), default=None),
        ended=min((last for _, last in spans if last is not None), default=None),
    )


def profile(
    name: str, tables: tuple[str, ...], levels: Levels = (), earlier: tuple[Edition, ...] = ()
) -> Profile:
    """The profile called `name`: the rules of all `tables`, with `earlier` editions before them."""
    latest = edition("", tables, levels)
    return Profile(name=name, rules=latest.rules, began=latest.began, earlier=earlier)
