"""What an invoice says in Saudi Arabia beyond EN 16931: the typed blocks under `regime_data.sa`.

Whatever can be derived is derived: standard or simplified from `transaction_type` (`b2c` is simplified), the
flag of public buyers from `b2g`, the line's tax from its net amount and rate, prepayment lines from
`prepayments`. Terms are those of the XML Implementation Standard 1.2 (KSA-n).
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from tallystick.canonical import Amount, Percent, RegimeBlocks, TimeOfDay, rounded

from .reckoning import NOTHING, percent_of

__all__ = [
    "BLOCKS",
    "MOST_DECIMALS",
    "REGIME",
    "CodeLists",
    "Party",
    "Prepayment",
    "Sa",
    "SaAdjustment",
    "SaLine",
]

REGIME = "sa"

Text = Annotated[str, Meta(min_length=1)]
Uuid = Annotated[
    str, Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", max_length=36)
]
CodeLists = Literal["adjustments", "breakdown"]

MOST_DECIMALS: Final = 2
"""Of any amount, whatever its currency has."""


class Prepayment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What was paid in advance under one category and rate of one prepayment invoice (type 386).

    Becomes a line of its own. `taxable_amount` (KSA-31) is without tax; `tax_amount` (KSA-32) is computed
    from it and the rate where absent; the sum of both over all prepayments is BT-113. `line_identifier` is
    the next free number where absent, `item_name` is ours, the unit is `PCE`.
    """

    number: Text
    uuid: Uuid | None = None
    issue_date: date
    issue_time: TimeOfDay
    category_code: Text
    rate: Percent | None = None
    taxable_amount: Amount
    tax_amount: Amount | None = None
    exemption_reason_code: Text | None = None
    exemption_reason: Text | None = None
    line_identifier: Text | None = None
    item_name: Text | None = None
    unit_of_measure_code: Text | None = None

    def tax(self, decimals: int) -> Decimal:
        """KSA-32: as stated, or the taxable amount times the rate, rounded."""
        if self.tax_amount is not None:
            return self.tax_amount
        return rounded(percent_of(self.taxable_amount, self.rate or NOTHING), decimals)


class Sa(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The document's block: the flags of KSA-2 and what has no EN 16931 term.

    `export` is derived where absent (see `nature.is_export`). `reason` (KSA-10) is why a note was issued,
    `more_reasons` the same in other languages; `supply_end_date` (KSA-24) closes the period that BT-72 opens.
    `uuid` (KSA-1) is only for a document that had one before it came here. `note_language` is the language of
    all notes, `code_lists` says where tax categories name their code lists: both mean nothing here and are
    kept for documents that were read.
    """

    third_party: bool = False
    nominal: bool = False
    export: bool | None = None
    summary: bool = False
    self_billed: bool = False
    continuous_supply: bool = False
    reason: Text | None = None
    more_reasons: tuple[Text, ...] = ()
    supply_end_date: date | None = None
    prepayments: tuple[Prepayment, ...] = ()
    uuid: Uuid | None = None
    note_language: Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")] | None = None
    code_lists: tuple[CodeLists, ...] = ()

    def paid_in_advance(self, decimals: int) -> Decimal | None:
        """BT-113 as it follows from the prepayments; None where there are none."""
        if not self.prepayments:
            return None
        finest = min(decimals, MOST_DECIMALS)
        return sum((one.taxable_amount + one.tax(finest) for one in self.prepayments), Decimal(0))


class Party(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Seller's and buyer's block: building number (KSA-17, 18), additional number (KSA-23, 19), district
    (KSA-3, 4).
    """

    building_number: Text | None = None
    plot_identification: Text | None = None
    district: Text | None = None


class SaLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line's block: its tax (KSA-11) where that is not net amount times rate, rounded; why the price was
    reduced; and for documents that were read, that the quantity names no unit.
    """

    tax_amount: Amount | None = None
    price_discount_reason: Text | None = None
    without_unit: bool = False


class SaAdjustment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The block of an allowance or charge: how often its tax category stands there, which means nothing and
    is kept for documents that were read.
    """

    tax_categories: Annotated[int, Meta(ge=1, le=9)] = 1


BLOCKS = RegimeBlocks(document=Sa, party=Party, line=SaLine, allowance=SaAdjustment)
