"""Which identifiers the network looks into, by their scheme: the rule that guards them, the question to ask.

Source: Peppol BIS Billing 3.0.21, rules PEPPOL-COMMON-R040 to R057.
"""

from collections.abc import Callable
from typing import Final

from tallystick.rules.identifiers import (
    is_0007,
    is_0088,
    is_0096,
    is_0106,
    is_0151,
    is_0184,
    is_0190,
    is_0192,
    is_0198,
    is_0201,
    is_0208,
    is_0210,
    is_0211,
    is_0217,
    is_9944,
)

__all__ = ["ADDRESS_FORMATS", "AS_WRITTEN", "FORMATS", "TAX_NUMBER_FORMATS"]

FORMATS: Final[dict[str, tuple[str, Callable[[str], bool]]]] = {
    "0007": ("PEPPOL-COMMON-R049", is_0007),
    "0088": ("PEPPOL-COMMON-R040", is_0088),
    "0096": ("PEPPOL-COMMON-R052", is_0096),
    "0106": ("PEPPOL-COMMON-R054", is_0106),
    "0151": ("PEPPOL-COMMON-R050", is_0151),
    "0184": ("PEPPOL-COMMON-R042", is_0184),
    "0190": ("PEPPOL-COMMON-R055", is_0190),
    "0192": ("PEPPOL-COMMON-R041", is_0192),
    "0198": ("PEPPOL-COMMON-R053", is_0198),
    "0201": ("PEPPOL-COMMON-R044", is_0201),
    "0208": ("PEPPOL-COMMON-R043", is_0208),
    "0210": ("PEPPOL-COMMON-R045", is_0210),
    "0211": ("PEPPOL-COMMON-R047", is_0211),
    "0217": ("PEPPOL-COMMON-R057", is_0217),
    "9944": ("PEPPOL-COMMON-R056-1", is_9944),
}
"""Scheme of an identifier → the rule that guards it, and the question to ask."""

ADDRESS_FORMATS: Final = FORMATS | {"9907": ("PEPPOL-COMMON-R046", is_0210)}
"""The same for electronic addresses."""

AS_WRITTEN: Final = frozenset({"0096", "0184", "0198"})
"""Schemes whose identifiers are judged with the blanks around them."""

TAX_NUMBER_FORMATS: Final[dict[str, tuple[str, Callable[[str], bool]]]] = {
    "NL": ("PEPPOL-COMMON-R056-2", is_9944),
}
"""The same for VAT identifiers, by what they begin with."""
