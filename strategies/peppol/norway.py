"""Norwegian sellers."""

import re
from typing import Final

from .case import Case, Faults
from .identifiers import is_norwegian
from .rules import broken

_tax_number: Final = re.compile(r"NO([0-9]{9})MVA").fullmatch


def norway(case: Case) -> Faults:
    """Sellers whose tax identifier, or else address, is Norwegian."""
    number = case.seller.tax_identifier
    if case.supplier_land != "NO" or number is None or not number.startswith("NO"):
        return
    found = _tax_number(number)
    if found is None or not is_norwegian(found[1]):
        yield broken("NO-R-001", "/seller/tax_identifier", expected="NO, nine digits, MVA", actual=number)
