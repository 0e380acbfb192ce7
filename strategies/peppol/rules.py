"""The rule table as data, and the one way to say that a rule is broken."""

import tomllib
from typing import Any, Final

from msgspec import Struct

from tallystick import schemas
from tallystick.canonical import Fault, RuleRef, Severity, Step


class Rule(Struct, frozen=True):
    """A rule of `schemas/rules/peppol.toml` that is checked here: our words, the publisher's number."""

    ref: RuleRef
    severity: Severity
    code: str
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
            ref=RuleRef(row["set"], row["id"], versions[row["set"]]),
            severity=row["severity"],
            code=f"rule/{row['id']}",
            term=row["term"],
            message=_required(row["text"]),
            hint=row.get("hint", ""),
        )
        for row in table["rule"]
        if row.get("native")
    }


RULES: Final = _read(tomllib.loads(schemas.path("rules/peppol.toml").read_text(encoding="utf-8")))


def broken(
    number: str,
    pointer: str,
    *,
    expected: str = "",
    actual: str = "",
    calculation: tuple[Step, ...] = (),
    term: str = "",
) -> Fault:
    """The rule `number` is broken at `pointer`, which names a member even when the member is missing.

    Its level is the table's: an error stops the invoice, a warning does not.
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
    )
