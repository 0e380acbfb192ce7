"""Who may speak to the authority: credentials, one-time codes, steps. All of it is in the journal."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from tallystick.sandbox.fatoora.certificates import certify
from tallystick.sandbox.fatoora.environments import EXPIRED_CODE, Environment
from tallystick.sandbox.fatoora.request_file import UnitRequest
from tallystick.sandbox.journal import Journal

AUTHORITY = "fatoora"
Kind = Literal["compliance", "production"]
STEPS = {
    ("01", "388"): "standard-compliant",
    ("01", "381"): "standard-credit-note-compliant",
    ("01", "383"): "standard-debit-note-compliant",
    ("02", "388"): "simplified-compliant",
    ("02", "381"): "simplified-credit-note-compliant",
    ("02", "383"): "simplified-debit-note-compliant",
}
"""Compliance step by kind of document: first two places of its name, type code."""
_CODE_LIFE = timedelta(hours=1)


@dataclass(slots=True)
class Credential:
    """A certificate somebody was given, with what it may be used for. `unit` is its request id.

    parent: the compliance credential that a production one came of; renews: the production credential it
    takes the place of once it is itself a production one.
    """

    environment: str
    kind: Kind
    unit: str
    token: str
    secret_sha256: str
    vat: str
    title: str
    name: str
    key_sha256: str
    request_pem: str
    expires_at: datetime
    parent: str = ""
    renews: str = ""
    revoked: str = ""
    steps: set[str] = field(default_factory=set)

    @property
    def certificate_text(self) -> str:
        """The certificate's base64, as it stands in stamps."""
        return b64decode(self.token).decode()

    def covers(self, flow_digits: str) -> bool:
        """Whether the title allows documents of the flow `01` (standard) or `02` (simplified)."""
        return self.title[int(flow_digits) - 1 : int(flow_digits)] == "1"

    def missing(self) -> list[str]:
        """Compliance steps that its title asks for and that have not passed."""
        wanted = [step for (digits, _), step in STEPS.items() if self.covers(digits)]
        return [step for step in wanted if step not in self.steps]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Registry:
    """Credentials and codes of all environments. `clock` says what time it is, aware of its zone."""

    def __init__(self, journal: Journal, clock: Callable[[], datetime]) -> None:
        self._journal = journal
        self._clock = clock
        self.credentials: dict[tuple[str, str], Credential] = {}
        self._by_token: dict[tuple[str, str], Credential] = {}
        self._keys: set[str] = set()
        self._codes: dict[tuple[str, str], dict[str, Any]] = {}

    def recall(self, event: dict[str, Any]) -> None:
        """Bring the memory to where it was after this event."""
        place = (str(event.get("environment")), str(event.get("unit")))
        match event["event"]:
            case "credential":
                self._keep(Credential(**{name: event[name] for name in _KEPT}, expires_at=_moment(event)))
            case "revoked":
                self.credentials[place].revoked = event["reason"]
            case "step":
                self.credentials[place].steps.add(event["step"])
            case "code":
                self._codes[place[0], event["code_sha256"]] = {**event, "used": False}
            case "code_used":
                self._codes[place[0], event["code_sha256"]]["used"] = True

    def _write(self, event: str, environment: str, **facts: Any) -> None:
        whole = {"event": event, "authority": AUTHORITY, "environment": environment, **facts}
        self.recall(self._journal.write(whole))

    def _keep(self, credential: Credential) -> None:
        self.credentials[credential.environment, credential.unit] = credential
        self._by_token[credential.environment, credential.token] = credential
        if credential.kind == "compliance":
            self._keys.add(credential.key_sha256)

    # one-time codes

    def give_code(self, environment: Environment, vat: str = "") -> tuple[str, datetime]:
        """A fresh one-time code for a VAT number (empty: for any), good for one hour and one call."""
        code = f"{secrets.randbelow(1_000_000):06d}"
        while (environment.segment, _sha256(code)) in self._codes or code in _PUBLISHED:
            code = f"{secrets.randbelow(1_000_000):06d}"
        ends = self._clock() + _CODE_LIFE
        self._write(
            "code", environment.segment, code_sha256=_sha256(code), vat=vat, expires_at=ends.isoformat()
        )
        return code, ends

    def use_code(self, environment: Environment, code: str) -> tuple[str, str]:
        """Use a code up, whatever comes of the call. Its VAT number, and why it is no good (empty: it is)."""
        if code in environment.codes:
            return "", ""
        if environment.codes and code == EXPIRED_CODE:
            return "", "expired"
        known = self._codes.get((environment.segment, _sha256(code)))
        if known is None or known["used"]:
            return "", "invalid"
        self._write("code_used", environment.segment, code_sha256=_sha256(code))
        if self._clock() >= datetime.fromisoformat(known["expires_at"]):
            return "", "expired"
        return known["vat"], ""

    # credentials

    def known_key(self, key: bytes) -> bool:
        """Whether this key was certified before, in any environment."""
        return hashlib.sha256(key).hexdigest() in self._keys

    def certify(
        self,
        environment: Environment,
        asked: UnitRequest,
        *,
        kind: Kind,
        lifetime: timedelta,
        pem: str,
        parent: str = "",
        renews: str = "",
    ) -> tuple[Credential, str]:
        """Issue and remember a credential; the secret leaves with the answer and is kept as a hash only."""
        begins = self._clock().replace(microsecond=0)
        der = certify(
            environment.segment, asked, production=kind == "production", begins=begins, ends=begins + lifetime
        )
        secret = b64encode(secrets.token_bytes(32)).decode()
        unit = self._number(environment.segment)
        self._write(
            "credential",
            environment.segment,
            kind=kind,
            unit=unit,
            token=b64encode(b64encode(der)).decode(),
            secret_sha256=_sha256(secret),
            vat=asked.vat,
            title=asked.title,
            name=asked.common_name,
            key_sha256=hashlib.sha256(asked.key).hexdigest(),
            request_pem=pem,
            expires_at=(begins + lifetime).isoformat(),
            parent=parent,
            renews=renews,
        )
        return self.credentials[environment.segment, unit], secret

    def _number(self, environment: str) -> str:
        """A request id nobody has: thirteen digits, as the authority's are."""
        while (environment, number := str(10**12 + secrets.randbelow(9 * 10**12))) in self.credentials:
            pass
        return number

    def revoke(self, credential: Credential, reason: str) -> None:
        """End a credential for good."""
        if not credential.revoked:
            self._write("revoked", credential.environment, unit=credential.unit, reason=reason)

    def passed(self, credential: Credential, step: str) -> None:
        """A compliance document of this kind was found good."""
        if step not in credential.steps:
            self._write("step", credential.environment, unit=credential.unit, step=step)

    def of_parent(self, environment: str, parent: str) -> list[Credential]:
        """Production credentials that came of a compliance one."""
        return [
            one
            for one in self.credentials.values()
            if one.environment == environment and one.parent == parent
        ]

    def find(self, environment: str, unit: str) -> Credential | None:
        """The credential of a request id."""
        return self.credentials.get((environment, unit))

    def claimed(self, environment: str, header: str) -> Credential | None:
        """Whose token stands in an Authorization header, the secret unexamined."""
        return self._by_token.get((environment, _basic(header)[0]))

    def authenticated(self, environment: str, header: str) -> Credential | None:
        """The credential of an Authorization header if it is good: known, its secret right, in force."""
        token, secret = _basic(header)
        known = self._by_token.get((environment, token))
        if known is None or not hmac.compare_digest(known.secret_sha256, _sha256(secret)):
            return None
        return None if known.revoked or self._clock() >= known.expires_at else known


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (ValueError, Base64Error):
        return "", ""
    return name, secret


def _moment(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["expires_at"])


_PUBLISHED = frozenset({"123345", "111111", EXPIRED_CODE})
_KEPT = (
    *("environment", "kind", "unit", "token", "secret_sha256", "vat", "title", "name", "key_sha256"),
    *("request_pem", "parent", "renews"),
)
