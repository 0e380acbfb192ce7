"""What the document as a whole says: specification, dates, flags, currencies, payment, credit."""

import re
from typing import Final

from tallystick.canonical import Invoice
from tallystick.rules.case import decimals, normal, shown
from tallystick.rules.pint.case import Faults

from .case import AeCase
from .nature import BILLING, DIRHAM, SELF_BILLING

__all__ = ["head"]

_CREDIT_REASONS: Final = ("DL8.61.1.A", "DL8.61.1.B", "DL8.61.1.C", "DL8.61.1.D", "DL8.61.1.E", "VD")
_FREQUENCIES: Final = ("DLY", "WKY", "Q15", "MTH", "Q45", "Q60", "QTR", "YRL", "HYR", "OTH")
_VOLUME_DISCOUNT: Final = "VD"
_BLOCK: Final = "/regime_data/ae"
_rate: Final = re.compile(r"[0-9]+(\.[0-9]{1,6})?").fullmatch


def head(case: AeCase) -> Faults:
    """All rules about the document's own terms."""
    yield from _identity(case)
    yield from _dates(case)
    yield from _period(case)
    yield from _credit(case)
    yield from _currency(case)
    yield from _payment(case)


def _identity(case: AeCase) -> Faults:
    invoice = case.invoice
    named, process = invoice.specification_identifier or "", invoice.business_process_type or ""
    if not normal(named).startswith((BILLING.customization, SELF_BILLING.customization)):
        expected, where = (
            f"{BILLING.customization} or {SELF_BILLING.customization}",
            "/specification_identifier",
        )
        fix = ({"op": "remove", "path": where},)
        yield from case.broken("aligned-ibrp-001-ae", where, expected=expected, actual=named, fix=fix)
    if not normal(process).startswith((BILLING.process, SELF_BILLING.process)):
        expected, where = f"{BILLING.process} or {SELF_BILLING.process}", "/business_process_type"
        fix = ({"op": "remove", "path": where},)
        yield from case.broken("aligned-ibrp-002-ae", where, expected=expected, actual=process, fix=fix)
    block = case.block
    if case.commercial and (block.margin_scheme or block.deemed_supply or block.summary):
        yield from case.broken("ibr-157-ae", _BLOCK, actual=invoice.type_code)


def _dates(case: AeCase) -> Faults:
    invoice = case.invoice
    point = invoice.tax_point_date
    if point is not None and point >= invoice.issue_date:
        expected = f"before {invoice.issue_date}"
        yield from case.broken("ibr-141-ae", "/tax_point_date", expected=expected, actual=str(point))
    if point is not None and case.crediting:
        fix = ({"op": "remove", "path": "/tax_point_date"},)
        yield from case.broken("ibr-124-ae", "/tax_point_date", actual=str(point), fix=fix)
    due = case.totals.amount_due_for_payment
    late = due is not None and due > 0 and (invoice.payment_due_date is None or case.credit_note)
    if late and not _spared(case):
        yield from case.broken("ibr-127-ae", "/payment_due_date")


def _spared(case: AeCase) -> bool:
    """Credit notes of the types that the rules know, and deemed supplies, need no due date and no means."""
    return case.invoice.type_code in ("381", "81", "261") or case.block.deemed_supply


def _period(case: AeCase) -> Faults:
    invoice, code = case.invoice, case.invoice.tax_point_date_code
    period = invoice.invoicing_period
    pointer = f"{_BLOCK}/billing_frequency" if case.block.billing_frequency else "/tax_point_date_code"
    written = code is not None or (period is not None and (period.start_date or period.end_date))
    if case.block.summary and not written:
        yield from case.broken("ibr-138-ae", "/invoicing_period")
    if code is None:
        return
    if normal(code) not in _FREQUENCIES:
        expected = " or ".join(_FREQUENCIES)
        yield from case.broken("ibr-005-ae", pointer, expected=expected, actual=code)
    if code == "OTH" and not invoice.notes:
        yield from case.broken("ibr-160-ae", "/notes")


def _credit(case: AeCase) -> Faults:
    invoice, pointer = case.invoice, f"{_BLOCK}/credit_reason"
    code = case.block.credit_reason if case.credit_note else None
    if invoice.type_code == "381" and code is None:
        yield from case.broken("ibr-158-ae", pointer)
    if code is not None and normal(code) not in _CREDIT_REASONS:
        expected = " or ".join(_CREDIT_REASONS)
        yield from case.broken("ibr-001-ae", pointer, expected=expected, actual=code)
    if not case.crediting:
        return
    earlier = bool(invoice.preceding_invoice_references)
    if code is None:
        yield from case.broken("ibr-055-ae", pointer)
    elif earlier == (code == _VOLUME_DISCOUNT):
        expected = "none" if earlier else "the invoice that is credited"
        yield from case.broken("ibr-055-ae", "/preceding_invoice_references", expected=expected, actual=code)


def _currency(case: AeCase) -> Faults:
    invoice, exchange = case.invoice, case.invoice.exchange_rate
    currency, other = invoice.currency_code, invoice.tax_currency_code
    if exchange is not None and (not _rate(shown(exchange.rate)) or decimals(exchange.rate) > 6):
        actual = shown(exchange.rate)
        yield from case.broken(
            "ibr-002-ae", "/exchange_rate/rate", expected="at most six decimals", actual=actual
        )
    if other is not None and other != DIRHAM:
        fix = ({"op": "replace", "path": "/tax_currency_code", "value": DIRHAM},)
        yield from case.broken("ibr-140-ae", "/tax_currency_code", expected=DIRHAM, actual=other, fix=fix)
    if currency == DIRHAM:
        return
    if exchange is None:
        yield from case.broken("ibr-159-ae", "/exchange_rate")
    if other == DIRHAM and not _leads_to_dirhams(invoice):
        yield from case.broken("ibr-153-ae", "/exchange_rate", expected=f"from {currency} to {DIRHAM}")
    accounted = case.totals.total_tax_amount_in_accounting_currency
    if other != DIRHAM or accounted is None or case.total_in_dirhams is None:
        pointer = f"{_BLOCK}/total_with_tax_in_aed"
        yield from case.broken("ibr-175-ae", "/tax_currency_code" if other != DIRHAM else pointer)


def _leads_to_dirhams(invoice: Invoice) -> bool:
    exchange = invoice.exchange_rate
    return exchange is not None and (exchange.from_currency, exchange.to_currency) == (
        invoice.currency_code,
        DIRHAM,
    )


def _payment(case: AeCase) -> Faults:
    means = case.invoice.payment_instructions
    written = bool(means) or (case.credit_note and case.invoice.payment_due_date is not None)
    if not written and not _spared(case):
        yield from case.broken("ibr-191-ae", "/payment_instructions")
    for index, one in enumerate(means):
        if one.payment_means_type_code == "30" and not one.credit_transfers:
            yield from case.broken("ibr-192-ae", f"/payment_instructions/{index}/credit_transfers")
