"""From whom, to whom, as what: the network's names for a document, frozen as its marks.

Source: Peppol Policy for use of Identifiers 4, Peppol code lists 9.7.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct, structs

from tallystick.canonical import Buyer, Invoice, SchemedIdentifier, Seller
from tallystick.rules.en16931 import EuropeanProfile
from tallystick.rules.en16931.codes import CREDIT_NOTE_TYPES

from .profiles import PEPPOL_SELF_BILLING
from .settings import Settings

PARTICIPANTS: Final = "iso6523-actorid-upis"
DOCUMENT_TYPES: Final = "busdox-docid-qns"
PROCESSES: Final = "cenbii-procid-ubl"
VERSION: Final = "2.1"

_NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:"


class Addressing(Struct, frozen=True, kw_only=True):
    """A document's names on the network, without their schemes.

    `root` is `Invoice` or `CreditNote`; `country` is the sender's (corner 1); `created` the moment the
    document was built, which every attempt repeats.
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
        return f"{_NAMESPACE}{self.root}-2"

    @property
    def document_type(self) -> str:
        """The document type identifier."""
        return f"{self.namespace}::{self.root}##{self.specification}::{VERSION}"


def addressing_of(
    invoice: Invoice, profile: EuropeanProfile, settings: Settings, now: datetime
) -> Addressing | None:
    """The names of a document that is built `now`; None where sender, receiver or process is unknown.

    Whoever bills sends: the seller, or in self-billing the buyer.
    """
    sender: Seller | Buyer | None = invoice.seller
    receiver: Seller | Buyer | None = invoice.buyer
    if profile is PEPPOL_SELF_BILLING:
        sender, receiver = receiver, sender
    if sender is None or receiver is None or sender.postal_address is None:
        return None
    own = settings.participant or _participant(sender.electronic_address)
    other = _participant(receiver.electronic_address)
    process = invoice.business_process_type or profile.process
    if not own or not other or not process:
        return None
    return Addressing(
        sender=own,
        receiver=other,
        root="CreditNote" if invoice.type_code in CREDIT_NOTE_TYPES else "Invoice",
        specification=invoice.specification_identifier or profile.specification,
        process=process,
        country=settings.c1_country or sender.postal_address.country_code,
        created=now.isoformat(timespec="seconds"),
    )


def marks_of(addressing: Addressing | None) -> dict[str, str]:
    """The names as a document's marks; none where the document cannot travel."""
    if addressing is None:
        return {}
    return structs.asdict(addressing)


def marked(marks: Mapping[str, str]) -> Addressing | None:
    """The names that a document's marks hold, if they hold them all."""
    names = {name: marks.get(name, "") for name in Addressing.__struct_fields__}
    return Addressing(**names) if all(names.values()) else None


def _participant(address: SchemedIdentifier | None) -> str:
    return f"{address.scheme}:{address.value}" if address else ""
