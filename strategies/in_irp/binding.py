"""The wire document as it comes in: names in any case, numbers as numbers or texts."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from tallystick.formats import Unreadable
from tallystick.strategy import Unread

MOST_BYTES: Final = 4 * 1024 * 1024
MOST_SHOWN: Final = 200

_day: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", re.ASCII).fullmatch
_number: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?", re.ASCII).fullmatch


def parsed(body: bytes) -> Any:
    """The JSON value, its numbers exact. Raises Unreadable."""
    if len(body) > MOST_BYTES:
        raise Unreadable("too_large", f"the document is larger than {MOST_BYTES} bytes")
    try:
        value = json.loads(
            body.decode(), parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=once_each
        )
        if b"\\ud" in body.lower():
            json.dumps(value, default=str, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json", f"the document is not JSON: {type(error).__name__}") from None
    return value


def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object. Raises ValueError for a name that is there twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _refuse(word: str) -> Any:
    raise ValueError(word)


def shown(value: Any) -> str:
    """A value as text, for telling what was not understood."""
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text[:MOST_SHOWN]


class Bound:
    """An object whose members are taken one by one, whatever the case of their names; the rest is told."""

    def __init__(self, value: Any, path: str, unread: list[Unread]) -> None:
        """`value` is any JSON value: what is no object has no members and is told as a whole."""
        self.path = path
        self.unread = unread
        self._members: dict[str, tuple[str, Any]] = {}
        if not isinstance(value, dict):
            if value is not None:
                self.tell("", value, "an object is expected")
            return
        for name, member in value.items():
            if name.lower() in self._members:
                self.tell(name, member, "the member is there twice")
            elif member not in (None, "", [], {}):
                self._members[name.lower()] = (name, member)

    def __contains__(self, name: str) -> bool:
        """Whether there is such a member that nobody has taken yet."""
        return name.lower() in self._members

    def tell(self, name: str, value: Any, reason: str) -> None:
        """Something that the invoice does not carry."""
        path = f"{self.path}/{name}" if name else self.path
        self.unread.append(Unread(path, shown(value), reason))

    def _take(self, name: str) -> tuple[str, Any]:
        return self._members.pop(name.lower(), (name, None))

    def text(self, name: str) -> str | None:
        """The member as text; a number as its digits."""
        spelled, value = self._take(name)
        if isinstance(value, str):
            return value.strip() or None
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return _plain(Decimal(value))
        if value is not None:
            self.tell(spelled, value, "a text is expected")
        return None

    def number(self, name: str) -> str | None:
        """The member as plain digits."""
        spelled, value = self._take(name)
        if isinstance(value, str) and _number(value.strip()):
            return value.strip()
        plain = None
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            plain = _plain(Decimal(value))
        if plain is None and value is not None:
            self.tell(spelled, value, "a number is expected")
        return plain

    def amount(self, name: str) -> Decimal:
        """The member as a number, zero where there is none. Raises nothing."""
        return Decimal(self.number(name) or 0)

    def day(self, name: str) -> str | None:
        """A day (dd/mm/yyyy) as ISO 8601 writes it."""
        spelled, value = self._take(name)
        found = _day(value.strip()) if isinstance(value, str) else None
        if found:
            return f"{found[3]}-{found[2]}-{found[1]}"
        if value is not None:
            self.tell(spelled, value, "a day is written dd/mm/yyyy")
        return None

    def child(self, name: str) -> "Bound":
        """The member as an object; an empty one where there is none."""
        spelled, value = self._take(name)
        return Bound(value, f"{self.path}/{spelled}", self.unread)

    def children(self, name: str) -> "list[Bound]":
        """The member as a list of objects."""
        spelled, value = self._take(name)
        path = f"{self.path}/{spelled}"
        if isinstance(value, list):
            return [Bound(one, f"{path}/{index}", self.unread) for index, one in enumerate(value)]
        if value is not None:
            self.tell(spelled, value, "a list is expected")
        return []

    def finish(self, reason: str = "the invoice has no place for it") -> None:
        """Tell what nobody has taken."""
        for name, value in self._members.values():
            self.tell(name, value, reason)
        self._members = {}


def _plain(number: Decimal) -> str | None:
    """Digits without exponent; None for a number with more of them than the model takes."""
    if not number.is_finite() or number.adjusted() >= 18 or -int(number.as_tuple().exponent) > 12:
        return None
    return format(number, "f")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf that says something, by its path."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, f"{path}/{name}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from leaves(member, f"{path}/{index}")
    elif value not in (None, ""):
        yield path, value
