"""From which member of the invoice each place of a Cross Industry Invoice is, and back."""

from tallystick.formats.cii.read import fill, opened
from tallystick.formats.ubl.provenance import Provenance, Traced

__all__ = ["provenance"]


def provenance(body: bytes) -> Provenance:
    """Where the members of a document are from: as `read` reads it. Raises `Unreadable`, nothing else."""
    root = opened(body)
    page, invoice = fill(root, Traced)
    return Provenance(root, page.places, invoice)
