"""Element order: a document whose parts stand in another order, or twice, fails every receiver's schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tallystick.sandbox.judge.complaint import Addressing, Complaint
from tallystick.sandbox.judge.paper import Part

_INVOICE = """UBLExtensions UBLVersionID CustomizationID ProfileID ProfileExecutionID ID CopyIndicator
UUID IssueDate IssueTime DueDate InvoiceTypeCode Note TaxPointDate DocumentCurrencyCode TaxCurrencyCode
PricingCurrencyCode PaymentCurrencyCode PaymentAlternativeCurrencyCode AccountingCostCode AccountingCost
LineCountNumeric BuyerReference InvoicePeriod OrderReference BillingReference DespatchDocumentReference
ReceiptDocumentReference StatementDocumentReference OriginatorDocumentReference ContractDocumentReference
AdditionalDocumentReference ProjectReference Signature AccountingSupplierParty AccountingCustomerParty
PayeeParty BuyerCustomerParty SellerSupplierParty TaxRepresentativeParty Delivery DeliveryTerms PaymentMeans
PaymentTerms PrepaidPayment AllowanceCharge TaxExchangeRate PricingExchangeRate PaymentExchangeRate
PaymentAlternativeExchangeRate TaxTotal WithholdingTaxTotal LegalMonetaryTotal InvoiceLine"""
_CREDIT_NOTE = """UBLExtensions UBLVersionID CustomizationID ProfileID ProfileExecutionID ID CopyIndicator
UUID IssueDate IssueTime TaxPointDate CreditNoteTypeCode Note DocumentCurrencyCode TaxCurrencyCode
PricingCurrencyCode PaymentCurrencyCode PaymentAlternativeCurrencyCode AccountingCostCode AccountingCost
LineCountNumeric BuyerReference InvoicePeriod DiscrepancyResponse OrderReference BillingReference
DespatchDocumentReference ReceiptDocumentReference ContractDocumentReference AdditionalDocumentReference
StatementDocumentReference OriginatorDocumentReference Signature AccountingSupplierParty
AccountingCustomerParty PayeeParty BuyerCustomerParty SellerSupplierParty TaxRepresentativeParty Delivery
DeliveryTerms PaymentMeans PaymentTerms TaxExchangeRate PricingExchangeRate PaymentExchangeRate
PaymentAlternativeExchangeRate AllowanceCharge TaxTotal LegalMonetaryTotal CreditNoteLine"""
_INVOICE_LINE = """ID UUID Note InvoicedQuantity LineExtensionAmount TaxPointDate AccountingCostCode
AccountingCost PaymentPurposeCode FreeOfChargeIndicator InvoicePeriod OrderLineReference DespatchLineReference
ReceiptLineReference BillingReference DocumentReference PricingReference OriginatorParty Delivery PaymentTerms
AllowanceCharge TaxTotal WithholdingTaxTotal Item Price DeliveryTerms SubInvoiceLine ItemPriceExtension"""
_CREDIT_NOTE_LINE = """ID UUID Note CreditedQuantity LineExtensionAmount TaxPointDate AccountingCostCode
AccountingCost PaymentPurposeCode FreeOfChargeIndicator InvoicePeriod OrderLineReference DiscrepancyResponse
DespatchLineReference ReceiptLineReference BillingReference DocumentReference PricingReference OriginatorParty
Delivery PaymentTerms TaxTotal AllowanceCharge Item Price DeliveryTerms SubCreditNoteLine
ItemPriceExtension"""
_PARTY = """MarkCareIndicator MarkAttentionIndicator WebsiteURI LogoReferenceID EndpointID
IndustryClassificationCode PartyIdentification PartyName Language PostalAddress PhysicalLocation
PartyTaxScheme PartyLegalEntity Contact Person AgentParty ServiceProviderParty PowerOfAttorney
FinancialAccount"""
_ITEM = """Description PackQuantity PackSizeNumeric CatalogueIndicator Name HazardousRiskIndicator
AdditionalInformation Keyword BrandName ModelName BuyersItemIdentification SellersItemIdentification
ManufacturersItemIdentification StandardItemIdentification CatalogueItemIdentification
AdditionalItemIdentification CatalogueDocumentReference ItemSpecificationDocumentReference OriginCountry
CommodityClassification TransactionConditions HazardousItem ClassifiedTaxCategory AdditionalItemProperty
ManufacturerParty InformationContentProviderParty OriginAddress ItemInstance Certificate Dimension"""
_PRICE = """PriceAmount BaseQuantity PriceChangeReason PriceTypeCode PriceType OrderableUnitFactorRate
ValidityPeriod PriceList AllowanceCharge PricingExchangeRate"""
_TOTALS = """LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount
PrepaidAmount PayableRoundingAmount PayableAmount PayableAlternativeAmount"""
_TAX_SUBTOTAL = """TaxableAmount TaxAmount CalculationSequenceNumeric TransactionCurrencyTaxAmount Percent
BaseUnitMeasure PerUnitAmount TierRange TierRatePercent TaxCategory"""
_TAX_CATEGORY = """ID Name Percent BaseUnitMeasure PerUnitAmount TaxExemptionReasonCode TaxExemptionReason
TierRange TierRatePercent TaxScheme"""
_ALLOWANCE = """ID ChargeIndicator AllowanceChargeReasonCode AllowanceChargeReason MultiplierFactorNumeric
PrepaidIndicator SequenceNumeric Amount BaseAmount AccountingCostCode AccountingCost PerUnitAmount TaxCategory
TaxTotal PaymentMeans"""
_ADDRESS = """ID AddressTypeCode AddressFormatCode Postbox Floor Room StreetName AdditionalStreetName
BlockName BuildingName BuildingNumber InhouseMail Department MarkAttention MarkCare PlotIdentification
CitySubdivisionName CityName PostalZone CountrySubentity CountrySubentityCode Region District TimezoneOffset
AddressLine Country LocationCoordinate"""
_PAYMENT_MEANS = """ID PaymentMeansCode PaymentDueDate PaymentChannelCode InstructionID InstructionNote
PaymentID CardAccount PayerFinancialAccount PayeeFinancialAccount CreditAccount PaymentMandate
TradeFinancing"""

_SEQUENCES = {
    name: {child: place for place, child in enumerate(children.split())}
    for name, children in {
        "Invoice": _INVOICE,
        "CreditNote": _CREDIT_NOTE,
        "InvoiceLine": _INVOICE_LINE,
        "CreditNoteLine": _CREDIT_NOTE_LINE,
        "Party": _PARTY,
        "PayeeParty": _PARTY,
        "TaxRepresentativeParty": _PARTY,
        "Item": _ITEM,
        "Price": _PRICE,
        "LegalMonetaryTotal": _TOTALS,
        "TaxSubtotal": _TAX_SUBTOTAL,
        "TaxCategory": _TAX_CATEGORY,
        "ClassifiedTaxCategory": _TAX_CATEGORY,
        "AllowanceCharge": _ALLOWANCE,
        "PostalAddress": _ADDRESS,
        "Address": _ADDRESS,
        "PaymentMeans": _PAYMENT_MEANS,
    }.items()
}


_REPEATED = """Note InvoicePeriod BillingReference DespatchDocumentReference ReceiptDocumentReference
StatementDocumentReference OriginatorDocumentReference ContractDocumentReference
AdditionalDocumentReference ProjectReference Signature Delivery DeliveryTerms PaymentMeans PaymentTerms
PrepaidPayment AllowanceCharge TaxTotal WithholdingTaxTotal InvoiceLine CreditNoteLine
DiscrepancyResponse PartyIdentification PartyName PartyTaxScheme Person
ServiceProviderParty PowerOfAttorney OrderLineReference DespatchLineReference ReceiptLineReference
DocumentReference SubInvoiceLine SubCreditNoteLine Description AdditionalInformation Keyword BrandName
ModelName ManufacturersItemIdentification AdditionalItemIdentification ItemSpecificationDocumentReference
CommodityClassification TransactionConditions HazardousItem AdditionalItemProperty
ManufacturerParty OriginAddress ItemInstance Certificate Dimension PriceChangeReason ValidityPeriod
AllowanceChargeReason TaxCategory TaxExemptionReason AddressLine LocationCoordinate InstructionNote
PaymentID"""
_REPEATABLE = frozenset(_REPEATED.split())
_NEEDED = {
    "TaxCategory": ("TaxScheme",),
    "ClassifiedTaxCategory": ("TaxScheme",),
    "PartyTaxScheme": ("TaxScheme",),
    "TaxSubtotal": ("TaxAmount", "TaxCategory"),
    "AllowanceCharge": ("ChargeIndicator", "Amount"),
}


def order(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """One complaint per container with an unknown, misplaced or doubled child; one per child it lacks."""
    for element in root.element.iter("*"):
        name = _name(element)
        children = [_name(child) for child in element.iterchildren("*")]
        for needed in _NEEDED.get(name, ()):
            if needed not in children:
                yield Complaint("UBL-SCHEMA", f"{name} lacks {needed}")
        sequence = _SEQUENCES.get(name)
        wrong = None if sequence is None else _misplaced(children, sequence)
        if wrong is not None:
            yield Complaint("UBL-SCHEMA", f"{wrong} is not expected at this place inside {name}")


def _name(element: Any) -> str:
    return str(element.tag.rpartition("}")[2])


def _misplaced(children: list[str], sequence: dict[str, int]) -> str | None:
    """The first child that is unknown, stands too late, or stands there once too often."""
    last = -1
    for child in children:
        place = sequence.get(child, -1)
        if place < last or place < 0 or (place == last and child not in _REPEATABLE):
            return child
        last = place
    return None


def emptiness(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """PEPPOL-EN16931-R008: no element without text and without children."""
    for element in root.element.iter("*"):
        if not len(element) and not (element.text or "").strip():
            yield Complaint("PEPPOL-EN16931-R008", f"{_name(element)} is empty")
