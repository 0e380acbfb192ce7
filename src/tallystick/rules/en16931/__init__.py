"""The rules of EN 16931-1 (BR-*) and of its binding to UBL (UBL-SR-*, UBL-DT-*), once for every profile.

A profile that says `syntax = "cii"` is judged as the CII binding judges; a predicate that differs asks
`case.syntax`, and numbers that only one binding has are simply not in the other's table.
"""

from typing import Final

from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.en16931.head import head
from tallystick.rules.en16931.lines import lines
from tallystick.rules.en16931.parties import parties
from tallystick.rules.en16931.payment import payment
from tallystick.rules.en16931.profile import EuropeanProfile, Syntax, european
from tallystick.rules.en16931.tax import tax
from tallystick.rules.en16931.totals import totals, unfinished
from tallystick.rules.engine import Family

__all__ = ["FAMILIES", "EuropeanCase", "EuropeanProfile", "Faults", "Syntax", "european"]

FAMILIES: Final[tuple[Family, ...]] = (head, parties, payment, lines, totals, tax, unfinished)
"""In the order of the document's parts."""
