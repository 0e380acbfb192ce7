"""A document of this platform as canonical JSON: a draft, a signed one, or one that came back cleared."""

from typing import Any, Final

from tallystick.formats import ubl
from tallystick.strategy import Reading, Unread

from .claiming import Claims

__all__ = ["provenance", "read"]

_PROFILE: Final = ubl.Profile(credit_note_types=frozenset())


def read(body: bytes) -> Reading:
    """The document as canonical JSON, and what could not be carried.

    Counter, hash of the document before, stamp and QR code are left out without a word: they are not the
    invoice's own, and a document that is built from it gets new ones. Raises `tallystick.formats.Unreadable`.
    """
    found = ubl.read(body, profile=_PROFILE, claim=_claim)
    return Reading(found.invoice, tuple(Unread(one.path, one.value, one.reason) for one in found.unread))


def provenance(body: bytes) -> ubl.Provenance:
    """Which member of the invoice each place of a document is from. Raises as `read`."""
    return ubl.provenance(body, profile=_PROFILE, claim=_claim)


def _claim(root: Any, claimed: ubl.Claimed) -> ubl.Finish:
    return Claims(root, claimed).finish
