"""Sessions: one token for its whole life, whoever asks; a new one only near its end and on demand."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

__all__ = ["Session", "Sessions"]


@dataclass(frozen=True, slots=True)
class Session:
    """A token and its session key, for one taxpayer, user and client."""

    gstin: str
    user: str
    client_id: str
    token: str
    key: bytes = field(repr=False)
    expires: datetime

    @property
    def mark(self) -> str:
        """What the journal may say of the token."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:16]


class Sessions:
    """`life` and `window` in seconds: how long a token lives, and in which last part it may be renewed.

    `renewal_revokes`: a renewed token ends the one before it, which otherwise lives on to its end.
    """

    def __init__(self, life: float) -> None:
        self.life = life
        self.window = 600.0
        self.renewal_revokes = False
        self._current: dict[tuple[str, str, str], Session] = {}
        self._by_token: dict[str, Session] = {}

    def opened(
        self, gstin: str, user: str, client_id: str, now: datetime, *, force: bool
    ) -> tuple[Session, bool]:
        """The session for a login, and whether its token is new."""
        owner = (gstin, user, client_id)
        current = self._current.get(owner)
        alive = current is not None and current.token in self._by_token and now < current.expires
        if current is not None and alive:
            renewing = force and now >= current.expires - timedelta(seconds=self.window)
            if not renewing:
                return current, False
            if self.renewal_revokes:
                self.end(current.token)
        made = Session(
            *owner, secrets.token_urlsafe(24), secrets.token_bytes(32), now + timedelta(seconds=self.life)
        )
        self._current[owner] = self._by_token[made.token] = made
        return made, True

    def found(self, token: str, now: datetime) -> Session | None:
        """The living session of a token."""
        session = self._by_token.get(token)
        return session if session is not None and now < session.expires else None

    def end(self, token: str) -> None:
        """Revoke one token."""
        self._by_token.pop(token, None)

    def end_all(self, gstin: str = "") -> int:
        """Revoke all tokens, or all of one taxpayer; says how many."""
        ended = [token for token, one in self._by_token.items() if gstin in ("", one.gstin)]
        for token in ended:
            self.end(token)
        return len(ended)
