"""An invoice as a PINT sees it: what several of its rules ask, answered once."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from tallystick.canonical import (
    AllowanceOrCharge,
    Buyer,
    DocumentTotals,
    Fault,
    Invoice,
    Payee,
    Seller,
)
from tallystick.rules.case import Case
from tallystick.rules.table import Rule

__all__ = ["Faults", "PintCase"]

Faults: TypeAlias = Iterator[Fault]

SEPA: Final = "SEPA"


class PintCase(Case):
    """One invoice as it will be written, and the facts that rules share.

    `types` are the codes that the root it is written under may carry; `credit_note` says which root that is.
    `buyer` is None where nothing would be written of it. `line_tax_currency` is the currency in which lines
    state a tax of their own, if they do. `completed`: all sums are there.
    """

    __slots__ = (
        "buyer",
        "completed",
        "credit_note",
        "invoice",
        "line_tax_currency",
        "payee",
        "seller",
        "totals",
        "types",
    )

    def __init__(
        self,
        invoice: Invoice,
        rules: Mapping[str, Rule],
        *,
        credit_note: bool,
        types: frozenset[str],
        line_tax_currency: str | None = None,
    ) -> None:
        super().__init__(rules)
        self.invoice: Final = invoice
        self.credit_note: Final = credit_note
        self.types: Final = types
        self.line_tax_currency: Final = line_tax_currency
        self.seller: Final[Seller] = invoice.seller
        self.buyer: Final[Buyer | None] = None if _says_nothing(invoice.buyer) else invoice.buyer
        self.payee: Final[Payee | None] = invoice.payee
        self.totals: Final[DocumentTotals] = invoice.document_totals
        self.completed: Final = self.totals.amount_due_for_payment is not None

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
