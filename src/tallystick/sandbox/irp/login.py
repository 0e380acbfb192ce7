"""`auth`: the login under RSA, and the session it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick.sandbox.irp.answers import Refused, Reply
from tallystick.sandbox.irp.call import Call, header
from tallystick.sandbox.irp.clock import written
from tallystick.sandbox.irp.judge.binding import Unbound, plain_object
from tallystick.sandbox.irp.sealing import Sealed, sealed, unlocked, unwrapped
from tallystick.sandbox.irp.sessions import Session

if TYPE_CHECKING:
    from tallystick.sandbox.irp.desk import Desk

__all__ = ["data_of", "log_in", "session_of"]

_KEY_BYTES = 32


def data_of(body: bytes, action: str = "") -> str:
    """The member `Data` of a request, which must name this `action` if there is one. Raises Refused."""
    try:
        said = plain_object(body)
    except Unbound as error:
        raise Refused("2140", str(error)) from error
    said = {key.lower(): value for key, value in said.items()}
    data = said.get("data")
    if action and said.get("action") != action:
        raise Refused("2142", f"action must be {action}")
    if not isinstance(data, str) or not data:
        raise Refused("5003")
    return data


def log_in(desk: Desk, call: Call, body: bytes) -> Reply:
    """The session for a user: the same token for its whole life, its key under the AppKey just sent."""
    try:
        data = data_of(body)
    except Refused as error:
        raise Refused("1007") from error
    try:
        call.said = plain_object(unlocked(data, desk.keys.auth(call.portal.name)))
    except Sealed as error:
        raise Refused("1020") from error
    except Unbound as error:
        raise Refused("1007") from error
    app_key = _app_key(call.text("AppKey"))
    user, password = call.text("UserName"), call.text("Password")
    refused = call.portal.accounts.login_refused(call.gstin, user, password, call.client.client_id)
    if refused:
        raise Refused(refused)
    forced = call.given("ForceRefreshAccessToken") is True
    session, fresh = call.portal.sessions.opened(
        call.gstin, user, call.client.client_id, desk.clock.now(), force=forced
    )
    desk.note(call, "login", verdict="accepted", token=session.mark, fresh=fresh, forced=forced, user=user)
    return Reply(
        {
            "ClientId": session.client_id,
            "UserName": user,
            "AuthToken": session.token,
            "Sek": sealed(session.key, app_key),
            "TokenExpiry": written(session.expires),
        },
        plain=True,
    )


def _app_key(said: str) -> bytes:
    try:
        key = unwrapped(said)
    except Sealed as error:
        raise Refused("1016") from error
    if len(key) != _KEY_BYTES:
        raise Refused("1016")
    return key


def session_of(desk: Desk, call: Call) -> Session:
    """The session a request after the login runs under. Raises Refused."""
    user, token = header(call.headers, "user_name"), header(call.headers, "auth_token")
    if not user:
        raise Refused("1006")
    session = call.portal.sessions.found(token, desk.clock.now())
    if session is None or session.user != user or session.client_id != call.client.client_id:
        raise Refused("1005")
    if session.gstin != call.gstin:
        raise Refused("1015")
    return session
