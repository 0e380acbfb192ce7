"""Every rule of the portal that an invoice of ours could break, on the wire document that would be sent.

The document is made as `build` makes it, judged by the portal's schema, conditions and arithmetic, and each
fault is led back to the caller's own field. Source: INV-01 1.1, the portal's error codes and tolerance.
"""

from collections.abc import Iterator

from tallystick.canonical import Fault, Invoice, exactly
from tallystick.strategy import Enrolment

from .agreement import agreement
from .case import case_of
from .goods import goods
from .placing import placing
from .shape import shape
from .supply import needs_portal
from .transport import transport
from .writing import wire_of

__all__ = ["check"]


def check(invoice: Invoice, enrolment: Enrolment) -> Iterator[Fault]:
    """Every rule the invoice breaks; of a sale to a consumer, and of an exempt one, nobody wants to know."""
    if not needs_portal(invoice):
        return
    case = case_of(invoice, wire_of(invoice), enrolment)
    with exactly():
        found = [*shape(case), *placing(case), *goods(case), *agreement(case), *transport(case)]
    yield from found
