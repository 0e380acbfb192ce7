"""From a place of an INV-01 document to the member of the invoice it is from."""

import re
from collections.abc import Mapping
from typing import Final

from tallystick.canonical import Invoice

from .fields import FIELDS, pointer_to
from .writing import wire_of

__all__ = ["Traced", "place_in"]

_BLOCKS: Final = "|".join(sorted({re.split(r"[.\[]", path)[0] for path in FIELDS}))
_named: Final = re.compile(rf"\b(?:{_BLOCKS})(?:(?:\[[0-9]{{1,4}}\]|[./][0-9A-Za-z]{{1,30}}){{0,6}})").search
_of_line: Final = re.compile(r"/lines/([0-9]{1,6})(/.*)?", re.ASCII | re.DOTALL).fullmatch
_PATHS: Final[Mapping[str, str]] = {field.at: path for path, field in [*FIELDS.items()][::-1] if field.at}
_number: Final = re.compile(r"[./]([0-9]{1,4})(?=[./]|$)")


def place_in(text: str) -> str:
    """The first place of a document that the portal's words name, as `ItemList[0].HsnCd`; "" for none."""
    found = _named(text)
    return found[0] if found else ""


class Traced:
    """The way back from the document of an invoice. A place is spelled as `ItemList[0].HsnCd`, as
    `/ItemList/0/HsnCd`, or with anything in front.
    """

    def __init__(self, invoice: Invoice | None) -> None:
        """Raises ValueError where there is no invoice."""
        if invoice is None:
            raise ValueError("of no invoice there is nothing to trace")
        self._invoice = invoice
        self._lines = wire_of(invoice).lines

    def pointer(self, location: str) -> str | None:
        """The JSON Pointer of what a place was written from, or of the nearest known around it."""
        where = _number.sub(r"[\1]", place_in(location)).replace("/", ".")
        while where:
            found = pointer_to(where, self._invoice, self._lines)
            if found:
                return found
            where = where.rpartition(".")[0]
        return "" if place_in(location) else None

    def location(self, pointer: str) -> str:
        """The place of the member at a pointer, as `ItemList[0].HsnCd`; "" where the document has none."""
        while pointer:
            form = _of_line(pointer)
            item = self._lines.index(int(form[1])) if form and int(form[1]) in self._lines else None
            at = f"/lines/{{}}{form[2]}" if form else pointer
            if (path := _PATHS.get(at)) is not None and (item is None) == (form is None):
                return path.replace("[]", f"[{item or 0}]", 1)
            pointer = pointer.rpartition("/")[0]
        return ""
