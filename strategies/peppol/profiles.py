"""Which rules a document is judged by, and what it says about itself where its sender is silent.

Source: Peppol BIS Billing 3.0.21 and Self-Billing 3.0.2 (identifiers, approved processes, document types).
"""

from typing import Final, Literal

from tallystick.canonical import Invoice
from tallystick.rules.en16931 import EuropeanProfile, european
from tallystick.rules.lexical import normal
from tallystick.rules.peppol import codes

RuleChoice = Literal["peppol", "en16931"]

EN16931: Final = "urn:cen.eu:en16931:2017"
BILLING: Final = f"{EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
SELF_BILLING: Final = f"{EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0"

BILLING_PROCESS: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
SELF_BILLING_PROCESS: Final = "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0"

_WITH_RESPONSE: Final = "urn:peppol:bis:billing_with_response"
_FRENCH: Final = frozenset(
    {
        "urn:peppol:france:billing:regulated",
        "urn:peppol:france:billing:non-regulated",
    }
)
_GERMAN: Final = frozenset({"DE"})

PLAIN: Final[EuropeanProfile] = european("EN 16931", ("en16931",), specification=EN16931)
PEPPOL_BILLING: Final[EuropeanProfile] = european(
    "Peppol BIS Billing 3",
    ("en16931", "peppol", "peppol-national"),
    specification=BILLING,
    process=BILLING_PROCESS,
    processes=_FRENCH | {BILLING_PROCESS, _WITH_RESPONSE},
    typed_processes=_FRENCH | {BILLING_PROCESS, _WITH_RESPONSE},
    invoice_types=codes.INVOICE_TYPES,
    credit_note_types=codes.CREDIT_NOTE_TYPES,
    note_lands=_GERMAN,
)
PEPPOL_SELF_BILLING: Final[EuropeanProfile] = european(
    "Peppol BIS Self-Billing 3",
    ("en16931", "peppol"),
    specification=SELF_BILLING,
    process=SELF_BILLING_PROCESS,
    processes=_FRENCH | {SELF_BILLING_PROCESS, _WITH_RESPONSE},
    typed_processes=_FRENCH | {SELF_BILLING_PROCESS},
    invoice_types=codes.SELF_BILLED_INVOICE_TYPES,
    credit_note_types=codes.SELF_BILLED_CREDIT_NOTE_TYPES,
    note_lands=_GERMAN,
)
PROFILES: Final = (PLAIN, PEPPOL_BILLING, PEPPOL_SELF_BILLING)


def profile_of(invoice: Invoice, choice: RuleChoice | None = None) -> EuropeanProfile:
    """The profile `invoice` asks for by its BT-24; `choice` is the sender's own wish and wins.

    A specification other than Peppol's is judged as the EN 16931 document it extends or restricts.
    """
    if choice == "en16931":
        return PLAIN
    named = invoice.specification_identifier
    if named is not None:
        named = normal(named)
    if named is not None and named.startswith(SELF_BILLING):
        return PEPPOL_SELF_BILLING
    if named is None or named.startswith(BILLING) or choice == "peppol":
        return PEPPOL_BILLING
    return PLAIN
