"""What the document says of itself, where the syntax judges it otherwise than UBL."""

from typing import Final

from tallystick.rules.case import normal
from tallystick.rules.cii.case import Case, Faults
from tallystick.rules.en16931 import codes

__all__ = ["SUBJECTS", "head"]

_EVENTS: Final = {"3": "5", "35": "29", "432": "72"}
"""When tax becomes due: codes of UNTDID 2005, and those of UNTDID 2475 that are written for them."""

SUBJECTS: Final = codes.NOTE_SUBJECTS | frozenset(
    "BAT BAU BAV BAW BAX BAY BAZ BBA BBB BMF BMG BMH CCJ CCK CCL CCM CCN CCO".split()
)
"""Subjects of notes: the binding's list has a few more than UBL's."""


def head(case: Case) -> Faults:
    """Rules on the terms that stand on the invoice itself."""
    code = normal(case.invoice.type_code)
    if code not in codes.INVOICE_TYPES and code not in codes.CREDIT_NOTE_TYPES:
        yield from case.broken("BR-CL-01", "/type_code", actual=case.invoice.type_code)
    yield from _currencies(case)
    yield from _tax_point(case)
    for place, note in enumerate(case.invoice.notes):
        if note.subject_code is not None and normal(note.subject_code) not in SUBJECTS:
            yield from case.broken("BR-CL-08", f"/notes/{place}/subject_code", actual=note.subject_code)
    yield from _enclosed(case)


def _currencies(case: Case) -> Faults:
    accounting = case.accounting_currency
    if accounting is not None and normal(accounting) not in codes.CURRENCIES:
        yield from case.broken("BR-CL-05", "/tax_currency_code", actual=accounting)
    for at, currency, _ in case.taxes:
        if normal(currency) not in codes.CURRENCIES:
            own = at.endswith("/total_tax_amount") or case.invoice.tax_currency_code is None
            member, term = ("/currency_code", "BT-5") if own else ("/tax_currency_code", "BT-6")
            yield from case.broken("BR-CL-03", member, actual=currency, term=term)


def _tax_point(case: Case) -> Faults:
    """Date and code of the tax point stand in the first entry of the breakdown, if there is one."""
    invoice = case.invoice
    code = invoice.tax_point_date_code
    if code is None or not invoice.tax_breakdown:
        return
    if normal(_EVENTS.get(code, code)) not in _EVENTS.values():
        yield from case.broken("BR-CL-06", "/tax_point_date_code", actual=code)
    if invoice.tax_point_date is not None:
        for entry in invoice.tax_breakdown:
            if entry.tax_category_code not in ("L", "M", "O"):  # as published: those are judged elsewhere
                yield from case.broken("BR-CO-03", "/tax_point_date_code", actual=code)


def _enclosed(case: Case) -> Faults:
    """The syntax wants one description and one attached file in the whole document."""
    documents = case.invoice.supporting_documents
    named = [place for place, one in enumerate(documents) if one.description is not None]
    files = [place for place, one in enumerate(documents) if one.attached_document is not None]
    for number, member, places in (
        ("CII-SR-475", "description", named),
        ("CII-SR-476", "attached_document", files),
    ):
        if len(places) > 1:
            at = f"/supporting_documents/{places[1]}/{member}"
            yield from case.broken(number, at, expected="only once", actual=f"{len(places)} times")
