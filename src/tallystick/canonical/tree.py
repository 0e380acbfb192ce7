"""The raw JSON tree: what the sender wrote, before anybody decides what it means."""

import json
import re
from decimal import Decimal
from typing import Any, Final

from tallystick.canonical.text import forbidden_character

_SHOWN: Final = 60


class Number(str):
    """A JSON number as it was written, so that no digit is lost and none is computed."""

    __slots__ = ()


class Repeating(dict[str, Any]):
    """A JSON object in which names occur more than once; the last value of each counts."""

    __slots__ = ("repeated",)

    repeated: tuple[str, ...]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    repeating = Repeating(members)
    seen: set[str] = set()
    repeating.repeated = tuple(
        dict.fromkeys(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    )
    return repeating


_READER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=Number
)


def tree_of(text: str) -> Any:
    """The JSON tree, numbers unread, repeated names marked. Raises `json.JSONDecodeError`."""
    return _READER.decode(text)


def shown(node: Any) -> str:
    """A piece of the document as the sender wrote it, short and printable."""
    if node is None or node is True or node is False:
        return {None: "null", True: "true", False: "false"}[node]
    if isinstance(node, dict):
        return "an object"
    if isinstance(node, list):
        return "an array"
    text = node if len(node) <= _SHOWN else f"{node[: _SHOWN - 1]}…"
    return printable(str(text) if type(node) is Number else f'"{text}"')


def printable(text: str) -> str:
    """The text with what no document may hold spelled as escapes, so that it can always be sent back."""
    if forbidden_character(text) is None:
        return text
    return "".join(f"\\u{ord(char):04x}" if forbidden_character(char) else char for char in text)


def step(pointer: str, name: str | int) -> str:
    """The JSON Pointer one level further down."""
    token = str(name).replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{printable(token)}"


def _fraction(node: Number) -> Decimal:
    try:
        return Decimal(node)
    except ArithmeticError:
        raise ValueError(f"{shown(node)} is beyond what a number may be") from None


def native(node: Any) -> Any:
    """The tree with its numbers read. Raises ValueError where one is too long or too large to be read."""
    if type(node) is Number:
        return int(node) if node.lstrip("-").isdigit() else _fraction(node)
    if isinstance(node, dict):
        return {name: native(value) for name, value in node.items()}
    if isinstance(node, list):
        return [native(item) for item in node]
    return node


_PLACE: Final = re.compile(r" - at `\$(?P<path>.*)`\Z")
_TOKEN: Final = re.compile(r"\.(\w+)|\[(\d+)\]|(\[\.\.\.\])")


def explained(error: Exception) -> tuple[str, str]:
    """What msgspec said, and the place it named as a JSON Pointer (as far as it can be told)."""
    text = str(error)
    found = _PLACE.search(text)
    if found is None:
        return text, ""
    pointer = ""
    for name, index, anything in _TOKEN.findall(found["path"]):
        if anything:
            break
        pointer += f"/{name or index}"
    return text[: found.start()], pointer
