"""All rules, over one invoice, once."""

from collections.abc import Iterator
from decimal import Context, localcontext
from typing import Final

from tallystick.canonical import Fault, Invoice

from .case import Case
from .head import head
from .lines import lines
from .national import national
from .parties import parties
from .payment import payment
from .profiles import RuleSet
from .rules import broken
from .tax import tax
from .totals import totals

_EXACT: Final = Context(prec=100)
"""Wide enough for every product and sum of the model's numbers; a quotient is rounded where it is taken."""

_FAMILIES: Final = (head, parties, payment, lines, totals, tax)


def check(invoice: Invoice, rules: RuleSet) -> tuple[Fault, ...]:
    """Every rule of the set that the invoice breaks, in the order of the document's parts. Pure."""
    case = Case(invoice, rules)
    with localcontext(_EXACT):
        found = tuple(_broken(case))
    if not case.completed:
        found += (broken("BR-15", "/document_totals/amount_due_for_payment"),)
    return found


def _broken(case: Case) -> Iterator[Fault]:
    for family in _FAMILIES:
        yield from family(case)
    if case.rules.billing:
        yield from national(case)
