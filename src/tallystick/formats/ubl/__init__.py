"""UBL 2.1 Invoice and CreditNote: every term of EN 16931, written and read.

`invoice(invoice, profile)` writes a completed canonical invoice; `read(body)` reads a document into canonical
JSON and lists, by XPath, whatever it could not carry.
"""

from tallystick.formats.ubl.leftovers import Claimed, Reading, Unread
from tallystick.formats.ubl.profile import Extras, Profile
from tallystick.formats.ubl.read import Finish, read, recognises
from tallystick.formats.ubl.write import invoice

__all__ = ["Claimed", "Extras", "Finish", "Profile", "Reading", "Unread", "invoice", "read", "recognises"]
