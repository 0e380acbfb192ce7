"""Documents in UN/CEFACT's Cross Industry Invoice: what a receiver would notice, by its own look-ups."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tallystick.sandbox.judge import codes, german
from tallystick.sandbox.judge.complaint import Addressing, Complaint
from tallystick.sandbox.judge.paper import CROSS_INDUSTRY_INVOICE, Part

_CENT = Decimal("0.01")
_CONTEXT = "rsm:ExchangedDocumentContext"
_PROCESS = f"{_CONTEXT}/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"
_SPECIFICATION = f"{_CONTEXT}/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
_NUMBER = "rsm:ExchangedDocument/ram:ID"
_TRADE = "rsm:SupplyChainTradeTransaction"
_AGREEMENT = f"{_TRADE}/ram:ApplicableHeaderTradeAgreement"
_SETTLEMENT = f"{_TRADE}/ram:ApplicableHeaderTradeSettlement"
_SELLER = f"{_AGREEMENT}/ram:SellerTradeParty"
_BUYER = f"{_AGREEMENT}/ram:BuyerTradeParty"
_ADDRESS = "ram:URIUniversalCommunication/ram:URIID"
_TERMS = (
    ("BR-01", _SPECIFICATION, "the specification identifier (BT-24)"),
    ("BR-02", _NUMBER, "the number (BT-1)"),
    ("BR-03", "rsm:ExchangedDocument/ram:IssueDateTime", "the issue date (BT-2)"),
    ("BR-04", "rsm:ExchangedDocument/ram:TypeCode", "the type code (BT-3)"),
    ("BR-05", f"{_SETTLEMENT}/ram:InvoiceCurrencyCode", "the currency (BT-5)"),
    ("BR-06", f"{_SELLER}/ram:Name", "the seller's name (BT-27)"),
    ("BR-07", f"{_BUYER}/ram:Name", "the buyer's name (BT-44)"),
    ("BR-16", f"{_TRADE}/ram:IncludedSupplyChainTradeLineItem", "a line (BG-25)"),
    ("BR-CO-18", f"{_SETTLEMENT}/ram:ApplicableTradeTax", "the tax breakdown (BG-23)"),
)
_GERMAN_TERMS = (
    ("BR-DE-15", f"{_AGREEMENT}/ram:BuyerReference", "the buyer reference (BT-10)"),
    ("BR-DE-1", f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans", "how it is to be paid (BG-16)"),
    ("BR-DE-2", f"{_SELLER}/ram:DefinedTradeContact", "whom to ask at the seller's (BG-6)"),
    ("PEPPOL-EN16931-R020", f"{_SELLER}/{_ADDRESS}", "the seller's electronic address (BT-34)"),
    ("PEPPOL-EN16931-R010", f"{_BUYER}/{_ADDRESS}", "the buyer's electronic address (BT-49)"),
)


def number_of(root: Part) -> str:
    """The document's own number; empty where there is none."""
    return root.text(_NUMBER)


def envelope(root: Part, addressing: Addressing) -> Iterator[Complaint]:
    """What the path or the SBDH says must be what the document says."""
    expected = f"{CROSS_INDUSTRY_INVOICE}::{root.name}##{root.text(_SPECIFICATION)}::D16B"
    if addressing.doc_type != expected:
        yield Complaint("SANDBOX-DOCTYPE", f"addressed as {addressing.doc_type}, the document is {expected}")
    if addressing.process != root.text(_PROCESS):
        said = root.text(_PROCESS)
        yield Complaint("SANDBOX-PROCESS", f"addressed with {addressing.process}, the document says {said}")
    if addressing.country not in codes.COUNTRIES:
        yield Complaint("SANDBOX-COUNTRY", f"C1 country {addressing.country!r} is no ISO 3166-1 code")
    for rule, party, said in (
        ("SANDBOX-SENDER", _SELLER, addressing.sender),
        ("SANDBOX-RECEIVER", _BUYER, addressing.receiver),
    ):
        address = root.one(f"{party}/{_ADDRESS}")
        stated = "" if address is None else f"{address.attribute('schemeID')}:{address.words}"
        if stated.lower() != said.lower():
            yield Complaint(rule, f"addressed as {said}, the document says {stated or 'nothing'}")


def header(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """Terms that must be there, more of them where the document is an XRechnung."""
    terms = (*_TERMS, *_GERMAN_TERMS) if german.named(root.text(_SPECIFICATION)) else _TERMS
    for rule, path, what in terms:
        if not root.has(path):
            yield Complaint(rule, f"{what} is missing")


def sums(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-CO-10, 13 to 16: the sums, to the cent."""
    totals = root.one(f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    if totals is None:
        yield Complaint("BR-12", "the totals are missing")
        return
    line = f"{_TRADE}/ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement"
    lines = _sum(root, f"{line}/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount")
    stated, net = totals.amount("ram:LineTotalAmount"), totals.amount("ram:TaxBasisTotalAmount")
    less, more = totals.amount("ram:AllowanceTotalAmount"), totals.amount("ram:ChargeTotalAmount")
    gross, tax = totals.amount("ram:GrandTotalAmount"), totals.amount("ram:TaxTotalAmount")
    entries = _sum(root, f"{_SETTLEMENT}/ram:ApplicableTradeTax/ram:CalculatedAmount")
    paid, rounding = totals.amount("ram:TotalPrepaidAmount"), totals.amount("ram:RoundingAmount")
    for rule, found, expected in (
        ("BR-CO-10", stated, lines),
        ("BR-CO-13", net, stated - less + more),
        ("BR-CO-14", tax, entries),
        ("BR-CO-15", gross, net + tax),
        ("BR-CO-16", totals.amount("ram:DuePayableAmount"), gross - paid + rounding),
    ):
        if abs(found - expected) >= _CENT:
            yield Complaint(rule, f"{found} where {expected} is expected", totals.place)


def _sum(part: Part, path: str) -> Decimal:
    return sum((one.value for one in part.all(path)), Decimal(0))
