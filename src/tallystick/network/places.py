"""Places in a document, in texts meant for people: `… at /Invoice/cac:InvoiceLine[3]/cbc:ID`."""

import re
from typing import Final

__all__ = ["place_in"]

_LONGEST: Final = 2_000
_ROOTS: Final = frozenset({"Invoice", "CreditNote", "CrossIndustryInvoice", "StandardBusinessDocument", "*"})
_begins: Final = re.compile(r"""(?:^|(?<=[\s("'=\[,;]))(?=//?(?:[\w*]|Q?\{|:\w))""").finditer
_CONDITION: Final = r"""\[(?:[^\[\]'"]|'[^']*'|"[^"]*")*\]"""
_path: Final = re.compile(
    rf"""(?://?(?:@?(?:Q?\{{[^{{}}\s]*\}}|[\w.-]*:|\*:)?(?:[\w.-]*\w|\*)(?:\(\))?)(?:{_CONDITION})*)+"""
).match
_first: Final = re.compile(r"//?(?:Q?\{[^{}]*\}|[\w.-]*:|\*:)?([\w.-]+|\*)").match


def place_in(text: str) -> str:
    """The first path into an invoice that a text names, as it is spelled there; "" if it names none.

    A path begins at the root of an invoice, a credit note or the envelope around it: no file's name does.
    """
    text = text[:_LONGEST]
    for begun in _begins(text):
        found = _path(text, begun.start())
        first = _first(text, begun.start())
        if found and first and (first[1] in _ROOTS or text.startswith("//", begun.start())):
            return found[0]
    return ""
