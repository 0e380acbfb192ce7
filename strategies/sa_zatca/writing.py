"""The document before it is stamped: the text whose hash is the invoice's hash."""

from typing import Final

from msgspec.structs import replace

from tallystick.canonical import Identifier, Invoice, Seller, TaxBreakdown
from tallystick.formats import ubl
from tallystick.strategy import Enrolment, Slot

from .blocks import REGIME
from .exemptions import text_of
from .money import RIYAL, tax_in_riyals
from .nature import block_of, time_of_issue, transaction_code
from .profile import Wire, profile_of

__all__ = ["DECLARATION", "FIRST_PIH", "SELLER_SCHEMES", "prepared", "written"]

DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>'

FIRST_PIH: Final = "NWZlY2ViNjZmZmM4NmYzOGQ5NTI3ODZjNmQ2OTZjNzljMmRiYzIzOWRkNGU5MWI0NjcyOWQ3M2EyN2ZiNTdlOQ=="
"""What the first document of a chain has for the hash of the one before: of the text "0"."""

SELLER_SCHEMES: Final = ("CRN", "MOM", "MLS", "SAG", "OTH", "700")
"""The schemes of a seller's identifier; of several the first of these stands in the document."""

_START: Final = Slot(1)


def written(ready: Invoice) -> bytes:
    """A prepared invoice's whole document but extensions, QR code and signature, with its declaration.

    Behind the declaration the bytes are their own canonical form (C14N 1.1). Pure.
    """
    wire: Wire = ready.regime_data[REGIME]
    return ubl.invoice(ready, profile_of(ready.currency_code, wire.sa.code_lists))


def prepared(invoice: Invoice, enrolment: Enrolment) -> Invoice:
    """The invoice with everything that is derived, and with what the writer needs in place of its block."""
    sa, slot = block_of(invoice), enrolment.slot or _START
    totals = replace(invoice.document_totals, total_tax_amount_in_accounting_currency=tax_in_riyals(invoice))
    wire = Wire(
        sa,
        sa.uuid or enrolment.reference,
        transaction_code(invoice),
        slot.number,
        slot.previous or FIRST_PIH,
    )
    return replace(
        invoice,
        issue_time=time_of_issue(invoice, enrolment.now),
        tax_currency_code=invoice.tax_currency_code or RIYAL,
        seller=_under_one_name(invoice.seller),
        tax_breakdown=tuple([_explained(entry) for entry in invoice.tax_breakdown]),
        document_totals=totals,
        regime_data={REGIME: wire},
    )


def _under_one_name(seller: Seller) -> Seller:
    """The seller with one identifier: two would crash the authority's own rules."""
    if len(seller.identifiers) < 2:
        return seller
    return replace(seller, identifiers=(min(seller.identifiers, key=_preference),))


def _preference(one: Identifier) -> int:
    known = one.scheme in SELLER_SCHEMES
    return SELLER_SCHEMES.index(one.scheme) if known and one.scheme else len(SELLER_SCHEMES)


def _explained(entry: TaxBreakdown) -> TaxBreakdown:
    """The entry with the text that belongs to its exemption code."""
    if entry.exemption_reason_code is None or entry.exemption_reason_text is not None:
        return entry
    return replace(entry, exemption_reason_text=text_of(entry.exemption_reason_code))
