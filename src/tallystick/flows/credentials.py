"""API keys: how they look, how they are made, whose they are.

    ts_test_ABCD1234_0123456789abcdefghijABCDEFGHIJ01xxxxxx
    mode    public   secret (190 bit)                 checksum

Mode and public part are the key's prefix: it may be shown and is what a key is looked up by. The checksum
(CRC-32 of all before it) lets a mistyped key, and a secret scanner's false alarm, be told without asking the
database. Stored is only HMAC-SHA-256 of the whole text under the installation's pepper.

Secret scanners: `ts_(test|live)_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}`.
"""

import asyncio
import contextlib
import hmac
import re
import secrets
import time
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

from tallystick.flows import Caller
from tallystick.flows.errors import Refused, Unavailable
from tallystick.flows.transactions import within
from tallystick.keys import Secret
from tallystick.store import rows
from tallystick.store.errors import StoreUnavailable

if TYPE_CHECKING:
    from tallystick.flows.gateway import Gateway

__all__ = ["SCOPES", "Authenticator", "MintedKey", "Unauthenticated", "mint", "prefix_of"]

SCOPES: Final = (
    "invoices:read",
    "invoices:write",
    "audit:read",
    "registrations:write",
    "webhooks:write",
    "submission:resolve",
    "admin",
)
ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHAPE: Final = re.compile(r"(ts_(?:test|live)_[0-9A-Za-z]{8})_[0-9A-Za-z]{38}", re.ASCII)
PREFIX_LENGTH: Final = 16
CACHE_SECONDS: Final = 5.0
CACHE_SIZE: Final = 10_000
SEEN_SECONDS: Final = 60.0


class Unauthenticated(Refused):
    """The key opens nothing. The sentence does not say why."""

    def __init__(self) -> None:
        super().__init__("The API key is not valid.")


class MintedKey(NamedTuple):
    """A new key: what may be shown, and the whole text, which exists only here and with its owner."""

    prefix: str
    text: Secret


def base62(number: int, length: int) -> str:
    """The number in base 62, left-filled with zeros."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def checksum(text: str) -> str:
    """Six characters over everything before them."""
    return base62(zlib.crc32(text.encode()), 6)


def mint(mode: str) -> MintedKey:
    """A new key of the mode `test` or `live`, from the system's randomness."""
    if mode not in ("test", "live"):
        raise ValueError("a key's mode is test or live")
    public = "".join(secrets.choice(ALPHABET) for _ in range(8))
    secret = "".join(secrets.choice(ALPHABET) for _ in range(32))
    text = f"ts_{mode}_{public}_{secret}"
    return MintedKey(f"ts_{mode}_{public}", Secret(text + checksum(text)))


def prefix_of(text: str) -> str | None:
    """The key's prefix, or None if the text cannot be a key: wrong shape or wrong checksum."""
    found = SHAPE.fullmatch(text)
    if found is None or not hmac.compare_digest(checksum(text[:-6]), text[-6:]):
        return None
    return found[1]


class Known(NamedTuple):
    """A key as the store had it a moment ago."""

    hash: bytes
    caller: Caller
    until: float
    expires_at: float | None


class Authenticator:
    """Says whose a key is. Remembers a good answer for 5 s, so a revoked key is refused at the latest then.

    Only good answers are remembered, keyed by prefix and compared by hash in constant time: a wrong secret
    under a known prefix is refused without evicting the right one.
    """

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._known: dict[str, Known] = {}
        self._seen: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def caller(self, text: str) -> Caller:
        """The key's tenant, scopes and mode. Raises Unauthenticated; Unavailable if the store cannot be
        asked.
        """
        known = self._known.get(text[:PREFIX_LENGTH])
        if known is None or known.until < time.monotonic():
            prefix = prefix_of(text)
            if prefix is None:
                raise Unauthenticated
            known = await self._look_up(prefix)
        digest = self._gateway.keyring.hash_api_key(text)
        if not hmac.compare_digest(known.hash, digest):
            raise Unauthenticated
        if known.expires_at is not None and known.expires_at <= time.time():
            raise Unauthenticated
        self._used(known.caller)
        return known.caller

    def _used(self, caller: Caller) -> None:
        now = time.monotonic()
        if now - self._seen.get(caller.key_prefix, -SEEN_SECONDS) < SEEN_SECONDS:
            return
        if len(self._seen) >= CACHE_SIZE:
            self._seen.clear()
        self._seen[caller.key_prefix] = now
        task = asyncio.create_task(self._note_use(caller))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait for the notes that are still being written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def forget(self, prefix: str) -> None:
        """Ask the store again next time: this process has just revoked the key."""
        self._known.pop(prefix, None)

    async def _look_up(self, prefix: str) -> Known:
        try:
            row = await self._gateway.store.find_api_key(prefix)
        except StoreUnavailable:
            raise Unavailable from None
        if row is None or row["revoked_at"] is not None:
            self.forget(prefix)
            raise Unauthenticated
        caller = Caller(
            tenant_id=row["tenant_id"], key_prefix=prefix, scopes=frozenset(row["scopes"]), mode=row["mode"]
        )
        expires_at = None if row["expires_at"] is None else row["expires_at"].timestamp()
        known = Known(row["hash"], caller, time.monotonic() + CACHE_SECONDS, expires_at)
        if len(self._known) >= CACHE_SIZE:
            self._known.clear()
        self._known[prefix] = known
        return known

    async def _note_use(self, caller: Caller) -> None:
        """Write down, at most once a minute, that the key is in use. What fails here fails silently."""
        with contextlib.suppress(Unavailable):
            async with within(self._gateway, caller.tenant_id) as connection:
                where = {"prefix": caller.key_prefix}
                await rows.change(connection, "api_key", where, {"last_used_at": rows.NOW})
