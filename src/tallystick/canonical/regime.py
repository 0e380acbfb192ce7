"""Typed blocks that a strategy brings along without an edit of the model.

The invoice captures `regime_data` undecoded; `decode` is handed the blocks of every loaded strategy, keyed
by regime code, and puts the typed struct in its place.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol, runtime_checkable

from msgspec import Raw, Struct, inspect

from tallystick.canonical.terms import ours

if TYPE_CHECKING:
    Block = Any
else:
    Block = Raw

RegimeData = Annotated[
    dict[str, Block],
    ours("Typed blocks of the regimes, keyed by regime code; refused if no strategy knows them."),
]


class RegimeBlocks(Struct, frozen=True, kw_only=True):
    """The structs one regime adds to the invoice, by level. None: the regime adds nothing there.

    `document` stands on the invoice; `party` on seller, buyer, payee and tax representative; `line` on
    each line; `allowance` on allowances and charges of document and line.
    """

    document: type[Struct] | None = None
    party: type[Struct] | None = None
    line: type[Struct] | None = None
    allowance: type[Struct] | None = None

    def __post_init__(self) -> None:
        """Refuse structs that would let unknown fields, free forms or inexact numbers pass unseen."""
        for struct in (self.document, self.party, self.line, self.allowance):
            if struct is not None:
                _refuse_loose(struct.__name__, inspect.type_info(struct), set())


@runtime_checkable
class SaysPaid(Protocol):
    """A document's block that knows what was paid before: BT-113 follows from it where it is absent."""

    def paid_in_advance(self, decimals: int) -> Decimal | None:
        """The sum, with so many decimals at most; None where nothing was."""
        ...


_INNER: Final = ("fields", "type", "types", "item_type", "item_types", "key_type", "value_type")
_LOOSE: Final = (inspect.FloatType, inspect.DecimalType, inspect.AnyType, inspect.RawType)


def _refuse_loose(name: str, node: Any, seen: set[int]) -> None:
    """Raise TypeError unless every struct is a plain closed object and every number is one of ours.

    `float` loses digits, a bare `Decimal` takes NaN and exponents, and a free form is no typed block.
    """
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, _LOOSE):
        raise TypeError(f"{name} holds a {type(node).__name__}: use the canonical numbers and typed terms")
    if isinstance(node, inspect.StructType):
        name = node.cls.__name__
        if not node.forbid_unknown_fields or node.array_like or node.tag is not None:
            raise TypeError(f"{name} must be a plain struct with forbid_unknown_fields=True")
    for attribute in _INNER:
        inner = getattr(node, attribute, None)
        for part in inner if isinstance(inner, tuple) else (inner,):
            if isinstance(part, (inspect.Type, inspect.Field)):
                _refuse_loose(name, part, seen)
