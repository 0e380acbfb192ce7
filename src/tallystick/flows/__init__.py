"""The verbs: accept, submit, notify, receipt. The only room that sees the whole; it knows no HTTP."""

from collections.abc import Set
from typing import Literal
from uuid import UUID

from msgspec import Struct

__all__ = ["Caller", "Mode"]

Mode = Literal["test", "live"]


class Caller(Struct, frozen=True, kw_only=True):
    """Who asks: one API key of one tenant. `mode` decides which registrations and invoices it can see."""

    tenant_id: UUID
    key_prefix: str
    scopes: Set[str] = frozenset()
    mode: Mode = "test"

    @property
    def actor(self) -> str:
        """How the log names this caller."""
        return f"key:{self.key_prefix}"

    def may(self, scope: str) -> bool:
        """Whether the key has the scope (`admin` has all)."""
        return scope in self.scopes or "admin" in self.scopes
