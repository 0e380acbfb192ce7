"""How it is paid, and why a credit or debit note is issued: both stand in the means of payment."""

from . import codes
from .case import Case, Faults
from .codes import trimmed
from .head import LONGEST_NAME, LONGEST_TEXT
from .rules import broken

__all__ = ["payment"]


def payment(case: Case) -> Faults:
    """Rules on BG-16, on the terms of payment, and on the reason of a note."""
    for at, one in enumerate(case.invoice.payment_instructions):
        code, pointer = trimmed(one.payment_means_type_code), f"/payment_instructions/{at}"
        if code not in codes.UNTDID_PAYMENT_MEANS:
            yield broken("BR-CL-16", f"{pointer}/payment_means_type_code", actual=code)
        if code not in codes.PAYMENT_MEANS:
            yield broken("BR-KSA-16", f"{pointer}/payment_means_type_code", actual=code)
        for place, account in enumerate(one.credit_transfers):
            if len(account.payment_account_identifier) > LONGEST_NAME:
                yield broken(
                    "BR-KSA-F-06-C15",
                    f"{pointer}/credit_transfers/{place}/payment_account_identifier",
                    actual=f"{len(account.payment_account_identifier)} characters",
                )
    terms = case.invoice.payment_terms
    if terms is not None and len(terms) > LONGEST_TEXT:
        yield broken("BR-KSA-F-06-C14", "/payment_terms", actual=f"{len(terms)} characters")
    yield from _reason(case)


def _reason(case: Case) -> Faults:
    if not case.note:
        return
    reason = case.sa.reason
    if reason is None:
        yield broken("BR-KSA-17", "/regime_data/sa/reason")
    else:
        places = [("/regime_data/sa/reason", reason)]
        places += [
            (f"/regime_data/sa/more_reasons/{at}", more) for at, more in enumerate(case.sa.more_reasons)
        ]
        for pointer, text in places:
            if len(text) > LONGEST_TEXT:
                yield broken("BR-KSA-F-06-C13", pointer, actual=f"{len(text)} characters")
