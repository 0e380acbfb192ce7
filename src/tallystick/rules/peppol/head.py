"""What the network wants of the document's head: process, kind, currencies, references, notes, payment."""

from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.en16931.head import MEDIA_TYPES, amounts_in, is_no_tax_point, unknown_media
from tallystick.rules.en16931.payment import DIRECT_DEBITS, means_of
from tallystick.rules.en16931.steps import Patch
from tallystick.rules.lexical import normal
from tallystick.rules.peppol import codes


def head(case: EuropeanCase) -> Faults:
    """Rules on the terms that stand on the invoice itself, and on its means of payment."""
    yield from _process(case)
    yield from _kind(case)
    yield from _currencies(case)
    yield from _references(case)
    if is_no_tax_point(case.invoice.tax_point_date_code):
        code = case.invoice.tax_point_date_code or ""
        yield from case.broken("PEPPOL-EN16931-CL006", "/tax_point_date_code", actual=code)
    if case.invoice.supporting_documents:
        for at, code in unknown_media(case):
            yield from case.broken("PEPPOL-EN16931-CL001", at, expected=MEDIA_TYPES, actual=code)
    yield from _mandates(case)


def _process(case: EuropeanCase) -> Faults:
    wanted, named = case.profile.specification, case.specification
    if "::" in named or not named.startswith(wanted):
        at = "/specification_identifier"
        yield from case.broken("PEPPOL-EN16931-R004", at, expected=wanted, actual=named)
    if case.process not in case.profile.processes:
        yield from case.broken(
            "PEPPOL-EN16931-R007",
            "/business_process_type",
            expected=" or ".join(sorted(case.profile.processes)),
            actual=case.process,
        )


def _kind(case: EuropeanCase) -> Faults:
    if case.process not in case.profile.typed_processes:
        return
    code = normal(case.invoice.type_code)
    allowed = case.profile.credit_note_types if case.credit_note else case.profile.invoice_types
    if code not in allowed:
        number = "PEPPOL-EN16931-P0101" if case.credit_note else "PEPPOL-EN16931-P0100"
        yield from case.broken(number, "/type_code", expected=" ".join(sorted(allowed, key=int)), actual=code)


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


def _references(case: EuropeanCase) -> Faults:
    invoice = case.invoice
    routed = (invoice.buyer_reference, invoice.purchase_order_reference, invoice.sales_order_reference)
    if routed == (None, None, None):  # a sales order alone is written beside `NA`
        yield from case.broken("PEPPOL-EN16931-R003", "/buyer_reference")
    notes = len(invoice.notes)
    if notes > 1 and not any(map(case.both_in, case.profile.note_lands)):
        expected, actual = "at most one note", f"{notes} notes"
        yield from case.broken("PEPPOL-EN16931-R002", "/notes/1", expected=expected, actual=actual)


def _mandates(case: EuropeanCase) -> Faults:
    for means in means_of(case):
        named = means.mandate is not None and means.mandate.mandate_reference_identifier is not None
        if normal(means.code) in DIRECT_DEBITS and not named:
            at = f"{means.at}/direct_debit/mandate_reference_identifier"
            yield from case.broken("PEPPOL-EN16931-R061", at)
