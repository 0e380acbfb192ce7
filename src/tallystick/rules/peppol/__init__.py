"""The rules of the Peppol network on invoices (PEPPOL-EN16931-*, PEPPOL-COMMON-*), but for national ones.

A specification that took some of them over, with levels of its own, lists those in its table.
"""

from typing import Final

from tallystick.rules.engine import Family
from tallystick.rules.peppol.adjustments import adjustments
from tallystick.rules.peppol.head import head
from tallystick.rules.peppol.lines import lines
from tallystick.rules.peppol.parties import parties
from tallystick.rules.peppol.tax import tax

__all__ = ["FAMILIES"]

FAMILIES: Final[tuple[Family, ...]] = (head, parties, adjustments, lines, tax)
"""Beside those of EN 16931, in the order of the document's parts."""
