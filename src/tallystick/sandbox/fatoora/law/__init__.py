"""The business rules a document must keep: the authority's own, and those of the European norm it uses.

Numbers are those of the published rules (edition 3.4.6); what a rule cannot find wrong with any document
that a schema lets through is left out.
"""

from __future__ import annotations

from tallystick.sandbox.fatoora.finding import Law
from tallystick.sandbox.fatoora.law.allowances import allowances
from tallystick.sandbox.fatoora.law.calendar import clock
from tallystick.sandbox.fatoora.law.header import header, references
from tallystick.sandbox.fatoora.law.lines import lines
from tallystick.sandbox.fatoora.law.notes import delivery, payment
from tallystick.sandbox.fatoora.law.parties import buyer, seller
from tallystick.sandbox.fatoora.law.prepaid import prepaid
from tallystick.sandbox.fatoora.law.sums import amounts, totals
from tallystick.sandbox.fatoora.law.tax import breakdown, exemptions

LAWS: tuple[Law, ...] = (
    *(header, references, seller, buyer, delivery, payment, allowances, lines, prepaid),
    *(amounts, totals, breakdown, exemptions),
)

__all__ = ["LAWS", "clock"]
