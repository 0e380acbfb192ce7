"""The fields of INV-01 (`schemas/in_irp/inv01.toml`), and where each one is from in the invoice."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from tallystick import schemas
from tallystick.canonical import Invoice

__all__ = ["FIELDS", "Field", "fits", "pointer_to"]

_FORMS: Final = {
    "free": r'[^"\\]*',
    "date": r"[0-3][0-9]/[01][0-9]/20[12][0-9]",
    "gstin": r"[0-9]{2}[0-9A-Z]{13}",
    "gstin_or_urp": r"[0-9]{2}[0-9A-Z]{13}|URP",
}
_PLACES: Final = re.compile(r"\[(\d+)\]")


class Field(Struct, frozen=True, kw_only=True):
    """One leaf: a text of `shortest` to `longest` characters, or a number from `least` to `most`."""

    path: str
    at: str
    must: bool = False
    shortest: int = 0
    longest: int = 0
    form: str = ""
    pattern: str = ""
    one_of: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None

    @property
    def is_number(self) -> bool:
        """Whether it holds a number."""
        return self.least is not None

    def expected(self) -> str:
        """What it may hold, in words."""
        if self.is_number:
            return f"a number from {self.least} to {self.most}"
        if self.one_of:
            return f"one of {', '.join(self.one_of)}"
        words = {
            "free": "without quotation marks and backslashes",
            "date": "a day of the years 2010 to 2029",
            "gstin": "a GSTIN",
            "gstin_or_urp": "a GSTIN, or URP",
        }
        what = words.get(self.form) or f"of the form {self.pattern}"
        return f"{self.shortest} to {self.longest} characters, {what}"


def _read() -> Mapping[str, Field]:
    rows: list[dict[str, Any]] = tomllib.loads(schemas.path("in_irp/inv01.toml").read_text(encoding="utf-8"))[
        "field"
    ]
    numbers = ("least", "most")
    fields = [
        Field(
            **{name: Decimal(value) if name in numbers else value for name, value in row.items()}
            | {"one_of": tuple(row.get("one_of", ()))}
        )
        for row in rows
    ]
    return MappingProxyType({field.path: field for field in fields})


FIELDS: Final = _read()
_MATCHES: Final = {
    path: re.compile(field.pattern or _FORMS[field.form], re.ASCII).fullmatch
    for path, field in FIELDS.items()
    if field.pattern or field.form
}


def is_shaped(field: Field, value: str) -> bool:
    """Whether a text has the form of its field, whatever its length."""
    if field.one_of:
        return value in field.one_of
    matches = _MATCHES.get(field.path)
    return matches is None or matches(value) is not None


def fits(field: Field, value: Any) -> bool:
    """Whether a number is in its field's range, a text of its length and form."""
    if field.is_number:
        return (field.least or 0) <= Decimal(value) <= (field.most or 0)
    return field.shortest <= len(value) <= field.longest and is_shaped(field, value)


def pointer_to(where: str, invoice: Invoice, lines: tuple[int, ...]) -> str:
    """The pointer into the invoice for a place such as `ItemList[2].HsnCd`. `lines` are the items' own lines.

    It never leads through a member that the invoice lacks: then it ends at the one that is missing.
    """
    places = [int(number) for number in _PLACES.findall(where)]
    field = FIELDS.get(_PLACES.sub("[]", where))
    if where.startswith("ItemList[") and places[0] < len(lines):
        places[0] = lines[places[0]]
    pointer = field.at.format(*places) if field else _block(where)
    return _reachable(pointer, invoice)


def _block(where: str) -> str:
    """Where a whole block is from."""
    return {"BuyerDtls": "/buyer", "SellerDtls": "/seller", "ItemList": "/lines"}.get(where, "")


def _reachable(pointer: str, invoice: Invoice) -> str:
    steps = pointer.split("/")[1:]
    node: Any = invoice
    for depth, step in enumerate(steps[:-1], 1):
        if isinstance(node, tuple):
            node = node[int(step)] if step.isdigit() and int(step) < len(node) else None
        elif isinstance(node, Mapping):
            node = node.get(step)
        else:
            node = getattr(node, step, None)
        if node is None or node in ((), {}):
            return "/" + "/".join(steps[:depth])
    return pointer
