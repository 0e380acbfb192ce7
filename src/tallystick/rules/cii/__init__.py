"""EN 16931 in the Cross Industry Invoice, as far as it is judged otherwise there than in UBL.

The publisher binds the same numbers to two syntaxes, and the two do not say the same: `APART` are the numbers
that this package judges for itself; all others are those of `rules.en16931`. Run `FAMILIES` over a `Case`
whose rules are the profile's of these numbers, and the common families over one that has the rest.
"""

from typing import Final

from tallystick.rules.cii.case import Case, Faults
from tallystick.rules.cii.categories import CATEGORIES
from tallystick.rules.cii.head import head
from tallystick.rules.cii.network import NETWORK_APART, network
from tallystick.rules.cii.parties import parties
from tallystick.rules.cii.payment import payment
from tallystick.rules.cii.room import room
from tallystick.rules.cii.sums import sums
from tallystick.rules.cii.tax import tax

__all__ = ["APART", "FAMILIES", "NETWORK_APART", "Case", "Faults", "network"]

FAMILIES: Final = (head, parties, payment, room, sums, tax)

_CATEGORISED: Final = frozenset(
    f"{category.family}-{number:02}" for category in CATEGORIES.values() for number in range(1, 15)
)
APART: Final = _CATEGORISED | frozenset(
    "BR-11 BR-17 BR-28 BR-48 BR-53 BR-61 BR-B-01 BR-B-02 BR-CL-01 BR-CL-03 BR-CL-05 BR-CL-06 BR-CL-08"
    " BR-CL-10 BR-CL-14 BR-CL-15 BR-CL-17 BR-CL-18 BR-CO-03 BR-CO-09 BR-CO-10 BR-CO-11 BR-CO-12 BR-CO-13"
    " BR-CO-14 BR-CO-15 BR-CO-16 BR-CO-17 BR-CO-18 BR-CO-26 BR-DEC-13 BR-DEC-15 BR-DEC-19 BR-DEC-20"
    " CII-SR-450 CII-SR-451 CII-SR-467 CII-SR-468 CII-SR-470 CII-SR-475 CII-SR-476"
    " cii/one-preceding-invoice cii/said-once".split()
)
