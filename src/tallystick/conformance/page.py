"""A strategy's rule table as a page for people: what is checked, and what cannot be broken and why."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tallystick.conformance.rules import Rule, table_of
from tallystick.rules.listing import RuleSet, Table

__all__ = ["page_of"]

_CHECKED = ("Number", "Severity", "Term", "Holds when right", "What to do")
_IMPOSSIBLE = ("Number", "Severity", "Term", "Holds when right", "Because")
_LISTED = ("Number", "Severity", "Term", "Holds when right")


def page_of(name: str, cases: Path) -> str:
    """The rules of the strategy called `name` as Markdown, a chapter for each set. Raises RulesInvalid.

    Whoever changes the rule table writes the page anew; a test compares them.
    """
    table = table_of(name, cases)
    chapters = [_chapter(name, table, rules) for name, rules in _by_set(table).items()]
    return "\n".join([_head(name, table), *chapters])


def _by_set(table: Table) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {name: [] for name in table.sets}
    for rule in table.rules.values():
        found.setdefault(rule.set, []).append(rule)
    return {name: rules for name, rules in found.items() if rules}


def _head(name: str, table: Table) -> str:
    text = (
        f"# Rules of `{name}`\n\n"
        f"Made from the rule table by `python -m tallystick.conformance {name}`; do not edit. The same, with "
        f"sources and days: `tallystick rules {name}`, or `GET /v1/regimes/{name}/rules`.\n\n"
        f"{_counted(list(table.rules.values()))} A warning is told and does not block, unless the "
        "registration raises it.\n"
    )
    if not table.code_lists:
        return text
    lists = ", ".join(f"`{listed}`" for listed in table.code_lists)
    return f"{text}\nCode lists: {lists} (`GET /v1/regimes/{name}/code-lists`).\n"


def _counted(rules: list[Rule]) -> str:
    checked = sum(rule.checked for rule in rules)
    impossible = sum(bool(rule.impossible) for rule in rules)
    listed = len(rules) - checked - impossible
    more = f", {listed} only the authority can judge" if listed else ""
    return (
        f"{len(rules)} rules: {checked} are checked before a document is accepted, {impossible} cannot be "
        f"broken by a document of ours{more}."
    )


def _chapter(name: str, table: Table, rules: list[Rule]) -> str:
    parts = [f"## {_title(name, table.sets.get(name))}\n\n{_counted(rules)}\n", *_sections(rules)]
    return "\n".join(parts)


def _title(name: str, found: RuleSet | None) -> str:
    if found is None:
        return name or "All rules"
    edition = " ".join(part for part in (found.publisher, found.version) if part)
    return f"{found.title} (`{name}`, {edition})" if edition else f"{found.title} (`{name}`)"


def _sections(rules: list[Rule]) -> Iterator[str]:
    checked = [(*_row(rule), rule.hint) for rule in rules if rule.checked]
    impossible = [(*_row(rule), rule.impossible) for rule in rules if rule.impossible]
    listed = [_row(rule) for rule in rules if not rule.checked and not rule.impossible]
    for title, head, rows in (
        ("Checked", _CHECKED, checked),
        ("Cannot be broken", _IMPOSSIBLE, impossible),
        ("Only the authority knows", _LISTED, listed),
    ):
        if rows:
            yield _section(title, head, rows)


def _row(rule: Rule) -> tuple[str, ...]:
    only = f" ({rule.bindings[0].upper()} only)" if rule.bindings else ""
    level = f"{rule.severity} (or {', '.join(rule.levels)})" if rule.levels else rule.severity
    return f"{rule.id}{only}", level, rule.term, rule.text


def _section(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    table = "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )
    return f"### {title}\n\n{table}\n"
