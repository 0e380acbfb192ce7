"""All rules, over one invoice, once: those of every PINT, and the country's own."""

from functools import partial
from typing import Final

from tallystick.canonical import Fault, Invoice
from tallystick.rules import Family, Profile, judge, profile
from tallystick.rules.pint import FAMILIES
from tallystick.rules.pint.amounts import percentages, prices
from tallystick.rules.pint.categories import categories
from tallystick.strategy import Enrolment

from .adjustments import adjustments
from .case import AeCase
from .head import head
from .items import items
from .parties import parties
from .tax import KINDS, tax
from .writing import prepared

__all__ = ["PROFILE", "check"]

PROFILE: Final[Profile] = profile("PINT-AE", ("pint", "ae_pint"))

_OWN: Final[tuple[Family, ...]] = (
    *(head, parties, percentages, adjustments, prices, items),
    *(partial(categories, kinds=KINDS), tax),
)


def check(invoice: Invoice, enrolment: Enrolment) -> tuple[Fault, ...]:
    """Every rule that the invoice breaks, in the order of the document's parts. Pure."""
    ready = prepared(invoice, enrolment)
    case = AeCase(invoice, ready, PROFILE.on(invoice.issue_date))
    found = judge(case, (*FAMILIES, *_OWN))
    if case.completed:
        return found
    return found or case.broken("ibr-015", "/document_totals/amount_due_for_payment")
