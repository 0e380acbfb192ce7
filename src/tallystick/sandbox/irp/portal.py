"""One portal: its name and number, its habits, its users and sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tallystick.sandbox.irp.accounts import Accounts
from tallystick.sandbox.irp.judge.customs import Taxpayer
from tallystick.sandbox.irp.sessions import Sessions

__all__ = ["PORTALS", "PRODUCTION", "Habits", "Portal", "portal_named"]

PORTALS = {"nic1": ("NIC1", 1, "NIC"), "nic2": ("NIC2", 2, "NIC"), "irp6": ("IRP6", 6, "IRP6")}
"""Name in paths: name in the `irp` header, first digit of acknowledgements, issuer of tokens."""
PRODUCTION = "-production"
_LIFE = {"sandbox": 3600.0, "production": 21600.0}


@dataclass(slots=True)
class Habits:
    """How a portal behaves.

    `errors`: array, text, base64, or mixed (one after the other); `window`: how many days old a document may
    be (None: any); `floor`: first day it takes; `strict`: see `Customs`; `cancel_hours`, `read_days`.
    """

    errors: str = "array"
    status_as_text: bool = False
    ack_as_text: bool = False
    window: int | None = 30
    floor: date | None = None
    strict: bool = False
    cancel_hours: float = 24.0
    read_days: float = 3.0


@dataclass(slots=True)
class Portal:
    """A portal in one environment."""

    name: str
    label: str
    digit: int
    issuer: str
    environment: str
    sessions: Sessions
    habits: Habits = field(default_factory=Habits)
    accounts: Accounts = field(default_factory=Accounts)
    taxpayers: dict[str, Taxpayer] = field(default_factory=dict)


def portal_named(name: str) -> Portal | None:
    """A fresh portal of that name; None when there is none such."""
    bare = name.removesuffix(PRODUCTION)
    if bare not in PORTALS:
        return None
    label, digit, issuer = PORTALS[bare]
    environment = "production" if name.endswith(PRODUCTION) else "sandbox"
    made = Portal(
        name=name,
        label=label,
        digit=digit,
        issuer=issuer if environment == "production" else f"{issuer} Sandbox",
        environment=environment,
        sessions=Sessions(_LIFE[environment]),
    )
    made.habits.strict = environment == "production"
    return made
