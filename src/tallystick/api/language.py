"""The language an answer is told in: English, or Arabic for whoever would rather read that.

Told in Arabic are titles of problems and messages of faults. Codes, pointers, terms, hints and the words of
authorities stay as they are, and so does what nobody has put into Arabic.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tallystick import schemas
from tallystick.canonical import Fault
from tallystick.flows.regimes import Explorer

__all__ = ["ARABIC", "Arabic", "prefers_arabic"]

ARABIC: Final = "ar"
ENGLISH: Final = frozenset({"en", "*"})
RANGE: Final = re.compile(
    r"([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9]{1,8})*(?:;[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
)
BLANKS: Final = re.compile(r"[ \t]+")
REQUIRED: Final = "Required: "
REQUIRED_AR: Final = "المطلوب: "
MOST: Final = 1000
"""How much of an `Accept-Language` is read."""


class Sentences(Struct, frozen=True):
    """The Arabic that is no rule's: titles of problems and sentences of faults, by code."""

    problem: Mapping[str, str]
    fault: Mapping[str, str]


@cache
def sentences() -> Sentences:
    """What stands in `schemas/arabic.toml`."""
    table = tomllib.loads(schemas.path("arabic.toml").read_text(encoding="utf-8"))
    return Sentences(MappingProxyType(table["problem"]), MappingProxyType(table["fault"]))


def prefers_arabic(sent: Iterable[str]) -> bool:
    """Whether these `Accept-Language` headers put Arabic before English; what is malformed does not count.

    A range without `q` counts 1; of two that count the same the first one wins.
    """
    best, arabic = 0.0, False
    for part in BLANKS.sub("", ",".join(sent)[:MOST]).split(","):
        found = RANGE.fullmatch(part)
        language = found[1].lower() if found else ""
        weight = float(found[2] or 1) if found else 0.0
        if weight > best and (language == ARABIC or language in ENGLISH):
            best, arabic = weight, language == ARABIC
    return arabic


class Arabic:
    """Says in Arabic what is known in Arabic; rules are those that the `explorer` shows."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer

    def title(self, code: str, english: str) -> str:
        """The title of the kind of problem."""
        return sentences().problem.get(code, english)

    def detail(self, english: str, errors: Sequence[Fault]) -> str:
        """What is said of a problem with these faults: the first one's message, or how many there are."""
        if not errors:
            return english
        if errors[0].message == english:
            return self.fault(errors[0]).message
        return f"عدد الأخطاء: {len(errors)}؛ انظر `errors`."

    def fault(self, fault: Fault) -> Fault:
        """The fault with its message in Arabic."""
        text = self._explorer.text_ar(fault)
        if text and fault.message.startswith(REQUIRED):
            text = REQUIRED_AR + text
        return replace(fault, message=text or sentences().fault.get(fault.code, fault.message))

    def faults(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """All of them."""
        return tuple(self.fault(fault) for fault in faults)
