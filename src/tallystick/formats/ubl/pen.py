"""The pen: the one place where values become XML text.

Canonical form throughout (C14N 1.0 without comments would change nothing but the declaration): every element
has an end tag, no blanks between elements, attribute values in double quotes, characters escaped as the
canonical form escapes them. Values come from decoded invoices, which hold no character that XML forbids.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

__all__ = ["amount", "attribute", "day", "element", "number", "said", "scheme", "special", "text", "texts"]

Thing = TypeVar("Thing")

_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_IN_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)


def special(values: str) -> bool:
    """Whether a value among these, joined, is to be escaped as the content of an element."""
    return "&" in values or "<" in values or ">" in values or "\r" in values


def text(value: str) -> str:
    """A value as the content of an element."""
    return value.translate(_IN_TEXT) if special(value) else value


def texts(*values: str | None) -> tuple[str | None, ...]:
    """Values, or none, each as the content of an element."""
    return tuple([None if value is None else text(value) for value in values])


def attribute(value: str) -> str:
    """A value as the content of an attribute in double quotes."""
    return value if value.isalnum() else value.translate(_IN_ATTRIBUTE)


def number(value: Decimal) -> str:
    """The number with the digits it came with, never with an exponent."""
    digits = str(value)
    return digits if "E" not in digits else format(value, "f")


day = lru_cache(maxsize=1024)(date.isoformat)
"""A date as YYYY-MM-DD: an invoice says few of them often."""


@lru_cache(maxsize=64)
def scheme(value: str, attributes: str = "") -> str:
    """The scheme of a tax number or a tax category; `attributes` are finished ones of its code."""
    return f"<cac:TaxScheme><cbc:ID{attributes}>{text(value)}</cbc:ID></cac:TaxScheme>"


def element(tag: str, value: str | None) -> str:
    """A leaf element around the escaped value; nothing where there is no value."""
    return "" if value is None else f"<{tag}>{text(value)}</{tag}>"


def amount(tag: str, value: Decimal | None, currency: str) -> str:
    """An amount in a currency (escaped already); nothing where there is no amount."""
    if value is None:
        return ""
    digits = str(value)
    if "E" in digits:
        digits = format(value, "f")
    return f'<{tag} currencyID="{currency}">{digits}</{tag}>'


def said(extra: Callable[[Thing], str] | None, thing: Thing) -> str:
    """What a profile's extra says of the thing; nothing where there is no extra."""
    return "" if extra is None else extra(thing)
