"""Norwegian sellers."""

import re
from typing import Final

from tallystick.rules.en16931 import EuropeanCase, Faults
from tallystick.rules.identifiers import is_0192
from tallystick.rules.lexical import normal

from .lands import supplier_land

SELLERS: Final = frozenset({"NO"})
_REGISTER: Final = "Foretaksregisteret"

_tax_number: Final = re.compile(r"NO([0-9]{9})MVA").fullmatch


def norway(case: EuropeanCase) -> Faults:
    """Sellers whose tax identifier, or else address, is Norwegian."""
    if supplier_land(case) not in SELLERS:
        return
    registration = normal(case.seller.tax_registration_identifier or "")
    if registration != _REGISTER:
        at = "/seller/tax_registration_identifier"
        yield from case.broken("NO-R-002", at, expected=_REGISTER, actual=registration)
    number = case.seller.tax_identifier
    if number is None or not number.startswith("NO"):
        return
    found = _tax_number(number)
    if found is None or not is_0192(found[1]):
        yield from case.broken(
            "NO-R-001", "/seller/tax_identifier", expected="NO, nine digits, MVA", actual=number
        )
