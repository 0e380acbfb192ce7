"""The invoice, as every country understands it: EN 16931's semantic model, and a few terms of ours.

Property names are EN 16931's terms in snake case; where EN 16931 says VAT we say tax.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, field

from tallystick.canonical.amounts import (
    NO_TOTALS,
    DocumentAllowance,
    DocumentCharge,
    DocumentTotals,
    ExchangeRate,
    TaxBreakdown,
)
from tallystick.canonical.line import Line
from tallystick.canonical.party import Buyer, Payee, Seller, SellerTaxRepresentative
from tallystick.canonical.payment import PaymentInstructions
from tallystick.canonical.references import (
    Delivery,
    InvoicingPeriod,
    Note,
    PrecedingInvoiceReference,
    SupportingDocument,
)
from tallystick.canonical.regime import RegimeData
from tallystick.canonical.terms import CurrencyCode, Group, Identifier, TimeOfDay, bg, bt, ours

TransactionType = Literal["b2b", "b2c", "b2g"]
MetadataKey = Annotated[str, Meta(pattern="^[A-Za-z0-9_.-]+$", max_length=64)]


def _process_control(term: str, description: str) -> Meta:
    """A term of BG-2, whose two terms stand on the invoice itself."""
    return Meta(description=description, extra_json_schema={"x-bt": term, "x-bg": "BG-2"})


class Invoice(Group, frozen=True, kw_only=True):
    """One sale, or its correction: invoice, credit note, debit note, self-billed or not."""

    level: ClassVar[str] = "document"

    invoice_number: Annotated[str, bt("BT-1", "Number that identifies the invoice.")]
    issue_date: Annotated[date, bt("BT-2", "Day the invoice was issued.")]
    issue_time: Annotated[
        TimeOfDay | None, ours("Time of day the invoice was issued, seller's local time, HH:MM:SS.")
    ] = None
    type_code: Annotated[str, bt("BT-3", "What kind of document it is, code of UNTDID 1001.")]
    currency_code: Annotated[CurrencyCode, bt("BT-5", "Currency of all amounts but BT-111.")]
    tax_currency_code: Annotated[
        CurrencyCode | None, bt("BT-6", "Currency the tax is accounted for in, if another.")
    ] = None
    tax_point_date: Annotated[date | None, bt("BT-7", "Day the tax becomes due.")] = None
    tax_point_date_code: Annotated[
        str | None, bt("BT-8", "Which event makes the tax due, code of UNTDID 2005.")
    ] = None
    payment_due_date: Annotated[date | None, bt("BT-9", "Day the payment is due.")] = None
    buyer_reference: Annotated[str | None, bt("BT-10", "What the buyer asked for, to route the invoice.")] = (
        None
    )
    project_reference: Annotated[str | None, bt("BT-11", "Project the invoice is for.")] = None
    contract_reference: Annotated[str | None, bt("BT-12", "Contract the invoice is for.")] = None
    purchase_order_reference: Annotated[str | None, bt("BT-13", "The buyer's purchase order.")] = None
    sales_order_reference: Annotated[str | None, bt("BT-14", "The seller's sales order.")] = None
    receiving_advice_reference: Annotated[str | None, bt("BT-15", "The receiving advice.")] = None
    despatch_advice_reference: Annotated[str | None, bt("BT-16", "The despatch advice.")] = None
    tender_or_lot_reference: Annotated[str | None, bt("BT-17", "The call for tenders or its lot.")] = None
    invoiced_object_identifier: Annotated[
        Identifier | None, bt("BT-18", "What the invoice is based on, such as a meter or subscription.")
    ] = None
    buyer_accounting_reference: Annotated[
        str | None, bt("BT-19", "Where the buyer should book the invoice.")
    ] = None
    payment_terms: Annotated[str | None, bt("BT-20", "Terms of payment in words.")] = None
    notes: Annotated[tuple[Note, ...], bg("BG-1", "Notes.")] = ()
    business_process_type: Annotated[
        str | None, _process_control("BT-23", "Business process the invoice is part of.")
    ] = None
    specification_identifier: Annotated[
        str | None,
        _process_control("BT-24", "Specification the invoice follows; the strategy knows it if absent."),
    ] = None
    preceding_invoice_references: Annotated[
        tuple[PrecedingInvoiceReference, ...], bg("BG-3", "Earlier invoices this one refers to.")
    ] = ()
    seller: Annotated[Seller, bg("BG-4", "Who sells.")]
    buyer: Annotated[Buyer | None, bg("BG-7", "Who buys; required unless `b2c`.")] = None
    payee: Annotated[Payee | None, bg("BG-10", "Who is paid, if not the seller.")] = None
    seller_tax_representative: Annotated[
        SellerTaxRepresentative | None, bg("BG-11", "Who owes the tax in the seller's stead.")
    ] = None
    delivery: Annotated[Delivery | None, bg("BG-13", "Where and when it was delivered.")] = None
    invoicing_period: Annotated[InvoicingPeriod | None, bg("BG-14", "The time the invoice is for.")] = None
    payment_instructions: Annotated[
        tuple[PaymentInstructions, ...], bg("BG-16", "How to pay, one entry per means of payment.")
    ] = ()
    allowances: Annotated[tuple[DocumentAllowance, ...], bg("BG-20", "Deductions from the document.")] = ()
    charges: Annotated[tuple[DocumentCharge, ...], bg("BG-21", "Additions to the document.")] = ()
    document_totals: Annotated[
        DocumentTotals, bg("BG-22", "The sums; computed where absent, checked where present.")
    ] = NO_TOTALS
    tax_breakdown: Annotated[
        tuple[TaxBreakdown, ...], bg("BG-23", "Tax per category and rate; computed where absent.")
    ] = ()
    supporting_documents: Annotated[
        tuple[SupportingDocument, ...], bg("BG-24", "Documents that back the invoice.")
    ] = ()
    lines: Annotated[tuple[Line, ...], bg("BG-25", "The lines.", at_least_one=True)]
    transaction_type: Annotated[
        TransactionType | None, ours("To a business, a consumer or a public body.")
    ] = None
    supply_type: Annotated[str | None, ours("Kind of supply, where the regime needs it.")] = None
    tax_region: Annotated[
        str | None, ours("Tax territory, where the seller's country does not decide the regime.")
    ] = None
    regime: Annotated[str | None, ours("Regime asked for explicitly.")] = None
    registration: Annotated[
        str | None, ours("Which of the seller's registrations or units issues the invoice.")
    ] = None
    exchange_rate: Annotated[
        ExchangeRate | None, ours("Rate from the document currency to the tax accounting currency.")
    ] = None
    metadata: Annotated[dict[MetadataKey, str], ours("The caller's own notes; never sent to anyone.")] = (
        field(default_factory=dict)
    )
    regime_data: RegimeData = field(default_factory=dict)
