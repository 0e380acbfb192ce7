"""What the document says of itself: kind, currencies, dates, references, notes, enclosed documents."""

from collections.abc import Iterable, Iterator
from typing import Final

from tallystick.canonical import Fault, Note
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.lexical import normal

MEDIA_TYPES: Final = " ".join(sorted(codes.MEDIA_TYPES))


def head(case: EuropeanCase) -> Iterable[Fault]:
    """Rules on the terms that stand on the invoice itself."""
    return () if _is_plain(case) else _told(case)


def _is_plain(case: EuropeanCase) -> bool:
    """Whether kind and currency are listed, and nothing is said beside them that a rule here is on."""
    invoice = case.invoice
    return not (
        invoice.currency_code not in codes.CURRENCIES
        or is_of_no_kind(case)
        or invoice.tax_currency_code is not None
        or invoice.tax_point_date_code is not None
        or invoice.invoicing_period is not None
        or invoice.invoiced_object_identifier is not None
        or invoice.supporting_documents
        or _name_subjects(invoice.notes)
    )


def _told(case: EuropeanCase) -> Faults:
    if is_of_no_kind(case):
        yield from case.broken("BR-CL-01", "/type_code", actual=normal(case.invoice.type_code))
    yield from _currencies(case)
    yield from _dates(case)
    yield from _references(case)
    yield from _notes(case)
    yield from _enclosed(case)


def is_of_no_kind(case: EuropeanCase) -> bool:
    """Whether the code of the document's kind is neither an invoice's nor a credit note's."""
    return not case.credit_note and normal(case.invoice.type_code) not in codes.INVOICE_TYPES


def _currencies(case: EuropeanCase) -> Faults:
    invoice = case.invoice
    if invoice.currency_code not in codes.CURRENCIES:
        yield from case.broken("BR-CL-04", "/currency_code", actual=invoice.currency_code)
    accounting = invoice.tax_currency_code
    if accounting is not None and accounting not in codes.CURRENCIES:
        yield from case.broken("BR-CL-05", "/tax_currency_code", actual=accounting)
    for at, term, code in amounts_in(case):
        if code not in codes.CURRENCIES:
            yield from case.broken("BR-CL-03", at, actual=code, term=term)


def amounts_in(case: EuropeanCase) -> Iterator[tuple[str, str, str]]:
    """Each currency that amounts of the document bear, once: pointer, term, code.

    Whatever is wrong with the currency of amounts is said once, not at each of them.
    """
    invoice = case.invoice
    yield "/currency_code", "BT-5", invoice.currency_code
    accounting = invoice.tax_currency_code
    if accounting is None or accounting == invoice.currency_code:
        return
    if case.totals.total_tax_amount_in_accounting_currency is not None:
        yield "/tax_currency_code", "BT-6", accounting


def _dates(case: EuropeanCase) -> Faults:
    invoice = case.invoice
    code = invoice.tax_point_date_code
    if is_no_tax_point(code):
        yield from case.broken("BR-CL-06", "/tax_point_date_code", actual=code or "")
    if code is not None and invoice.tax_point_date is not None:
        yield from case.broken("BR-CO-03", "/tax_point_date_code", actual=code)
    period = invoice.invoicing_period
    if period is None:
        return
    start, end = period.start_date, period.end_date
    if start is not None and end is not None and end < start:
        yield from case.broken(
            "BR-29", "/invoicing_period/end_date", expected=f"{start} or later", actual=end.isoformat()
        )


def is_no_tax_point(code: str | None) -> bool:
    """Whether a code is given that says of no event that it makes tax due."""
    return code is not None and normal(code) not in codes.TAX_POINTS


def _references(case: EuropeanCase) -> Faults:
    invoice = case.invoice
    thing = invoice.invoiced_object_identifier
    if thing is not None and thing.scheme is not None and normal(thing.scheme) not in codes.OBJECT_SCHEMES:
        yield from case.broken("BR-CL-07", "/invoiced_object_identifier/scheme", actual=thing.scheme)


def _name_subjects(notes: tuple[Note, ...]) -> bool:
    """Whether anything in the notes may be read as the code of a subject."""
    for note in notes:
        code = note.subject_code
        if code is not None or "#" in note.content:
            return True
    return False


def _notes(case: EuropeanCase) -> Faults:
    for place, note in enumerate(case.invoice.notes):
        at = f"/notes/{place}/content" if note.subject_code is None else f"/notes/{place}/subject_code"
        written = note.content if note.subject_code is None else f"#{note.subject_code}#{note.content}"
        subject = _subject(written)
        if len(subject) == 3 and subject not in codes.NOTE_SUBJECT_TEXT:
            yield from case.broken("BR-CL-08", at, actual=subject)


def _subject(written: str) -> str:
    """What stands between the first two `#` of a note: it is read as the code of its subject."""
    parts = written.split("#", 2)
    return parts[1] if len(parts) == 3 else ""


def _enclosed(case: EuropeanCase) -> Faults:
    for at, code in unknown_media(case):
        yield from case.broken("BR-CL-24", at, expected=MEDIA_TYPES, actual=code)


def unknown_media(case: EuropeanCase) -> Iterator[tuple[str, str]]:
    """Each attached document of a kind that is not listed: pointer, media type."""
    for place, document in enumerate(case.invoice.supporting_documents):
        attached = document.attached_document
        if attached is not None and attached.mime_code not in codes.MEDIA_TYPES:
            yield f"/supporting_documents/{place}/attached_document/mime_code", attached.mime_code
