"""A wire document as canonical JSON."""

from tallystick.formats import ubl
from tallystick.strategy import Reading, Unread

__all__ = ["read"]


def read(body: bytes) -> Reading:
    """The document as canonical JSON, and what could not be carried."""
    found = ubl.read(body)
    return Reading(found.invoice, tuple(Unread(one.path, one.value, one.reason) for one in found.unread))
