"""What the document says of itself: kind, dates, currencies, references, notes, enclosed documents."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from tallystick.canonical import SupportingDocument

from . import codes
from .case import Case, Faults
from .codes import trimmed
from .doubles import HUNDRED, double, rounded, times
from .money import RIYAL
from .profile import PROCESS
from .reckoning import below_zero, shown
from .rules import broken

__all__ = ["head"]

LONGEST_NAME: Final = 127
LONGEST_TEXT: Final = 1000
_REPORTED_WITHIN: Final = timedelta(hours=24)
_FIRST_YEAR: Final = 2000
_END_OF_DATES: Final = 2100
"""The rules know dates from 2000; those that compare them, up to 2099."""
_LONGEST_RATE: Final = 14
_LONGEST_ORIGINAL: Final = 5000


def head(case: Case) -> Faults:
    """Rules on the terms that stand on the invoice itself."""
    yield from _kind(case)
    yield from _dates(case)
    yield from _supply(case)
    yield from _currencies(case)
    yield from _references(case)
    yield from _originals(case)
    yield from _notes(case)
    yield from _enclosed(case)


def _kind(case: Case) -> Faults:
    invoice, kind = case.invoice, trimmed(case.invoice.type_code)
    if kind not in codes.DOCUMENT_TYPES:
        yield broken("BR-CL-01", "/type_code", actual=invoice.type_code)
    if kind not in codes.ISSUED_TYPES:
        yield broken("BR-KSA-05", "/type_code", expected="388, 381, 383 or 386", actual=invoice.type_code)
    process = invoice.business_process_type
    if process is not None and trimmed(process) != PROCESS:
        fix = ({"op": "remove", "path": "/business_process_type"},)
        yield broken("BR-KSA-EN16931-01", "/business_process_type", expected=PROCESS, actual=process, fix=fix)
    simplified, self_billed = case.code[:2] == "02", case.code[6] == "1"
    if simplified and self_billed:
        yield broken("BR-KSA-31", "/regime_data/sa/self_billed", expected="false", actual="true")
    if case.code[4] == "1" and self_billed:
        yield broken("BR-KSA-07", "/regime_data/sa/self_billed", expected="false", actual="true")


def _dates(case: Case) -> Faults:
    invoice, today = case.invoice, case.now.date()
    issued = [("/issue_date", "BT-2", invoice.issue_date)]
    for at, one in enumerate(invoice.preceding_invoice_references):
        if one.issue_date is not None:
            issued.append((f"/preceding_invoice_references/{at}/issue_date", "BT-26", one.issue_date))
    issued += [
        (f"/regime_data/sa/prepayments/{at}/issue_date", "KSA-28", one.issue_date)
        for at, one in enumerate(case.prepayments)
    ]
    for pointer, term, day in issued:
        if today < day and day.year < _END_OF_DATES:
            yield broken("BR-KSA-04", pointer, expected=f"{today} or earlier", actual=str(day), term=term)
    delivery = invoice.delivery
    others = [
        ("/payment_due_date", "BT-9", invoice.payment_due_date),
        ("/tax_point_date", "BT-7", invoice.tax_point_date),
        ("/delivery/actual_delivery_date", "BT-72", delivery.actual_delivery_date if delivery else None),
        ("/regime_data/sa/supply_end_date", "KSA-24", case.sa.supply_end_date),
    ]
    for pointer, term, other in (*issued, *others):
        if other is not None and other.year < _FIRST_YEAR:
            yield broken("BR-KSA-F-01", pointer, actual=str(other), term=term)
    if case.code[:2] == "02" and invoice.issue_time is not None:
        issue = datetime.combine(invoice.issue_date, invoice.issue_time)
        if case.now - issue > _REPORTED_WITHIN:
            yield broken("BR-KSA-98", "/issue_date", actual=issue.isoformat())


def _supply(case: Case) -> Faults:
    delivery, end = case.invoice.delivery, case.sa.supply_end_date
    start = delivery.actual_delivery_date if delivery else None
    if start is None and case.code[:2] == "01" and case.invoice.type_code == "388":
        yield broken("BR-KSA-15", "/delivery/actual_delivery_date")
    address = case.buyer.postal_address
    if case.summary and (start is None or end is None) and address and address.country_code == "SA":
        missing = "/delivery/actual_delivery_date" if start is None else "/regime_data/sa/supply_end_date"
        yield broken("BR-KSA-72", missing)
    if end is None:
        return
    if start is None:
        yield broken("BR-KSA-35", "/delivery/actual_delivery_date")
    elif end < start and _known(start) and _known(end):
        yield broken(
            "BR-KSA-36", "/regime_data/sa/supply_end_date", expected=f"{start} or later", actual=str(end)
        )


def _known(day: date) -> bool:
    return day.year < _END_OF_DATES


def _currencies(case: Case) -> Faults:
    invoice, currency = case.invoice, case.invoice.currency_code
    accounting = invoice.tax_currency_code or RIYAL
    if currency not in codes.CURRENCIES:
        for number in ("BR-CL-03", "BR-CL-04", "BR-KSA-CL-01"):
            yield broken(number, "/currency_code", actual=currency)
    if accounting not in codes.CURRENCIES:
        for number in ("BR-CL-03", "BR-CL-05") if accounting != currency else ("BR-CL-05",):
            yield broken(number, "/tax_currency_code", expected=RIYAL, actual=accounting, term="BT-6")
    if accounting != RIYAL:
        fix = ({"op": "replace", "path": "/tax_currency_code", "value": RIYAL},)
        yield broken("BR-KSA-EN16931-02", "/tax_currency_code", expected=RIYAL, actual=accounting, fix=fix)
    yield from _exchange(case, accounting)
    tax, riyals = case.totals.total_tax_amount, case.totals.total_tax_amount_in_accounting_currency
    at = "/document_totals/total_tax_amount_in_accounting_currency"
    if currency != RIYAL and tax is not None and riyals is not None and tax > 0 and riyals > 0:
        same = _halalas(tax) == _halalas(riyals)
        if same:
            yield broken(
                "BR-KSA-97", at, expected=f"{shown(tax)} {currency} in {RIYAL}", actual=shown(riyals)
            )


def _halalas(amount: Decimal) -> Decimal:
    return rounded(times(double(amount), HUNDRED))


def _exchange(case: Case, accounting: str) -> Faults:
    exchange, currency = case.invoice.exchange_rate, case.invoice.currency_code
    if exchange is None:
        return
    if exchange.from_currency != currency:
        yield broken("BR-KSA-88", "/exchange_rate/from", expected=currency, actual=exchange.from_currency)
    if exchange.to_currency != accounting:
        yield broken("BR-KSA-89", "/exchange_rate/to", expected=accounting, actual=exchange.to_currency)
    rate = shown(exchange.rate)
    if len(rate) > _LONGEST_RATE:
        yield broken("BR-KSA-90", "/exchange_rate/rate", actual=rate)
    if below_zero(exchange.rate):
        yield broken("BR-KSA-F-04", "/exchange_rate/rate", actual=rate, term="KSA-38")


def _references(case: Case) -> Faults:
    invoice = case.invoice
    contract, order = invoice.contract_reference, invoice.purchase_order_reference
    too_long = LONGEST_NAME
    if len(invoice.invoice_number) > too_long:
        yield broken("BR-KSA-F-06-C1", "/invoice_number", actual=f"{len(invoice.invoice_number)} characters")
    if order is not None and len(order) > too_long:
        yield broken("BR-KSA-F-06-C3", "/purchase_order_reference", actual=f"{len(order)} characters")
    if contract is not None and len(contract) > too_long:
        yield broken("BR-KSA-F-06-C5", "/contract_reference", actual=f"{len(contract)} characters")
    if contract is None and len(case.code) == 9 and case.code[8] == "1":
        yield broken("BR-KSA-92", "/contract_reference")


def _originals(case: Case) -> Faults:
    """A credit or debit note: the invoices it amends."""
    if not case.note:
        return
    originals = case.invoice.preceding_invoice_references
    if not originals:
        yield broken("BR-KSA-56", "/preceding_invoice_references")
    for at, one in enumerate(originals):
        if len(one.reference) > _LONGEST_ORIGINAL:
            yield broken(
                "BR-KSA-F-06-C22",
                f"/preceding_invoice_references/{at}/reference",
                actual=f"{len(one.reference)} characters",
            )


def _notes(case: Case) -> Faults:
    """The first note that is too long; its subject stands in front of it."""
    for at, note in enumerate(case.invoice.notes):
        length = len(note.content) + (len(note.subject_code) + 2 if note.subject_code is not None else 0)
        if length > LONGEST_TEXT:
            yield broken("BR-KSA-F-06-C2", f"/notes/{at}/content", actual=f"{length} characters")
            return


def _enclosed(case: Case) -> Faults:
    for at, document in enumerate(case.invoice.supporting_documents):
        file = document.attached_document
        if file is not None and trimmed(file.mime_code) not in codes.MEDIA_TYPES:
            yield broken(
                "BR-KSA-CL-03",
                f"/supporting_documents/{at}/attached_document/mime_code",
                expected=" ".join(sorted(codes.MEDIA_TYPES)),
                actual=file.mime_code,
            )
        if case.simplified and _hollow(document):
            for number in ("BR-KSA-28", "BR-KSA-30"):
                yield broken(number, f"/supporting_documents/{at}/attached_document")


def _hollow(document: SupportingDocument) -> bool:
    """Whether something is enclosed that is no file, or an empty one."""
    file = document.attached_document
    if file is None:
        return document.external_document_location is not None
    return not file.content
