"""UN/CEFACT Cross Industry Invoice D16B: every term of EN 16931, written and read.

`invoice(invoice)` writes a completed canonical invoice; `read(body)` reads a document into canonical JSON and
lists, by XPath, whatever it could not carry; `provenance(body)` says which member each place is from.
"""

from tallystick.formats.cii.provenance import provenance
from tallystick.formats.cii.read import read, recognises
from tallystick.formats.cii.write import invoice
from tallystick.formats.cii.write_money import has_form_of_iban

__all__ = ["has_form_of_iban", "invoice", "provenance", "read", "recognises"]
