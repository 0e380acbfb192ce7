"""What a profile of UBL adds to the plain EN 16931 document, as data: a strategy owns one."""

from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import Struct

from tallystick.canonical import Invoice, Line
from tallystick.formats.ubl.names import CREDIT_NOTE_TYPES

__all__ = ["Extras", "Profile"]

OfInvoice: TypeAlias = Callable[[Invoice], str]
OfParty: TypeAlias = Callable[[Any], str]
OfLine: TypeAlias = Callable[[Line], str]


class Extras(Struct, frozen=True, kw_only=True):
    """Elements beyond EN 16931, by the place the schema gives them.

    Each function is handed the canonical struct and answers finished XML in the prefixes `cac`, `cbc` and
    `ext`, made with the functions of `pen` (which escape), or "". Where invoice and credit note differ in
    their order, the writer knows; whether an element exists under both roots, the profile must.
    """

    extensions: OfInvoice | None = None  # ext:UBLExtensions
    execution: OfInvoice | None = None  # cbc:ProfileExecutionID
    identity: OfInvoice | None = None  # cbc:CopyIndicator, cbc:UUID
    time: OfInvoice | None = None  # cbc:IssueTime
    type_attributes: OfInvoice | None = None  # attributes of the type code, each with a blank before it
    responses: OfInvoice | None = None  # cac:DiscrepancyResponse (credit note)
    references: OfInvoice | None = None  # further cac:AdditionalDocumentReference
    statements: OfInvoice | None = None  # cac:StatementDocumentReference
    signature: OfInvoice | None = None  # cac:Signature
    parties: OfInvoice | None = None  # cac:BuyerCustomerParty, cac:SellerSupplierParty
    note_attributes: OfInvoice | None = None  # attributes of every note, each with a blank before it
    delivery: OfInvoice | None = None  # behind cbc:ActualDeliveryDate: cbc:LatestDeliveryDate …
    delivery_end: OfInvoice | None = None  # last in cac:Delivery: cac:DeliveryTerms
    instruction: OfInvoice | None = None  # of the first payment means: cbc:InstructionID, cbc:InstructionNote
    instructions: OfInvoice | None = None  # the same of every payment means
    account: OfInvoice | None = None  # of the first payment means' account: cbc:PaymentNote
    prepayments: OfInvoice | None = None  # cac:PrepaidPayment (invoice)
    exchange: OfInvoice | None = None  # cac:TaxExchangeRate and its kin
    tax_total: OfInvoice | None = None  # behind the document's cbc:TaxAmount: cbc:TaxIncludedIndicator
    adjustment_categories: Callable[[Any], int] | None = None  # how often an allowance's tax category stands
    identifications: OfParty | None = None  # further cac:PartyIdentification of seller, buyer, payee
    address: OfParty | None = None  # between street and city: cbc:BuildingNumber, cbc:CitySubdivisionName …
    company_attributes: OfParty | None = None  # attributes of the legal entity's cbc:CompanyID
    line_references: OfLine | None = None  # cac:DespatchLineReference … cac:BillingReference
    quantity_attributes: OfLine | None = None  # attributes of the quantity, in place of its unit
    line_tax: OfLine | None = None  # cac:TaxTotal
    item_identifications: OfLine | None = None  # cac:AdditionalItemIdentification
    commodity: OfLine | None = None  # first in the first cac:CommodityClassification: cbc:NatureCode …
    category_reasons: OfLine | None = None  # of the line's tax category, behind cbc:Percent
    item_end: OfLine | None = None  # cac:ItemInstance
    price_reason: OfLine | None = None  # of the discount on the price: cbc:AllowanceChargeReason
    line_end: OfLine | None = None  # cac:ItemPriceExtension
    lines: OfInvoice | None = None  # further lines behind the invoice's own


class Profile(Struct, frozen=True, kw_only=True):
    """How one family of documents differs from another.

    `customization_id` (BT-24) and `profile_id` (BT-23) are written where the invoice names none of its own;
    "" leaves the element out. `tax_scheme` is the scheme of every tax category and of BT-31, BT-48 and
    BT-63, `tax_registration_scheme` that of BT-32. `declares_extensions` puts the prefix `ext` on the root
    even where there are none; `accounting_tax_first` writes BT-111 before BT-110; `payment_terms` False
    leaves BT-20 to the extras; the `_lists` name UN/ECE's code lists beside the tax categories of allowances
    and charges, and of the breakdown.
    """

    customization_id: str = ""
    profile_id: str = ""
    credit_note_types: frozenset[str] = CREDIT_NOTE_TYPES
    tax_scheme: str = "VAT"
    tax_registration_scheme: str = "TAX"
    declares_extensions: bool = False
    accounting_tax_first: bool = False
    payment_terms: bool = True
    adjustment_lists: bool = False
    breakdown_lists: bool = False
    extras: Extras | None = None
