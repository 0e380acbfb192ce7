"""A rule table as it is shown: every rule of a strategy's sets with its source and what becomes of it here.

The file is TOML: `[[rule]]` for each rule, `[set.NAME]` for each publisher's set that `set` of a rule names,
and, at the top, `code_lists` (names of lists under `codelists/`) and `include` (other tables whose rules are
in force too; a rule of the including table takes the place of one with its number).
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec
from msgspec import Struct

from tallystick import schemas

__all__ = ["File", "Rule", "RuleSet", "Table", "TableInvalid", "read_file", "read_table", "shelved"]

Opener = Callable[[str], Path]


class TableInvalid(ValueError):
    """A rule table that cannot be read, or in which something is said twice."""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule. `impossible` says why no canonical invoice can break it; then no case has to.

    `native = false` lists a rule that nobody checks here: only the authority knows. `text` (`text_ar`: in
    Arabic) is in our own words; `source` is the clause or address it was taken from; `since` and `until` are
    the days on which it came and goes; `set` names the publisher's rule set; `hint` is what a fault tells
    the sender to do. `bindings` are the syntaxes in which it can be broken, where it is not all of them;
    `levels` the other severities that single profiles give it.
    """

    id: str
    severity: Literal["error", "warning", "info"]
    text: str
    source: str
    text_ar: str = ""
    since: date | None = None
    until: date | None = None
    impossible: str = ""
    native: bool = True
    term: str = ""
    set: str = ""
    hint: str = ""
    bindings: tuple[Literal["ubl", "cii"], ...] = ()
    levels: tuple[Literal["error", "warning", "info"], ...] = ()

    @property
    def checked(self) -> bool:
        """Whether an invoice is held against it here."""
        return self.native and not self.impossible


class RuleSet(Struct, frozen=True, kw_only=True):
    """A publisher's set of rules, as the table was written from it; behind one of our `own` stands nobody."""

    title: str
    publisher: str = ""
    version: str = ""
    source: str = ""
    since: date | None = None
    until: date | None = None
    own: bool = False


class Table(Struct, frozen=True, kw_only=True):
    """A whole table, included ones with it: rules by number, in their order."""

    rules: Mapping[str, Rule] = MappingProxyType({})
    sets: Mapping[str, RuleSet] = MappingProxyType({})
    code_lists: tuple[str, ...] = ()


class File(Struct, frozen=True):
    """What stands in one file."""

    rule: list[Rule] = []
    set: dict[str, RuleSet] = {}
    code_lists: list[str] = []
    include: list[str] = []


def shelved(name: str) -> Path:
    """Where our own table of that name lies. Raises FileNotFoundError."""
    return schemas.path(f"rules/{name}.toml")


def read_table(path: Path, opened: Opener = shelved) -> Table:
    """The table in the file, with those it includes, which `opened` finds by name. Raises TableInvalid."""
    return _read(path, opened, ())


def _read(path: Path, opened: Opener, within: tuple[Path, ...]) -> Table:
    if path in within:
        raise TableInvalid(f"{path} includes itself")
    file = read_file(path)
    rules: dict[str, Rule] = {}
    sets: dict[str, RuleSet] = {}
    lists: list[str] = []
    for name in file.include:
        try:
            found = opened(name)
        except FileNotFoundError:
            raise TableInvalid(f"{path}: there is no table {name} to include") from None
        other = _read(found, opened, (*within, path))
        rules |= other.rules
        sets |= other.sets
        lists += other.code_lists
    rules |= {rule.id: rule for rule in file.rule}
    lists += file.code_lists
    return Table(rules=rules, sets=sets | file.set, code_lists=tuple(dict.fromkeys(lists)))


def read_file(path: Path) -> File:
    """What stands in the file itself. Raises TableInvalid."""
    try:
        file = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), File)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise TableInvalid(f"{path}: {error}") from None
    numbers = [rule.id for rule in file.rule]
    if len(set(numbers)) != len(numbers):
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        raise TableInvalid(f"{path}: numbers used twice: {', '.join(twice)}")
    return file
