"""What the document says of itself: kind, currencies, dates, references, notes, enclosed documents."""

from typing import Final

from . import codes
from .case import Case, Faults
from .profiles import BILLING, SELF_BILLING
from .rules import broken

_CURRENCIES: Final = codes.CURRENCIES & codes.PEPPOL_CURRENCIES
_GERMAN_TYPES: Final = frozenset({"326", "384"})


def head(case: Case) -> Faults:
    """Rules on the terms that stand on the invoice itself."""
    yield from _kind(case)
    yield from _process(case)
    yield from _currencies(case)
    yield from _dates(case)
    yield from _references(case)
    yield from _notes(case)
    yield from _enclosed(case)


def _kind(case: Case) -> Faults:
    code = case.invoice.type_code
    known = codes.CREDIT_NOTE_TYPES if case.credit_note else codes.INVOICE_TYPES
    allowed = case.rules.credit_note_types if case.credit_note else case.rules.invoice_types
    if code not in known:
        yield broken("BR-CL-01", "/type_code", actual=code)
    elif code not in allowed:
        number = "PEPPOL-EN16931-P0101" if case.credit_note else "PEPPOL-EN16931-P0100"
        yield broken(number, "/type_code", expected=" ".join(sorted(allowed, key=int)), actual=code)
    if case.rules.billing and code in _GERMAN_TYPES and not case.german:
        yield broken("PEPPOL-EN16931-P0112", "/type_code", actual=code)


def _process(case: Case) -> Faults:
    if not case.rules.peppol:
        return
    named = case.invoice.specification_identifier
    if named is not None and ("::" in named or not named.startswith((BILLING, SELF_BILLING))):
        yield broken(
            "PEPPOL-EN16931-R004",
            "/specification_identifier",
            expected=case.rules.specification,
            actual=named,
        )
    process = case.invoice.business_process_type
    if process is not None and process not in case.rules.processes:
        yield broken(
            "PEPPOL-EN16931-R007",
            "/business_process_type",
            expected=" or ".join(sorted(case.rules.processes)),
            actual=process,
        )


def _currencies(case: Case) -> Faults:
    invoice = case.invoice
    accepted = _CURRENCIES if case.rules.billing else codes.CURRENCIES
    if invoice.currency_code not in accepted:
        number = "PEPPOL-EN16931-CL007" if invoice.currency_code in codes.CURRENCIES else "BR-CL-04"
        yield broken(number, "/currency_code", actual=invoice.currency_code)
    accounting = invoice.tax_currency_code
    if accounting is None:
        return
    if accounting not in accepted:
        number = "PEPPOL-EN16931-CL007" if accounting in codes.CURRENCIES else "BR-CL-05"
        yield broken(number, "/tax_currency_code", actual=accounting, term="BT-6")
    if accounting == invoice.currency_code and case.rules.peppol:
        yield broken("PEPPOL-EN16931-R005", "/tax_currency_code", actual=accounting)


def _dates(case: Case) -> Faults:
    invoice = case.invoice
    code = invoice.tax_point_date_code
    if code is not None and code not in codes.TAX_POINTS:
        yield broken("BR-CL-06", "/tax_point_date_code", actual=code)
    if code is not None and invoice.tax_point_date is not None:
        yield broken("BR-CO-03", "/tax_point_date_code", actual=code)
    period = invoice.invoicing_period
    if period is None:
        return
    start, end = period.start_date, period.end_date
    if start is None and end is None:
        yield broken("BR-CO-19", "/invoicing_period/start_date")
    elif start is not None and end is not None and end < start:
        yield broken(
            "BR-29", "/invoicing_period/end_date", expected=f"{start} or later", actual=end.isoformat()
        )


def _references(case: Case) -> Faults:
    invoice = case.invoice
    routed = (invoice.buyer_reference, invoice.purchase_order_reference, invoice.sales_order_reference)
    if case.rules.peppol and routed == (None, None, None):  # a sales order alone is written beside `NA`
        yield broken("PEPPOL-EN16931-R003", "/buyer_reference")
    thing = invoice.invoiced_object_identifier
    if thing is not None and thing.scheme is not None and thing.scheme not in codes.OBJECT_SCHEMES:
        yield broken("BR-CL-07", "/invoiced_object_identifier/scheme", actual=thing.scheme)


def _notes(case: Case) -> Faults:
    notes = case.invoice.notes
    if len(notes) > 1 and case.rules.peppol and not case.german:
        yield broken(
            "PEPPOL-EN16931-R002", "/notes/1", expected="at most one note", actual=f"{len(notes)} notes"
        )
    for place, note in enumerate(notes):
        if note.subject_code is not None:
            if note.subject_code not in codes.NOTE_SUBJECTS:
                yield broken("BR-CL-08", f"/notes/{place}/subject_code", actual=note.subject_code)
        elif (seeming := _seeming_subject(note.content)) is not None:
            yield broken("BR-CL-08", f"/notes/{place}/content", actual=f"#{seeming}#", term="BT-22")


def _seeming_subject(content: str) -> str | None:
    """Three characters between the first two `#` of a note are read as its subject code: an unknown one."""
    parts = content.split("#", 2)
    if len(parts) < 3 or len(parts[1]) != 3 or parts[1] in codes.NOTE_SUBJECTS:
        return None
    return parts[1]


def _enclosed(case: Case) -> Faults:
    for place, document in enumerate(case.invoice.supporting_documents):
        attached = document.attached_document
        if attached is not None and attached.mime_code not in codes.MEDIA_TYPES:
            yield broken(
                "BR-CL-24",
                f"/supporting_documents/{place}/attached_document/mime_code",
                expected=" ".join(sorted(codes.MEDIA_TYPES)),
                actual=attached.mime_code,
            )
