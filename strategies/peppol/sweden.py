"""Swedish sellers."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from tallystick.rules.en16931 import EuropeanCase, Faults
from tallystick.rules.en16931.means import means_of
from tallystick.rules.identifiers import begins_0007
from tallystick.rules.lexical import normal, number, shown

SELLERS: Final = frozenset({"SE"})
_RATES: Final = frozenset({Decimal(6), Decimal(12), Decimal(25)})
_GIROS: Final = {
    "SE:PLUSGIRO": ("SE-R-007", "SE-R-010", 2),
    "SE:BANKGIRO": ("SE-R-008", "SE-R-009", 7),
}
"""Per giro: the rules on digits and on length, and the fewest digits of an account."""

_LONGEST_GIRO: Final = 8
_APPROVED: Final = "GODKÄND FÖR F-SKATT"


def sweden(case: EuropeanCase) -> Faults:
    """Sellers with a Swedish address."""
    if case.seller_land not in SELLERS:
        return
    yield from _organisation(case)
    yield from _means(case)
    taxpayer = case.seller.tax_identifier
    if taxpayer is None or not taxpayer.startswith("SE"):
        return
    at = "/seller/tax_identifier"
    if len(normal(taxpayer)) != 14:
        yield from case.broken("SE-R-001", at, expected="14 characters", actual=taxpayer)
    if number(taxpayer[2:14]) is None:
        yield from case.broken("SE-R-002", at, expected="SE and 12 digits", actual=taxpayer)
    for at, category, rate in _taxed(case):
        if category == "S" and rate not in _RATES:
            yield from case.broken("SE-R-006", at, expected="25, 12 or 6", actual=shown(rate))


def _organisation(case: EuropeanCase) -> Faults:
    legal = case.seller.legal_registration_identifier
    if legal is None:
        return
    at = "/seller/legal_registration_identifier/value"
    value = normal(legal.value)
    if number(value) is None:
        yield from case.broken("SE-R-003", at, expected="digits", actual=value)
    if len(value) != 10:
        yield from case.broken("SE-R-004", at, expected="10 digits", actual=value)
    if not begins_0007(value):
        yield from case.broken("SE-R-013", at, actual=value)
    registration = case.seller.tax_registration_identifier
    if registration is not None and normal(registration.upper()) != _APPROVED:
        yield from case.broken(
            "SE-R-005", "/seller/tax_registration_identifier", expected=_APPROVED, actual=registration
        )


def _means(case: EuropeanCase) -> Faults:
    """Giro accounts go by their own code, and the codes of domestic transfers are not used."""
    for means in means_of(case):
        at, account = f"{means.account_at}/payment_account_identifier", means.account
        giro = normal(account.payment_service_provider_identifier or "") if account else ""
        if account is not None and normal(means.code) == "30" and giro in _GIROS:
            digits_rule, length_rule, least = _GIROS[giro]
            value = normal(account.payment_account_identifier)
            if number(value) is None:
                yield from case.broken(digits_rule, at, expected="digits", actual=value)
            if not least <= len(value) <= _LONGEST_GIRO:
                yield from case.broken(
                    length_rule, at, expected=f"{least} to {_LONGEST_GIRO} digits", actual=value
                )
        code_at = means.code_at
        if means.code in ("50", "56"):
            yield from case.broken("SE-R-011", code_at, expected="30", actual=means.code)
        if means.code == "31" and case.buyer_land == "SE":
            yield from case.broken("SE-R-012", code_at, expected="30", actual=means.code)


def _taxed(case: EuropeanCase) -> Iterator[tuple[str, str, Decimal | None]]:
    """Every rate of the document: pointer, category, rate."""
    invoice = case.invoice
    for place, line in enumerate(invoice.lines):
        yield f"/lines/{place}/tax/rate", line.tax.category_code, line.tax.rate
    for place, allowance in enumerate(invoice.allowances):
        yield f"/allowances/{place}/tax_rate", allowance.tax_category_code, allowance.tax_rate
    for place, charge in enumerate(invoice.charges):
        yield f"/charges/{place}/tax_rate", charge.tax_category_code, charge.tax_rate
    for place, entry in enumerate(invoice.tax_breakdown):
        at = f"/tax_breakdown/{place}/tax_category_rate"
        yield at, entry.tax_category_code, entry.tax_category_rate
