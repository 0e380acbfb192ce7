"""Which series a number belongs to: the seller, the family of the document, the year."""

from collections.abc import Iterator
from typing import Final

from tallystick.canonical import Fault, Invoice

__all__ = ["LONGEST", "family", "oversize", "seller_key"]

LONGEST: Final = 200  # characters of what is kept unique: an index holds no more

# UNTDID 1001. Numbers of a self-billed document are the buyer's, so they are a series of their own.
CREDIT_NOTES: Final = frozenset({"81", "83", "262", "296", "308", "381", "396", "420", "458", "502", "532"})
DEBIT_NOTES: Final = frozenset({"80", "84", "383"})
SELF_BILLED: Final = frozenset({"389", "500", "501"})
SELF_BILLED_CREDIT_NOTES: Final = frozenset({"261"})
SELF_BILLED_DEBIT_NOTES: Final = frozenset({"527"})

FAMILIES: Final = {
    **dict.fromkeys(CREDIT_NOTES, "credit_note"),
    **dict.fromkeys(DEBIT_NOTES, "debit_note"),
    **dict.fromkeys(SELF_BILLED, "self_billed_invoice"),
    **dict.fromkeys(SELF_BILLED_CREDIT_NOTES, "self_billed_credit_note"),
    **dict.fromkeys(SELF_BILLED_DEBIT_NOTES, "self_billed_debit_note"),
}


def family(type_code: str) -> str:
    """The document's family: `invoice` unless its type code says otherwise."""
    return FAMILIES.get(type_code, "invoice")


def seller_key(invoice: Invoice) -> str:
    """What tells one seller from another: the strongest identifier the invoice has, else country and name."""
    seller = invoice.seller
    country = seller.postal_address.country_code
    if seller.tax_identifier:
        return f"tax:{plain(seller.tax_identifier)}"
    if seller.legal_registration_identifier:
        registered = seller.legal_registration_identifier
        return f"legal:{country}:{registered.scheme or ''}:{plain(registered.value)}"
    if seller.tax_registration_identifier:
        return f"local:{country}:{plain(seller.tax_registration_identifier)}"
    return f"name:{country}:{' '.join(seller.name.casefold().split())}"


def plain(identifier: str) -> str:
    """The identifier without blanks, in capitals: the same number, however it was typed."""
    return "".join(identifier.split()).upper()


def oversize(invoice: Invoice) -> Iterator[Fault]:
    """What of the number and the seller's identity is too long to be kept unique."""
    seller = invoice.seller
    legal = seller.legal_registration_identifier
    texts = {
        "/invoice_number": invoice.invoice_number,
        "/seller/tax_identifier": seller.tax_identifier,
        "/seller/legal_registration_identifier/value": legal.value if legal else None,
        "/seller/legal_registration_identifier/scheme": legal.scheme if legal else None,
        "/seller/tax_registration_identifier": seller.tax_registration_identifier,
        "/seller/name": None if seller_key(invoice)[:5] != "name:" else seller.name,
    }
    for pointer, text in texts.items():
        if text is not None and len(text) > LONGEST:
            yield Fault(
                code="invoice/too-long",
                pointer=pointer,
                message="The text is too long to tell invoices apart by it.",
                expected=f"at most {LONGEST} characters",
                actual=f"{len(text)} characters",
            )
