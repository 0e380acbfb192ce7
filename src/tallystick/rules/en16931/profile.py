"""What a profile of EN 16931 says besides its rules: specification, processes, kinds of document, syntax."""

from collections.abc import Mapping, Set
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from tallystick.canonical import Severity
from tallystick.rules.en16931 import codes
from tallystick.rules.profiles import Edition, Profile, profile
from tallystick.rules.table import Rule

__all__ = ["EuropeanProfile", "Syntax", "european"]

Syntax: TypeAlias = Literal["ubl", "cii"]


class EuropeanProfile(Profile, frozen=True, eq=False, kw_only=True):
    """A way to be judged that builds on EN 16931.

    `specification` and `process`, without needless blanks, are written when the document does not name its
    own (BT-24, BT-23).
    `processes` is what BT-23 may say where the profile restricts it; in `typed_processes`, some of them, the
    kinds of document are restricted to `invoice_types` and `credit_note_types`. `note_lands`: where both
    parties have their addresses in one of these countries, a document may have several notes. `slacks`: how
    far a product may be from the amount it explains, for currencies in which that is more than 0.02.
    """

    specification: str
    process: str | None = None
    syntax: Syntax = "ubl"
    processes: Set[str] = frozenset()
    typed_processes: Set[str] = frozenset()
    invoice_types: Set[str] = codes.INVOICE_TYPES
    credit_note_types: Set[str] = codes.CREDIT_NOTE_TYPES
    note_lands: Set[str] = frozenset()
    slacks: Mapping[str, Decimal] = MappingProxyType({})


_NONE: Final[Set[str]] = frozenset()
_NO_SLACKS: Final[Mapping[str, Decimal]] = MappingProxyType({})


def european(
    name: str,
    tables: tuple[str, ...],
    *,
    specification: str,
    process: str | None = None,
    syntax: Syntax = "ubl",
    processes: Set[str] = _NONE,
    typed_processes: Set[str] = _NONE,
    invoice_types: Set[str] = codes.INVOICE_TYPES,
    credit_note_types: Set[str] = codes.CREDIT_NOTE_TYPES,
    note_lands: Set[str] = _NONE,
    slacks: Mapping[str, Decimal] = _NO_SLACKS,
    levels: tuple[tuple[str, Severity], ...] = (),
    edition: str = "",
    earlier: tuple[Edition, ...] = (),
) -> EuropeanProfile:
    """The profile of the rules of all `tables`, as far as they are bound to the syntax.

    `levels` are severities of its own, `edition` names these rules, `earlier` are those before them.
    """
    rules = profile(name, tables, levels)
    bound = {number: rule for number, rule in rules.rules.items() if _bound(rule, syntax)}
    return EuropeanProfile(
        name=name,
        rules=MappingProxyType(bound),
        began=rules.began,
        edition=edition,
        earlier=earlier,
        specification=specification,
        process=process,
        syntax=syntax,
        processes=processes,
        typed_processes=typed_processes,
        invoice_types=invoice_types,
        credit_note_types=credit_note_types,
        note_lands=note_lands,
        slacks=slacks,
    )


def _bound(rule: Rule, syntax: Syntax) -> bool:
    """Whether the rule is of this binding: some numbers say by themselves of which they are."""
    other = "CII-" if syntax == "ubl" else "UBL-"
    return syntax in (rule.bindings or (syntax,)) and not rule.ref.id.startswith(other)
