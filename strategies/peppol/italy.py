"""Italian sellers."""

import re
from typing import Final

from tallystick.rules.en16931 import EuropeanCase, Faults
from tallystick.rules.lexical import normal

from .lands import supplier_land

SELLERS: Final = frozenset({"IT"})
_registration: Final = re.compile(r"[A-Z0-9]{11,16}").fullmatch


def italy(case: EuropeanCase) -> Faults:
    """Sellers whose tax identifier, or else address, is Italian."""
    if supplier_land(case) not in SELLERS:
        return
    registration = case.seller.tax_registration_identifier
    if registration is not None and not _registration(normal(registration)):
        yield from case.broken("IT-R-001", "/seller/tax_registration_identifier", actual=registration)
    address = case.seller.postal_address
    members = (
        ("IT-R-002", "line_1", address.line_1),
        ("IT-R-003", "city", address.city),
        ("IT-R-004", "post_code", address.post_code),
    )
    for number, member, value in members:
        if value is None:
            yield from case.broken(number, f"/seller/postal_address/{member}")
