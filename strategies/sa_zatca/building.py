"""The stamped document."""

from tallystick.canonical import Invoice
from tallystick.strategy import Document, Enrolment

__all__ = ["build"]


def build(invoice: Invoice, enrolment: Enrolment) -> Document:
    """Not written yet."""
    raise NotImplementedError
