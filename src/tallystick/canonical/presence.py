"""EN 16931's rules on what must be there, for terms without which the model takes no invoice at all.

Such a rule never reaches a rule engine: the decoder refuses first, and names the rule itself.
Source: EN 16931-1, rules BR-02 to BR-65 and BR-CO-04; BR-01, BR-07, BR-10 and others are judged on invoices.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tallystick.canonical.fault import RuleRef
from tallystick.canonical.reckoning import EDITION, EN16931

__all__ = ["PRESENCE", "rule_on"]

_NUMBERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "BT-1": "BR-02",
        "BT-2": "BR-03",
        "BT-3": "BR-04",
        "BT-5": "BR-05",
        "BT-27": "BR-06",
        "BG-5": "BR-08",
        "BT-40": "BR-09",
        "BT-44": "BR-07",
        "BG-8": "BR-10",
        "BT-55": "BR-11",
        "BG-25": "BR-16",
        "BT-59": "BR-17",
        "BT-62": "BR-18",
        "BG-12": "BR-19",
        "BT-69": "BR-20",
        "BT-126": "BR-21",
        "BT-129": "BR-22",
        "BT-130": "BR-23",
        "BT-153": "BR-25",
        "BT-146": "BR-26",
        "BT-92": "BR-31",
        "BT-95": "BR-32",
        "BT-99": "BR-36",
        "BT-102": "BR-37",
        "BT-136": "BR-41",
        "BT-141": "BR-43",
        "BT-118": "BR-47",
        "BT-81": "BR-49",
        "BT-84": "BR-50",
        "BT-122": "BR-52",
        "BT-160": "BR-54",
        "BT-161": "BR-54",
        "BT-25": "BR-55",
        "BT-63": "BR-56",
        "BT-80": "BR-57",
        "BT-151": "BR-CO-04",
    }
)

PRESENCE: Final = frozenset(_NUMBERS.values())
"""The numbers of these rules."""


def rule_on(term: str) -> RuleRef | None:
    """The rule that a term or group must be there; None where EN 16931 has none."""
    number = _NUMBERS.get(term)
    return RuleRef(EN16931, number, EDITION) if number else None
