"""An invoice under judgement: what the country's own rules ask about it, answered once."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from tallystick.canonical import DocumentAllowance, DocumentCharge, Invoice
from tallystick.rules.case import normal
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
    `crediting`: 381 and 81. `used` are the categories of lines, allowances and charges as they are written,
    `broken_down` those of the breakdown. `lines` are the blocks of the lines as they will be written.
    """

    __slots__ = (
        "block",
        "broken_down",
        "buyer_block",
        "commercial",
        "crediting",
        "lines",
        "seller_block",
        "total_in_dirhams",
        "used",
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
        self.used: Final = [line.tax.category_code for line in ready.lines] + [
            one.tax_category_code for _, one in self.documents()
        ]
        self.broken_down: Final = [entry.tax_category_code for entry in ready.tax_breakdown]

    def documents(self) -> list[tuple[str, DocumentAllowance | DocumentCharge]]:
        """The document's allowances and charges, each with its pointer."""
        found: list[tuple[str, DocumentAllowance | DocumentCharge]] = []
        found += [(f"/allowances/{i}", less) for i, less in enumerate(self.invoice.allowances)]
        found += [(f"/charges/{i}", more) for i, more in enumerate(self.invoice.charges)]
        return found

    def taxable(self, category: str, rate: Decimal | None = None, *, lines_only: bool = False) -> Decimal:
        """What lines and charges less allowances of a category come to; with `rate`, of that rate only."""
        total = Decimal(0)
        for line in self.invoice.lines:
            if normal(line.tax.category_code) == category and rate in (None, line.tax.rate):
                total += line.net_amount or 0
        return total if lines_only else total + self.adjusted(category, rate)

    def adjusted(self, category: str, rate: Decimal | None = None) -> Decimal:
        """What the document's charges less its allowances of a category come to."""
        total = Decimal(0)
        for charge in self.invoice.charges:
            if normal(charge.tax_category_code) == category and rate in (None, charge.tax_rate):
                total += charge.amount
        for allowance in self.invoice.allowances:
            if normal(allowance.tax_category_code) == category and rate in (None, allowance.tax_rate):
                total -= allowance.amount
        return total

    def sells(self, category: str, rate: Decimal | None, *, lines_only: bool = False) -> bool:
        """Whether there is a line, or an allowance or charge, of a category and rate."""
        if rate is None:
            return False
        lines = self.invoice.lines
        if any(normal(line.tax.category_code) == category and line.tax.rate == rate for line in lines):
            return True
        return not lines_only and self.adjusts(category, rate)

    def adjusts(self, category: str, rate: Decimal | None) -> bool:
        """Whether the document has an allowance or charge of a category and rate."""
        return rate is not None and any(
            normal(one.tax_category_code) == category and one.tax_rate == rate for _, one in self.documents()
        )


def is_nothing(number: Decimal | None) -> bool:
    """Whether a number that the rules compare untyped is zero to them: the negative zero is not."""
    return number is not None and number == 0 and not number.is_signed()
