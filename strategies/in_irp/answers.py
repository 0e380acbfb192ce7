"""What the portal's answers say: good or not, errors in their three encodings, remarks, and what follows."""

import json
import re
import tomllib
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from httpx import Response
from msgspec import Struct

from tallystick import schemas
from tallystick.canonical import Fault, RuleRef, Severity
from tallystick.strategy import Enrolment

from .tracing import place_in

LONGEST_ANSWER: Final = 16 * 1024 * 1024
RULES: Final = "irp"
EDITION: Final = "2026-09"

_LONGEST_TEXT: Final = 500
_LONGEST_WAIT: Final = 7 * 24 * 3600
_MOST_ERRORS: Final = 50
_LEAST_SECRET: Final = 4
_wait: Final = re.compile(r"[0-9]{1,6}", re.ASCII).fullmatch
_fixable: Final = re.compile(r"[23][0-9]{3}", re.ASCII).fullmatch
_word: Final = re.compile(r"[A-Za-z]{2,}")


class Meaning(Struct, frozen=True):
    """What a code means: what follows from it, which field it is about, our words for it, and what helps."""

    kind: str
    pointer: str
    text: str
    hint: str = ""


def _meanings() -> dict[str, Meaning]:
    table = tomllib.loads(schemas.path("codelists/in-irp-errors.toml").read_text(encoding="utf-8"))
    return {code: Meaning(kind, *row) for kind, codes in table.items() for code, row in codes.items()}


MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(_meanings())

_FIELDS: Final = frozenset(
    "version trandtls taxsch suptyp regrev ecmgstin igstonintra docdtls sellerdtls buyerdtls dispdtls "
    "shipdtls itemlist valdtls paydtls refdtls addldocdtls expdtls ewbdtls gstin lglnm trdnm addr1 addr2 loc "
    "pin stcd pos slno prddesc isservc hsncd barcde qty freeqty unit unitprice totamt discount pretaxval "
    "assamt gstrt igstamt cgstamt sgstamt cesrt cesamt cesnonadvlamt statecesrt statecesamt "
    "statecesnonadvlamt othchrg totitemval ordlineref orgcntry prdslno bchdtls attribdtls assval cgstval "
    "sgstval igstval cesval stcesval rndoffamt totinvval totinvvalfc schema".split()
)
"""Names that a message about a field speaks of; a message without one tells of the portal's own trouble."""


class Said(Struct, frozen=True):
    """One error: the portal's code, its text, what follows, and the two as one sentence."""

    code: str
    text: str
    kind: str

    @property
    def told(self) -> str:
        """Our words, then the portal's."""
        known = MEANINGS.get(self.code)
        return " ".join(part for part in (self.code, known.text if known else "", self.text) if part)


class Remark(Struct, frozen=True):
    """Something the portal adds to an answer: its code, and whatever it says."""

    code: str
    said: Any


class Answer(Struct, frozen=True, kw_only=True):
    """An answer that was understood. `data` is not yet decrypted."""

    good: bool
    data: Any = None
    errors: tuple[Said, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def has(self, *kinds: str) -> bool:
        """Whether any of the errors is of one of these kinds."""
        return any(error.kind in kinds for error in self.errors)

    def said(self, code: str) -> list[Any]:
        """What the remarks of that code say."""
        return [remark.said for remark in self.remarks if remark.code == code]


Heard = Answer | None


def heard(answer: Response) -> Heard:
    """What the answer says; None if it says nothing that is one of the portal's."""
    if len(answer.content) > LONGEST_ANSWER:
        return None
    found = _json(answer.content)
    if not isinstance(found, dict):
        return None
    status = str(found.get("Status")) if type(found.get("Status")) in (int, str) else ""
    if status not in ("0", "1"):
        return None
    return Answer(
        good=status == "1",
        data=found.get("Data"),
        errors=tuple(_errors(found.get("ErrorDetails"))) if status == "0" else (),
        remarks=tuple(_remarks(found.get("InfoDtls"))),
    )


def told_errors(said: Any) -> list[Said]:
    """The errors of a list of them, in whichever encoding."""
    return list(_errors(said))


def kind_of(code: str, text: str) -> str:
    """What follows from an error. Two codes stand for a wrong field and for the portal's own failure."""
    if code in ("5001", "5002"):
        return "fix" if _FIELDS & {word.lower() for word in re.findall(r"[A-Za-z0-9]+", text)} else "retry"
    known = MEANINGS.get(code)
    if known is not None:
        return known.kind
    return "fix" if _fixable(code) else "unknown"


def fault_of(error: Said, enrolment: Enrolment, severity: Severity = "error") -> Fault:
    """The error as a fault of the invoice, at the field that its code is about."""
    known = MEANINGS.get(error.code)
    return Fault(
        code="authority/rejected" if severity == "error" else "authority/remarked",
        pointer=known.pointer if known else "",
        message=quiet(error.text or (known.text if known else error.code), enrolment),
        severity=severity,
        rule=RuleRef(RULES, error.code, EDITION) if error.code else None,
        hint=(known.hint or known.text) if known else "",
        wire_location=place_in(error.text),
    )


def detail_of(errors: tuple[Said, ...], enrolment: Enrolment) -> str:
    """The errors as one line for the operator."""
    return quiet("; ".join(error.told for error in errors), enrolment)[:_LONGEST_TEXT]


def quiet(text: str, enrolment: Enrolment, *more: bytes) -> str:
    """The text without any credential of ours, or any of `more`, however it is spelled."""
    session = enrolment.session.secrets if enrolment.session else {}
    known = (secret.reveal_bytes() for secret in (*enrolment.secrets.values(), *session.values()))
    for raw in (*known, *more):
        if len(raw) < _LEAST_SECRET:
            continue
        plain = raw.decode("latin-1")
        encoded = (one(raw).decode().rstrip("=") for one in (b64encode, urlsafe_b64encode))
        for spelling in (plain, quote(plain, safe=""), raw.hex(), *encoded):
            text = text.replace(spelling, "(secret)")
    return text


def asked_to_wait(answer: Response) -> int | None:
    """Seconds of a Retry-After header; None for none, for a date and for nonsense."""
    stated = answer.headers.get("retry-after", "").strip()
    seconds = int(stated) if _wait(stated) else None
    return seconds if seconds is not None and seconds <= _LONGEST_WAIT else None


def one_line(value: Any) -> str:
    """A text or number as one line of bearable length; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return ""
    return " ".join(str(value).split())[:_LONGEST_TEXT]


def _json(content: bytes | str) -> Any:
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(word: str) -> Any:
    raise ValueError(word)


def _listed(value: Any) -> list[Any]:
    """A list, as a list, as JSON text, or as base64 of JSON text; one object counts as a list of it."""
    if isinstance(value, str):
        found = _json(value)
        value = found if isinstance(found, (dict, list)) else _json(_plain(value))
    if isinstance(value, dict):
        return [value]
    return value[:_MOST_ERRORS] if isinstance(value, list) else []


def _plain(value: str) -> str:
    try:
        return b64decode(value.encode("ascii"), validate=True).decode()
    except ValueError:
        return ""


def _errors(value: Any) -> Iterator[Said]:
    for one in _listed(value):
        if isinstance(one, dict):
            code, text = one_line(one.get("ErrorCode")), one_line(one.get("ErrorMessage"))
            if code or text:
                yield Said(code, text, kind_of(code, text))


def _remarks(value: Any) -> Iterator[Remark]:
    for one in _listed(value):
        if isinstance(one, dict):
            said = one.get("Desc")
            inner = _json(said) if isinstance(said, str) else None
            yield Remark(one_line(one.get("InfCd")), inner if isinstance(inner, (dict, list)) else said)
