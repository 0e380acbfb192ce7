"""Every rule of the portal that an invoice of ours could break, on the wire document that would be sent.

The document is made as `build` makes it, judged by the portal's schema, conditions and arithmetic, and each
fault is led back to the caller's own field. Source: INV-01 1.1, the portal's error codes and tolerance.
"""

from collections.abc import Iterator

from tallystick.canonical import Fault, Invoice, exactly
from tallystick.strategy import Enrolment

from .agreement import agreement
from .case import case_of
from .goods import goods, tax
from .placing import placing
from .shape import shape
from .supply import needs_portal
from .transport import transport
from .writing import wire_of

__all__ = ["check"]


def check(invoice: Invoice, enrolment: Enrolment) -> Iterator[Fault]:
    """Every rule the invoice breaks; of a sale to a consumer, and of an exempt one, those of its taxes."""
    case = case_of(invoice, wire_of(invoice), enrolment)
    with exactly():
        if needs_portal(invoice):
            found = [*shape(case), *placing(case), *goods(case), *agreement(case), *transport(case)]
        else:
            found = [*tax(case), *agreement(case)]
    yield from found
