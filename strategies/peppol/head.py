"""What the document says of itself: kind, currencies, dates, references, notes, enclosed documents."""

from decimal import Decimal
from typing import Final

from . import codes
from .case import Case, Faults
from .lexical import normal
from .rules import broken

_GERMAN_TYPES: Final = frozenset({"326", "384"})
_MEDIA_TYPES: Final = " ".join(sorted(codes.MEDIA_TYPES))


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
    code = normal(case.invoice.type_code)
    known = codes.CREDIT_NOTE_TYPES if case.credit_note else codes.INVOICE_TYPES
    allowed = case.rules.credit_note_types if case.credit_note else case.rules.invoice_types
    if code not in known:
        yield broken("BR-CL-01", "/type_code", actual=code)
    if case.process in case.rules.typed_processes and code not in allowed:
        number = "PEPPOL-EN16931-P0101" if case.credit_note else "PEPPOL-EN16931-P0100"
        yield broken(number, "/type_code", expected=" ".join(sorted(allowed, key=int)), actual=code)
    if case.rules.billing and code in _GERMAN_TYPES and not case.german:
        yield broken("PEPPOL-EN16931-P0112", "/type_code", actual=code)


def _process(case: Case) -> Faults:
    if not case.rules.peppol:
        return
    named = normal(case.invoice.specification_identifier or case.rules.specification)
    if "::" in named or not named.startswith(case.rules.specification):
        yield broken(
            "PEPPOL-EN16931-R004",
            "/specification_identifier",
            expected=case.rules.specification,
            actual=named,
        )
    if case.process not in case.rules.processes:
        yield broken(
            "PEPPOL-EN16931-R007",
            "/business_process_type",
            expected=" or ".join(sorted(case.rules.processes)),
            actual=case.process,
        )


def _currencies(case: Case) -> Faults:
    """Currencies of the lists. Whatever is said of amounts is said once here, not at each of them."""
    invoice = case.invoice
    accounting = invoice.tax_currency_code
    said = [("/currency_code", "BT-5", "BR-CL-04", invoice.currency_code)]
    if accounting is not None:
        said.append(("/tax_currency_code", "BT-6", "BR-CL-05", accounting))
    for at, term, number, code in said:
        if code not in codes.CURRENCIES:
            yield broken(number, at, actual=code)
        if term == "BT-6" and (accounting == invoice.currency_code or _accounted(case) is None):
            continue  # no amount of its own bears it
        if code not in codes.CURRENCIES:
            yield broken("BR-CL-03", at, actual=code, term=term)
        if case.rules.peppol and code not in codes.PEPPOL_CURRENCIES:
            yield broken("PEPPOL-EN16931-CL007", at, actual=code, term=term)
    if accounting == invoice.currency_code and case.rules.peppol:
        yield broken("PEPPOL-EN16931-R005", "/tax_currency_code", actual=accounting)


def _accounted(case: Case) -> Decimal | None:
    return case.totals.total_tax_amount_in_accounting_currency


def _dates(case: Case) -> Faults:
    invoice = case.invoice
    code = invoice.tax_point_date_code
    if code is not None and normal(code) not in codes.TAX_POINTS:
        yield broken("BR-CL-06", "/tax_point_date_code", actual=code)
        if case.rules.peppol:
            yield broken("PEPPOL-EN16931-CL006", "/tax_point_date_code", actual=code)
    if code is not None and invoice.tax_point_date is not None:
        yield broken("BR-CO-03", "/tax_point_date_code", actual=code)
    period = invoice.invoicing_period
    if period is None:
        return
    start, end = period.start_date, period.end_date
    if start is not None and end is not None and end < start:
        yield broken(
            "BR-29", "/invoicing_period/end_date", expected=f"{start} or later", actual=end.isoformat()
        )


def _references(case: Case) -> Faults:
    invoice = case.invoice
    routed = (invoice.buyer_reference, invoice.purchase_order_reference, invoice.sales_order_reference)
    if case.rules.peppol and routed == (None, None, None):  # a sales order alone is written beside `NA`
        yield broken("PEPPOL-EN16931-R003", "/buyer_reference")
    thing = invoice.invoiced_object_identifier
    if thing is not None and thing.scheme is not None and normal(thing.scheme) not in codes.OBJECT_SCHEMES:
        yield broken("BR-CL-07", "/invoiced_object_identifier/scheme", actual=thing.scheme)


def _notes(case: Case) -> Faults:
    notes = case.invoice.notes
    if len(notes) > 1 and case.rules.peppol and not case.german:
        yield broken(
            "PEPPOL-EN16931-R002", "/notes/1", expected="at most one note", actual=f"{len(notes)} notes"
        )
    for place, note in enumerate(notes):
        at = f"/notes/{place}/content" if note.subject_code is None else f"/notes/{place}/subject_code"
        written = note.content if note.subject_code is None else f"#{note.subject_code}#{note.content}"
        subject = _subject(written)
        if len(subject) == 3 and subject not in codes.NOTE_SUBJECT_TEXT:
            yield broken("BR-CL-08", at, actual=subject)


def _subject(written: str) -> str:
    """What stands between the first two `#` of a note: it is read as the code of its subject."""
    parts = written.split("#", 2)
    return parts[1] if len(parts) == 3 else ""


def _enclosed(case: Case) -> Faults:
    for place, document in enumerate(case.invoice.supporting_documents):
        attached = document.attached_document
        if attached is None or attached.mime_code in codes.MEDIA_TYPES:
            continue
        at, expected = f"/supporting_documents/{place}/attached_document/mime_code", _MEDIA_TYPES
        yield broken("BR-CL-24", at, expected=expected, actual=attached.mime_code)
        if case.rules.peppol:
            yield broken("PEPPOL-EN16931-CL001", at, expected=expected, actual=attached.mime_code)
