"""How a struct's field says which EN 16931 term it carries.

`bt("BT-1", …)` marks a business term, `bg("BG-4", …)` a business group, `ours(…)` a term that EN 16931 does
not know. The marks end up as `x-bt` and `x-bg` in the JSON Schema and as `term` in every fault.
"""

from datetime import time
from typing import Annotated, ClassVar

from msgspec import Meta, Struct


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A group of terms.

    Groups make a tree and never a cycle, so the garbage collector has nothing to look for in them (`gc`).
    `group` is its EN 16931 business group, empty where EN 16931 has none; `level` says which block of a
    regime may stand in its `regime_data`, empty where none may.
    """

    group: ClassVar[str] = ""
    level: ClassVar[str] = ""


def bt(term: str, description: str) -> Meta:
    """A business term of EN 16931, such as `BT-1`."""
    return Meta(description=description, extra_json_schema={"x-bt": term})


def bg(group: str, description: str, *, at_least_one: bool = False) -> Meta:
    """A business group of EN 16931, such as `BG-4`."""
    return Meta(
        description=description,
        extra_json_schema={"x-bg": group},
        min_length=1 if at_least_one else None,
    )


def ours(description: str) -> Meta:
    """A term beyond EN 16931."""
    return Meta(description=description)


CurrencyCode = Annotated[str, Meta(pattern="^[A-Z]{3}$", max_length=3)]
"""ISO 4217 alphabetic code."""

CountryCode = Annotated[str, Meta(pattern="^[A-Z0-9]{2}$", max_length=2)]
"""ISO 3166-1 alpha-2 code, or one of the user-assigned codes the code lists add to it."""

TimeOfDay = Annotated[time, Meta(extra_json_schema={"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"})]
"""A time of day to the second, without a zone."""


class Identifier(Group, frozen=True, kw_only=True):
    """An identifier, with the scheme that gives it meaning where there is one."""

    value: Annotated[str, ours("The identifier.")]
    scheme: Annotated[str | None, ours("Code of the scheme the identifier belongs to.")] = None


class SchemedIdentifier(Group, frozen=True, kw_only=True):
    """An identifier that means nothing without its scheme."""

    scheme: Annotated[str, ours("Code of the scheme the identifier belongs to.")]
    value: Annotated[str, ours("The identifier.")]
