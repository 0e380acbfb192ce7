"""A strategy's rule table: what each number means, where it comes from, and what cannot be broken.

`rules/<name>.toml` among the schemas, or `<cases>/<name>/rules.toml` for a strategy that is not ours.
"""

from pathlib import Path
from typing import Final

from tallystick.rules.listing import Rule, Table, TableInvalid, read_table, shelved

__all__ = ["Rule", "RulesInvalid", "incomplete", "rules_of", "table_of"]

LEAST_WORDS: Final = 3
RulesInvalid = TableInvalid


def rules_of(name: str, cases: Path) -> dict[str, Rule]:
    """The rules by number; none where there is no table. Raises RulesInvalid (a number used twice, too)."""
    return dict(table_of(name, cases).rules)


def table_of(name: str, cases: Path) -> Table:
    """The whole table; an empty one where there is none. Raises RulesInvalid."""
    try:
        return read_table(shelved(name))
    except FileNotFoundError:
        path = cases / name / "rules.toml"
        return read_table(path) if path.is_file() else Table()


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
