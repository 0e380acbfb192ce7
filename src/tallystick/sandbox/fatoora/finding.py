"""What the authority finds: one message item of its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tallystick.sandbox.judge.paper import Part

Severity = Literal["ERROR", "WARNING"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a document, as it will stand in `errorMessages` or `warningMessages`."""

    severity: Severity
    code: str
    category: str
    message: str

    def item(self) -> dict[str, str]:
        """The message item."""
        return {
            "type": self.severity,
            "code": self.code,
            "category": self.category,
            "message": self.message,
            "status": self.severity,
        }


Law = Callable[[Part], Iterator[Finding]]
"""A group of rules: reads the document's root and says what is wrong."""


def error(rule: str, text: str) -> Finding:
    """A broken business rule that refuses the document."""
    return Finding("ERROR", rule, _category(rule), f"[{rule}]-{text}")


def warning(rule: str, text: str) -> Finding:
    """A broken business rule that the document is taken with."""
    return Finding("WARNING", rule, _category(rule), f"[{rule}]-{text}")


def _category(rule: str) -> str:
    return "KSA" if rule.startswith(("BR-KSA", "BR-CL-KSA", "BR-CUSTOM")) else "EN_16931"
