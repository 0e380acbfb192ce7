"""A profile is data: which rules, how severe, from when until when."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from msgspec import Struct

from tallystick.canonical import Severity
from tallystick.rules.table import Rule, began, read

__all__ = ["Profile", "profile"]


class Profile(Struct, frozen=True, eq=False):
    """The rules of one kind of document, by number.

    `rules` holds every one that can be broken, each with the severity that this profile gives it. `began` is
    the first day on which its sets were in force together: a document issued before is judged as on that day,
    for no older edition is known.
    """

    name: str
    rules: Mapping[str, Rule]
    began: date | None = None

    def on(self, day: date) -> Mapping[str, Rule]:
        """The rules in force on the day an invoice was issued."""
        return _in_force(self, day)


@lru_cache(maxsize=4096)
def _in_force(whole: Profile, day: date) -> Mapping[str, Rule]:
    if whole.began is not None and day < whole.began:
        day = whole.began
    return MappingProxyType({number: rule for number, rule in whole.rules.items() if rule.holds_on(day)})


@lru_cache(maxsize=64)
def profile(name: str, tables: tuple[str, ...], levels: tuple[tuple[str, Severity], ...] = ()) -> Profile:
    """The profile called `name`: the rules of all `tables`, with other severities where `levels` says so."""
    rules = {number: rule for table in tables for number, rule in read(table).items() if rule.told}
    for number, severity in levels:
        known = rules[number]
        rules[number] = Rule(
            **{key: getattr(known, key) for key in Rule.__struct_fields__ if key != "severity"},
            severity=severity,
        )
    days = [day for table in tables if (day := began(table)) is not None]
    return Profile(name, MappingProxyType(rules), max(days, default=None))
