"""An invoice as a PINT sees it: what several of its rules ask, answered once."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

from tallystick.canonical import (
    AllowanceOrCharge,
    Buyer,
    DocumentAllowance,
    DocumentCharge,
    DocumentTotals,
    Fault,
    Invoice,
    Payee,
    Seller,
)
from tallystick.rules.case import Case, normal
from tallystick.rules.table import Rule

__all__ = ["Faults", "PintCase", "Sold"]

Faults: TypeAlias = Iterator[Fault]

SEPA: Final = "SEPA"


class Sold:
    """What lines, and the document's charges less its allowances, of one category (and rate) come to.

    `of_lines` and `of_document` say whether there are any; `parts` are all of them, with their signs.
    """

    __slots__ = ("adjusted", "lines", "of_document", "of_lines", "parts")

    def __init__(self) -> None:
        self.lines = self.adjusted = Decimal(0)
        self.of_lines = self.of_document = False
        self.parts: list[Decimal] = []

    @property
    def total(self) -> Decimal:
        """Everything together."""
        return self.lines + self.adjusted

    def line(self, amount: Decimal) -> None:
        """One more line."""
        self.lines += amount
        self.of_lines = True
        self.parts.append(amount)

    def adjustment(self, amount: Decimal) -> None:
        """One more charge, or with a minus sign an allowance."""
        self.adjusted += amount
        self.of_document = True
        self.parts.append(amount)


_NOTHING: Final = Sold()


class PintCase(Case):
    """One invoice as it will be written, and the facts that rules share.

    `types` are the codes that the root it is written under may carry; `credit_note` says which root that is,
    `kind` the number of the rule that asks for one of the codes.
    `buyer` is None where nothing would be written of it. `line_tax_currency` is the currency in which lines
    state a tax of their own, if they do. `completed`: all sums are there. `used` are the categories of
    lines, allowances and charges, `broken_down` those of the breakdown, both without needless blanks.
    """

    __slots__ = (
        "_sold",
        "broken_down",
        "buyer",
        "completed",
        "credit_note",
        "invoice",
        "kind",
        "line_tax_currency",
        "payee",
        "seller",
        "totals",
        "types",
        "used",
    )

    def __init__(
        self,
        invoice: Invoice,
        rules: Mapping[str, Rule],
        *,
        credit_note: bool,
        types: frozenset[str],
        kind: str = "ibr-cl-01",
        line_tax_currency: str | None = None,
    ) -> None:
        super().__init__(rules)
        self.invoice: Final = invoice
        self.credit_note: Final = credit_note
        self.types: Final = types
        self.kind: Final = kind
        self.line_tax_currency: Final = line_tax_currency
        self.seller: Final[Seller] = invoice.seller
        self.buyer: Final[Buyer | None] = None if _says_nothing(invoice.buyer) else invoice.buyer
        self.payee: Final[Payee | None] = invoice.payee
        self.totals: Final[DocumentTotals] = invoice.document_totals
        self.completed: Final = self.totals.amount_due_for_payment is not None
        codes = [line.tax.category_code for line in invoice.lines]
        codes += [one.tax_category_code for _, one in self.documents()]
        self.used: Final = [normal(code) for code in codes]
        self.broken_down: Final = [normal(one.tax_category_code) for one in invoice.tax_breakdown]
        self._sold: dict[tuple[str, Decimal | None], Sold] | None = None

    def parties(self) -> Iterator[tuple[str, Seller | Buyer]]:
        """Seller and buyer, each with its pointer."""
        yield "/seller", self.seller
        if self.buyer is not None:
            yield "/buyer", self.buyer

    def creditors(self) -> list[str]:
        """The bank assigned creditor identifiers, which stand among payee's or else seller's identifiers."""
        listed = self.seller.identifiers + (self.payee.identifiers if self.payee else ())
        stated = {known.value for known in listed if known.scheme == SEPA}
        debits = [one.direct_debit for one in self.invoice.payment_instructions if one.direct_debit]
        values = dict.fromkeys(debit.bank_assigned_creditor_identifier for debit in debits)
        return [value for value in values if value and value not in stated]

    def documents(self) -> list[tuple[str, DocumentAllowance | DocumentCharge]]:
        """The document's allowances and charges, each with its pointer."""
        found: list[tuple[str, DocumentAllowance | DocumentCharge]] = []
        found += [(f"/allowances/{i}", less) for i, less in enumerate(self.invoice.allowances)]
        found += [(f"/charges/{i}", more) for i, more in enumerate(self.invoice.charges)]
        return found

    def category_places(self) -> list[tuple[str, str]]:
        """Pointer and code of every category that is written."""
        invoice = self.invoice
        found = [
            (f"/lines/{i}/tax/category_code", one.tax.category_code) for i, one in enumerate(invoice.lines)
        ]
        found += [(f"{where}/tax_category_code", one.tax_category_code) for where, one in self.documents()]
        entries = enumerate(invoice.tax_breakdown)
        return found + [
            (f"/tax_breakdown/{i}/tax_category_code", one.tax_category_code) for i, one in entries
        ]

    def sold(self, category: str, rate: Decimal | None = None) -> Sold:
        """What was sold of a category; with `rate`, of that rate only."""
        if self._sold is None:
            self._sold = self._counted()
        return self._sold.get((category, rate), _NOTHING)

    def _counted(self) -> dict[tuple[str, Decimal | None], Sold]:
        """By category, and by category and rate. One walk for all questions."""
        found: dict[tuple[str, Decimal | None], Sold] = {}
        for line in self.invoice.lines:
            for key in _keys(line.tax.category_code, line.tax.rate):
                found.setdefault(key, Sold()).line(line.net_amount or Decimal(0))
        for pointer, one in self.documents():
            amount = one.amount if pointer.startswith("/charges") else -one.amount
            for key in _keys(one.tax_category_code, one.tax_rate):
                found.setdefault(key, Sold()).adjustment(amount)
        return found

    def adjustments(self) -> Iterator[tuple[str, AllowanceOrCharge, bool, bool]]:
        """Every allowance and charge: pointer, itself, whether a charge, whether the document's."""
        for name in ("allowances", "charges"):
            for index, one in enumerate(getattr(self.invoice, name)):
                yield f"/{name}/{index}", one, name == "charges", True
        for place, line in enumerate(self.invoice.lines):
            for index, less in enumerate(line.allowances):
                yield f"/lines/{place}/allowances/{index}", less, False, False
            for index, more in enumerate(line.charges):
                yield f"/lines/{place}/charges/{index}", more, True, False


def _keys(code: str, rate: Decimal | None) -> list[tuple[str, Decimal | None]]:
    category = normal(code)
    return [(category, None)] if rate is None else [(category, None), (category, rate)]


def _says_nothing(buyer: Buyer | None) -> bool:
    """Whether no element would be written of a buyer."""
    if buyer is None:
        return True
    contact = buyer.contact
    return not (
        buyer.name
        or buyer.trading_name
        or buyer.identifiers
        or buyer.legal_registration_identifier
        or buyer.tax_identifier
        or buyer.electronic_address
        or buyer.postal_address
        or (contact and (contact.point or contact.telephone_number or contact.email_address))
    )
