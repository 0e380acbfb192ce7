"""From a place of an INV-01 document to the member of the invoice it is from."""

import re
from typing import Final

from tallystick.canonical import Invoice

from .fields import FIELDS, pointer_to
from .writing import wire_of

__all__ = ["Traced", "place_in"]

_BLOCKS: Final = "|".join(sorted({re.split(r"[.\[]", path)[0] for path in FIELDS}))
_named: Final = re.compile(rf"\b(?:{_BLOCKS})(?:(?:\[[0-9]{{1,4}}\]|[./][0-9A-Za-z]{{1,30}}){{0,6}})").search
_number: Final = re.compile(r"[./]([0-9]{1,4})(?=[./]|$)")


def place_in(text: str) -> str:
    """The first place of a document that the portal's words name, as `ItemList[0].HsnCd`; "" for none."""
    found = _named(text)
    return found[0] if found else ""


class Traced:
    """The way back from the document of an invoice. A place is spelled as `ItemList[0].HsnCd`, as
    `/ItemList/0/HsnCd`, or with anything in front.
    """

    def __init__(self, invoice: Invoice) -> None:
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
