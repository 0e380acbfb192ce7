"""What is recorded of the files that an operator brought, and what they say of a document."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from msgspec import Struct

__all__ = ["SCHEMA_RULE", "Artefacts", "Filed", "Finding", "Layer", "Level", "Opinion", "level_of"]

Level: TypeAlias = Literal["fatal", "warning", "information"]
LayerKind: TypeAlias = Literal["xsd", "schematron", "xslt"]
SCHEMA_RULE: Final = "XSD"
"""The number under which a schema's findings go; schemas number nothing."""


class Filed(Struct, frozen=True):
    """One file: its path inside the set (`/` between folders), SHA-256 in hex, size in bytes."""

    path: str
    sha256: str
    size: int


class Layer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file that judges. `roots` are the document elements of a schema as `{namespace}name`; rules look
    at every document. `phase` is the Schematron phase that is run.
    """

    kind: LayerKind
    path: str
    roots: tuple[str, ...] = ()
    phase: str = ""


class Artefacts(Struct, frozen=True, kw_only=True):
    """A set of files under one name.

    It judges the documents of `strategy` whose element is one of `roots` (local names; empty: all) and which
    name one of `customizations` in their CustomizationID or guideline (empty: those that no other set names),
    issued from `since` to `until` (YYYY-MM-DD, both included; empty: without end). `digest` is the SHA-256 of
    the list of its files, in hex; `rules` are the numbers that the rule files can say; `levels` are
    severities that the publisher's own configuration gives numbers instead of those in the files; `ignored`
    are numbers that count for nothing: reminders that every document gets.
    """

    profile: str
    strategy: str
    version: str = ""
    title: str = ""
    digest: str
    roots: tuple[str, ...] = ()
    customizations: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    levels: Mapping[str, Level] = {}
    ignored: tuple[str, ...] = ()
    layers: tuple[Layer, ...]
    files: tuple[Filed, ...]
    rules: tuple[str, ...] = ()
    added_at: str = ""


class Finding(Struct, frozen=True):
    """One thing that a file said of a document. `location` is an XPath, or a line for a schema."""

    rule: str
    level: Level
    location: str
    text: str
    file: str


class Opinion(Struct, frozen=True, kw_only=True):
    """What one set says of one document. `errors` tells of rules that could not be computed on it: their
    findings are fatal and numbered like the rule.
    """

    profile: str
    digest: str
    findings: tuple[Finding, ...]
    errors: int = 0

    @property
    def fatal(self) -> bool:
        """Whether the publisher's files refuse the document."""
        return any(finding.level == "fatal" for finding in self.findings)


def level_of(*words: str | None) -> Level:
    """The severity that the first non-empty of flag and role means; without either a rule is fatal."""
    for word in words:
        given = (word or "").strip().lower()
        if given.startswith("warn"):
            return "warning"
        if given.startswith("info") or given in {"hint", "none"}:
            return "information"
        if given:
            return "fatal"
    return "fatal"


def listed(files: Sequence[Filed]) -> bytes:
    """The list whose SHA-256 is a set's digest: `sha256sum`'s lines, sorted by path."""
    ordered = sorted(files, key=lambda each: each.path.encode())
    return "".join(f"{each.sha256}  {each.path}\n" for each in ordered).encode()
