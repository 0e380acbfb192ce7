"""The rule table as data, and the one way to say that a rule is broken."""

import tomllib
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from tallystick import schemas
from tallystick.canonical import Fault, RuleRef, Severity, Step

__all__ = ["OURS", "RULES", "Rule", "broken"]

OURS: Final = "in"
"""The set of the rules that no code of the portal stands for. Their numbers are codes."""


class Rule(Struct, frozen=True):
    """A rule of `schemas/rules/in_irp.toml` that is checked here: our words, the portal's number."""

    ref: RuleRef | None
    code: str
    severity: Severity
    term: str
    message: str
    hint: str


def _required(text: str) -> str:
    """The table says how things are when they are right; a fault says that they must be."""
    spelled_out = text[:2].isalpha() and text[:2].isupper()
    return f"Required: {text[0] if spelled_out else text[0].lower()}{text[1:]}"


def _read(table: dict[str, Any]) -> dict[str, Rule]:
    versions: dict[str, str] = {name: entry["version"] for name, entry in table["set"].items()}
    return {
        row["id"]: Rule(
            ref=None if row["set"] == OURS else RuleRef(row["set"], row["id"], versions[row["set"]]),
            code=row["id"] if row["set"] == OURS else f"rule/{row['id']}",
            severity=row["severity"],
            term=row.get("term", ""),
            message=_required(row["text"]),
            hint=row.get("hint", ""),
        )
        for row in table["rule"]
        if row.get("native", True) and not row.get("impossible")
    }


RULES: Final = _read(tomllib.loads(schemas.path("rules/in_irp.toml").read_text(encoding="utf-8")))


def broken(
    number: str,
    pointer: str,
    *,
    expected: str = "",
    actual: str = "",
    calculation: tuple[Step, ...] = (),
    where: str = "",
    hint: str = "",
    fix: tuple[dict[str, Any], ...] = (),
) -> Fault:
    """The rule `number` is broken at `pointer`; `where` is the place in the wire document."""
    rule = RULES[number]
    return Fault(
        code=rule.code,
        pointer=pointer,
        message=rule.message,
        severity=rule.severity,
        rule=rule.ref,
        term=rule.term,
        expected=expected,
        actual=actual,
        calculation=calculation,
        hint=hint or rule.hint,
        fix=fix,
        wire_location=where,
    )


def hard(fault: Fault) -> Fault:
    """The same fault as an error."""
    return replace(fault, severity="error")
