"""What the document as a whole says: its type, currencies, notes, payment, references."""

from tallystick.canonical import Amount
from tallystick.rules.case import normal, shown
from tallystick.rules.pint import codes
from tallystick.rules.pint.case import Faults, PintCase

__all__ = ["head"]


def head(case: PintCase) -> Faults:
    """All rules about the document's own terms."""
    yield from _kind(case)
    yield from _currencies(case)
    yield from _payment(case)
    yield from _references(case)


def _kind(case: PintCase) -> Faults:
    invoice = case.invoice
    if "*" in (invoice.specification_identifier or ""):
        actual, where = invoice.specification_identifier or "", "/specification_identifier"
        fix = ({"op": "replace", "path": where, "value": actual.replace("*", "")},)
        yield from case.broken("ibr-sr-63", where, actual=actual, fix=fix)
    if normal(invoice.type_code) not in case.types:
        expected = " or ".join(sorted(case.types))
        yield from case.broken(case.kind, "/type_code", expected=expected, actual=invoice.type_code)
    if len(invoice.notes) > 1:
        yield from case.broken("ibr-sr-51", "/notes", expected="at most one", actual=str(len(invoice.notes)))
    period = invoice.invoicing_period
    if period and period.start_date and period.end_date and period.end_date < period.start_date:
        expected, actual = f"{period.start_date} or later", str(period.end_date)
        yield from case.broken("ibr-029", "/invoicing_period/end_date", expected=expected, actual=actual)


def _currencies(case: PintCase) -> Faults:
    invoice, totals = case.invoice, case.totals
    currency, other = invoice.currency_code, invoice.tax_currency_code
    if currency not in codes.CURRENCIES:
        yield from case.broken("ibr-cl-04", "/currency_code", actual=currency)
        yield from case.broken("ibr-cl-03", "/currency_code", actual=currency)
    if other is None:
        return
    if other not in codes.CURRENCIES:
        yield from case.broken("ibr-cl-05", "/tax_currency_code", actual=other)
        if totals.total_tax_amount_in_accounting_currency is not None and other != currency:
            yield from case.broken("ibr-cl-03", "/tax_currency_code", actual=other)
    if other == currency:
        fix = ({"op": "remove", "path": "/tax_currency_code"},)
        yield from case.broken("ibr-077", "/tax_currency_code", actual=other, fix=fix)
    accounted = totals.total_tax_amount_in_accounting_currency
    pointer = "/document_totals/total_tax_amount_in_accounting_currency"
    if accounted is None and other not in (currency, case.line_tax_currency):
        yield from case.broken("ibr-053", pointer)
    tax = totals.total_tax_amount
    stated = [accounted, tax] if other == currency else [accounted]
    if tax is not None and not _same_sign(stated, [*stated, tax] if other == currency else [tax]):
        expected = "the sign of BT-110" if accounted is not None else "an amount"
        yield from case.broken("ibr-084", pointer, expected=expected, actual=shown(accounted))


def _same_sign(first: list[Amount | None], second: list[Amount | None]) -> bool:
    """Whether some of the first and some of the second are both not above, or both not below zero."""
    one = [amount for amount in first if amount is not None]
    two = [amount for amount in second if amount is not None]
    below = any(amount <= 0 for amount in one) and any(amount <= 0 for amount in two)
    return below or (any(amount >= 0 for amount in one) and any(amount >= 0 for amount in two))


def _payment(case: PintCase) -> Faults:
    means = case.invoice.payment_instructions
    for index, one in enumerate(means):
        if normal(one.payment_means_type_code) not in codes.PAYMENT_MEANS:
            pointer = f"/payment_instructions/{index}/payment_means_type_code"
            for _ in one.credit_transfers or (None,):  # each account is written with the means' code
                yield from case.broken("ibr-cl-16", pointer, actual=one.payment_means_type_code)
    cards = [index for index, one in enumerate(means) if one.payment_card]
    if len(cards) > 1:
        pointer = f"/payment_instructions/{cards[1]}/payment_card"
        yield from case.broken("ibr-066", pointer, expected="at most one card", actual=str(len(cards)))
    debits = [
        index
        for index, one in enumerate(means)
        if one.direct_debit
        and (one.direct_debit.mandate_reference_identifier or one.direct_debit.debited_account_identifier)
    ]
    if len(debits) > 1:
        pointer = f"/payment_instructions/{debits[1]}/direct_debit"
        yield from case.broken("ibr-067", pointer, expected="at most one mandate", actual=str(len(debits)))


def _references(case: PintCase) -> Faults:
    thing = case.invoice.invoiced_object_identifier
    if thing and thing.scheme is not None and normal(thing.scheme) not in codes.OBJECT_SCHEMES:
        yield from case.broken("ibr-cl-07", "/invoiced_object_identifier/scheme", actual=thing.scheme)
    for index, document in enumerate(case.invoice.supporting_documents):
        file = document.attached_document
        if file and file.mime_code not in codes.MEDIA_TYPES:
            pointer = f"/supporting_documents/{index}/attached_document/mime_code"
            yield from case.broken("ibr-cl-24", pointer, actual=file.mime_code)
