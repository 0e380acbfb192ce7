"""A Cross Industry Invoice as canonical JSON: nothing lost in silence, nothing judged."""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import Any, Final

import msgspec

from tallystick.formats.cii.names import (
    OBJECT_REFERENCE,
    PROJECT_NAME,
    SUPPORTING_REFERENCE,
    TENDER_REFERENCE,
)
from tallystick.formats.cii.read_lines import LINE, PERIOD, object_reference
from tallystick.formats.cii.read_money import MONEY, settle_payment
from tallystick.formats.cii.read_parties import BUYER, DELIVERY_EVENT, PAYEE, REPRESENTATIVE, SELLER, SHIP_TO
from tallystick.formats.cii.steps import day, ram, rsm
from tallystick.formats.namespaces import RSM_NAMESPACE
from tallystick.formats.ubl.leftovers import Claimed, Reading
from tallystick.formats.ubl.profile import Profile
from tallystick.formats.ubl.read import AnyPage
from tallystick.formats.ubl.steps import Json, Page, Table, code, fixed, flat, group, items, leaf, peek
from tallystick.formats.xml_in import MAX_BYTES, Unreadable, parse

__all__ = ["fill", "opened", "read", "recognises"]

_ROOT: Final = rsm("CrossIndustryInvoice")
_PLAIN: Final = Profile()
_HOMELESS: Final = "there is no means of payment it could belong to"


def recognises(body: bytes) -> bool:
    """Whether the bytes look like a Cross Industry Invoice. Cheap; proves nothing."""
    return RSM_NAMESPACE.encode() in body


def read(body: bytes, *, max_bytes: int = MAX_BYTES) -> Reading:
    """The document as canonical JSON, and what could not be carried. Raises `Unreadable`, nothing else."""
    page, invoice = fill(opened(body, max_bytes), Page)
    return Reading(msgspec.json.encode(invoice), page.leftovers.named())


def opened(body: bytes, max_bytes: int = MAX_BYTES) -> Any:
    """The root of a Cross Industry Invoice (lxml). Raises `Unreadable`, nothing else."""
    root = parse(body, max_bytes=max_bytes)
    if root.tag != _ROOT:
        raise Unreadable("wrong_root", "no Cross Industry Invoice")
    return root


def fill(root: Any, kind: type[AnyPage]) -> tuple[AnyPage, Json]:
    """A page of this kind with all that was read from the root, and the invoice. Raises `Unreadable`."""
    currency, tax_currency = (
        root.find(f".//{ram(name)}") for name in ("InvoiceCurrencyCode", "TaxCurrencyCode")
    )
    page = kind(_said(currency), _said(tax_currency), Claimed(), _PLAIN, is_credit_note=False)
    invoice: Json = {}
    page.enter(root)
    page.walk(root, _DOCUMENT, invoice)
    for key in settle_payment(invoice):
        page.leftovers.value(root, key, _HOMELESS)
    if not invoice.get("document_totals", True):
        del invoice["document_totals"]
    page.leftovers.loose_text(root)
    return page, invoice


def _said(element: Any) -> str:
    return "" if element is None else (element.text or "").strip()


_FILE: Final = leaf("content", None, {"mimeCode": "mime_code", "filename": "filename"})


def _embedded(page: Page, element: Any, into: Json) -> None:
    """An attached file: base64 without line breaks. What is no base64 is left for the decoder to refuse."""
    taken: Json = {}
    _FILE(page, element, taken)
    if not taken:
        return
    try:
        file = a2b_base64("".join(taken["content"].split()), strict_mode=True)
        taken["content"] = b2a_base64(file, newline=False).decode()
    except (Base64Error, ValueError):
        pass
    into["attached_document"] = taken


_SUPPORTING: Final = items(
    "supporting_documents",
    {
        ram("IssuerAssignedID"): leaf("reference"),
        ram("URIID"): leaf("external_document_location"),
        ram("TypeCode"): fixed(SUPPORTING_REFERENCE),
        ram("Name"): leaf("description"),
        ram("AttachmentBinaryObject"): _embedded,
    },
)
_OBJECT: Final = object_reference("invoiced_object_identifier")


def _additional(page: Page, element: Any, into: Json) -> None:
    """By its type code the tender, the invoiced object, or a supporting document."""
    kind = peek(element, ram("TypeCode"))
    if kind == TENDER_REFERENCE and "tender_or_lot_reference" not in into:
        page.walk(
            element,
            {ram("IssuerAssignedID"): leaf("tender_or_lot_reference"), ram("TypeCode"): fixed(kind)},
            into,
        )
    elif kind == OBJECT_REFERENCE and "invoiced_object_identifier" not in into:
        _OBJECT(page, element, into)
    else:
        _SUPPORTING(page, element, into)


def _numbered(key: str) -> Any:
    return flat({ram("IssuerAssignedID"): leaf(key)})


_NOTE: Final = items("notes", {ram("Content"): leaf("content"), ram("SubjectCode"): code("subject_code")})

_AGREEMENT: Final[Table] = {
    ram("BuyerReference"): leaf("buyer_reference"),
    ram("SellerTradeParty"): SELLER,
    ram("BuyerTradeParty"): BUYER,
    ram("SellerTaxRepresentativeTradeParty"): REPRESENTATIVE,
    ram("SellerOrderReferencedDocument"): _numbered("sales_order_reference"),
    ram("BuyerOrderReferencedDocument"): _numbered("purchase_order_reference"),
    ram("ContractReferencedDocument"): _numbered("contract_reference"),
    ram("AdditionalReferencedDocument"): _additional,
    ram("SpecifiedProcuringProject"): flat(
        {ram("ID"): leaf("project_reference"), ram("Name"): fixed(PROJECT_NAME)}
    ),
}

_DELIVERY: Final[Table] = {
    ram("ShipToTradeParty"): SHIP_TO,
    ram("ActualDeliverySupplyChainEvent"): DELIVERY_EVENT,
    ram("DespatchAdviceReferencedDocument"): _numbered("despatch_advice_reference"),
    ram("ReceivingAdviceReferencedDocument"): _numbered("receiving_advice_reference"),
}

_SETTLEMENT: Final[Table] = {
    **MONEY,
    ram("TaxCurrencyCode"): code("tax_currency_code"),
    ram("InvoiceCurrencyCode"): code("currency_code"),
    ram("PayeeTradeParty"): PAYEE,
    ram("BillingSpecifiedPeriod"): group("invoicing_period", PERIOD, needless=True),
    ram("InvoiceReferencedDocument"): items(
        "preceding_invoice_references",
        {ram("IssuerAssignedID"): leaf("reference"), ram("FormattedIssueDateTime"): day("issue_date")},
    ),
    ram("ReceivableSpecifiedTradeAccountingAccount"): flat({ram("ID"): leaf("buyer_accounting_reference")}),
}

_DOCUMENT: Final[Table] = {
    rsm("ExchangedDocumentContext"): flat(
        {
            ram("BusinessProcessSpecifiedDocumentContextParameter"): flat(
                {ram("ID"): leaf("business_process_type")}
            ),
            ram("GuidelineSpecifiedDocumentContextParameter"): flat(
                {ram("ID"): leaf("specification_identifier")}
            ),
        }
    ),
    rsm("ExchangedDocument"): flat(
        {
            ram("ID"): leaf("invoice_number"),
            ram("TypeCode"): code("type_code"),
            ram("IssueDateTime"): day("issue_date"),
            ram("IncludedNote"): _NOTE,
        }
    ),
    rsm("SupplyChainTradeTransaction"): flat(
        {
            ram("IncludedSupplyChainTradeLineItem"): LINE,
            ram("ApplicableHeaderTradeAgreement"): flat(_AGREEMENT),
            ram("ApplicableHeaderTradeDelivery"): flat(_DELIVERY),
            ram("ApplicableHeaderTradeSettlement"): flat(_SETTLEMENT),
        }
    ),
}
