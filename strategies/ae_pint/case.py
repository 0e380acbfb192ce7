"""An invoice under judgement: what the country's own rules ask about it, answered once."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from tallystick.canonical import Invoice
from tallystick.rules.pint import PintCase
from tallystick.rules.table import Rule

from .blocks import REGIME, Ae, AeLine, AeParty
from .nature import (
    COMMERCIAL,
    CREDIT_NOTES,
    DIRHAM,
    block_of,
    line_block,
    party_block,
    specification_of,
)
from .profile import CREDIT_NOTE_TYPES
from .writing import Wire

__all__ = ["AeCase", "is_nothing"]


class AeCase(PintCase):
    """One invoice as it will be written, and the facts that the country's rules share.

    `block` is the caller's own; `commercial`: types 480 and 81, no tax invoices;
    `crediting`: 381 and 81. `lines` are the blocks of the lines as they will be written.
    """

    __slots__ = (
        "block",
        "buyer_block",
        "commercial",
        "crediting",
        "lines",
        "seller_block",
        "total_in_dirhams",
    )

    def __init__(self, given: Invoice, ready: Invoice, rules: Mapping[str, Rule]) -> None:
        wire: Wire = ready.regime_data[REGIME]
        specification = specification_of(given)
        credit_note = given.type_code in CREDIT_NOTE_TYPES
        lines = [line_block(line) for line in ready.lines]
        stated = any(one.tax_in_aed is not None and one.amount_in_aed is not None for one in lines)
        super().__init__(
            ready,
            rules,
            credit_note=credit_note,
            types=specification.credit_notes if credit_note else specification.invoices,
            line_tax_currency=DIRHAM if stated else None,
        )
        self.block: Final[Ae] = block_of(given)
        self.lines: Final[list[AeLine]] = lines
        self.seller_block: Final[AeParty] = party_block(ready.seller)
        self.buyer_block: Final[AeParty] = party_block(ready.buyer)
        self.total_in_dirhams: Final = wire.total_in_dirhams
        self.commercial: Final = ready.type_code in COMMERCIAL
        self.crediting: Final = ready.type_code in CREDIT_NOTES


def is_nothing(number: Decimal | None) -> bool:
    """Whether a number that the rules compare untyped is zero to them: the negative zero is not."""
    return number is not None and number == 0 and not number.is_signed()
