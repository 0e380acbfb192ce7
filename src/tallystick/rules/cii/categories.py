"""The tax categories as a table, where the syntax judges them otherwise than UBL.

Source: EN 16931-1, rules of the families BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G, BR-O, BR-AF, BR-AG in CII.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct

from tallystick.rules.cii.case import Case
from tallystick.rules.en16931.categories import NOT_SUBJECT, absent, not_negative, positive, zero

__all__ = ["CATEGORIES", "NOT_SUBJECT", "Category"]


class Category(Struct, frozen=True):
    """One category. `rate` tells whether a rate is borne, `wanted` which ones are.

    `single`: used means exactly one entry of the breakdown, unused none. `reason` says whether an exemption
    reason must stand or must not. `wanting` yields the pointers of identifiers that are missing, or too many.
    """

    family: str
    rate: Callable[[Decimal | None], bool]
    wanted: str
    single: bool
    reason: bool
    wanting: Callable[[Case], Iterator[str]]


def _represented(case: Case) -> bool:
    return case.seller.tax_identifier is not None or case.invoice.seller_tax_representative is not None


def _seller(case: Case) -> Iterator[str]:
    if not _represented(case) and case.seller.tax_registration_identifier is None:
        yield "/seller/tax_identifier"


def _taxed_seller(case: Case) -> Iterator[str]:
    if not _represented(case):
        yield "/seller/tax_identifier"


def _both(case: Case) -> Iterator[str]:
    yield from _seller(case)
    if case.buyer.tax_identifier is None and case.buyer.legal_registration_identifier is None:
        yield "/buyer/tax_identifier"


def _both_taxed(case: Case) -> Iterator[str]:
    yield from _taxed_seller(case)
    if case.buyer.tax_identifier is None:
        yield "/buyer/tax_identifier"


def _nobody(case: Case) -> Iterator[str]:
    if case.seller.tax_identifier is not None:
        yield "/seller/tax_identifier"
    if case.invoice.seller_tax_representative is not None:
        yield "/seller_tax_representative/tax_identifier"
    if case.buyer.tax_identifier is not None:
        yield "/buyer/tax_identifier"


CATEGORIES: Final = {
    "S": Category("BR-S", positive, "more than 0", False, False, _seller),
    "Z": Category("BR-Z", zero, "0", True, False, _seller),
    "E": Category("BR-E", zero, "0", True, True, _seller),
    "AE": Category("BR-AE", zero, "0", True, True, _both),
    "K": Category("BR-IC", zero, "0", True, True, _both_taxed),
    "G": Category("BR-G", zero, "0", True, True, _taxed_seller),
    NOT_SUBJECT: Category("BR-O", absent, "no rate", True, True, _nobody),
    "L": Category("BR-AF", positive, "more than 0", False, False, _seller),
    "M": Category("BR-AG", not_negative, "0 or more", False, False, _seller),
}
