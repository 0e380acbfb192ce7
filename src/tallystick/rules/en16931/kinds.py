"""The four kinds of allowance and charge: the numbers of their rules, their terms, their lists of reasons."""

from typing import Final

from msgspec import Struct

from tallystick.rules.en16931 import codes

__all__ = ["DOCUMENT_ALLOWANCE", "DOCUMENT_CHARGE", "LINE_ALLOWANCE", "LINE_CHARGE", "Kind"]


class Kind(Struct, frozen=True, kw_only=True):
    """One of the four groups: the numbers of its rules, and the terms of its members."""

    reason: str
    same_reason: str
    listed: str
    reasons: frozenset[str]
    amount_decimals: str
    base_decimals: str
    amount: str
    base: str
    percentage: str
    code: str
    charge: bool


DOCUMENT_ALLOWANCE: Final = Kind(
    reason="BR-33",
    same_reason="BR-CO-21",
    listed="BR-CL-19",
    reasons=codes.ALLOWANCE_REASONS,
    amount_decimals="BR-DEC-01",
    base_decimals="BR-DEC-02",
    amount="BT-92",
    base="BT-93",
    percentage="BT-94",
    code="BT-98",
    charge=False,
)
DOCUMENT_CHARGE: Final = Kind(
    reason="BR-38",
    same_reason="BR-CO-22",
    listed="BR-CL-20",
    reasons=codes.CHARGE_REASONS,
    amount_decimals="BR-DEC-05",
    base_decimals="BR-DEC-06",
    amount="BT-99",
    base="BT-100",
    percentage="BT-101",
    code="BT-105",
    charge=True,
)
LINE_ALLOWANCE: Final = Kind(
    reason="BR-42",
    same_reason="BR-CO-23",
    listed="BR-CL-19",
    reasons=codes.ALLOWANCE_REASONS,
    amount_decimals="BR-DEC-24",
    base_decimals="BR-DEC-25",
    amount="BT-136",
    base="BT-137",
    percentage="BT-138",
    code="BT-140",
    charge=False,
)
LINE_CHARGE: Final = Kind(
    reason="BR-44",
    same_reason="BR-CO-24",
    listed="BR-CL-20",
    reasons=codes.CHARGE_REASONS,
    amount_decimals="BR-DEC-27",
    base_decimals="BR-DEC-28",
    amount="BT-141",
    base="BT-142",
    percentage="BT-143",
    code="BT-145",
    charge=True,
)
