"""Danish sellers."""

import re
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from tallystick.canonical import AllowanceOrCharge, Identifier
from tallystick.rules.en16931 import EuropeanCase, Faults
from tallystick.rules.en16931.means import Means, means_of
from tallystick.rules.lexical import normal, number, shown

SELLERS: Final = frozenset({"DK"})
_REGISTER: Final = "0184"
_MEANS: Final = frozenset({"1", "10", "31", "42", "48", "49", "50", "58", "59", "93", "97"})
_VERSIONS: Final = frozenset({"19.05.01", "19.0501", "26.08.01", "26.0801"})


class _Slip(Struct, frozen=True, kw_only=True):
    """A payment slip: the quoted text begins with its kind, and a number follows the `numbered` kinds."""

    rule: str
    length_rule: str
    kinds: tuple[str, ...]
    numbered: tuple[str, ...]
    lengths: tuple[int, ...]
    is_account: Callable[[str], Any]


_SLIPS: Final = {
    "50": _Slip(
        rule="DK-R-008",
        length_rule="DK-R-009",
        kinds=("01#", "04#", "15#"),
        numbered=("04#", "15#"),
        lengths=(19,),
        is_account=re.compile("[0-9]{7,8}").fullmatch,
    ),
    "93": _Slip(
        rule="DK-R-010",
        length_rule="DK-R-011",
        kinds=("71#", "73#", "75#"),
        numbered=("71#", "75#"),
        lengths=(18, 19),
        is_account=re.compile(".{8}", re.DOTALL).fullmatch,
    ),
}
"""Giro and FIK, by their code."""


def denmark(case: EuropeanCase) -> Faults:
    """Sellers with a Danish address; more when the buyer has one too."""
    if case.seller_land not in SELLERS:
        return
    legal = case.seller.legal_registration_identifier
    if legal is None:
        yield from case.broken("DK-R-002", "/seller/legal_registration_identifier")
    yield from _registered(case, "DK-R-014", "/seller", legal)
    if case.buyer_land != "DK":
        return
    yield from _registered(case, "DK-R-017", "/buyer", case.buyer.legal_registration_identifier)
    due = case.totals.amount_due_for_payment
    if case.credit_note and due is not None and due < 0:
        at = "/document_totals/amount_due_for_payment"
        yield from case.broken("DK-R-016", at, expected="0 or more", actual=shown(due))
    yield from _identifiers(case, "/seller", case.seller.identifiers)
    yield from _identifiers(case, "/buyer", case.buyer.identifiers)
    if not case.credit_note:
        for means in means_of(case):
            yield from _means(case, means)
    yield from _classifications(case)
    yield from _other_taxes(case)


def _registered(case: EuropeanCase, number: str, at: str, identifier: Identifier | None) -> Faults:
    if identifier is not None and normal(identifier.scheme or "") != _REGISTER:
        yield from case.broken(
            number,
            f"{at}/legal_registration_identifier/scheme",
            expected=_REGISTER,
            actual=identifier.scheme or "",
        )


def _identifiers(case: EuropeanCase, at: str, identifiers: tuple[Identifier, ...]) -> Faults:
    for place, identifier in enumerate(identifiers):
        if identifier.scheme is None:
            yield from case.broken("DK-R-013", f"{at}/identifiers/{place}/scheme", actual=identifier.value)


def _means(case: EuropeanCase, means: Means) -> Faults:
    code, at = means.code, means.at
    if code not in _MEANS:
        expected = " ".join(sorted(_MEANS, key=int))
        yield from case.broken("DK-R-005", f"{at}/payment_means_type_code", expected=expected, actual=code)
    account = means.account
    if code in ("31", "42") and account is None:
        yield from case.broken("DK-R-006", means.account_at)
    elif code in ("31", "42") and account is not None and account.payment_service_provider_identifier is None:
        yield from case.broken("DK-R-006", f"{means.account_at}/payment_service_provider_identifier")
    debit = means.mandate
    if code == "49" and not (
        debit and debit.mandate_reference_identifier and debit.debited_account_identifier
    ):
        yield from case.broken("DK-R-007", f"{at}/direct_debit")
    if code in _SLIPS:
        yield from _slip(case, means, _SLIPS[code])


def _slip(case: EuropeanCase, means: Means, slip: _Slip) -> Faults:
    quoted = means.quoted
    kind = quoted[:3]
    account = means.account.payment_account_identifier if means.account else ""
    at = f"{means.at}/remittance_information"
    if kind not in slip.kinds:
        yield from case.broken(slip.rule, at, expected=" ".join(slip.kinds), actual=quoted)
    elif not slip.is_account(account):
        yield from case.broken(slip.rule, means.account_at, actual=account, term="BT-84")
    if kind in slip.numbered and len(quoted) not in slip.lengths:
        expected = " or ".join(f"{length} characters" for length in slip.lengths)
        yield from case.broken(slip.length_rule, at, expected=expected, actual=quoted)


def _classifications(case: EuropeanCase) -> Faults:
    """UNSPSC (list TST) in a version that is in use."""
    for place, line in enumerate(case.invoice.lines):
        found = line.item.classification_identifiers
        schemes = [entry.scheme for entry in found]
        if "TST" in schemes and not any(entry.scheme_version in _VERSIONS for entry in found):
            at = f"/lines/{place}/item/classification_identifiers/{schemes.index('TST')}/scheme_version"
            yield from case.broken("DK-R-003", at, expected="19.05.01 or 26.08.01")


def _other_taxes(case: EuropeanCase) -> Faults:
    """Reason ZZZ marks a tax other than VAT: its kind in four digits, or a text with `#` inside."""
    invoice = case.invoice
    groups: list[tuple[str, tuple[AllowanceOrCharge, ...]]] = [
        ("/allowances", invoice.allowances),
        ("/charges", invoice.charges),
    ]
    for place, line in enumerate(invoice.lines):
        groups.append((f"/lines/{place}/allowances", line.allowances))
        groups.append((f"/lines/{place}/charges", line.charges))
    for at, entries in groups:
        for place, entry in enumerate(entries):
            if entry.reason_code == "ZZZ" and not _names_a_tax(entry.reason or ""):
                yield from case.broken("DK-R-004", f"{at}/{place}/reason", actual=entry.reason or "")


def _names_a_tax(reason: str) -> bool:
    inside = "#" in reason and not reason.startswith("#") and not reason.endswith("#")
    kind = number(reason)
    return inside or (len(normal(reason)) == 4 and kind is not None and 0 <= kind <= 9999)
