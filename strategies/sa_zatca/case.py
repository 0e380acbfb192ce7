"""An invoice under judgement: what several rules ask about it, answered once."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias

from tallystick.canonical import EXPONENTS, Buyer, DocumentTotals, Fault, Invoice, Seller
from tallystick.strategy import Enrolment

from . import nature
from .blocks import Party, Prepayment, Sa
from .codes import trimmed
from .reckoning import EXACT, NOTHING
from .settings import Settings
from .writing import prepared

__all__ = ["Case", "Faults"]

Faults: TypeAlias = Iterator[Fault]

_NO_BUYER: Final = Buyer()
_NO_SETTINGS: Final = Settings()
# Any script's digits, as the rules' own patterns have it, and anywhere in the text.
_standard: Final = re.compile(r"01\d{5}").search
_simplified: Final = re.compile(r"02\d{5}").search
_summary: Final = re.compile(r"02\d{3}1\d").search


class Case:
    """One invoice as it will be written, under which registration and when, and the facts that rules share.

    `given` is the caller's invoice, `invoice` the one with all that is derived. `standard`, `simplified` and
    `summary` are what most rules take the document for: they look for a pattern in every attribute `name`,
    which the transaction code is and a payment means' own text is too, so that all can hold at once.
    `buyer` is an empty group where the invoice has none. `now` is Riyadh's wall clock without its zone, as
    issue date and time are written. `used` are the categories of lines, allowances and charges, each with
    what it is charged on; `taxed`: S is among them, or in the breakdown. `decimals` are those that computed
    amounts are written with.
    """

    __slots__ = (
        "buyer",
        "buyer_block",
        "code",
        "decimals",
        "enrolment",
        "given",
        "invoice",
        "note",
        "now",
        "prepayments",
        "sa",
        "seller",
        "seller_block",
        "settings",
        "simplified",
        "standard",
        "summary",
        "taxed",
        "totals",
        "used",
    )

    def __init__(self, given: Invoice, enrolment: Enrolment) -> None:
        settings = enrolment.settings
        invoice = prepared(given, enrolment)
        self.given: Final = given
        self.invoice: Final = invoice
        self.enrolment: Final = enrolment
        self.settings: Final = settings if isinstance(settings, Settings) else _NO_SETTINGS
        self.sa: Final[Sa] = nature.block_of(given)
        self.prepayments: Final[tuple[Prepayment, ...]] = self.sa.prepayments
        self.seller: Final[Seller] = invoice.seller
        self.buyer: Final[Buyer] = invoice.buyer or _NO_BUYER
        self.seller_block: Final[Party] = nature.party_block(self.seller)
        self.buyer_block: Final[Party] = nature.party_block(self.buyer)
        self.totals: Final[DocumentTotals] = invoice.document_totals
        self.code: Final = nature.transaction_code(given)
        names = [self.code]
        names += [one.payment_means_text for one in invoice.payment_instructions if one.payment_means_text]
        self.standard: Final = any(map(_standard, names))
        self.simplified: Final = any(map(_simplified, names))
        self.summary: Final = any(map(_summary, names))
        self.note: Final = invoice.type_code in nature.NOTES
        self.now: Final[datetime] = enrolment.now.astimezone(nature.RIYADH).replace(tzinfo=None)
        self.decimals: Final = min(EXPONENTS.get(invoice.currency_code, 2), 2)
        self.used: Final[dict[str, Decimal]] = self._used()
        stated = (trimmed(entry.tax_category_code) for entry in invoice.tax_breakdown)
        self.taxed: Final = "S" in self.used or "S" in stated

    def _used(self) -> dict[str, Decimal]:
        used: dict[str, Decimal] = {}
        for line in self.invoice.lines:
            _charge(used, line.tax.category_code, line.net_amount or NOTHING)
        for allowance in self.invoice.allowances:
            _charge(used, allowance.tax_category_code, EXACT.minus(allowance.amount))
        for charge in self.invoice.charges:
            _charge(used, charge.tax_category_code, charge.amount)
        for one in self.prepayments:
            _charge(used, one.category_code, NOTHING)
        return used


def _charge(used: dict[str, Decimal], category: str, amount: Decimal) -> None:
    category = trimmed(category)
    used[category] = EXACT.add(used.get(category, NOTHING), amount)
