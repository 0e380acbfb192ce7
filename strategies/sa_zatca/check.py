"""Placeholder until the rules stand here: finds nothing yet."""

from collections.abc import Iterable

from tallystick.canonical import Fault, Invoice
from tallystick.strategy import Enrolment

__all__ = ["check"]


def check(invoice: Invoice, enrolment: Enrolment) -> Iterable[Fault]:
    """Every rule that the invoice breaks."""
    return ()
