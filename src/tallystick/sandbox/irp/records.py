"""What is registered: numbers given out, by number and by the document's identity, over all portals."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

__all__ = ["Bill", "Identity", "Record", "Records", "fiscal_year"]


def fiscal_year(when: date) -> str:
    """April to March: `2026-27`."""
    first = when.year if when.month >= 4 else when.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a document the same document; the number is in capitals."""

    gstin: str
    year: str
    kind: str
    number: str

    @property
    def irn(self) -> str:
        """The registration number: a hash of the identity."""
        return hashlib.sha256(f"{self.gstin}{self.year}{self.kind}{self.number}".encode()).hexdigest()


@dataclass(slots=True)
class Bill:
    """An e-way bill."""

    number: int
    made: datetime
    valid_until: datetime | None
    details: dict[str, Any]
    cancelled: datetime | None = None


@dataclass(slots=True)
class Record:
    """A registered document. `status`: ACT, CNL, or REJ once another portal turned out to be first."""

    identity: Identity
    portal: str
    sha256: str
    buyer: str
    ack_no: int
    ack_dt: datetime
    signed_invoice: str
    signed_qr: str
    document: dict[str, Any]
    status: str = "ACT"
    cancelled: datetime | None = None
    rejected: datetime | None = None
    first_at: str = ""
    bills: list[Bill] = field(default_factory=list)

    @property
    def irn(self) -> str:
        """The registration number."""
        return self.identity.irn

    @property
    def operator(self) -> str:
        """The marketplace that may act for the seller; empty when there is none."""
        said = self.document.get("TranDtls")
        found = said.get("EcmGstin") if isinstance(said, dict) else ""
        return found if isinstance(found, str) else ""

    @property
    def bill(self) -> Bill | None:
        """The e-way bill that lives."""
        return next((one for one in reversed(self.bills) if one.cancelled is None), None)


class Records:
    """All portals' registrations of one environment."""

    def __init__(self) -> None:
        self._found: dict[str, Record] = {}
        self._numbers = 0

    def add(self, record: Record) -> None:
        """Write one down."""
        self._found[record.irn] = record

    def by_irn(self, irn: str) -> Record | None:
        """The registration under a number, at whichever portal."""
        return self._found.get(irn)

    def all(self) -> list[Record]:
        """Everything, in the order of registration."""
        return list(self._found.values())

    def bill(self, number: int) -> tuple[Record, Bill] | None:
        """An e-way bill and its document."""
        for record in self._found.values():
            for bill in record.bills:
                if bill.number == number:
                    return record, bill
        return None

    def next_number(self) -> int:
        """A running number, never the same twice."""
        self._numbers += 1
        return self._numbers

    def at_least(self, number: int) -> None:
        """Go on counting after this one."""
        self._numbers = max(self._numbers, number)
