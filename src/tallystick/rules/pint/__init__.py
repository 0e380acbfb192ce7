"""The rules that every PINT shares, as predicates: a country hands over a `PintCase` of its own.

Source: PINT billing 1.1.3, https://docs.peppol.eu/poacc/pint/
"""

from typing import Final

from tallystick.rules.engine import Family
from tallystick.rules.pint.adjustments import adjustments
from tallystick.rules.pint.case import PintCase
from tallystick.rules.pint.head import head
from tallystick.rules.pint.lines import lines
from tallystick.rules.pint.parties import parties
from tallystick.rules.pint.totals import totals

__all__ = ["FAMILIES", "PintCase"]

FAMILIES: Final[tuple[Family, ...]] = (head, parties, adjustments, totals, lines)
