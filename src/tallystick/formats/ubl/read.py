"""A UBL 2.1 Invoice or CreditNote as canonical JSON: nothing lost in silence, nothing judged.

Reads partial documents too: what is missing is missing from the JSON, and the canonical decoder says so.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from tallystick.formats.ubl.leftovers import Claimed, Reading
from tallystick.formats.ubl.names import CREDIT_NOTE_NAMESPACE, INVOICE_NAMESPACE
from tallystick.formats.ubl.profile import Profile
from tallystick.formats.ubl.read_lines import LINES
from tallystick.formats.ubl.read_money import MONEY
from tallystick.formats.ubl.read_parties import PARTIES, settle_creditor_identifier
from tallystick.formats.ubl.read_references import REFERENCES, numbered, take_note
from tallystick.formats.ubl.steps import Json, Page, Table, cac, cbc, code, day, leaf, peek
from tallystick.formats.xml_in import MAX_BYTES, Unreadable, parse

__all__ = ["PLAIN", "Claim", "Finish", "fill", "opened", "read", "recognises"]

_INVOICE_ROOT: Final = f"{{{INVOICE_NAMESPACE}}}Invoice"
_CREDIT_NOTE_ROOT: Final = f"{{{CREDIT_NOTE_NAMESPACE}}}CreditNote"
PLAIN: Final = Profile()
_WRITTEN_ELSEWHERE: Final = "a document of this type has the other root"


def recognises(body: bytes) -> bool:
    """Whether the bytes look like a UBL invoice or credit note. Cheap; proves nothing."""
    return INVOICE_NAMESPACE.encode() in body or CREDIT_NOTE_NAMESPACE.encode() in body


Finish: TypeAlias = Callable[[Json], None]
Claim: TypeAlias = Callable[[Any, Claimed], Finish]
AnyPage = TypeVar("AnyPage", bound=Page)


def read(
    body: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    profile: Profile = PLAIN,
    claim: Claim | None = None,
) -> Reading:
    """The document as canonical JSON, and what could not be carried. Raises `Unreadable`, nothing else.

    `profile` says under which tax schemes numbers and categories stand, and which types are credit notes.
    `claim` is handed the root before anything is read: it claims what its profile adds to EN 16931, and
    answers with what then puts that into the JSON.
    """
    page, invoice = fill(opened(body, max_bytes), profile, claim, Page)
    return Reading(msgspec.json.encode(invoice), page.leftovers.named())


def opened(body: bytes, max_bytes: int = MAX_BYTES) -> Any:
    """The root of a UBL invoice or credit note (lxml). Raises `Unreadable`, nothing else."""
    root = parse(body, max_bytes=max_bytes)
    if root.tag not in (_INVOICE_ROOT, _CREDIT_NOTE_ROOT):
        raise Unreadable("wrong_root", "neither a UBL 2.1 Invoice nor a UBL 2.1 CreditNote")
    return root


def fill(root: Any, profile: Profile, claim: Claim | None, kind: type[AnyPage]) -> tuple[AnyPage, Json]:
    """A page of this kind with all that was read from the root, and the invoice. Raises `Unreadable`."""
    is_credit_note = root.tag == _CREDIT_NOTE_ROOT
    claimed = Claimed()
    finish = None if claim is None else claim(root, claimed)
    page = kind(
        peek(root, cbc("DocumentCurrencyCode")),
        peek(root, cbc("TaxCurrencyCode")),
        claimed,
        profile,
        is_credit_note=is_credit_note,
    )
    invoice: Json = {}
    page.enter(root)
    page.walk(root, _CREDIT_NOTE if is_credit_note else _INVOICE, invoice)
    settle_creditor_identifier(invoice)
    if not invoice.get("document_totals", True):
        del invoice["document_totals"]
    stated = invoice.get("type_code")
    if stated is not None and (stated in profile.credit_note_types) != is_credit_note:
        page.leftovers.value(root, "", _WRITTEN_ELSEWHERE)
    page.leftovers.loose_text(root)
    if finish is not None:
        finish(invoice)
    return page, invoice


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
