"""A strategy's rule table as a page for people: what is checked, and what cannot be broken and why."""

from collections.abc import Iterable
from pathlib import Path

from tallystick.conformance.rules import Rule, rules_of

__all__ = ["page_of"]

_CHECKED = ("Number", "Severity", "Term", "Holds when right", "What to do")
_IMPOSSIBLE = ("Number", "Severity", "Term", "Holds when right", "Because")
_LISTED = ("Number", "Severity", "Term", "Holds when right")


def page_of(name: str, cases: Path) -> str:
    """The rules of the strategy called `name` as Markdown. Raises RulesInvalid.

    Whoever changes the rule table writes the page anew; a test compares them.
    """
    rules = list(rules_of(name, cases).values())
    checked = [rule for rule in rules if rule.native and not rule.impossible]
    impossible = [rule for rule in rules if rule.impossible]
    listed = [rule for rule in rules if not rule.native and not rule.impossible]
    parts = [
        _head(name, len(rules), len(checked), len(impossible)),
        _section("Checked", _CHECKED, ((*_row(rule), rule.hint) for rule in checked)),
        _section("Cannot be broken", _IMPOSSIBLE, ((*_row(rule), rule.impossible) for rule in impossible)),
    ]
    if listed:
        parts.append(_section("Not checked", _LISTED, map(_row, listed)))
    return "\n".join(parts)


def _head(name: str, rules: int, checked: int, impossible: int) -> str:
    return (
        f"# Rules of `{name}`\n\n"
        f"Made from the rule table by `python -m tallystick.conformance {name}`; do not edit.\n\n"
        f"{rules} rules: {checked} are checked before a document is accepted, {impossible} cannot be broken "
        "by a document of ours. A warning is told and does not block.\n"
    )


def _row(rule: Rule) -> tuple[str, ...]:
    return rule.id, rule.severity, rule.term, rule.text


def _section(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    table = "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )
    return f"## {title}\n\n{table}\n"
