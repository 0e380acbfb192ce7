"""What the judge finds wrong, and how it reads a document that may be wrong anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

__all__ = ["SCHEMA", "Finding", "block", "day", "items", "number", "state", "text"]

SCHEMA = "5002"
"""A field that breaks the schema; the text names it."""

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: the portal's code, where (`ItemList[0].AssAmt`), and a sentence."""

    code: str
    path: str
    text: str

    @property
    def message(self) -> str:
        """What the portal says of it."""
        return f"{self.path}: {self.text}" if self.path else self.text


def block(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A block, empty when it is not there."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def items(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines that are objects."""
    found = document.get("ItemList")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def number(where: dict[str, Any], name: str) -> Decimal:
    """A number, zero when there is none."""
    found = where.get(name)
    return found if isinstance(found, Decimal) else _NOTHING


def text(where: dict[str, Any], name: str) -> str:
    """A text, empty when there is none."""
    found = where.get(name)
    return found if isinstance(found, str) else ""


def state(where: dict[str, Any], name: str) -> str:
    """A state code with both digits; empty when it is none."""
    found = text(where, name)
    return found.zfill(2) if found.isascii() and found.isdigit() else ""


def day(said: str) -> date | None:
    """A date written dd/mm/yyyy; None when there is no such day."""
    try:
        return datetime.strptime(said, "%d/%m/%Y").date()  # noqa: DTZ007
    except ValueError:
        return None
