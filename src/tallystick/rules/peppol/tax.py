"""What the network wants of tax: the breakdown, its totals in two currencies, reasons in their categories."""

from collections.abc import Iterable
from typing import Final

from tallystick.canonical import Fault
from tallystick.rules.en16931.case import NOTHING, EuropeanCase, Faults
from tallystick.rules.lexical import normal, shown

_EXEMPTION_CATEGORIES: Final = {
    "VATEX-EU-G": ("PEPPOL-EN16931-P0104", "G"),
    "VATEX-EU-O": ("PEPPOL-EN16931-P0105", "O"),
    "VATEX-EU-IC": ("PEPPOL-EN16931-P0106", "K"),
    "VATEX-EU-AE": ("PEPPOL-EN16931-P0107", "AE"),
    "VATEX-EU-D": ("PEPPOL-EN16931-P0108", "E"),
    "VATEX-EU-F": ("PEPPOL-EN16931-P0109", "E"),
    "VATEX-EU-I": ("PEPPOL-EN16931-P0110", "E"),
    "VATEX-EU-J": ("PEPPOL-EN16931-P0111", "E"),
}


def tax(case: EuropeanCase) -> Iterable[Fault]:
    """Rules on BG-22 and BG-23."""
    return () if _is_plain(case) else _told(case)


def _is_plain(case: EuropeanCase) -> bool:
    """Whether there is a breakdown, in one currency, whose entries name no code of a reason."""
    invoice = case.invoice
    entries = invoice.tax_breakdown
    if not entries or invoice.tax_currency_code is not None:
        return False
    for entry in entries:
        if entry.exemption_reason_code is not None:
            return False
    return case.totals.total_tax_amount_in_accounting_currency is None


def _told(case: EuropeanCase) -> Faults:
    yield from _accounting(case)
    if not case.completed:
        return
    if not case.invoice.tax_breakdown:
        yield from case.broken("PEPPOL-EN16931-R053", "/tax_breakdown")
    for place, entry in enumerate(case.invoice.tax_breakdown):
        code = entry.exemption_reason_code
        if code is None or code.upper() not in _EXEMPTION_CATEGORIES:
            continue
        number, wanted = _EXEMPTION_CATEGORIES[code.upper()]
        if normal(entry.tax_category_code) != wanted:
            at = f"/tax_breakdown/{place}/tax_category_code"
            yield from case.broken(number, at, expected=wanted, actual=entry.tax_category_code)


def _accounting(case: EuropeanCase) -> Faults:
    """BT-6 and BT-111 come together, in a currency of their own, and with the sign of BT-110."""
    invoice, totals = case.invoice, case.totals
    amount, currency = totals.total_tax_amount_in_accounting_currency, invoice.tax_currency_code
    at = "/document_totals/total_tax_amount_in_accounting_currency"
    bare = totals.total_tax_amount is not None and not invoice.tax_breakdown
    if (amount is not None) + bare != (currency is not None):
        missing = "/tax_currency_code" if currency is None else at
        term = "BT-6" if currency is None else "BT-111"
        yield from case.broken("PEPPOL-EN16931-R054", missing, term=term)
    if currency is None or currency == invoice.currency_code:
        return
    tax = totals.total_tax_amount or NOTHING
    if amount is None or amount * tax < 0:
        wanted = f"the sign of {shown(tax)}"
        yield from case.broken("PEPPOL-EN16931-R055", at, expected=wanted, actual=shown(amount))
