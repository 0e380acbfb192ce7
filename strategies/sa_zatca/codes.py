"""The code lists, read once from `schemas/codelists`, and how the rules look a code up."""

import re
from typing import Final

from tallystick import schemas

from .exemptions import EXEMPTIONS

_blanks: Final = re.compile(r"[ \t\r\n]+")


def _row(name: str) -> str:
    return " ".join(schemas.path(f"codelists/{name}.txt").read_text(encoding="ascii").split())


def _codes(name: str) -> frozenset[str]:
    return frozenset(_row(name).split())


COUNTRIES: Final = _codes("iso-3166")
CURRENCIES: Final = _codes("zatca-4217")
ISSUED_TYPES: Final = frozenset({"388", "381", "383", "386"})
DOCUMENT_TYPES: Final = _codes("zatca-1001")
MEDIA_TYPES: Final = _codes("zatca-media-types")
PAYMENT_MEANS: Final = _codes("zatca-4461")
UNTDID_PAYMENT_MEANS: Final = PAYMENT_MEANS | {"69"}
UNTDID_CATEGORIES: Final = _codes("untdid-5305")

CHARGE_REASONS: Final = f" {_row('zatca-7161')} "
"""The row of all codes: the rule asks whether the code, as it is written, occurs anywhere in it."""

CATEGORIES: Final = " S Z E O "
"""Again a row in which any piece is found."""

CITIZENS: Final = " VATEX-SA-HEA VATEX-SA-EDU "
"""What only citizens get untaxed; again any piece is found."""

SELLER_SCHEMES: Final = "CRN MOM MLS SAG OTH 700"
BUYER_SCHEMES: Final = "TIN NAT IQA PAS CRN MOM MLS 700 SAG GCC OTH"
"""Rows in which any piece of at least three characters is found."""

REASONS: Final = {
    category: frozenset(code for code, reason in EXEMPTIONS.items() if reason.category == category)
    for category in "ZEO"
}
"""Exemption codes by category, in the tax breakdown."""

_NOT_YET: Final = frozenset({"VATEX-SA-ROYALDECREE", "VATEX-SA-32(bis)"})
PREPAID_REASONS: Final = {category: codes - _NOT_YET for category, codes in REASONS.items()}
"""The same for prepayments: the rule does not know the newest codes."""


def trimmed(text: str | None) -> str:
    """`normalize-space`: no blanks around it, one blank for several; empty for no text.

    Only XML's four blanks count: an ideographic or no-break space is a letter like any other.
    """
    return " ".join(_blanks.split(text.strip(" \t\r\n"))) if text else ""
