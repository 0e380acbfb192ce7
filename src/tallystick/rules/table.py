"""The rule tables: every number a publisher gave, in our words, with its level and its days."""

from collections.abc import Mapping, Set
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from tallystick.canonical import Fault, RuleRef, Severity, Step
from tallystick.rules.listing import File, read_file, shelved
from tallystick.rules.listing import Rule as Row

__all__ = ["Rule", "read", "span"]


class Rule(Struct, frozen=True, kw_only=True):
    """One rule. `text` says how things are when they are right, `text_ar` the same in Arabic.

    A rule that nobody can break says why in `impossible`, one that nobody checks is not `native`: both are
    listed and never told. `since` and `until` are the first and the last day on which it holds; `bindings`
    the syntaxes in which it can be broken, where it is not all. No publisher stands behind a rule of our
    `own`: its number is a code of faults.
    """

    ref: RuleRef
    severity: Severity
    term: str = ""
    text: str
    text_ar: str = ""
    hint: str = ""
    impossible: str = ""
    native: bool = True
    since: date | None = None
    until: date | None = None
    bindings: tuple[str, ...] = ()
    own: bool = False

    @property
    def told(self) -> bool:
        """Whether an invoice can break it, and is looked at."""
        return self.native and not self.impossible

    @property
    def message(self) -> str:
        """What a fault says: the table tells how things are when they are right."""
        abbreviated = self.text[:2].isalpha() and self.text[:2].isupper()
        return f"Required: {self.text if abbreviated else self.text[0].lower() + self.text[1:]}"

    @property
    def code(self) -> str:
        """The code of its faults."""
        return self.ref.id if self.own else f"rule/{self.ref.id}"

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on a day of issue."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def fault(
        self,
        pointer: str,
        *,
        expected: str = "",
        actual: str = "",
        calculation: tuple[Step, ...] = (),
        term: str = "",
        hint: str = "",
        fix: tuple[dict[str, Any], ...] = (),
        wire_location: str = "",
    ) -> Fault:
        """It is broken at `pointer`, which names a member even when that is missing.

        `fix` is a JSON Patch, only where there is no doubt about what was meant; `term` and `hint` stand in
        place of the table's.
        """
        return Fault(
            code=self.code,
            pointer=pointer,
            message=self.message,
            severity=self.severity,
            rule=None if self.own else self.ref,
            term=term or self.term,
            expected=expected,
            actual=actual,
            calculation=calculation,
            hint=hint or self.hint,
            fix=fix,
            wire_location=wire_location,
        )


@cache
def read(name: str, own: str = "") -> Mapping[str, Rule]:
    """The rules of `schemas/rules/<name>.toml` by number, in the table's order. Raises TableInvalid.

    `own` is our set in it, beside those that say so themselves.
    """
    table = _file(name)
    ours = {key for key, found in table.set.items() if found.own} | {own}
    return MappingProxyType({row.id: _rule(row, table.set[row.set].version, ours) for row in table.rule})


def span(name: str) -> tuple[date | None, date | None]:
    """The first and the last day on which all sets of the table are in force; None where they name no day."""
    sets = _file(name).set.values()
    first = max((found.since for found in sets if found.since is not None), default=None)
    return first, min((found.until for found in sets if found.until is not None), default=None)


@cache
def _file(name: str) -> File:
    return read_file(shelved(name))


def _rule(row: Row, version: str, ours: Set[str]) -> Rule:
    return Rule(
        ref=RuleRef(row.set, row.id, version),
        severity=row.severity,
        term=row.term,
        text=row.text,
        text_ar=row.text_ar,
        hint=row.hint,
        impossible=row.impossible,
        native=row.native,
        since=row.since,
        until=row.until,
        bindings=row.bindings,
        own=row.set in ours,
    )
