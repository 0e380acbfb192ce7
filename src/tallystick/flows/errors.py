"""What a flow refuses, in words that know no HTTP.

Refused
├── Faulty             the document is wrong; every fault at once
├── KeyReused          the idempotency key belongs to other content
├── KeyInProgress      the same key is being worked on just now
├── DuplicateNumber    the number is taken, by an invoice that is named
├── NotFound           no such thing, or it is another tenant's
├── Illegal            the state does not allow it; what it allows is named
├── UnderWay           something must come to its end first; when to ask again
├── Limited            too much at once; when to come back
└── Unavailable        the store cannot be reached; nothing was accepted
"""

from collections.abc import Sequence
from uuid import UUID

from tallystick.canonical import Fault

__all__ = [
    "DuplicateNumber",
    "Faulty",
    "Illegal",
    "KeyInProgress",
    "KeyReused",
    "Limited",
    "NotFound",
    "Refused",
    "Unavailable",
    "UnderWay",
]


class Refused(Exception):
    """A flow will not do what it was asked. Nothing was changed."""


class Faulty(Refused):
    """The document breaks rules: `faults` are all of them, errors and warnings, in document order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults: " + ", ".join(fault.code for fault in faults[:5]))
        self.faults = tuple(faults)


class KeyReused(Refused):
    """The idempotency key was used for other content; `existing_id` is the invoice it made."""

    def __init__(self, existing_id: UUID | None = None) -> None:
        super().__init__("the idempotency key belongs to another request")
        self.existing_id = existing_id


class KeyInProgress(Refused):
    """A request with this idempotency key is being worked on; its answer is not there yet."""

    def __init__(self, after_seconds: int = 1) -> None:
        super().__init__("a request with this idempotency key is in progress")
        self.after_seconds = after_seconds


class DuplicateNumber(Refused):
    """The seller has already used this number, in this year, for this kind of document."""

    def __init__(self, existing_id: UUID, number: str) -> None:
        super().__init__("the number is taken")
        self.existing_id = existing_id
        self.number = number


class NotFound(Refused):
    """There is no such thing, or it belongs to somebody else: the caller cannot tell which."""


class Illegal(Refused):
    """The state does not allow this; `allowed` names what it does allow."""

    def __init__(self, allowed: tuple[str, ...], detail: str = "") -> None:
        super().__init__(detail or "the state does not allow this")
        self.allowed = allowed
        self.detail = detail


class UnderWay(Refused):
    """Something about it is still under way; afterwards this may be possible."""

    def __init__(self, detail: str, after_seconds: int = 2) -> None:
        super().__init__(detail)
        self.after_seconds = after_seconds


class Limited(Refused):
    """Too much is waiting already; nothing was accepted."""

    def __init__(self, after_seconds: int) -> None:
        super().__init__("too much at once")
        self.after_seconds = after_seconds


class Unavailable(Refused):
    """The store cannot be reached, or did not answer in time."""

    def __init__(self, after_seconds: int = 1) -> None:
        super().__init__("the store is not available")
        self.after_seconds = after_seconds
