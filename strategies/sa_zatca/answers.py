"""What Fatoora's answers say, apart from what the document is: words, messages, and how far to believe them.

Source: ZATCA's API documentation and its sandbox; the shapes that were seen beside the documented ones
(a misspelt member, an object for a list, the first version's answer) are read as well.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any, Final

import msgspec
from httpx import Response
from msgspec import Struct

from tallystick.canonical import Fault, RuleRef
from tallystick.keys import Secret

from .places import place_of

__all__ = ["Said", "asked_to_wait", "decoded", "faults_in", "heard", "object_in", "text_in"]

CLEARED: Final = "clearedInvoice"
LONGEST_ANSWER: Final = 16 * 1024 * 1024
_LONGEST_TEXT: Final = 500
_SHORTEST_SECRET: Final = 8
_LONGEST_WAIT: Final = 7 * 24 * 3600
_MOST_FAULTS: Final = 50
_DUPLICATE: Final = "Duplicate-Invoice"
_ERRORS: Final = ("errorMessages", "erroMessages", "errors")
_WORDS: Final = ("reportingStatus", "clearanceStatus")
_WARNINGS: Final = ("warningMessages", "warnings")
_wait: Final = re.compile(r"[0-9]{1,6}", re.ASCII).fullmatch
_numbered: Final = re.compile(r"BR-[A-Z0-9-]{2,40}(\([A-Za-z0-9]+\))?", re.ASCII).fullmatch
_repeated: Final = re.compile(r"^\[[^\]]{1,60}\]\s*-?\s*")


class Said(Struct, frozen=True, kw_only=True):
    """An answer's content. `word` is the flow's own status word, `judged` the validation's.

    `against` tells of an error of any shape, in any place, and of a word that denies success in either flow:
    also of one that is no fault because it says nothing that could be told.
    """

    word: str = ""
    judged: str = ""
    against: bool = False
    errors: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    duplicate: bool = False
    cleared: str = ""


def object_in(answer: Response, hidden: Mapping[str, Secret]) -> dict[str, Any] | None:
    """The answer's JSON object with no credential of ours in it; None if it is none, or beyond measure.

    The cleared document stays as it came: it carries the unit's certificate, whose text in base64 is the
    token.
    """
    if len(answer.content) > LONGEST_ANSWER:
        return None
    try:
        said = msgspec.json.decode(answer.content)
        if not isinstance(said, dict):
            return None
        cleared = {name: said.pop(name) for name in (CLEARED,) if name in said}
        content = msgspec.json.encode(said)
        for spelling in _spellings(hidden):
            content = content.replace(spelling, b"(secret)")
        return {**msgspec.json.decode(content), **cleared}
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _spellings(hidden: Mapping[str, Secret]) -> list[bytes]:
    """The credential as it may come back: the pair as it went out, then each secret, plain and encoded."""
    values = [secret.reveal_bytes() for secret in hidden.values()]
    found = [base64.b64encode(b":".join(pair)) for pair in permutations(values, 2)]
    for value in values:
        if len(value) >= _SHORTEST_SECRET:
            found += [value, base64.b64encode(value).rstrip(b"=")]
    return found


def heard(said: Mapping[str, Any], status_member: str) -> Said:
    """The answer to a document, read leniently. `status_member`: `reportingStatus` or `clearanceStatus`."""
    results = said.get("validationResults")
    within = results if isinstance(results, dict) else said
    errors = tuple(faults_in(_messages(within, _ERRORS), "error"))
    warnings = tuple(faults_in(_messages(within, _WARNINGS), "warning"))
    messages = [*_messages(within, _ERRORS), *_messages(within, _WARNINGS)]
    return Said(
        word=text_in(said, status_member) or ("" if results is not None else text_in(said, "status")),
        judged=text_in(within, "status") if results is not None else "",
        against=_against(said, within),
        errors=errors,
        warnings=warnings,
        duplicate=any(text_in(message, "category") == _DUPLICATE for message in messages),
        cleared=cleared if isinstance(cleared := said.get(CLEARED), str) else "",
    )


def _against(said: Mapping[str, Any], within: Mapping[str, Any]) -> bool:
    """Whether anything in the answer speaks against success."""
    denied = any(text_in(said, member).startswith("NOT_") for member in _WORDS)
    return denied or any(_says(place.get(name)) for place in (said, within) for name in _ERRORS)


def _says(value: object) -> bool:
    """Whether there is any text or number in the value, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif one not in (None, "", False):
            return True
    return False


def _messages(within: Mapping[str, Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The messages under any of these names: a list, or an object where a list should be."""
    found: list[dict[str, Any]] = []
    for name in names:
        value = within.get(name)
        found += [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
    return found


def faults_in(messages: list[dict[str, Any]], severity: str) -> Iterator[Fault]:
    """Each message that says anything, as a fault under its own number."""
    for message in messages[:_MOST_FAULTS]:
        code, text = text_in(message, "code"), text_in(message, "message")
        if not code and not text:
            continue
        rules = "zatca" if _numbered(code) else "fatoora"
        yield Fault(
            code="authority/rejected" if severity == "error" else "authority/remarked",
            pointer=place_of(code),
            message=_repeated.sub("", text) or code,
            severity="error" if severity == "error" else "warning",
            rule=RuleRef(rules, code) if code else None,
        )


def text_in(said: Mapping[str, Any], name: str) -> str:
    """The member as one line of bearable length; empty if it is no text."""
    value = said.get(name)
    return " ".join(value.split())[:_LONGEST_TEXT] if isinstance(value, str) else ""


def decoded(text: str) -> bytes:
    """The bytes of a base64 text; empty if it is none."""
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return b""


def asked_to_wait(answer: Response) -> int | None:
    """Seconds of a Retry-After header; None for none, for a date and for nonsense."""
    stated = answer.headers.get("retry-after", "").strip()
    seconds = int(stated) if _wait(stated) else None
    return seconds if seconds is not None and seconds <= _LONGEST_WAIT else None
