"""A document of this profile as canonical JSON."""

from typing import Any, Final

from tallystick.formats import ubl
from tallystick.strategy import Reading, Unread

from .claiming import Claims
from .profile import CREDIT_NOTE_TYPES, TIN_SCHEME

__all__ = ["provenance", "read"]

_PROFILE: Final = ubl.Profile(credit_note_types=CREDIT_NOTE_TYPES, tax_registration_scheme=TIN_SCHEME)


def read(body: bytes) -> Reading:
    """A document as canonical JSON, and what could not be carried. Raises `tallystick.formats.Unreadable`."""
    found = ubl.read(body, profile=_PROFILE, claim=_claim)
    return Reading(found.invoice, tuple(Unread(one.path, one.value, one.reason) for one in found.unread))


def provenance(body: bytes) -> ubl.Provenance:
    """Which member of the invoice each place of a document is from. Raises as `read`."""
    return ubl.provenance(body, profile=_PROFILE, claim=_claim)


def _claim(root: Any, claimed: ubl.Claimed) -> ubl.Finish:
    return Claims(root, claimed).finish
