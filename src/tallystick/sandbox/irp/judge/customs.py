"""How strict a portal is, and what it knows of taxpayers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

__all__ = ["Customs", "Taxpayer", "check_digit"]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True)
class Taxpayer:
    """A line of the registry. `status`: ACT, CNL, INA, PRO; `kind`: REG, SEZ (a unit), SED (a developer), ...

    `later`: the status that a synchronisation with the tax portal brings ("" leaves it).
    """

    gstin: str
    status: str = "ACT"
    kind: str = "REG"
    legal_name: str = ""
    trade_name: str = ""
    registered: str = "01/07/2017"
    deregistered: str = ""
    later: str = ""


@dataclass(frozen=True, slots=True)
class Customs:
    """What this judgement goes by.

    `today` is the portal's day; `window` how many days old a document may be and `floor` the first day it
    takes (None: no limit); `strict`: check digits, six-digit tariff codes and the master's headings count.
    `known` looks a taxpayer up: None when nothing is said of him, which passes.
    """

    today: date
    window: int | None = 30
    floor: date | None = None
    strict: bool = False
    known: Callable[[str], Taxpayer | None] = lambda _: None


def check_digit(first: str) -> str:
    """The last character of a taxpayer's number from the fourteen before it; empty when they are none."""
    total = 0
    for place, character in enumerate(first):
        if character not in _DIGITS:
            return ""
        product = _DIGITS.index(character) * (2 if place % 2 else 1)
        total += product // 36 + product % 36
    return _DIGITS[(36 - total % 36) % 36]
