"""The names of UBL 2.1: namespaces, the two roots, and which type code belongs to which."""

from typing import Final

INVOICE_NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE_NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
CAC_NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC_NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
EXT_NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"

CREDIT_NOTE_TYPES: Final = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
)
"""The codes of UNTDID 1001 that EN 16931 puts under the root CreditNote; all others go under Invoice."""

OBJECT_REFERENCE: Final = "130"
"""UNTDID 1001: the reference names the invoiced object (BT-18, BT-128)."""

PROJECT_REFERENCE: Final = "50"
"""UNTDID 1001: the reference names the project (BT-11), where the root has no element for it."""

DIRECT_DEBITS: Final = frozenset({"49", "59"})
"""The codes of UNTDID 4461 that mean a direct debit."""

SEPA: Final = "SEPA"
"""The scheme that marks a party identifier as the bank assigned creditor identifier (BT-90)."""
