"""Dutch sellers."""

from typing import Final

from tallystick.canonical import Identifier, PostalAddress
from tallystick.rules.en16931 import EuropeanCase, Faults
from tallystick.rules.en16931.means import means_of
from tallystick.rules.lexical import normal, shown

SELLERS: Final = frozenset({"NL"})
_REGISTERS: Final = frozenset({"0106", "0190"})
_MEANS: Final = frozenset({"30", "48", "49", "57", "58", "59"})


def netherlands(case: EuropeanCase) -> Faults:
    """Sellers with a Dutch address; more when the buyer has one too."""
    if case.seller_land not in SELLERS:
        return
    invoice = case.invoice
    if case.credit_note and not invoice.preceding_invoice_references:
        yield from case.broken("NL-R-001", "/preceding_invoice_references")
    yield from _complete(case, "NL-R-002", "/seller/postal_address", case.seller.postal_address)
    yield from _registered(case, "NL-R-003", "/seller", case.seller.legal_registration_identifier)
    representative = invoice.seller_tax_representative
    if representative is not None and representative.postal_address.country_code == "NL":
        at = "/seller_tax_representative/postal_address"
        yield from _complete(case, "NL-R-006", at, representative.postal_address)
    yield from _means(case)
    if invoice.purchase_order_reference is None and invoice.sales_order_reference is None:
        for place, line in enumerate(invoice.lines):
            if line.purchase_order_line_reference is not None:
                yield from case.broken(
                    "NL-R-009", "/purchase_order_reference", actual=f"referred to by line {place}"
                )
    if case.buyer_land == "NL":
        yield from _complete(case, "NL-R-004", "/buyer/postal_address", case.buyer.postal_address)
        yield from _registered(case, "NL-R-005", "/buyer", case.buyer.legal_registration_identifier)


def _complete(case: EuropeanCase, number: str, at: str, address: PostalAddress | None) -> Faults:
    """Street, city and post code."""
    members = ("line_1", "city", "post_code")
    missing = [member for member in members if getattr(address, member, None) is None]
    if address is not None and missing:
        yield from case.broken(number, f"{at}/{missing[0]}")


def _registered(case: EuropeanCase, number: str, at: str, identifier: Identifier | None) -> Faults:
    if identifier is not None and not _REGISTERS & set((identifier.scheme or "").split(" ")):
        yield from case.broken(
            number,
            f"{at}/legal_registration_identifier/scheme",
            expected="0106 or 0190",
            actual=identifier.scheme or "",
        )


def _means(case: EuropeanCase) -> Faults:
    invoice, due = case.invoice, case.totals.amount_due_for_payment
    entries = invoice.payment_instructions
    to_pay = due is not None and (due < 0 if case.credit_note else due > 0)
    if to_pay and not entries and not (case.credit_note and invoice.payment_due_date):
        yield from case.broken("NL-R-007", "/payment_instructions", actual=f"{shown(due)} to pay")
    if case.buyer_land != "NL":
        return
    for means in means_of(case):
        if normal(means.code) not in _MEANS:
            yield from case.broken(
                "NL-R-008",
                means.code_at,
                expected=" ".join(sorted(_MEANS)),
                actual=means.code,
            )
