"""An invoice as the Cross Industry Invoice will say it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, TypeAlias

from tallystick.canonical import (
    Buyer,
    DocumentAllowance,
    DocumentCharge,
    DocumentTotals,
    Fault,
    Identifier,
    Invoice,
    Seller,
)
from tallystick.rules.case import Case as Judged
from tallystick.rules.cii.taxed import Taxed
from tallystick.rules.table import Rule

__all__ = ["NOTHING", "Case", "Faults"]

Faults: TypeAlias = Iterator[Fault]

NOTHING: Final = Decimal(0)
_NO_BUYER: Final = Buyer()


class Case(Judged):
    """One invoice and what several rules of the syntax ask about it.

    `accounting_currency` is BT-6 as far as it is written: one that is the invoice's own is not, unless an
    amount bears it. `taxes` are the totals of tax that are written, each with its currency and its pointer.
    `countries` are (pointer, term, code) of each address's country. `buyer` is an empty group where the
    invoice has none.
    """

    __slots__ = ("accounting_currency", "buyer", "countries", "invoice", "seller", "taxed", "taxes", "totals")

    def __init__(self, invoice: Invoice, rules: Mapping[str, Rule]) -> None:
        super().__init__(rules)
        self.invoice: Final = invoice
        self.seller: Final[Seller] = invoice.seller
        self.buyer: Final[Buyer] = invoice.buyer or _NO_BUYER
        self.totals: Final[DocumentTotals] = invoice.document_totals
        self.accounting_currency: Final = _accounting_currency(invoice)
        self.taxes: Final = tuple(_taxes(invoice))
        self.countries: Final = tuple(_countries(invoice))
        self.taxed: Final = tuple(_taxed(invoice))

    @property
    def completed(self) -> bool:
        """Whether all sums are there."""
        return self.totals.amount_due_for_payment is not None


def _accounting_currency(invoice: Invoice) -> str | None:
    accounted = invoice.document_totals.total_tax_amount_in_accounting_currency
    same = invoice.tax_currency_code == invoice.currency_code
    return None if same and accounted is None else invoice.tax_currency_code


def _taxes(invoice: Invoice) -> Iterator[tuple[str, str, Decimal]]:
    """(pointer, currency, amount) of each total of tax."""
    totals = invoice.document_totals
    if totals.total_tax_amount is not None:
        yield "/document_totals/total_tax_amount", invoice.currency_code, totals.total_tax_amount
    accounted = totals.total_tax_amount_in_accounting_currency
    if accounted is not None:
        at = "/document_totals/total_tax_amount_in_accounting_currency"
        yield at, invoice.tax_currency_code or invoice.currency_code, accounted


def _taxed(invoice: Invoice) -> Iterator[Taxed]:
    for place, line in enumerate(invoice.lines):
        at = f"/lines/{place}/tax"
        yield Taxed(
            "line",
            line.tax.category_code,
            line.tax.rate,
            line.net_amount or NOTHING,
            at,
            f"{at}/category_code",
            f"{at}/rate",
        )
    groups: tuple[tuple[str, tuple[DocumentAllowance | DocumentCharge, ...]], ...] = (
        ("allowance", invoice.allowances),
        ("charge", invoice.charges),
    )
    for group, entries in groups:
        for place, one in enumerate(entries):
            at = f"/{group}s/{place}"
            code, rate = f"{at}/tax_category_code", f"{at}/tax_rate"
            yield Taxed(group, one.tax_category_code, one.tax_rate, one.amount, at, code, rate)


def both_kinds(identifiers: tuple[Identifier, ...]) -> bool:
    """Whether some have a scheme and others have none: the syntax has an element for each kind."""
    return len({one.scheme is None for one in identifiers}) > 1


def _countries(invoice: Invoice) -> Iterator[tuple[str, str, str]]:
    """(pointer, term, code) of each address's country."""
    representative, delivery = invoice.seller_tax_representative, invoice.delivery
    for at, term, address in (
        ("/seller/postal_address", "BT-40", invoice.seller.postal_address),
        ("/buyer/postal_address", "BT-55", invoice.buyer.postal_address if invoice.buyer else None),
        (
            "/seller_tax_representative/postal_address",
            "BT-69",
            representative.postal_address if representative else None,
        ),
        ("/delivery/deliver_to_address", "BT-80", delivery.deliver_to_address if delivery else None),
    ):
        if address is not None:
            yield f"{at}/country_code", term, address.country_code
