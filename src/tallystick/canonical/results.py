"""What becomes of a document: of its bytes, and of its sums."""

from msgspec import Struct

from tallystick.canonical.fault import Fault
from tallystick.canonical.invoice import Invoice


class Decoded(Struct, frozen=True):
    """Either an invoice or the faults that keep the document from being one."""

    invoice: Invoice | None = None
    faults: tuple[Fault, ...] = ()


class Completed(Struct, frozen=True):
    """An invoice with all its sums, the pointers of what was computed, and what did not add up."""

    invoice: Invoice
    computed: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
