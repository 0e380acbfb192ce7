"""From whom, to whom, as what: the network's names for a document, frozen as its marks.

Source: Peppol Policy for use of Identifiers 4, Peppol code lists 9.7.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, structs

from tallystick.canonical import SchemedIdentifier

__all__ = [
    "CROSS_INDUSTRY_INVOICE",
    "PARTICIPANTS",
    "PROCESSES",
    "Names",
    "marked",
    "marks_of",
    "participant",
]

PARTICIPANTS: Final = "iso6523-actorid-upis"
PROCESSES: Final = "cenbii-procid-ubl"
CROSS_INDUSTRY_INVOICE: Final = "CrossIndustryInvoice"
"""The root element of a document in CII; all others are UBL's."""

_EXACT: Final = "busdox-docid-qns"
_WILDCARD: Final = "peppol-doctype-wildcard"
_PINT: Final = "urn:peppol:pint:"
_NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_CII_NAMESPACE: Final = f"urn:un:unece:uncefact:data:standard:{CROSS_INDUSTRY_INVOICE}:100"


class Names(Struct, frozen=True, kw_only=True):
    """A document's names on the network, without their schemes.

    `root` is `Invoice`, `CreditNote` or `CrossIndustryInvoice`; `country` is the sender's (corner 1);
    `created` the moment the document was built, which every attempt repeats.
    """

    sender: str
    receiver: str
    root: str
    specification: str
    process: str
    country: str
    created: str

    @property
    def namespace(self) -> str:
        """Of the document's root element."""
        return _CII_NAMESPACE if self.root == CROSS_INDUSTRY_INVOICE else f"{_NAMESPACE}{self.root}-2"

    @property
    def version(self) -> str:
        """Of the syntax."""
        return "D16B" if self.root == CROSS_INDUSTRY_INVOICE else "2.1"

    @property
    def document_type(self) -> str:
        """The document type identifier."""
        return f"{self.namespace}::{self.root}##{self.specification}::{self.version}"

    @property
    def document_scheme(self) -> str:
        """The scheme of the document type: what is of PINT may be received by a wildcard."""
        return _WILDCARD if self.specification.startswith(_PINT) else _EXACT


def marks_of(names: Names | None) -> dict[str, str]:
    """The names as a document's marks; none where the document cannot travel."""
    return {} if names is None else structs.asdict(names)


def marked(marks: Mapping[str, str]) -> Names | None:
    """The names that a document's marks hold, if they hold them all."""
    found = {name: marks.get(name, "") for name in Names.__struct_fields__}
    return Names(**found) if all(found.values()) else None


def participant(address: SchemedIdentifier | None) -> str:
    """An electronic address as a participant of the network; empty for none."""
    return f"{address.scheme}:{address.value}" if address else ""
