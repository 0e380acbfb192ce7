"""An invoice under judgement: what several rules ask about it, answered once."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, TypeAlias

from tallystick.canonical import Buyer, DocumentTotals, Fault, Invoice, Seller

from . import codes
from .lexical import normal
from .profiles import RuleSet
from .rules import broken

Faults: TypeAlias = Iterator[Fault]

NOTHING: Final = Decimal(0)
_CENT: Final = Decimal("0.01")
_NO_BUYER: Final = Buyer()


class Case:
    """One invoice, the rules it is judged by, and the facts that rules share.

    `buyer` is an empty group where the invoice has none, so that every absence is one missing member.
    `completed`: all sums are there. `process` is what the document will say of its business process.
    `seller_land` and `buyer_land` are the address countries; `supplier_land` and `customer_land` are those
    that Peppol's national rules look at: first two letters of the tax identifier, the representative's for a
    seller without one, else the address; `own_land` is the same without the representative.
    """

    __slots__ = (
        "buyer",
        "buyer_land",
        "completed",
        "credit_note",
        "customer_land",
        "german",
        "invoice",
        "own_land",
        "process",
        "rules",
        "seller",
        "seller_land",
        "supplier_land",
        "totals",
    )

    def __init__(self, invoice: Invoice, rules: RuleSet) -> None:
        self.invoice: Final = invoice
        self.rules: Final = rules
        self.seller: Final[Seller] = invoice.seller
        self.buyer: Final[Buyer] = invoice.buyer or _NO_BUYER
        self.totals: Final[DocumentTotals] = invoice.document_totals
        self.completed: Final = self.totals.amount_due_for_payment is not None
        self.credit_note: Final = invoice.type_code in codes.CREDIT_NOTE_TYPES
        self.process: Final = normal(invoice.business_process_type or rules.process or "")
        self.seller_land: Final = self.seller.postal_address.country_code
        address = self.buyer.postal_address
        self.buyer_land: Final = address.country_code if address else ""
        representative = invoice.seller_tax_representative
        represented = representative.tax_identifier if representative else self.seller_land
        self.supplier_land: Final = _prefix(self.seller.tax_identifier or represented)
        self.own_land: Final = _prefix(self.seller.tax_identifier or self.seller_land)
        self.customer_land: Final = _prefix(self.buyer.tax_identifier or self.buyer_land)
        self.german: Final = self.both_in("DE")

    def both_in(self, land: str) -> bool:
        """Whether seller and buyer have their addresses there."""
        return self.seller_land == self.buyer_land == land


def _prefix(identifier: str) -> str:
    return normal(identifier[:2]).upper()


def decimals(number: Decimal) -> int:
    """How many decimals the number is written with: `1.50` has two, `15` none."""
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def finer_than_cents(number: Decimal) -> bool:
    """Whether the number is written with more than two decimals."""
    return not number.same_quantum(_CENT) and decimals(number) > 2


def too_fine(amount: Decimal | None, at: str, rule: str = "") -> Faults:
    """An amount with more than two decimals: by the rule of its term, and by the one on every amount."""
    if amount is None or not finer_than_cents(amount):
        return
    if rule:
        yield broken(rule, at, actual=shown(amount))
    yield broken("UBL-DT-01", at, expected="at most two decimals", actual=shown(amount))


def shown(number: Decimal | None) -> str:
    """The number for a reader, without an exponent; empty for no number."""
    return "" if number is None else format(number, "f")
