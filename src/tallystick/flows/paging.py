"""Cursors: where a page ended, signed, so that nobody can point one elsewhere.

A cursor is base64url of `mac(16) + JSON of the place`. The MAC is keyed by the installation's pepper and
covers the tenant, the list's name and its filters: a cursor of another tenant, list or filter is refused like
any invented text.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct, json

from tallystick.flows.errors import Refused
from tallystick.keys import Keyring

__all__ = ["BadCursor", "Page", "Place", "read_cursor", "read_place", "write_cursor"]

T = TypeVar("T")
P = TypeVar("P", bound=Struct)
MAC_BYTES: Final = 16


class BadCursor(Refused):
    """The text is no cursor of this list."""


class Page(Struct, Generic[T], kw_only=True):
    """One page. `next_cursor` is None on the last one (for now: a feed may grow)."""

    data: list[T]
    next_cursor: str | None
    has_more: bool


class Place(Struct, array_like=True, frozen=True):
    """The last item of a page: its id, after its time in lists that are ordered by time."""

    id: UUID
    at: datetime | None = None


def write_cursor(
    keyring: Keyring, tenant: UUID, listing: str, filters: Mapping[str, Any], place: Struct
) -> str:
    """The cursor for what comes after `place`."""
    payload = json.encode(place)
    whole = mac(keyring, tenant, listing, filters, payload) + payload
    return urlsafe_b64encode(whole).rstrip(b"=").decode()


def read_cursor(keyring: Keyring, tenant: UUID, listing: str, filters: Mapping[str, Any], text: str) -> Place:
    """The place a cursor stands for. Raises BadCursor."""
    return read_place(Place, keyring, tenant, listing, filters, text)


def read_place(
    kind: type[P], keyring: Keyring, tenant: UUID, listing: str, filters: Mapping[str, Any], text: str
) -> P:
    """The place a cursor of a list with places of this kind stands for. Raises BadCursor."""
    try:
        whole = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        payload = whole[MAC_BYTES:]
        if not hmac.compare_digest(whole[:MAC_BYTES], mac(keyring, tenant, listing, filters, payload)):
            raise BadCursor
        return json.decode(payload, type=kind)
    except (ValueError, msgspec.DecodeError):
        raise BadCursor from None


def mac(keyring: Keyring, tenant: UUID, listing: str, filters: Mapping[str, Any], payload: bytes) -> bytes:
    """Sixteen bytes only this installation can make. The line feeds keep it apart from every API key's
    hash.
    """
    shape = json.encode(sorted((name, str(value)) for name, value in filters.items()))
    text = f"cursor\n{tenant}\n{listing}\n{shape.decode()}\n{payload.decode('latin-1')}"
    return keyring.hash_api_key(text)[:MAC_BYTES]
