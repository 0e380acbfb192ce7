"""The tax categories as a table: what each one wants of rates, amounts, reasons and parties.

Source: EN 16931-1, rules of the families BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G, BR-O, BR-AF, BR-AG, BR-B.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from msgspec import Struct

from tallystick.rules.en16931.case import EuropeanCase
from tallystick.rules.en16931.steps import Patch

RateRule = Callable[[Decimal | None], bool]
BuyerRule = Callable[[EuropeanCase], bool]


def positive(rate: Decimal | None) -> bool:
    """A rate above zero."""
    return rate is not None and rate > 0


def zero(rate: Decimal | None) -> bool:
    """A rate of zero, which has to be stated."""
    return rate is not None and rate == 0


def not_negative(rate: Decimal | None) -> bool:
    """A rate of zero or more."""
    return rate is not None and rate >= 0


def absent(rate: Decimal | None) -> bool:
    """No rate at all."""
    return rate is None


class Category(Struct, frozen=True, kw_only=True):
    """One category. `family` is the beginning of its rules' numbers.

    `single`: used means exactly one breakdown entry; otherwise at least one, and none when unused.
    `by_rate`: the taxable amount is that of one rate, and amounts may be off by less than one unit of
    currency; otherwise the taxable amount is exact and the tax is zero. `in_use`: an entry whose rate nothing
    bears is wrong whatever it amounts to. `verbatim`: as published, an entry with blanks around its code is
    none. `reason` says whether an exemption reason must stand (True) or must not (False). `buyer_named` asks
    whether the buyer is known well enough; `seller_registered` accepts BT-32 for BT-31.
    """

    family: str
    rate: RateRule
    rate_wanted: str
    single: bool
    by_rate: bool
    in_use: bool = False
    verbatim: bool = False
    reason: bool
    seller_registered: bool = True
    buyer_named: BuyerRule | None = None


def _buyer_known(case: EuropeanCase) -> bool:
    buyer = case.buyer
    return buyer.tax_identifier is not None or buyer.legal_registration_identifier is not None


def _buyer_taxed(case: EuropeanCase) -> bool:
    return case.buyer.tax_identifier is not None


def _exempt(
    family: str, *, seller_registered: bool, buyer: Callable[[EuropeanCase], bool] | None
) -> Category:
    return Category(
        family=family,
        rate=zero,
        rate_wanted="0",
        single=True,
        by_rate=False,
        reason=True,
        seller_registered=seller_registered,
        buyer_named=buyer,
    )


def _local(family: str) -> Category:
    return Category(
        family=family,
        rate=not_negative,
        rate_wanted="0 or more",
        single=False,
        by_rate=True,
        verbatim=True,
        reason=False,
    )


BLANK_CHARGES: Final = "L"
"""The one code that is not looked at where a charge has blanks around it, as published."""

INTRA_COMMUNITY: Final = "K"

NOT_SUBJECT: Final = "O"
"""The one category without a rate and without tax identifiers."""

STANDARD: Final = "S"

SPLIT_PAYMENT: Final = "B"
"""The category whose tax the buyer pays to the state himself."""

SPLIT_PAYMENT_LANDS: Final = frozenset({"IT"})
"""Codes of the countries that have it."""

CATEGORIES: Final = {
    STANDARD: Category(
        family="BR-S",
        rate=positive,
        rate_wanted="more than 0",
        single=False,
        by_rate=True,
        in_use=True,
        reason=False,
    ),
    "Z": Category(family="BR-Z", rate=zero, rate_wanted="0", single=True, by_rate=False, reason=False),
    "E": _exempt("BR-E", seller_registered=True, buyer=None),
    "AE": _exempt("BR-AE", seller_registered=True, buyer=_buyer_known),
    "K": _exempt("BR-IC", seller_registered=False, buyer=_buyer_taxed),
    "G": _exempt("BR-G", seller_registered=False, buyer=None),
    NOT_SUBJECT: Category(
        family="BR-O", rate=absent, rate_wanted="no rate", single=True, by_rate=False, reason=True
    ),
    "L": _local("BR-AF"),
    "M": _local("BR-AG"),
}


def right_rate(category: Category, at: str, rate: Decimal | None) -> Patch:
    """The only rate that the category bears where it has none, or no rate where it bears none."""
    if category.rate(None):
        return ({"op": "remove", "path": at},)
    return () if category.by_rate or rate is not None else ({"op": "add", "path": at, "value": "0"},)
