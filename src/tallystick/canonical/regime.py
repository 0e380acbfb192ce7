"""Typed blocks that a strategy brings along without an edit of the model.

The invoice captures `regime_data` undecoded; `decode` is handed the blocks of every loaded strategy, keyed
by regime code, and puts the typed struct in its place.
"""

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Raw, Struct

from tallystick.canonical.shape import shape_of
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
        """Refuse structs that would let unknown fields pass unseen, or look different in JSON."""
        for struct in (self.document, self.party, self.line, self.allowance):
            if struct is not None:
                _refuse_loose(struct, set())


def _refuse_loose(struct: type[Struct], seen: set[type[Struct]]) -> None:
    """Raise TypeError unless the struct and those below it forbid unknown fields and are plain objects."""
    if struct in seen:
        return
    seen.add(struct)
    config = struct.__struct_config__
    if not config.forbid_unknown_fields or config.array_like or config.tag is not None:
        raise TypeError(f"{struct.__name__} must be a plain struct with forbid_unknown_fields=True")
    for field in shape_of(struct).values():
        for shape in (field.shape, field.shape.item):
            if shape is not None and shape.struct is not None:
                _refuse_loose(shape.struct, seen)
