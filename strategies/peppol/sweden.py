"""Swedish sellers."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from .case import Case, Faults, shown
from .identifiers import is_swedish
from .rules import broken

_twelve_digits: Final = re.compile(r"[0-9]{12}").fullmatch
_digits: Final = re.compile(r"[0-9]+").fullmatch

_RATES: Final = frozenset({Decimal(6), Decimal(12), Decimal(25)})
_APPROVED: Final = "GODKÄND FÖR F-SKATT"


def sweden(case: Case) -> Faults:
    """Sellers with a Swedish address."""
    if case.seller_land != "SE":
        return
    yield from _organisation(case)
    number = case.seller.tax_identifier
    if number is None or not number.startswith("SE"):
        return
    if len(number) != 14:
        yield broken("SE-R-001", "/seller/tax_identifier", expected="14 characters", actual=number)
    if not _twelve_digits(number[2:14]):
        yield broken("SE-R-002", "/seller/tax_identifier", expected="SE and 12 digits", actual=number)
    for at, category, rate in _taxed(case):
        if category == "S" and rate not in _RATES:
            yield broken("SE-R-006", at, expected="25, 12 or 6", actual=shown(rate))


def _organisation(case: Case) -> Faults:
    legal = case.seller.legal_registration_identifier
    if legal is None:
        return
    at = "/seller/legal_registration_identifier/value"
    if not _digits(legal.value):
        yield broken("SE-R-003", at, expected="digits", actual=legal.value)
    if len(legal.value) != 10:
        yield broken("SE-R-004", at, expected="10 digits", actual=legal.value)
    elif not is_swedish(legal.value):
        yield broken("SE-R-013", at, actual=legal.value)
    registration = case.seller.tax_registration_identifier
    if registration is not None and " ".join(registration.upper().split()) != _APPROVED:
        yield broken(
            "SE-R-005", "/seller/tax_registration_identifier", expected=_APPROVED, actual=registration
        )


def _taxed(case: Case) -> Iterator[tuple[str, str, Decimal | None]]:
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
