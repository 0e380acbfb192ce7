"""Credit and debit notes, delivery and payment."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.sandbox.fatoora.finding import Finding, error, warning
from tallystick.sandbox.fatoora.law.words import standard
from tallystick.sandbox.judge.paper import Part, date_in

_MEANS = frozenset(str(code) for code in (*range(1, 69), 70, *range(74, 79), *range(91, 98))) | {"ZZZ"}


def payment(root: Part) -> Iterator[Finding]:
    """Means of payment; a note's reason and the document it corrects."""
    means = root.all("cac:PaymentMeans")
    for one in means:
        if one.text("cbc:PaymentMeansCode") not in _MEANS:
            yield warning("BR-CL-16", "The payment means must be coded by UNTDID 4461")
            yield warning("BR-KSA-16", "The payment means code (BT-81) must be one of UNTDID 4461")
    for one in root.all("cac:BillingReference"):
        if not one.text("cac:InvoiceDocumentReference/cbc:ID"):
            yield error("BR-55", "A preceding document must be named by its number (BT-25)")
    if root.text("cbc:InvoiceTypeCode") not in ("381", "383"):
        return
    if not means or not all(one.has("cbc:InstructionNote") for one in means):
        yield error("BR-KSA-17", "Debit and credit notes must contain the reason (KSA-10) for their issuing")
    originals = root.all("cac:BillingReference")
    if not originals or not all(one.text("cac:InvoiceDocumentReference/cbc:ID") for one in originals):
        yield warning("BR-KSA-56", "Debit and credit notes must name the original document (BT-25)")
    for one in originals:
        number = one.one("cac:InvoiceDocumentReference/cbc:ID")
        if number is not None and not 0 < len(number.words) <= 5000:
            yield error("BR-KSA-F-06-C22", "A billing reference must have 1 to 5000 characters")


def delivery(root: Part) -> Iterator[Finding]:
    """Dates of supply."""
    first = root.text("cac:Delivery/cbc:ActualDeliveryDate")
    last = root.text("cac:Delivery/cbc:LatestDeliveryDate")
    if standard(root) and root.text("cbc:InvoiceTypeCode") == "388" and not first:
        yield warning("BR-KSA-15", "A standard tax invoice must contain the supply date (KSA-5)")
    if last and not first:
        yield warning("BR-KSA-35", "The end of supply (KSA-24) needs its beginning (KSA-5)")
    begins, ends = date_in(first), date_in(last)
    if begins is not None and ends is not None and ends < begins:
        yield warning("BR-KSA-36", "The end of supply (KSA-24) must not be before its beginning (KSA-5)")
    for text, there in ((first, begins), (last, ends)):
        if text and there is None:
            yield error("BR-KSA-F-01", "A date must be written YYYY-MM-DD")
