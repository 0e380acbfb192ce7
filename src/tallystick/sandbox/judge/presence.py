"""EN 16931: what must be there (BR-01 … BR-65) and which dates and codes must make sense."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.sandbox.judge.complaint import Addressing, Complaint, label, lines_of
from tallystick.sandbox.judge.paper import Part

_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"

_FILLED = (
    ("BR-01", "cbc:CustomizationID", "the specification identifier (BT-24)"),
    ("BR-02", "cbc:ID", "the invoice number (BT-1)"),
    ("BR-03", "cbc:IssueDate", "the issue date (BT-2)"),
    ("BR-05", "cbc:DocumentCurrencyCode", "the invoice currency (BT-5)"),
    ("BR-06", f"{_SELLER}/cac:PartyLegalEntity/cbc:RegistrationName", "the seller name (BT-27)"),
    ("BR-07", f"{_BUYER}/cac:PartyLegalEntity/cbc:RegistrationName", "the buyer name (BT-44)"),
    ("BR-08", f"{_SELLER}/cac:PostalAddress", "the seller address (BG-5)"),
    (
        "BR-09",
        f"{_SELLER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
        "the seller country (BT-40)",
    ),
    ("BR-10", f"{_BUYER}/cac:PostalAddress", "the buyer address (BG-8)"),
    ("BR-11", f"{_BUYER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode", "the buyer country (BT-55)"),
    ("BR-12", "cac:LegalMonetaryTotal/cbc:LineExtensionAmount", "the sum of line net amounts (BT-106)"),
    ("BR-13", "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount", "the total without tax (BT-109)"),
    ("BR-14", "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount", "the total with tax (BT-112)"),
    ("BR-15", "cac:LegalMonetaryTotal/cbc:PayableAmount", "the amount due (BT-115)"),
)
_LINE = (
    ("BR-21", "cbc:ID", "its identifier (BT-126)"),
    ("BR-24", "cbc:LineExtensionAmount", "its net amount (BT-131)"),
    ("BR-25", "cac:Item/cbc:Name", "the item name (BT-153)"),
    ("BR-26", "cac:Price/cbc:PriceAmount", "the item net price (BT-146)"),
)


def _filled(part: Part, path: str) -> bool:
    found = part.one(path)
    return found is not None and bool(found.words or len(found.element))


def header(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-01 to BR-16: the terms a document cannot be without."""
    for rule, path, what in _FILLED:
        if not _filled(root, path):
            yield Complaint(rule, f"{what} is missing")
    if not (root.text("cbc:InvoiceTypeCode") or root.text("cbc:CreditNoteTypeCode")):
        yield Complaint("BR-04", "the type code (BT-3) is missing")
    if not lines_of(root):
        yield Complaint("BR-16", "the document has no line (BG-25)")
    seller = root.one(_SELLER)
    if seller is not None and not _identified(seller):
        yield Complaint("BR-CO-26", "the seller has no identifier, registration identifier or VAT identifier")


def _identified(seller: Part) -> bool:
    ids = [
        part for part in seller.all("cac:PartyIdentification/cbc:ID") if part.attribute("schemeID") != "SEPA"
    ]
    return bool(ids) or seller.has("cac:PartyLegalEntity/cbc:CompanyID") or vat_identifier(seller)


def vat_identifier(party: Part) -> bool:
    """Whether the party states a VAT identifier (BT-31, BT-48 or BT-63)."""
    return any(
        scheme.text("cac:TaxScheme/cbc:ID").upper() == "VAT" and scheme.has("cbc:CompanyID")
        for scheme in party.all("cac:PartyTaxScheme")
    )


def in_vat(category: Part | None) -> bool:
    """Whether a tax category has a code and belongs to VAT."""
    return (
        category is not None
        and category.has("cbc:ID")
        and category.text("cac:TaxScheme/cbc:ID").upper() == "VAT"
    )


def line_terms(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-21 to BR-30 and BR-CO-04: each line's own terms."""
    quantity = "cbc:InvoicedQuantity" if root.name == "Invoice" else "cbc:CreditedQuantity"
    for number, line in enumerate(lines_of(root), 1):
        where = label(line, number)
        for rule, path, what in _LINE:
            if not _filled(line, path):
                yield Complaint(rule, f"{where} lacks {what}")
        counted = line.one(quantity)
        if counted is None:
            yield Complaint("BR-22", f"{where} lacks its quantity (BT-129)")
        elif not counted.attribute("unitCode"):
            yield Complaint("BR-23", f"{where} lacks its unit of measure (BT-130)")
        if not in_vat(line.one("cac:Item/cac:ClassifiedTaxCategory")):
            yield Complaint("BR-CO-04", f"{where} lacks its VAT category (BT-151)")
        yield from _price(line, where)
        yield from _period(line, "BR-30", where)


def _price(line: Part, where: str) -> Iterator[Complaint]:
    if line.amount("cac:Price/cbc:PriceAmount") < 0:
        yield Complaint("BR-27", f"{where} has a negative net price")
    if line.amount("cac:Price/cac:AllowanceCharge/cbc:BaseAmount") < 0:
        yield Complaint("BR-28", f"{where} has a negative gross price")


def _period(part: Part, rule: str, where: str) -> Iterator[Complaint]:
    for period in part.all("cac:InvoicePeriod"):
        start, end = period.date("cbc:StartDate"), period.date("cbc:EndDate")
        if start is not None and end is not None and end < start:
            yield Complaint(rule, f"the period of {where} ends {end} before it starts {start}")


def allowances(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-31 to BR-44: allowances and charges of the document and of the lines."""
    for entry in root.all("cac:AllowanceCharge"):
        amount, category, reason = _DOCUMENT_RULES[entry.text("cbc:ChargeIndicator") == "true"]
        if not entry.has("cbc:Amount"):
            yield Complaint(amount, "an allowance or charge of the document has no amount")
        if not in_vat(entry.one("cac:TaxCategory")):
            yield Complaint(category, "an allowance or charge of the document has no VAT category")
        if not _reasoned(entry):
            yield Complaint(reason, "an allowance or charge of the document has no reason")
    for number, line in enumerate(lines_of(root), 1):
        for entry in line.all("cac:AllowanceCharge"):
            amount, reason = _LINE_RULES[entry.text("cbc:ChargeIndicator") == "true"]
            if not entry.has("cbc:Amount"):
                yield Complaint(amount, f"an allowance or charge of {label(line, number)} has no amount")
            if not _reasoned(entry):
                yield Complaint(reason, f"an allowance or charge of {label(line, number)} has no reason")


_DOCUMENT_RULES = {False: ("BR-31", "BR-32", "BR-33"), True: ("BR-36", "BR-37", "BR-38")}
_LINE_RULES = {False: ("BR-41", "BR-42"), True: ("BR-43", "BR-44")}


def _reasoned(entry: Part) -> bool:
    return entry.has("cbc:AllowanceChargeReason") or entry.has("cbc:AllowanceChargeReasonCode")


def groups(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """Groups that are optional but, once there, need their members (BR-17 to BR-20, BR-49 to BR-65)."""
    yield from _period(root, "BR-29", "the document")
    yield from _representatives(root)
    yield from _payment(root)
    for address in root.all("cac:Delivery/cac:DeliveryLocation/cac:Address"):
        if not address.has("cac:Country/cbc:IdentificationCode"):
            yield Complaint("BR-57", "the deliver-to address has no country (BT-80)")
    if root.has("cbc:TaxPointDate") and root.has("cac:InvoicePeriod/cbc:DescriptionCode"):
        yield Complaint("BR-CO-03", "tax point date (BT-7) and tax point date code (BT-8) exclude each other")


def references(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-52, BR-54, BR-55: references and attributes that name nothing."""
    for reference in root.all("cac:AdditionalDocumentReference"):
        if not reference.text("cbc:ID"):
            yield Complaint("BR-52", "a supporting document has no reference (BT-122)")
    for reference in root.all("cac:BillingReference"):
        if not reference.has("cac:InvoiceDocumentReference/cbc:ID"):
            yield Complaint("BR-55", "a preceding invoice reference has no number (BT-25)")
    for line in lines_of(root):
        for attribute in line.all("cac:Item/cac:AdditionalItemProperty"):
            if not (attribute.has("cbc:Name") and attribute.has("cbc:Value")):
                yield Complaint("BR-54", "an item attribute lacks its name or value (BT-160, BT-161)")


def _representatives(root: Part) -> Iterator[Complaint]:
    payee = root.one("cac:PayeeParty")
    if payee is not None and not payee.has("cac:PartyName/cbc:Name"):
        yield Complaint("BR-17", "the payee has no name (BT-59)")
    agent = root.one("cac:TaxRepresentativeParty")
    if agent is None:
        return
    if not agent.text("cac:PartyName/cbc:Name"):
        yield Complaint("BR-18", "the tax representative has no name (BT-62)")
    if not agent.has("cac:PostalAddress"):
        yield Complaint("BR-19", "the tax representative has no address (BG-12)")
    elif not agent.text("cac:PostalAddress/cac:Country/cbc:IdentificationCode"):
        yield Complaint("BR-20", "the tax representative has no country (BT-69)")
    if not vat_identifier(agent):
        yield Complaint("BR-56", "the tax representative has no VAT identifier (BT-63)")


def _payment(root: Part) -> Iterator[Complaint]:
    for means in root.all("cac:PaymentMeans"):
        if not means.has("cbc:PaymentMeansCode"):
            yield Complaint("BR-49", "payment instructions have no means code (BT-81)")
        account = means.one("cac:PayeeFinancialAccount")
        if account is not None and not account.text("cbc:ID"):
            yield Complaint("BR-50", "a credit transfer has no account (BT-84)")
        if means.text("cbc:PaymentMeansCode") in ("30", "58") and (
            account is None or not account.has("cbc:ID")
        ):
            yield Complaint("BR-61", "payment by credit transfer needs an account (BT-84)")
