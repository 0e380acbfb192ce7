"""The invoice reference number: a digest of who issued what kind of document under which number, and when."""

import hashlib
import re
from datetime import date
from typing import Final

UPPER_SINCE: Final = date(2025, 6, 1)
"""From this day on portals take the digest of the document number in upper case, whatever its own date."""

_day: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", re.ASCII).fullmatch


def financial_year(day: date) -> str:
    """`2023-24`: April to March."""
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def irn(gstin: str, kind: str, number: str, issued: date, *, upper: bool) -> str:
    """The number in hex. `upper`: with the document number in upper case."""
    identity = f"{gstin}{financial_year(issued)}{kind}{number.upper() if upper else number}"
    return hashlib.sha256(identity.encode()).hexdigest()


def irn_of(gstin: str, kind: str, number: str, issued: str, registered: date | None = None) -> str:
    """The number that the portal gives a document of that day (dd/mm/yyyy); empty if it is no day.

    `registered` is the day on which it is sent; the document's own where that is left open.
    """
    day = _parsed(issued)
    if day is None:
        return ""
    return irn(gstin, kind, number, day, upper=(registered or day) >= UPPER_SINCE)


def irns_of(gstin: str, kind: str, number: str, issued: str) -> frozenset[str]:
    """Every number that may stand for the document: old ones were taken with the number as it was written."""
    day = _parsed(issued)
    return (
        frozenset()
        if day is None
        else frozenset(irn(gstin, kind, number, day, upper=u) for u in (True, False))
    )


def _parsed(said: str) -> date | None:
    found = _day(said)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None
