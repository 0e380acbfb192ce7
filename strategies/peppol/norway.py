"""Norwegian sellers."""

import re
from typing import Final

from .case import Case, Faults
from .identifiers import is_norwegian
from .lexical import normal
from .rules import broken

_REGISTER: Final = "Foretaksregisteret"

_tax_number: Final = re.compile(r"NO([0-9]{9})MVA").fullmatch


def norway(case: Case) -> Faults:
    """Sellers whose tax identifier, or else address, is Norwegian."""
    if case.supplier_land != "NO":
        return
    registration = normal(case.seller.tax_registration_identifier or "")
    if registration != _REGISTER:
        at = "/seller/tax_registration_identifier"
        yield broken("NO-R-002", at, expected=_REGISTER, actual=registration)
    number = case.seller.tax_identifier
    if number is None or not number.startswith("NO"):
        return
    found = _tax_number(number)
    if found is None or not is_norwegian(found[1]):
        yield broken("NO-R-001", "/seller/tax_identifier", expected="NO, nine digits, MVA", actual=number)
