"""What a request's bytes must be before anybody asks what they mean: UTF-8, small, shallow, clean.

Everything here runs in time linear in the size of the body and raises nothing.
"""

import re
from typing import Final

from tallystick.canonical.fault import Fault

MAX_BODY_BYTES: Final = 2 * 1024 * 1024
"""The largest body that is read at all."""

MAX_DEPTH: Final = 32
"""How deep arrays and objects may nest."""

MAX_VALUES: Final = 300_000
"""How many commas and opening brackets a document may hold: ten thousand full lines have fewer."""

_UTF16_OR_32: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00")
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)

forbidden_character: Final = re.compile(
    f"[\x00-\x08\x0b\x0c\x0e-\x1f{chr(0xD800)}-{chr(0xDFFF)}\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
).search
"""Finds control characters (but tab, line feed, carriage return), lone surrogates and non-characters."""

# The byte patterns find every JSON spelling of what they look for, and now and then something innocent.
_may_be_blank: Final = re.compile(rb'"["\s\\\xc2\xe1\xe2\xe3]').search
_blank: Final = re.compile(
    rb'"(?:\s|\\[nrt]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80'
    rb"|\\u(?:00[0128aA][0-9a-fA-F]|1680|20[0256][0-9a-fA-F]|3000))*"
    rb'"'
).search
_non_character: Final = re.compile(rb"\xef[\xb7\xbf]|[\xf0-\xf4][\x80-\xbf]\xbf[\xbe\xbf]").search
_odd_escape: Final = re.compile(
    rb"\\[bf]|\\u(?:00[01][0-9a-fA-F]|00(?:3[0-9aA]|2[dD])|[dD][89a-fA-F]|[fF][dD][dDeE]|[fF]{3}[eEfF])"
).search
_odd_day_or_time: Final = re.compile(
    rb'"(?:(?!19|20|2100)[0-9]{4}-[0-9]{2}-[0-9]{2}"|[0-9]{2}:[0-9]{2}(?!:[0-9]{2}"))'
).search


def may_hold_odd_text(body: bytes) -> bool:
    """Whether a JSON document may hold a text that is blank or unclean. False is certain, True is not.

    True also where an escape stands for a character of dates and times, so that those can be looked for
    in the bytes.
    """
    if b"\\" in body:
        return _may_hold_blank(body) or _non_character(body) is not None or _odd_escape(body) is not None
    if not body.isascii():
        return _may_hold_blank(body) or _non_character(body) is not None
    return (holds(body, b'""') or holds(body, b'" ')) and _blank(body) is not None


def _may_hold_blank(body: bytes) -> bool:
    return _may_be_blank(body) is not None and _blank(body) is not None


def holds(body: bytes, part: bytes) -> bool:
    """Whether the bytes hold this part: what `in` answers, of a short part in a third of its time."""
    return body.rfind(part) >= 0


def may_hold_odd_time(body: bytes) -> bool:
    """Whether a JSON document may hold a date or time out of form or bounds. False is certain."""
    return _odd_day_or_time(body) is not None


def unreadable(body: bytes) -> Fault | None:
    """Why the bytes cannot be text of ours at all, if so."""
    if len(body) > MAX_BODY_BYTES:
        return Fault(
            code="request/too-large",
            pointer="",
            message=f"The body is larger than {MAX_BODY_BYTES} bytes.",
            expected=f"at most {MAX_BODY_BYTES} bytes",
            actual=f"{len(body)} bytes",
        )
    if not body.strip(b" \t\r\n"):
        return Fault(code="request/empty", pointer="", message="The body is empty.", expected="a JSON object")
    if not body.isascii() or b"\x00" in body:
        fault = _otherwise_encoded(body)
        if fault is not None:
            return fault
    return None if len(body) <= MAX_VALUES else _crowded(body)


def _otherwise_encoded(body: bytes) -> Fault | None:
    if body.startswith(b"\xef\xbb\xbf"):
        return _encoding("a byte order mark", "Send UTF-8 without a byte order mark.")
    if body.startswith(_UTF16_OR_32) or body[1:2] == b"\x00":
        return _encoding("UTF-16, UTF-32 or binary data", "Send the JSON document as UTF-8.")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return _encoding(f"a byte that is not UTF-8 at offset {error.start}", "Send UTF-8.")
    return None


def _crowded(body: bytes) -> Fault | None:
    """Whether the document has more values than an invoice of the allowed size can need."""
    if len(body) - len(body.translate(None, b",[{")) <= MAX_VALUES:
        return None
    return Fault(
        code="request/too-many-values",
        pointer="",
        message=f"The document has more than {MAX_VALUES} values.",
        expected=f"at most {MAX_VALUES} values",
    )


def _encoding(actual: str, hint: str) -> Fault:
    return Fault(
        code="request/encoding",
        pointer="",
        message=f"The body is not plain UTF-8: it has {actual}.",
        expected="UTF-8",
        actual=actual,
        hint=hint,
    )


def too_deep(text: str) -> Fault | None:
    """Whether arrays and objects nest deeper than `MAX_DEPTH`; brackets inside strings do not count."""
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return Fault(
                    code="request/too-deep",
                    pointer="",
                    message=f"The document nests deeper than {MAX_DEPTH} levels.",
                    expected=f"at most {MAX_DEPTH} levels",
                )
        elif mark in "]}":
            depth -= 1
    return None
