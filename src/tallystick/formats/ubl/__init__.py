"""UBL 2.1 Invoice and CreditNote: every term of EN 16931, written and read.

`invoice(invoice, profile)` writes a completed canonical invoice; `read(body)` reads a document into canonical
JSON and lists, by XPath, what it could not carry; `provenance(body)` says which member each place is from.
"""

from tallystick.formats.ubl.leftovers import Claimed, Reading, Unread
from tallystick.formats.ubl.profile import Extras, Profile
from tallystick.formats.ubl.provenance import Provenance, provenance
from tallystick.formats.ubl.read import Finish, read, recognises
from tallystick.formats.ubl.write import invoice

__all__ = [
    "Claimed",
    "Extras",
    "Finish",
    "Profile",
    "Provenance",
    "Reading",
    "Unread",
    "invoice",
    "provenance",
    "read",
    "recognises",
]
