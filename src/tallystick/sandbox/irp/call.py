"""One request at a portal, from its headers to what is known of who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tallystick.sandbox.faults import Fault
from tallystick.sandbox.irp.answers import Refused
from tallystick.sandbox.irp.portal import Portal
from tallystick.sandbox.irp.sessions import Session

__all__ = ["Call", "Client", "client_of", "header"]

_SPELLINGS = {
    "client_id": ("client_id", "client-id"),
    "client_secret": ("client_secret", "client-secret"),
    "user_name": ("user_name", "user-name"),
    "auth_token": ("authtoken", "auth-token"),
}


@dataclass(frozen=True, slots=True)
class Client:
    """Who the headers say is asking, secret checked."""

    client_id: str
    gstin: str


@dataclass(slots=True)
class Call:
    """What an operation works on. `raw` is the request decrypted, `said` its JSON (numbers Decimal)."""

    portal: Portal
    operation: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    path: str = ""
    client: Client = field(default_factory=lambda: Client("", ""))
    session: Session | None = None
    raw: bytes = b""
    said: dict[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    noted: bool = False

    @property
    def gstin(self) -> str:
        """The taxpayer who asks."""
        return self.client.gstin

    def given(self, name: str) -> Any:
        """A member of the decrypted JSON, whatever the case of its key."""
        lower = name.lower()
        return next((value for key, value in self.said.items() if key.lower() == lower), None)

    def text(self, name: str) -> str:
        """The same as text; empty when it is not there or no text."""
        found = self.given(name)
        return found if isinstance(found, str) else "" if found is None else str(found)


def header(headers: Mapping[str, str], name: str) -> str:
    """A header under either of its spellings. Raises Refused when both are sent."""
    found = [headers[spelling] for spelling in _SPELLINGS.get(name, (name,)) if headers.get(spelling)]
    if len(found) > 1:
        raise Refused("1007", f"{name} is sent in two spellings")
    return found[0] if found else ""


def client_of(portal: Portal, headers: Mapping[str, str]) -> Client:
    """The client and the taxpayer it acts for. Raises Refused."""
    client_id, secret = header(headers, "client_id"), header(headers, "client_secret")
    gstin = header(headers, "gstin")
    if not client_id:
        raise Refused("1011")
    if not secret:
        raise Refused("1012")
    refused = portal.accounts.client_refused(client_id, secret)
    if refused:
        raise Refused(refused)
    if not gstin:
        raise Refused("1004")
    return Client(client_id, gstin)
