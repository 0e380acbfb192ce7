"""Peppol: does the document agree with its envelope, and with the network's own rules and code lists?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tallystick.sandbox.judge import codes
from tallystick.sandbox.judge.complaint import Addressing, Complaint, label, lines_of
from tallystick.sandbox.judge.paper import CBC, CREDIT_NOTE, INVOICE, Part, date_in

BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
SELF_BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0"
PINT_SELF_BILLING = "urn:peppol:pint:selfbilling-"
PROFILES = {
    "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0": BILLING,
    "urn:peppol:bis:billing_with_response": BILLING,
    "urn:peppol:france:billing:regulated": BILLING,
    "urn:peppol:france:billing:non-regulated": BILLING,
    "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0": SELF_BILLING,
}
_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"
_DATES = frozenset({"IssueDate", "DueDate", "TaxPointDate", "StartDate", "EndDate", "ActualDeliveryDate"})
_AMOUNTS = """Amount BaseAmount PriceAmount TaxableAmount LineExtensionAmount TaxExclusiveAmount
TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount PrepaidAmount PayableRoundingAmount PayableAmount"""
_ONE_CURRENCY = frozenset(_AMOUNTS.split())


def envelope(root: Part, addressing: Addressing) -> Iterator[Complaint]:
    """What the path or the SBDH says must be what the document says."""
    namespace = INVOICE if root.name == "Invoice" else CREDIT_NOTE
    customization = root.text("cbc:CustomizationID")
    expected = f"{namespace}::{root.name}##{customization}::2.1"
    if addressing.doc_type != expected:
        yield Complaint("SANDBOX-DOCTYPE", f"addressed as {addressing.doc_type}, the document is {expected}")
    if addressing.process != root.text("cbc:ProfileID"):
        yield Complaint(
            "SANDBOX-PROCESS",
            f"addressed with {addressing.process}, the document says {root.text('cbc:ProfileID')}",
        )
    if addressing.country not in codes.COUNTRIES:
        yield Complaint("SANDBOX-COUNTRY", f"C1 country {addressing.country!r} is no ISO 3166-1 code")
    self_billed = customization.startswith((SELF_BILLING, PINT_SELF_BILLING))
    sender, receiver = (_BUYER, _SELLER) if self_billed else (_SELLER, _BUYER)
    for rule, path, said in (
        ("SANDBOX-SENDER", sender, addressing.sender),
        ("SANDBOX-RECEIVER", receiver, addressing.receiver),
    ):
        endpoint = root.one(f"{path}/cbc:EndpointID")
        stated = "" if endpoint is None else f"{endpoint.attribute('schemeID')}:{endpoint.words}"
        if stated.lower() != said.lower():
            yield Complaint(rule, f"addressed as {said}, the document says {stated or 'nothing'}")


def document(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """PEPPOL-EN16931-R001 to R061 on the document itself."""
    profile, customization = root.text("cbc:ProfileID"), root.text("cbc:CustomizationID")
    if not profile:
        yield Complaint("PEPPOL-EN16931-R001", "the business process (BT-23) is missing")
    elif profile not in PROFILES:
        yield Complaint("PEPPOL-EN16931-R007", f"business process {profile} is not approved")
    if not customization.startswith(PROFILES.get(profile, BILLING)):
        yield Complaint(
            "PEPPOL-EN16931-R004", f"specification identifier {customization} does not fit {profile}"
        )
    if not (root.has("cbc:BuyerReference") or root.has("cac:OrderReference/cbc:ID")):
        yield Complaint(
            "PEPPOL-EN16931-R003", "neither buyer reference (BT-10) nor order reference (BT-13) is there"
        )
    if len(root.all("cbc:Note")) > 1 and not _german(root):
        yield Complaint("PEPPOL-EN16931-R002", "more than one note (BT-22)")
    for rule, path, who in (
        ("PEPPOL-EN16931-R020", _SELLER, "seller"),
        ("PEPPOL-EN16931-R010", _BUYER, "buyer"),
    ):
        if not root.has(f"{path}/cbc:EndpointID"):
            yield Complaint(rule, f"the {who} has no electronic address")
    for means in root.all("cac:PaymentMeans"):
        if means.text("cbc:PaymentMeansCode") in ("49", "59") and not means.has("cac:PaymentMandate/cbc:ID"):
            yield Complaint("PEPPOL-EN16931-R061", "direct debit needs a mandate reference (BT-89)")
    yield from _type_code(root, customization)


def _german(root: Part) -> bool:
    path = "cac:PostalAddress/cac:Country/cbc:IdentificationCode"
    return root.text(f"{_SELLER}/{path}") == "DE" and root.text(f"{_BUYER}/{path}") == "DE"


def _type_code(root: Part, customization: str) -> Iterator[Complaint]:
    self_billed = customization.startswith(SELF_BILLING)
    if root.name == "Invoice":
        rule, code = "PEPPOL-EN16931-P0100", root.text("cbc:InvoiceTypeCode")
        allowed = frozenset({"389", "527"}) if self_billed else codes.INVOICE_TYPES
    else:
        rule, code = "PEPPOL-EN16931-P0101", root.text("cbc:CreditNoteTypeCode")
        allowed = frozenset({"261"}) if self_billed else codes.CREDIT_NOTE_TYPES
    if code and code not in allowed:
        yield Complaint(rule, f"type code {code} is not allowed in this process")
    if code in ("326", "384") and not self_billed and not _german(root):
        yield Complaint("PEPPOL-EN16931-P0112", f"type code {code} needs two German parties")


def currencies(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """PEPPOL-EN16931-R005, R051, R053 to R055, CL007 and BR-53: which currency stands where."""
    currency, accounting = root.text("cbc:DocumentCurrencyCode"), root.text("cbc:TaxCurrencyCode")
    totals = root.all("cac:TaxTotal")
    broken_down = [total for total in totals if total.has("cac:TaxSubtotal")]
    if len(broken_down) != 1:
        yield Complaint("PEPPOL-EN16931-R053", f"{len(broken_down)} tax totals with a breakdown")
    if len(totals) - len(broken_down) != bool(accounting):
        yield Complaint(
            "PEPPOL-EN16931-R054", "tax totals without a breakdown do not fit the accounting currency"
        )
    if accounting:
        yield from _accounting(root, currency, accounting)
    for code in (currency, accounting):
        if code and code not in codes.CURRENCIES:
            yield Complaint("PEPPOL-EN16931-CL007", f"{code} is no ISO 4217 code")


def amounts(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-CL-03 and PEPPOL-EN16931-R051: every amount in the document's currency but the accounting tax."""
    currency = root.text("cbc:DocumentCurrencyCode")
    for element in root.element.iter("*"):
        stated = element.get("currencyID")
        name = element.tag.rpartition("}")[2]
        if stated is not None and stated not in codes.CURRENCIES:
            yield Complaint("BR-CL-03", f"{name} is in {stated}, which is no ISO 4217 code")
        elif stated != currency and (name in _ONE_CURRENCY or _broken_down(element)):
            yield Complaint(
                "PEPPOL-EN16931-R051", f"{name} is in {stated or 'no currency'}, not in {currency}"
            )


def _broken_down(element: Any) -> bool:
    """Whether this is the tax amount of a breakdown entry."""
    return bool(element.tag.endswith("}TaxAmount") and element.getparent().tag.endswith("}TaxSubtotal"))


def _accounting(root: Part, currency: str, accounting: str) -> Iterator[Complaint]:
    if currency == accounting:
        yield Complaint(
            "PEPPOL-EN16931-R005", "accounting currency (BT-6) equals the invoice currency (BT-5)"
        )
        return
    taxes = {part.attribute("currencyID"): part.value for part in root.all("cac:TaxTotal/cbc:TaxAmount")}
    if accounting not in taxes:
        yield Complaint("BR-53", f"the tax total in {accounting} (BT-111) is missing")
    elif currency in taxes and taxes[accounting] * taxes[currency] < 0:
        yield Complaint("PEPPOL-EN16931-R055", "the two tax totals have different signs")


def dates(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """PEPPOL-EN16931-F001, R110, R111: the form of dates, line periods inside the document's."""
    for element in root.element.iter("*"):
        name = element.tag.rpartition("}")[2]
        if name in _DATES and date_in((element.text or "").strip()) is None:
            yield Complaint("PEPPOL-EN16931-F001", f"{name} {(element.text or '')[:40]!r} is not YYYY-MM-DD")
    start, end = root.date("cac:InvoicePeriod/cbc:StartDate"), root.date("cac:InvoicePeriod/cbc:EndDate")
    for number, line in enumerate(lines_of(root), 1):
        first, last = line.date("cac:InvoicePeriod/cbc:StartDate"), line.date("cac:InvoicePeriod/cbc:EndDate")
        if start and first and first < start:
            yield Complaint(
                "PEPPOL-EN16931-R110", f"the period of {label(line, number)} starts before the document's"
            )
        if end and last and last > end:
            yield Complaint(
                "PEPPOL-EN16931-R111", f"the period of {label(line, number)} ends after the document's"
            )


def code_lists(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-CL-14, -16, -17 and PEPPOL-EN16931-CL001: countries, payment means, VAT categories, attachments."""
    for element in root.element.iter("*"):
        name = element.tag.rpartition("}")[2]
        if name in ("TaxCategory", "ClassifiedTaxCategory"):
            name, words = "VAT category", Part(element).text("cbc:ID")
        else:
            words = Part(element).words
        rule, allowed = _LISTS.get(name, ("", frozenset()))
        if rule and words and words not in allowed:
            yield Complaint(rule, f"{name} {words!r} is not in its code list")
    for part in root.all("cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject"):
        if part.attribute("mimeCode") not in codes.MEDIA_TYPES:
            yield Complaint("PEPPOL-EN16931-CL001", f"attachment of type {part.attribute('mimeCode')!r}")


def address_schemes(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-62, BR-63, PEPPOL-EN16931-CL008: each electronic address has a scheme the network uses."""
    for path, missing in ((_SELLER, "BR-62"), (_BUYER, "BR-63")):
        endpoint = root.one(f"{path}/cbc:EndpointID")
        scheme = "" if endpoint is None else endpoint.attribute("schemeID")
        if endpoint is not None and not scheme:
            yield Complaint(missing, "an electronic address has no scheme")
        elif scheme and scheme not in codes.ADDRESS_SCHEMES:
            yield Complaint("PEPPOL-EN16931-CL008", f"electronic address scheme {scheme} is not active")


_LISTS = {
    "IdentificationCode": ("BR-CL-14", codes.COUNTRIES),
    "PaymentMeansCode": ("BR-CL-16", codes.PAYMENT_MEANS),
    "VAT category": ("BR-CL-17", codes.TAX_CATEGORIES),
}


def global_numbers(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """PEPPOL-COMMON-R040: a GLN (scheme 0088) has its check digit."""
    for element in root.element.iter(f"{{{CBC}}}EndpointID", f"{{{CBC}}}CompanyID", f"{{{CBC}}}ID"):
        listed = element.tag.endswith("}ID") and not element.getparent().tag.endswith("}PartyIdentification")
        if element.get("schemeID") == "0088" and not listed and not _checked(Part(element).words):
            yield Complaint(
                "PEPPOL-COMMON-R040", f"{Part(element).words!r} is no GLN: its check digit is wrong"
            )


def _checked(number: str) -> bool:
    """Whether the last digit makes the weighted sum (3, 1, 3, … from the right) a multiple of ten."""
    if not (number.isascii() and number.isdigit()):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return total % 10 == 0


def reasons(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """PEPPOL-EN16931-CL002, CL003: reason codes of allowances and charges."""
    entries = root.all("cac:AllowanceCharge")
    for line in lines_of(root):
        entries.extend(line.all("cac:AllowanceCharge"))
    for entry in entries:
        code = entry.text("cbc:AllowanceChargeReasonCode")
        if entry.text("cbc:ChargeIndicator") == "true":
            rule, allowed = "PEPPOL-EN16931-CL003", codes.CHARGE_REASONS
        else:
            rule, allowed = "PEPPOL-EN16931-CL002", codes.ALLOWANCE_REASONS
        if code and code not in allowed:
            yield Complaint(rule, f"reason code {code} is not in its code list")


def line_references(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """PEPPOL-EN16931-R100, R101: at most one object reference on a line, of type 130."""
    for number, line in enumerate(lines_of(root), 1):
        references = line.all("cac:DocumentReference")
        if len(references) > 1:
            yield Complaint("PEPPOL-EN16931-R100", f"{label(line, number)} refers to more than one object")
        if references and "130" not in {entry.text("cbc:DocumentTypeCode") for entry in references}:
            yield Complaint(
                "PEPPOL-EN16931-R101", f"the reference of {label(line, number)} is not of type 130"
            )
