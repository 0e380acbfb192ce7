"""The rule table as data, and the one way to say that a rule is broken."""

import tomllib
from typing import Any, Final

from msgspec import Struct

from tallystick import schemas
from tallystick.canonical import Fault, RuleRef, Severity, Step

__all__ = ["OURS", "RULES", "Rule", "broken"]

OURS: Final = "sa"
"""The set of our own rules: traps that the authority's leave open. Their numbers are fault codes."""


class Rule(Struct, frozen=True):
    """A rule of `schemas/rules/sa_zatca.toml` that is checked here: our words, the publisher's number."""

    ref: RuleRef | None
    code: str
    severity: Severity
    term: str
    message: str
    hint: str


def _required(text: str) -> str:
    """The table says how things are when they are right; a fault says that they must be."""
    return f"Required: {text[0].lower()}{text[1:]}"


def _read(table: dict[str, Any]) -> dict[str, Rule]:
    versions: dict[str, str] = {name: entry["version"] for name, entry in table["set"].items()}
    return {
        row["id"]: Rule(
            ref=None if row["set"] == OURS else RuleRef(row["set"], row["id"], versions[row["set"]]),
            code=row["id"] if row["set"] == OURS else f"rule/{row['id']}",
            severity=row["severity"],
            term=row["term"],
            message=_required(row["text"]),
            hint=row.get("hint", ""),
        )
        for row in table["rule"]
        if row.get("native")
    }


RULES: Final = _read(tomllib.loads(schemas.path("rules/sa_zatca.toml").read_text(encoding="utf-8")))


def broken(
    number: str,
    pointer: str,
    *,
    expected: str = "",
    actual: str = "",
    calculation: tuple[Step, ...] = (),
    term: str = "",
    fix: tuple[dict[str, Any], ...] = (),
) -> Fault:
    """The rule `number` is broken at `pointer`, which names a member even when the member is missing.

    `fix` is a JSON Patch, only where there is no doubt about what was meant.
    """
    rule = RULES[number]
    return Fault(
        code=rule.code,
        pointer=pointer,
        message=rule.message,
        severity=rule.severity,
        rule=rule.ref,
        term=term or rule.term,
        expected=expected,
        actual=actual,
        calculation=calculation,
        hint=rule.hint,
        fix=fix,
    )
