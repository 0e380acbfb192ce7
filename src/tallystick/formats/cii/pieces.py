"""Small pieces that several parts of a CII document are made of."""

from datetime import date
from decimal import Decimal

from tallystick.canonical import Identifier, SchemedIdentifier
from tallystick.formats.cii.names import DAY_FORMAT
from tallystick.formats.ubl import pen
from tallystick.formats.ubl.pen import attribute, element, text

__all__ = ["assigned", "date_time", "identifier", "number", "period", "wrapped"]


def number(value: Decimal) -> str:
    """The number with the digits it came with; nothing is never less than nothing.

    The syntax's rules compare in binary fractions, where some processors tell -0 from 0.
    """
    return pen.number(value or value.copy_abs())


def wrapped(tag: str, content: str) -> str:
    """An element around finished content; nothing around nothing."""
    return f"<{tag}>{content}</{tag}>" if content else ""


def date_time(tag: str, when: date | None, prefix: str = "udt", kind: str = "DateTimeString") -> str:
    """A day in the syntax's own spelling; nothing where there is none."""
    if when is None:
        return ""
    digits = f"{when.year:04d}{when.month:02d}{when.day:02d}"
    return f'<{tag}><{prefix}:{kind} format="{DAY_FORMAT}">{digits}</{prefix}:{kind}></{tag}>'


def period(start: date | None, end: date | None) -> str:
    """A period; nothing where neither day is known."""
    return wrapped(
        "ram:BillingSpecifiedPeriod",
        date_time("ram:StartDateTime", start) + date_time("ram:EndDateTime", end),
    )


def identifier(tag: str, one: Identifier | SchemedIdentifier | None) -> str:
    """An identifier with its scheme, where it has one."""
    if one is None:
        return ""
    scheme = "" if one.scheme is None else f' schemeID="{attribute(one.scheme)}"'
    return f"<{tag}{scheme}>{text(one.value)}</{tag}>"


def assigned(tag: str, number: str | None) -> str:
    """A referenced document of which only the number is known."""
    return wrapped(tag, element("ram:IssuerAssignedID", number))
