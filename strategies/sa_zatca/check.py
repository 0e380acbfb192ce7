"""All rules, over one invoice, once."""

from typing import Final

from tallystick.canonical import Fault, Invoice
from tallystick.strategy import Enrolment

from .adjustments import document_adjustments
from .breakdown import breakdown
from .case import Case
from .head import head
from .lines import lines
from .parties import parties
from .payment import payment
from .prepayments import prepayments
from .texts import texts
from .totals import totals
from .traps import traps
from .unit import unit

__all__ = ["check"]

_FAMILIES: Final = (
    head,
    parties,
    payment,
    document_adjustments,
    lines,
    prepayments,
    totals,
    breakdown,
    traps,
    texts,
    unit,
)


def check(invoice: Invoice, enrolment: Enrolment) -> tuple[Fault, ...]:
    """Every rule that the invoice breaks, in the order of the document's parts. Pure."""
    case = Case(invoice, enrolment)
    return tuple(fault for family in _FAMILIES for fault in family(case))
