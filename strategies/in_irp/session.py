"""The session: a login under the portal's public key, and bodies under the key that it answers with.

Source: NIC's description of auth v1.04. A portal gives the same token until the last ten minutes of its life,
so the session is given up when they have begun, and each login asks for a fresh one.
"""

import hashlib
import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from httpx import Request, Response

from tallystick.canonical import Invoice
from tallystick.formats.sealing import Unsealable, opened, rsa_sealed, sealed
from tallystick.keys import Secret
from tallystick.strategy import Enrolment, Login, Outcome, Session, Verdict

from .answers import Answer, Heard, asked_to_wait, heard, quiet
from .settings import Settings

TOKEN: Final = "token"  # noqa: S105  # the name of a secret, not the secret
SEK: Final = "sek"

INDIA: Final = timezone(timedelta(hours=5, minutes=30))
RENEWABLE: Final = timedelta(minutes=10)
SPARE: Final = timedelta(minutes=8)
"""How long before its end a session is given up: within the time in which a new one is to be had."""
LONGEST: Final = timedelta(days=1)
PAUSE: Final = 60
OLDEST: Final = timedelta(days=30)

_DEFAULTS: Final = Settings()
_when: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII).fullmatch


def settings_of(enrolment: Enrolment) -> Settings:
    """The registration's settings, or the defaults."""
    return enrolment.settings if isinstance(enrolment.settings, Settings) else _DEFAULTS


def url_of(enrolment: Enrolment, path: str) -> str:
    """The address of a call."""
    return enrolment.endpoint.rstrip("/") + path


def headers_of(enrolment: Enrolment, *, session: bool = True) -> dict[str, str]:
    """Client, taxpayer, and with a session its user and token, as the portal spells the names."""
    settings, secrets = settings_of(enrolment), enrolment.secrets
    names = settings.headers
    found = {
        "Content-Type": "application/json",
        names.client_id: _revealed(secrets, "client_id"),
        names.client_secret: _revealed(secrets, "client_secret"),
        names.gstin: enrolment.tax_identifier,
    }
    if session and enrolment.session is not None:
        found[names.user_name] = _revealed(secrets, "username")
        found[names.token] = _revealed(enrolment.session.secrets, TOKEN)
    if settings.send_irp:
        found["irp"] = settings.irp.upper()
    return found


def login(enrolment: Enrolment) -> Login:
    """Asks for a session. A refused credential is HALTED, so that nobody is locked out by trying again."""
    settings = settings_of(enrolment)
    key = app_key(enrolment)
    try:
        body = login_body(enrolment, key)
    except Unsealable as error:
        return Outcome(verdict=Verdict.HALTED, detail=f"the login cannot be encrypted: {error}")
    answer: Response = yield Request(
        "POST",
        url_of(enrolment, settings.paths.auth),
        headers=headers_of(enrolment, session=False),
        content=body,
    )
    said = heard(answer)
    refused = _refused(answer, said, enrolment, key)
    if refused is not None:
        return refused
    return _session(said, key, enrolment)


def app_key(enrolment: Enrolment) -> bytes:
    """The key that the portal encrypts the session's key with: unknown to anybody without the credential.

    Derived from it and from the time, since nothing here is random: another login, another key.
    """
    return _stream(enrolment, b"app key", 32)


def login_body(enrolment: Enrolment, key: bytes, *, force: bool = True) -> bytes:
    """The request's body: JSON in base64, encrypted under the portal's key, in base64. Raises Unsealable."""
    pem = settings_of(enrolment).public_key
    if pem is None:
        raise Unsealable("the settings have no public key of the portal")
    said = login_text(
        _revealed(enrolment.secrets, "username"), _revealed(enrolment.secrets, "password"), key, force=force
    )
    locked = rsa_sealed(b64encode(said), pem, lambda size: _stream(enrolment, b"filling", size))
    return _compact({"Data": b64encode(locked).decode()})


def login_text(user: str, password: str, key: bytes, *, force: bool) -> bytes:
    """What is encrypted: compact, as a key of 2048 bits has room for 245 bytes only."""
    members = {
        "UserName": user,
        "Password": password,
        "AppKey": b64encode(key).decode(),
        "ForceRefreshAccessToken": force,
    }
    return _compact(members)


def session_key(sek: str, key: bytes) -> bytes:
    """The session's key, as the login's answer brings it under the login's own. Raises Unsealable."""
    return opened(_decoded(sek), key)


def request_body(plain: bytes, sek: bytes) -> bytes:
    """A body as it is sent in the session: encrypted, in base64, as member `Data`."""
    return _compact({"Data": b64encode(sealed(plain, sek)).decode()})


def opened_data(data: object, sek: bytes) -> Any:
    """The JSON value that an answer's `Data` holds; None if it holds none that can be read."""
    if not isinstance(data, str):
        return None
    try:
        return json.loads(
            opened(_decoded(data), sek).decode(), parse_float=Decimal, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        return None


def key_of(enrolment: Enrolment) -> bytes | None:
    """The session's key; None where there is no session, or one that is none."""
    text = _revealed(enrolment.session.secrets, SEK) if enrolment.session else ""
    try:
        key = _decoded(text)
    except Unsealable:
        return None
    return key if len(key) == 32 else None


def _no_number(word: str) -> Any:
    raise ValueError(word)


def last_moment(invoice: Invoice, enrolment: Enrolment) -> datetime | None:
    """The last moment at which the portals take the document; None without the limit of 30 days."""
    if not settings_of(enrolment).thirty_day_limit:
        return None
    return datetime.combine(invoice.issue_date + OLDEST, time.max, INDIA)


def _refused(answer: Response, said: Answer | None, enrolment: Enrolment, key: bytes) -> Outcome | None:
    """Why there is no session, if there is none."""
    if answer.status_code in (401, 403):
        return Outcome(verdict=Verdict.HALTED, detail=f"the portal refuses the login ({answer.status_code})")
    if answer.status_code == 429 or answer.status_code >= 500 or said is None:
        return Outcome(
            verdict=Verdict.RETRY,
            detail=f"the portal does not answer a login as it should ({answer.status_code})",
            after=asked_to_wait(answer),
        )
    if said.good:
        return None
    told = " ".join(error.told for error in said.errors) or "the portal refuses the login"
    detail = quiet(told, enrolment, key)
    later = said.errors and all(error.kind in ("retry", "login") for error in said.errors)
    return Outcome(verdict=Verdict.RETRY if later else Verdict.HALTED, detail=detail)


def _session(said: Heard, key: bytes, enrolment: Enrolment) -> Session | Outcome:
    data = said.data if said else None
    token, sek = (data.get("AuthToken"), data.get("Sek")) if isinstance(data, dict) else (None, None)
    if not isinstance(token, str) or not token or not isinstance(sek, str) or not isinstance(data, dict):
        return Outcome(verdict=Verdict.RETRY, detail="the portal's answer to the login has no token")
    try:
        opened_key = session_key(sek, key)
    except Unsealable as error:
        detail = f"the session's key cannot be read: {error}"
        return Outcome(verdict=Verdict.RETRY, detail=detail, after=PAUSE)
    if len(opened_key) != 32:
        return Outcome(verdict=Verdict.RETRY, detail="the session's key is too short", after=PAUSE)
    secrets = {TOKEN: Secret(token), SEK: Secret(b64encode(opened_key).decode())}
    return Session(secrets, _until(data.get("TokenExpiry"), enrolment))


def _until(said: object, enrolment: Enrolment) -> datetime:
    """When the session is given up: shortly after a new one is to be had, or at its end if that is near."""
    end = _end(said, enrolment)
    return end - SPARE if end - enrolment.now > RENEWABLE else end


def _end(said: object, enrolment: Enrolment) -> datetime:
    """When the token ends, by the portal's word (Indian time) or by what is known of portals."""
    minutes = settings_of(enrolment).session_minutes or (360 if enrolment.environment == "production" else 60)
    usual = enrolment.now + timedelta(minutes=minutes)
    if not isinstance(said, str) or not _when(said):
        return usual
    try:
        end = datetime.fromisoformat(said).replace(tzinfo=INDIA)
    except ValueError:
        return usual
    return min(end, enrolment.now + LONGEST)


def _revealed(kept: Mapping[str, Secret], name: str) -> str:
    secret = kept.get(name)
    return secret.reveal() if secret else ""


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Unsealable("the text is not base64") from None


def _compact(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()


def _stream(enrolment: Enrolment, purpose: bytes, size: int) -> bytes:
    """So many bytes that nobody can tell without the credential (HKDF, RFC 5869, with SHA-256)."""
    secret = b"\x00".join(enrolment.secrets[name].reveal_bytes() for name in sorted(enrolment.secrets))
    salt = f"{enrolment.registration}|{enrolment.now.isoformat()}|{enrolment.reference}".encode()
    pseudo_random = hmac.new(salt, secret, hashlib.sha256).digest()
    found, block, count = b"", b"", 0
    while len(found) < size:
        count += 1
        block = hmac.new(pseudo_random, block + purpose + bytes([count]), hashlib.sha256).digest()
        found += block
    return found[:size]
