"""A document of this profile as canonical JSON."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tallystick.canonical import EXPONENTS, rounded
from tallystick.formats import ubl
from tallystick.strategy import Reading, Unread

from .claiming import Claims
from .profile import CREDIT_NOTE_TYPES, TIN_SCHEME

__all__ = ["provenance", "read"]

_PROFILE: Final = ubl.Profile(credit_note_types=CREDIT_NOTE_TYPES, tax_registration_scheme=TIN_SCHEME)
_TAX: Final = "tax_category_tax_amount"
_TOO_FINE: Final = "the tax of a category is carried in the decimals of its currency"


def read(body: bytes) -> Reading:
    """The document as canonical JSON, and what could not be carried. Raises `tallystick.formats.Unreadable`.

    The profile lets a category's tax have more decimals than its currency: it is rounded, and named.
    """
    found = ubl.read(body, profile=_PROFILE, claim=_claim)
    unread = [Unread(one.path, one.value, one.reason) for one in found.unread]
    invoice: Any = json.loads(found.invoice)
    fine = _round_taxes(invoice)
    body = json.dumps(invoice, ensure_ascii=False).encode() if fine else found.invoice
    return Reading(body, (*unread, *fine))


def provenance(body: bytes) -> ubl.Provenance:
    """Which member of the invoice each place of a document is from. Raises as `read`."""
    return ubl.provenance(body, profile=_PROFILE, claim=_claim)


def _claim(root: Any, claimed: ubl.Claimed) -> ubl.Finish:
    return Claims(root, claimed).finish


def _round_taxes(invoice: Any) -> list[Unread]:
    root = "CreditNote" if invoice.get("type_code") in ("381", "81", "261") else "Invoice"
    places = EXPONENTS.get(str(invoice.get("currency_code")), 2)
    named = []
    for index, entry in enumerate(invoice.get("tax_breakdown", ()), 1):
        stated = entry.get(_TAX, "")
        try:
            exact = Decimal(stated)
        except InvalidOperation:
            continue
        if not exact.is_finite() or rounded(exact, places) == exact:
            continue
        entry[_TAX] = format(rounded(exact, places), "f")
        path = f"/{root}/cac:TaxTotal/cac:TaxSubtotal[{index}]/cbc:TaxAmount"
        named.append(Unread(path, stated, _TOO_FINE))
    return named
