"""What the rules leave open and would trouble the seller later: told before it costs a counter.

Some documents crash the rule files, some are taken for what they are not, some are plainly wrong and pass.
Source: XML Implementation Standard 1.2, and what the rule files of SDK 3.4.6 do with such documents.
"""

import re
from collections.abc import Iterator
from typing import Final

from .case import Case, Faults
from .codes import trimmed
from .money import RIYAL
from .reckoning import shown
from .rules import broken

__all__ = ["traps"]

RESERVED: Final = frozenset({"ICV", "PIH", "QR"})
_TOTALS: Final = "/document_totals"
_ACCOUNTED: Final = f"{_TOTALS}/total_tax_amount_in_accounting_currency"
_rfc_4122: Final = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
).fullmatch


def traps(case: Case) -> Faults:
    """Our own rules on the invoice itself."""
    yield from _identifiers_of_lines(case)
    yield from _money(case)
    yield from _twice(case)
    yield from _reserved(case)
    yield from _itself(case)
    yield from _kind(case)
    uuid = case.sa.uuid
    if uuid is not None and not _rfc_4122(uuid):
        yield broken("sa/uuid", "/regime_data/sa/uuid", actual=uuid)


def _numbers(case: Case) -> Iterator[tuple[str, str]]:
    for at, line in enumerate(case.invoice.lines):
        yield f"/lines/{at}/line_identifier", line.line_identifier
    for at, one in enumerate(case.prepayments):
        if one.line_identifier is not None:
            yield f"/regime_data/sa/prepayments/{at}/line_identifier", one.line_identifier


def _identifiers_of_lines(case: Case) -> Faults:
    seen: set[str] = set()
    for pointer, number in _numbers(case):
        if number in seen:
            yield broken("sa/line-identifier-twice", pointer, actual=number)
        seen.add(number)


def _money(case: Case) -> Faults:
    sums, currency = case.totals, case.invoice.currency_code
    tax, riyals, due = (
        sums.total_tax_amount,
        sums.total_tax_amount_in_accounting_currency,
        sums.amount_due_for_payment,
    )
    if riyals is None and tax is not None:
        yield broken("sa/tax-in-riyals-missing", _ACCOUNTED)
    elif currency == RIYAL and tax is not None and riyals != tax:
        fix = ({"op": "remove", "path": _ACCOUNTED},)
        yield broken(
            "sa/tax-in-riyals-differs", _ACCOUNTED, expected=shown(tax), actual=shown(riyals), fix=fix
        )
    if due is not None and due < 0:
        yield broken("sa/negative-payable", f"{_TOTALS}/amount_due_for_payment", actual=shown(due))
    for at, line in enumerate(case.invoice.lines):
        for place, component in enumerate(line.tax.components):
            if component.additional:
                yield broken(
                    "sa/additional-tax", f"/lines/{at}/tax/components/{place}", actual=component.code
                )


def _twice(case: Case) -> Faults:
    """What the rule files take for one and crash on when there are two."""
    invoice, seller = case.invoice, case.given.seller
    if len(seller.identifiers) > 1:
        kept = seller.identifiers.index(case.seller.identifiers[0])
        yield broken("sa/one-seller-identifier", f"/seller/identifiers/{1 - min(kept, 1)}")
    if seller.tax_registration_identifier is not None:
        actual = seller.tax_registration_identifier
        yield broken("sa/second-tax-number", "/seller/tax_registration_identifier", actual=actual)
    if len(case.buyer.identifiers) > 1:
        yield broken("sa/second-buyer-identifier", "/buyer/identifiers/1")
    accounts = [
        f"/payment_instructions/{at}/credit_transfers/{place}"
        for at, one in enumerate(invoice.payment_instructions)
        for place in range(len(one.credit_transfers))
    ]
    if len(accounts) > 1:
        yield broken("sa/second-account", accounts[1])
    for at, one in enumerate(invoice.payment_instructions):
        debit = one.direct_debit
        creditor = debit.bank_assigned_creditor_identifier if debit else None
        if creditor is not None and invoice.payee is None:
            pointer = f"/payment_instructions/{at}/direct_debit/bank_assigned_creditor_identifier"
            yield broken("sa/creditor-identifier", pointer, actual=creditor)


def _reserved(case: Case) -> Faults:
    """Names under which the document itself refers to its counter, its predecessor and its QR code."""
    for at, document in enumerate(case.invoice.supporting_documents):
        if trimmed(document.reference) in RESERVED:
            pointer = f"/supporting_documents/{at}/reference"
            yield broken("sa/reserved-reference", pointer, actual=document.reference)
    thing = case.invoice.invoiced_object_identifier
    if thing is not None and trimmed(thing.value) in RESERVED:
        pointer = "/invoiced_object_identifier/value"
        yield broken("sa/reserved-reference", pointer, actual=thing.value, term="BT-18")


def _itself(case: Case) -> Faults:
    number = case.invoice.invoice_number
    for at, one in enumerate(case.invoice.preceding_invoice_references):
        if one.reference == number:
            yield broken("sa/amends-itself", f"/preceding_invoice_references/{at}/reference", actual=number)


def _kind(case: Case) -> Faults:
    address = case.buyer.postal_address
    if case.code[4] == "1" and address is not None and address.country_code == "SA":
        yield broken("sa/export-at-home", "/buyer/postal_address/country_code", actual="SA")
    if case.used.keys() == {"O"}:
        yield broken("sa/only-out-of-scope", "/lines/0/tax/category_code", actual="O")
    if case.standard and case.simplified:
        at = next(
            place
            for place, one in enumerate(case.invoice.payment_instructions)
            if one.payment_means_text is not None
        )
        yield broken("sa/text-like-a-code", f"/payment_instructions/{at}/payment_means_text")
