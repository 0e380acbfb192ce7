"""A strategy's rule table: what each number means, where it comes from, and what cannot be broken.

`rules/<name>.toml` among the schemas, or `<cases>/<name>/rules.toml` for a strategy that is not ours.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from tallystick import schemas

__all__ = ["Rule", "RulesInvalid", "rules_of"]

LEAST_WORDS: Final = 3


class RulesInvalid(ValueError):
    """A rule table that cannot be read, or one of whose rules is not complete."""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule. `impossible` says why no canonical invoice can break it; then no case has to.

    `native = false` lists a rule that nobody checks here. `text` is in our own words; `source` is the clause
    or address it was taken from; `since` and `until` are the days on which it came and goes; `set` names the
    publisher's rule set; `hint` is what a fault tells the sender to do.
    """

    id: str
    severity: Literal["error", "warning", "info"]
    text: str
    source: str
    since: date | None = None
    until: date | None = None
    impossible: str = ""
    native: bool = True
    term: str = ""
    set: str = ""
    hint: str = ""


class Table(Struct, frozen=True):
    """The file: an array of tables `[[rule]]`."""

    rule: list[Rule] = []


def rules_of(name: str, cases: Path) -> dict[str, Rule]:
    """The rules by number; none where there is no table. Raises RulesInvalid (a number used twice, too)."""
    path = _table(name, cases)
    if path is None:
        return {}
    try:
        table = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Table)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RulesInvalid(f"{path}: {error}") from None
    rules = {rule.id: rule for rule in table.rule}
    if len(rules) != len(table.rule):
        numbers = [rule.id for rule in table.rule]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        raise RulesInvalid(f"{path}: numbers used twice: {', '.join(twice)}")
    return rules


def incomplete(rule: Rule) -> str:
    """What a rule's entry lacks, in words; empty if it is whole."""
    if not rule.id.strip() or not rule.source.strip():
        return "has no number or no source"
    if len(rule.text.split()) < LEAST_WORDS:
        return "does not say what it asks for"
    if rule.impossible and len(rule.impossible.split()) < LEAST_WORDS:
        return "does not say why it cannot be broken"
    if rule.since and rule.until and rule.until <= rule.since:
        return "ends before it begins"
    return ""


def _table(name: str, cases: Path) -> Path | None:
    try:
        return schemas.path(f"rules/{name}.toml")
    except FileNotFoundError:
        path = cases / name / "rules.toml"
        return path if path.is_file() else None
