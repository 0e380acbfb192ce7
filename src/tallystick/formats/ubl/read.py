"""A UBL 2.1 Invoice or CreditNote as canonical JSON: nothing lost in silence, nothing judged.

Reads partial documents too: what is missing is missing from the JSON, and the canonical decoder says so.
"""

from typing import Final

import msgspec

from tallystick.formats.ubl.leftovers import Reading
from tallystick.formats.ubl.names import (
    CREDIT_NOTE_NAMESPACE,
    CREDIT_NOTE_TYPES,
    INVOICE_NAMESPACE,
)
from tallystick.formats.ubl.read_lines import LINES
from tallystick.formats.ubl.read_money import MONEY
from tallystick.formats.ubl.read_parties import PARTIES, settle_creditor_identifier
from tallystick.formats.ubl.read_references import REFERENCES, numbered, take_note
from tallystick.formats.ubl.steps import Json, Page, Table, cac, cbc, code, day, leaf, peek
from tallystick.formats.xml_in import MAX_BYTES, Unreadable, parse

__all__ = ["read", "recognises"]

_INVOICE_ROOT: Final = f"{{{INVOICE_NAMESPACE}}}Invoice"
_CREDIT_NOTE_ROOT: Final = f"{{{CREDIT_NOTE_NAMESPACE}}}CreditNote"
_WRITTEN_ELSEWHERE: Final = "a document of this type has the other root"


def recognises(body: bytes) -> bool:
    """Whether the bytes look like a UBL invoice or credit note. Cheap; proves nothing."""
    return INVOICE_NAMESPACE.encode() in body or CREDIT_NOTE_NAMESPACE.encode() in body


def read(body: bytes, *, max_bytes: int = MAX_BYTES) -> Reading:
    """The document as canonical JSON, and what could not be carried. Raises `Unreadable`, nothing else."""
    root = parse(body, max_bytes=max_bytes)
    if root.tag not in (_INVOICE_ROOT, _CREDIT_NOTE_ROOT):
        raise Unreadable("wrong_root", "neither a UBL 2.1 Invoice nor a UBL 2.1 CreditNote")
    is_credit_note = root.tag == _CREDIT_NOTE_ROOT
    page = Page(
        peek(root, cbc("DocumentCurrencyCode")),
        peek(root, cbc("TaxCurrencyCode")),
        is_credit_note=is_credit_note,
    )
    invoice: Json = {}
    page.enter(root)
    page.walk(root, _CREDIT_NOTE if is_credit_note else _INVOICE, invoice)
    settle_creditor_identifier(invoice)
    if not invoice.get("document_totals", True):
        del invoice["document_totals"]
    kind = invoice.get("type_code")
    if kind is not None and (kind in CREDIT_NOTE_TYPES) != is_credit_note:
        page.leftovers.value(root, "", _WRITTEN_ELSEWHERE)
    page.leftovers.loose_text(root)
    return Reading(msgspec.json.encode(invoice), page.leftovers.named())


_HEAD: Final[Table] = {
    cbc("CustomizationID"): leaf("specification_identifier"),
    cbc("ProfileID"): leaf("business_process_type"),
    cbc("ID"): leaf("invoice_number"),
    cbc("IssueDate"): day("issue_date"),
    cbc("Note"): take_note,
    cbc("TaxPointDate"): day("tax_point_date"),
    cbc("DocumentCurrencyCode"): code("currency_code"),
    cbc("TaxCurrencyCode"): code("tax_currency_code"),
    cbc("AccountingCost"): leaf("buyer_accounting_reference"),
    cbc("BuyerReference"): leaf("buyer_reference"),
    **REFERENCES,
    **PARTIES,
    **MONEY,
    **LINES,
}

_INVOICE: Final[Table] = {
    **_HEAD,
    cbc("InvoiceTypeCode"): code("type_code"),
    cbc("DueDate"): day("payment_due_date"),
    cac("ProjectReference"): numbered("project_reference"),
}

_CREDIT_NOTE: Final[Table] = {**_HEAD, cbc("CreditNoteTypeCode"): code("type_code")}
