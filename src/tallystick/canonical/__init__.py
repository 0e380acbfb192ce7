"""The invoice as every country understands it: structs, numbers, arithmetic, invariants."""

from tallystick.canonical.amounts import (
    AllowanceOrCharge,
    DocumentAllowance,
    DocumentCharge,
    DocumentTotals,
    ExchangeRate,
    LineAllowance,
    LineCharge,
    TaxBreakdown,
)
from tallystick.canonical.arithmetic import exactly, line_net_amount, rounded, total
from tallystick.canonical.currencies import EXPONENTS, exponent
from tallystick.canonical.decode import decode, normal_form
from tallystick.canonical.encode import canonical_bytes, encode
from tallystick.canonical.fault import FAULT_CODES, Fault, RuleRef, Severity, Step
from tallystick.canonical.homes import home_of
from tallystick.canonical.invoice import Invoice, TransactionType
from tallystick.canonical.line import (
    Item,
    ItemAttribute,
    ItemClassification,
    Line,
    LinePeriod,
    LineTax,
    Price,
    TaxComponent,
)
from tallystick.canonical.numbers import Amount, Percent, Quantity, Rate, UnitPrice
from tallystick.canonical.party import (
    Buyer,
    BuyerAddress,
    BuyerContact,
    Contact,
    DeliverToAddress,
    Payee,
    PostalAddress,
    Seller,
    SellerAddress,
    SellerContact,
    SellerTaxRepresentative,
    SellerTaxRepresentativeAddress,
)
from tallystick.canonical.payment import CreditTransfer, DirectDebit, PaymentCard, PaymentInstructions
from tallystick.canonical.placing import as_sent, place, placed
from tallystick.canonical.proving import Judge, anew, proven
from tallystick.canonical.references import (
    AttachedDocument,
    Delivery,
    InvoicingPeriod,
    Note,
    PrecedingInvoiceReference,
    SupportingDocument,
)
from tallystick.canonical.regime import RegimeBlocks
from tallystick.canonical.results import Completed, Decoded
from tallystick.canonical.terms import (
    CountryCode,
    CurrencyCode,
    Group,
    Identifier,
    SchemedIdentifier,
    TimeOfDay,
)
from tallystick.canonical.text import MAX_BODY_BYTES, MAX_DEPTH
from tallystick.canonical.totals import complete

__all__ = [
    "EXPONENTS",
    "FAULT_CODES",
    "MAX_BODY_BYTES",
    "MAX_DEPTH",
    "AllowanceOrCharge",
    "Amount",
    "AttachedDocument",
    "Buyer",
    "BuyerAddress",
    "BuyerContact",
    "Completed",
    "Contact",
    "CountryCode",
    "CreditTransfer",
    "CurrencyCode",
    "Decoded",
    "DeliverToAddress",
    "Delivery",
    "DirectDebit",
    "DocumentAllowance",
    "DocumentCharge",
    "DocumentTotals",
    "ExchangeRate",
    "Fault",
    "Group",
    "Identifier",
    "Invoice",
    "InvoicingPeriod",
    "Item",
    "ItemAttribute",
    "ItemClassification",
    "Judge",
    "Line",
    "LineAllowance",
    "LineCharge",
    "LinePeriod",
    "LineTax",
    "Note",
    "Payee",
    "PaymentCard",
    "PaymentInstructions",
    "Percent",
    "PostalAddress",
    "PrecedingInvoiceReference",
    "Price",
    "Quantity",
    "Rate",
    "RegimeBlocks",
    "RuleRef",
    "SchemedIdentifier",
    "Seller",
    "SellerAddress",
    "SellerContact",
    "SellerTaxRepresentative",
    "SellerTaxRepresentativeAddress",
    "Severity",
    "Step",
    "SupportingDocument",
    "TaxBreakdown",
    "TaxComponent",
    "TimeOfDay",
    "TransactionType",
    "UnitPrice",
    "anew",
    "as_sent",
    "canonical_bytes",
    "complete",
    "decode",
    "encode",
    "exactly",
    "exponent",
    "home_of",
    "line_net_amount",
    "normal_form",
    "place",
    "placed",
    "proven",
    "rounded",
    "total",
]
