"""Who may log in: clients with their secrets, and for each taxpayer an interface user with a password.

Unless told otherwise every taxpayer has the client `tallystick-client` / `tallystick-secret` and the user
`tallystick` / `Tallystick@1`. Words are kept as hashes only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

__all__ = ["DEFAULT_CLIENT", "DEFAULT_USER", "Accounts", "User", "hashed"]

DEFAULT_CLIENT = ("tallystick-client", "tallystick-secret")
DEFAULT_USER = ("tallystick", "Tallystick@1")


def hashed(word: str) -> str:
    """What is kept of a secret word."""
    return hashlib.sha256(f"sandbox:{word}".encode("utf-8", "replace")).hexdigest()


@dataclass(slots=True)
class User:
    """An interface user; `state` active, frozen (by wrong passwords), inactive, suspended or cancelled."""

    gstin: str
    name: str
    password: str
    client_id: str = ""
    state: str = "active"
    wrong: int = 0


_STATES = {"frozen": "3033", "cancelled": "3034", "suspended": "3035", "inactive": "1014"}


class Accounts:
    """Clients and users of one portal. `lock_after` wrong passwords in a row freeze a user."""

    def __init__(self) -> None:
        self.lock_after = 5
        self.open = True
        self._clients = {DEFAULT_CLIENT[0]: hashed(DEFAULT_CLIENT[1])}
        self._users: dict[tuple[str, str], User] = {}

    def put_client(self, client_id: str, secret_hash: str) -> None:
        """Let a client in, or change its secret."""
        self._clients[client_id] = secret_hash

    def put_user(self, user: User) -> None:
        """Let a user in, or change his password; a taxpayer with users of its own has no default user."""
        self._users[user.gstin, user.name] = user

    def client_refused(self, client_id: str, secret: str) -> str:
        """The code that refuses the client, or nothing."""
        return "" if self._clients.get(client_id) == hashed(secret) else "1010"

    def user(self, gstin: str, name: str) -> User | None:
        """A user, the default one if the taxpayer has none of its own."""
        found = self._users.get((gstin, name))
        own = any(taxpayer == gstin for taxpayer, _ in self._users)
        if found is None and self.open and not own and name == DEFAULT_USER[0]:
            found = self._users[gstin, name] = User(gstin, name, hashed(DEFAULT_USER[1]))
        return found

    def login_refused(self, gstin: str, name: str, password: str, client_id: str) -> str:
        """The code that refuses a login, or nothing. A wrong password is counted."""
        user = self.user(gstin, name)
        if user is None:
            return "1017"
        if user.state != "active":
            return _STATES[user.state]
        if user.client_id not in ("", client_id):
            return "1018"
        if user.password != hashed(password):
            user.wrong += 1
            if user.wrong >= self.lock_after:
                user.state = "frozen"
            return "1019"
        user.wrong = 0
        return ""
