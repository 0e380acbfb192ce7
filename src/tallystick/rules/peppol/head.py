"""What the network wants of the document's head: process, kind, currencies, references, notes, payment."""

from collections.abc import Iterable, Set

from tallystick.canonical import Fault, Invoice
from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.en16931.head import MEDIA_TYPES, amounts_in, is_no_tax_point, unknown_media
from tallystick.rules.en16931.means import DIRECT_DEBITS, means_of
from tallystick.rules.en16931.steps import Patch
from tallystick.rules.lexical import normal
from tallystick.rules.peppol import codes


def head(case: EuropeanCase) -> Iterable[Fault]:
    """Rules on the terms that stand on the invoice itself, and on its means of payment."""
    return () if _is_plain(case) else _told(case)


def _is_plain(case: EuropeanCase) -> bool:
    """Whether process, kind and currency are the network's, it is routed, and little is said beside that."""
    invoice, process = case.invoice, case.process
    for entry in invoice.payment_instructions:
        if _is_direct_debit(entry.payment_means_type_code):
            return False
    return not (
        invoice.tax_currency_code is not None
        or invoice.tax_point_date_code is not None
        or invoice.supporting_documents
        or len(invoice.notes) > 1
        or invoice.currency_code not in codes.CURRENCIES
        or process not in case.profile.processes
        or _is_of_no_kind(case, process)
        or _is_of_another_specification(case)
        or _is_unrouted(invoice)
    )


def _told(case: EuropeanCase) -> Faults:
    yield from _process(case)
    yield from _kind(case)
    yield from _currencies(case)
    yield from _references(case)
    if is_no_tax_point(case.invoice.tax_point_date_code):
        code = case.invoice.tax_point_date_code or ""
        yield from case.broken("PEPPOL-EN16931-CL006", "/tax_point_date_code", actual=code)
    for at, code in unknown_media(case):
        yield from case.broken("PEPPOL-EN16931-CL001", at, expected=MEDIA_TYPES, actual=code)
    yield from _mandates(case)


def _is_of_another_specification(case: EuropeanCase) -> bool:
    """Whether the document names another specification than its profile's, or one of another form.

    One that names none will name its profile's.
    """
    if case.invoice.specification_identifier is None:
        return False
    named = case.specification
    return "::" in named or not named.startswith(case.profile.specification)


def _process(case: EuropeanCase) -> Faults:
    if _is_of_another_specification(case):
        wanted, named = case.profile.specification, case.specification
        at = "/specification_identifier"
        yield from case.broken("PEPPOL-EN16931-R004", at, expected=wanted, actual=named)
    if case.process not in case.profile.processes:
        yield from case.broken(
            "PEPPOL-EN16931-R007",
            "/business_process_type",
            expected=" or ".join(sorted(case.profile.processes)),
            actual=case.process,
        )


def _is_of_no_kind(case: EuropeanCase, process: str) -> bool:
    """Whether the process restricts the kinds of document, and this one's is none of them."""
    return process in case.profile.typed_processes and normal(case.invoice.type_code) not in _kinds(case)


def _kinds(case: EuropeanCase) -> Set[str]:
    return case.profile.credit_note_types if case.credit_note else case.profile.invoice_types


def _kind(case: EuropeanCase) -> Faults:
    if _is_of_no_kind(case, case.process):
        number = "PEPPOL-EN16931-P0101" if case.credit_note else "PEPPOL-EN16931-P0100"
        expected, code = " ".join(sorted(_kinds(case), key=int)), normal(case.invoice.type_code)
        yield from case.broken(number, "/type_code", expected=expected, actual=code)


def _currencies(case: EuropeanCase) -> Faults:
    for at, term, code in amounts_in(case):
        if code not in codes.CURRENCIES:
            yield from case.broken("PEPPOL-EN16931-CL007", at, actual=code, term=term)
    accounting = case.invoice.tax_currency_code
    if accounting == case.invoice.currency_code:
        fix = _one_currency(case)
        yield from case.broken("PEPPOL-EN16931-R005", "/tax_currency_code", actual=accounting, fix=fix)


def _one_currency(case: EuropeanCase) -> Patch:
    """The same currency is not named twice, and the tax not stated twice in it."""
    amount, at = case.totals.total_tax_amount_in_accounting_currency, "/document_totals"
    again = () if amount is None else (f"{at}/total_tax_amount_in_accounting_currency",)
    return tuple({"op": "remove", "path": path} for path in ("/tax_currency_code", *again))


def _is_unrouted(invoice: Invoice) -> bool:
    """Whether nothing tells whom at the buyer it is for. A sales order alone is written beside `NA`."""
    return (
        invoice.buyer_reference is None
        and invoice.purchase_order_reference is None
        and invoice.sales_order_reference is None
    )


def _references(case: EuropeanCase) -> Faults:
    if _is_unrouted(case.invoice):
        yield from case.broken("PEPPOL-EN16931-R003", "/buyer_reference")
    notes = len(case.invoice.notes)
    if notes > 1 and not any(map(case.both_in, case.profile.note_lands)):
        expected, actual = "at most one note", f"{notes} notes"
        yield from case.broken("PEPPOL-EN16931-R002", "/notes/1", expected=expected, actual=actual)


def _is_direct_debit(code: str) -> bool:
    return normal(code) in DIRECT_DEBITS


def _mandates(case: EuropeanCase) -> Faults:
    for means in means_of(case):
        named = means.mandate is not None and means.mandate.mandate_reference_identifier is not None
        if _is_direct_debit(means.code) and not named:
            at = f"{means.at}/direct_debit/mandate_reference_identifier"
            yield from case.broken("PEPPOL-EN16931-R061", at)
