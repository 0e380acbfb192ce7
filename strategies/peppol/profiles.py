"""Which rules a document is judged by, and what it says about itself where its sender is silent.

Source: Peppol BIS Billing 3.0.21 and Self-Billing 3.0.2 (identifiers, approved processes, document types).
"""

from typing import Final, Literal

from msgspec import Struct

from tallystick.canonical import Invoice

from . import codes
from .lexical import normal

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


class RuleSet(Struct, frozen=True, kw_only=True):
    """A way to be judged. `peppol` adds Peppol's own rules, `billing` those that self-billing is spared.

    `specification` and `process` are written when the document does not name its own (BT-24, BT-23);
    `processes` is what BT-23 may say, `typed_processes` those of them in which the kinds of document are
    restricted.
    """

    name: str
    specification: str
    process: str | None
    processes: frozenset[str] = frozenset()
    typed_processes: frozenset[str] = frozenset()
    invoice_types: frozenset[str]
    credit_note_types: frozenset[str]
    peppol: bool = False
    billing: bool = False


PLAIN: Final = RuleSet(
    name="EN 16931",
    specification=EN16931,
    process=None,
    invoice_types=codes.INVOICE_TYPES,
    credit_note_types=codes.CREDIT_NOTE_TYPES,
)
PEPPOL_BILLING: Final = RuleSet(
    name="Peppol BIS Billing 3",
    specification=BILLING,
    process=BILLING_PROCESS,
    processes=_FRENCH | {BILLING_PROCESS, _WITH_RESPONSE},
    typed_processes=_FRENCH | {BILLING_PROCESS, _WITH_RESPONSE},
    invoice_types=codes.PEPPOL_INVOICE_TYPES,
    credit_note_types=codes.PEPPOL_CREDIT_NOTE_TYPES,
    peppol=True,
    billing=True,
)
PEPPOL_SELF_BILLING: Final = RuleSet(
    name="Peppol BIS Self-Billing 3",
    specification=SELF_BILLING,
    process=SELF_BILLING_PROCESS,
    processes=_FRENCH | {SELF_BILLING_PROCESS, _WITH_RESPONSE},
    typed_processes=_FRENCH | {SELF_BILLING_PROCESS},
    invoice_types=codes.SELF_BILLED_INVOICE_TYPES,
    credit_note_types=codes.SELF_BILLED_CREDIT_NOTE_TYPES,
    peppol=True,
)
RULE_SETS: Final = (PLAIN, PEPPOL_BILLING, PEPPOL_SELF_BILLING)


def rule_set_of(invoice: Invoice, choice: RuleChoice | None = None) -> RuleSet:
    """The rules `invoice` asks for by its BT-24; `choice` is the sender's own wish and wins.

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
