"""The shapes of what is shown of a regime."""

from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

__all__ = [
    "Code",
    "CodeList",
    "CodeListInShort",
    "CodeLists",
    "EnvironmentView",
    "FieldView",
    "FieldViews",
    "Regime",
    "RegimeLinks",
    "Regimes",
    "RuleView",
    "SetView",
]

JsonSchema = Annotated[
    dict[str, Any], Meta(description="A JSON Schema (2020-12); empty where nothing is known.")
]


class EnvironmentView(Struct, frozen=True, kw_only=True):
    """Where the authority is reached; `endpoint` is null where a registration names it."""

    name: str
    endpoint: str | None


class SetView(Struct, frozen=True, kw_only=True):
    """A publisher's set of rules. Of its `rules`, `native` are checked here, `impossible` cannot be broken
    by an invoice of ours, and `authority` only the authority can know.
    """

    name: str
    title: str
    publisher: str
    version: str
    source: str
    since: date | None
    until: date | None
    rules: int
    native: int
    impossible: int
    authority: int


class RegimeLinks(Struct, frozen=True, kw_only=True, rename={"self_": "self"}):
    """Where the rest is."""

    self_: str
    rules: str
    fields: str
    code_lists: str


class Regime(Struct, frozen=True, kw_only=True):
    """One loaded strategy. `regime_data` is the key of its typed blocks in an invoice, null if it has none.

    `settings` describes the settings of a registration, `secrets` names what it keeps wrapped; `acts` gives
    for each act what its request says.
    """

    id: str
    countries: list[str]
    regions: list[str]
    edition: str
    regime_data: str | None
    abilities: list[str]
    environments: list[EnvironmentView]
    settings: JsonSchema | None
    secrets: list[str]
    acts: dict[str, JsonSchema]
    rule_sets: list[SetView]
    links: RegimeLinks


class Regimes(Struct, frozen=True, kw_only=True):
    """Every loaded strategy, by its name."""

    data: list[Regime]


class RuleView(Struct, frozen=True, kw_only=True):
    """One rule. `native`: checked here before anything is sent. Else `impossible` says why an invoice of ours
    cannot break it, or, where that is null, only the authority can know. `levels` are other severities that
    it has for some documents; `bindings` the syntaxes in which it can be broken, where it is not all.
    """

    id: str
    set: str
    version: str
    severity: Literal["error", "warning", "info"]
    levels: tuple[Literal["error", "warning", "info"], ...]
    bindings: tuple[Literal["ubl", "cii"], ...]
    term: str
    text: str
    text_ar: str
    hint: str
    source: str
    native: bool
    impossible: str | None
    since: date | None
    until: date | None
    href: Annotated[str | None, Meta(description="The rule's own path.")]


class FieldView(Struct, frozen=True, kw_only=True):
    """One place of an invoice. In `pointer`, `{}` is the place in a list; `term` is its number in EN 16931.

    `regime` is true for what the regime brings along. `wire` names the elements of the authority's own format
    that the strategy's field table says are filled from here.
    """

    pointer: str
    type: str
    required: bool
    term: str
    description: str
    values: list[str]
    regime: bool
    wire: list[str]


class FieldViews(Struct, frozen=True, kw_only=True):
    """Every place, groups before what stands in them."""

    data: list[FieldView]


class Code(Struct, frozen=True, kw_only=True):
    """A code; `name` is empty where the list gives none."""

    code: str
    name: str


class CodeListInShort(Struct, frozen=True, kw_only=True):
    """A code list without its codes. `count` is how many it has, `date` the day of the source."""

    name: str
    title: str
    source: str
    date: date | None
    count: int
    href: str


class CodeLists(Struct, frozen=True, kw_only=True):
    """The code lists in use."""

    data: list[CodeListInShort]


class CodeList(CodeListInShort, frozen=True, kw_only=True):
    """A code list."""

    codes: list[Code]
