"""An invoice under judgement by rules of EN 16931, and what several rules ask about it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, TypeAlias

from tallystick.canonical import Buyer, DocumentTotals, Fault, Invoice, Seller
from tallystick.rules.case import Case
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.profile import EuropeanProfile, Syntax
from tallystick.rules.lexical import is_too_fine, normal, shown

__all__ = ["NOTHING", "EuropeanCase", "Faults", "too_fine"]

Faults: TypeAlias = Iterator[Fault]

NOTHING: Final = Decimal(0)
_SLACK: Final = Decimal("0.02")
_NO_BUYER: Final = Buyer()


class EuropeanCase(Case):
    """One invoice, the rules it is judged by, and the facts that rules share. `edition` is a wish.

    `buyer` is an empty group where the invoice has none, so that every absence is one missing member.
    `completed`: all sums are there. `slack` is how far a product may be from the amount it explains.
    """

    __slots__ = (
        "buyer",
        "completed",
        "credit_note",
        "invoice",
        "profile",
        "seller",
        "slack",
        "totals",
    )

    def __init__(self, invoice: Invoice, profile: EuropeanProfile, edition: str = "") -> None:
        super().__init__(profile.on(invoice.issue_date, edition))
        totals = invoice.document_totals
        self.invoice: Final = invoice
        self.profile: Final = profile
        self.seller: Final[Seller] = invoice.seller
        self.buyer: Final[Buyer] = invoice.buyer or _NO_BUYER
        self.totals: Final[DocumentTotals] = totals
        self.completed: Final = totals.amount_due_for_payment is not None
        self.credit_note: Final = invoice.type_code in codes.CREDIT_NOTE_TYPES
        self.slack: Final = profile.slacks.get(invoice.currency_code, _SLACK)

    @property
    def syntax(self) -> Syntax:
        """What the document will be written in."""
        return self.profile.syntax

    @property
    def process(self) -> str:
        """The process that the document will name (BT-23), without needless blanks."""
        said = self.invoice.business_process_type
        return normal(said) if said else self.profile.process or ""

    @property
    def specification(self) -> str:
        """The specification that the document will name (BT-24), without needless blanks."""
        said = self.invoice.specification_identifier
        return normal(said) if said else self.profile.specification

    @property
    def seller_land(self) -> str:
        """The country of the seller's address."""
        return self.seller.postal_address.country_code

    @property
    def buyer_land(self) -> str:
        """The country of the buyer's address; empty without one."""
        address = self.buyer.postal_address
        return address.country_code if address else ""

    def both_in(self, land: str) -> bool:
        """Whether seller and buyer have their addresses there."""
        return self.seller_land == self.buyer_land == land


def too_fine(case: EuropeanCase, amount: Decimal | None, at: str, rule: str = "") -> Faults:
    """An amount with more than two decimals: by the rule of its term, and by the one on every amount."""
    if is_too_fine(amount):
        actual = shown(amount)
        yield from case.broken(rule, at, expected="at most two decimals", actual=actual)
        yield from case.broken("UBL-DT-01", at, expected="at most two decimals", actual=actual)
