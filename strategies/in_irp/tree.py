"""The wire document while it is made: members that say nothing are left out, numbers are exact decimals."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

from tallystick.canonical import rounded

Tree: TypeAlias = dict[str, Any]

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def block(members: Iterable[tuple[str, Any]]) -> Tree:
    """The members that have something to say: no nulls, no empty texts, lists or blocks. Zeros stay."""
    return {name: value for name, value in members if value is not None and value not in ("", [], {})}


def money(amount: Decimal | None) -> Decimal | None:
    """Two decimals."""
    return None if amount is None else rounded(amount, 2)


def measure(number: Decimal | None) -> Decimal | None:
    """A quantity, price or rate: three decimals at most, no zeros at its end."""
    if number is None:
        return None
    short = rounded(number, 3)
    whole = short.to_integral_value()
    return whole if short == whole else Decimal(format(short, "f").rstrip("0"))


def day(when: date | None) -> str | None:
    """dd/mm/yyyy."""
    return None if when is None else f"{when.day:02d}/{when.month:02d}/{when.year:04d}"


def text(*said: str | None, shortest: int = 1) -> str | None:
    """The first of the texts that is long enough, its white space made single. Nothing is ever cut off."""
    for one in said:
        line = " ".join(one.split()) if one else ""
        if len(line) >= shortest:
            return line
    return None


def written(tree: Tree) -> bytes:
    """Compact JSON, UTF-8, members in their order; decimals as JSON numbers in plain digits."""
    return _ENCODER.encode(tree)
