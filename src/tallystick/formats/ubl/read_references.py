"""The reading tables of notes and of what the document points to."""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import Any, Final

from tallystick.formats.ubl.names import OBJECT_REFERENCE, PROJECT_REFERENCE
from tallystick.formats.ubl.steps import (
    Json,
    Page,
    Step,
    Table,
    again,
    cac,
    cbc,
    code,
    day,
    each,
    fixed,
    flat,
    identifier,
    items,
    leaf,
    peek,
)
from tallystick.formats.ubl.write_references import NO_ORDER

__all__ = ["REFERENCES", "numbered", "take_note"]

_SUBJECT: Final = re.compile(r"#([A-Z]{3})#(.*\S.*)", re.DOTALL).fullmatch
_CONTENT: Final = leaf("content")
_FILE: Final = leaf("content", None, {"mimeCode": "mime_code", "filename": "filename"})


def take_note(page: Page, element: Any, into: Json) -> None:
    """A note, with its subject code where `#CODE#` stands in front."""
    taken: Json = {}
    _CONTENT(page, element, taken)
    if not taken:
        return
    subject = _SUBJECT(taken["content"])
    if subject:
        taken = {"subject_code": subject[1], "content": subject[2]}
    into.setdefault("notes", []).append(taken)


def _embedded(page: Page, element: Any, into: Json) -> None:
    """An attached file: base64 without line breaks. What is no base64 is left for the decoder to refuse."""
    taken: Json = {}
    _FILE(page, element, taken)
    if not taken:
        return
    text = taken["content"]
    try:
        file = a2b_base64("".join(text.split()), strict_mode=True)
        taken["content"] = b2a_base64(file, newline=False).decode()
    except (Base64Error, ValueError):
        taken["content"] = text
    into["attached_document"] = taken


_SUPPORTING: Final = items(
    "supporting_documents",
    {
        cbc("ID"): leaf("reference"),
        cbc("DocumentDescription"): leaf("description"),
        cac("Attachment"): flat(
            {
                cbc("EmbeddedDocumentBinaryObject"): _embedded,
                cac("ExternalReference"): flat({cbc("URI"): leaf("external_document_location")}),
            }
        ),
    },
)


def _additional(page: Page, element: Any, into: Json) -> None:
    """By its type code the invoiced object, a credit note's project, or a supporting document."""
    kind = peek(element, cbc("DocumentTypeCode"))
    if kind == OBJECT_REFERENCE:
        key, take = "invoiced_object_identifier", identifier
    elif kind == PROJECT_REFERENCE and page.is_credit_note:
        key, take = "project_reference", leaf
    else:
        _SUPPORTING(page, element, into)
        return
    if key in into or not peek(element, cbc("ID")):
        page.leftovers.tree(element)
        return
    page.enter(element)
    page.walk(element, {cbc("ID"): take(key), cbc("DocumentTypeCode"): fixed(kind)}, into)


def numbered(key: str) -> Step:
    """A reference that is nothing but a number."""
    return flat({cbc("ID"): leaf(key)})


_PRECEDING: Final = items(
    "preceding_invoice_references",
    {cbc("ID"): leaf("reference"), cbc("IssueDate"): day("issue_date")},
)


def _period(page: Page, element: Any, into: Json) -> None:
    """The invoicing period; its code is the document's tax point date code."""
    if again(page, element):
        return
    taken: Json = {}
    page.enter(element)
    page.walk(element, _PERIOD, taken)
    if "code" in taken:
        into["tax_point_date_code"] = taken.pop("code")
        page.took(element.find(cbc("DescriptionCode")), into, "tax_point_date_code")
    if taken:
        into["invoicing_period"] = taken
        page.took(element, taken)


_PERIOD: Final[Table] = {
    cbc("StartDate"): day("start_date"),
    cbc("EndDate"): day("end_date"),
    cbc("DescriptionCode"): code("code"),
}


def _order(page: Page, element: Any, into: Json) -> None:
    """Both sides' order numbers. `NA` beside the seller's number is the writer's filler, not a number."""
    filled = peek(element, cbc("ID")) == NO_ORDER and peek(element, cbc("SalesOrderID"))
    (_SALES_ORDER if filled else _ORDER)(page, element, into)


_ORDER: Final = flat(
    {cbc("ID"): leaf("purchase_order_reference"), cbc("SalesOrderID"): leaf("sales_order_reference")}
)
_SALES_ORDER: Final = flat({cbc("ID"): fixed(NO_ORDER), cbc("SalesOrderID"): leaf("sales_order_reference")})

REFERENCES: Final[Table] = {
    cac("InvoicePeriod"): _period,
    cac("OrderReference"): _order,
    cac("BillingReference"): each({cac("InvoiceDocumentReference"): _PRECEDING}),
    cac("DespatchDocumentReference"): numbered("despatch_advice_reference"),
    cac("ReceiptDocumentReference"): numbered("receiving_advice_reference"),
    cac("OriginatorDocumentReference"): numbered("tender_or_lot_reference"),
    cac("ContractDocumentReference"): numbered("contract_reference"),
    cac("AdditionalDocumentReference"): _additional,
}
