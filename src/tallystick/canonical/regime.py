"""Typed blocks that a strategy brings along without an edit of the model.

The invoice captures `regime_data` undecoded; `decode` is handed the blocks of every loaded strategy, keyed
by regime code, and puts the typed struct in its place.
"""

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Raw, Struct

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
