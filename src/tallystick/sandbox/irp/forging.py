"""Answers that are wrong on purpose: codes, classes of codes, tokens that must not be believed."""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any

import msgspec

from tallystick.sandbox.irp.answers import Refused, Reply
from tallystick.sandbox.irp.call import Call
from tallystick.sandbox.irp.codes import CLASSES
from tallystick.sandbox.irp.registering import duplicate
from tallystick.sandbox.irp.sealing import signed

if TYPE_CHECKING:
    from tallystick.sandbox.irp.desk import Desk

__all__ = ["ANSWERS", "FORGERIES", "after_work", "before_work", "refuses"]

FORGERIES = ("wrong-key", "unknown-kid", "tampered", "tampered-qr", "flipped")
"""Signed with another key; naming a key nobody has; other content under the right key; only in the QR; one
character of the signature changed."""
_SESSION = ("expired", "revoked")
_DONE = ("dupirn", "lost-race", "wrong-session-key", *FORGERIES)
_CODES = frozenset(code for codes in CLASSES.values() for code in codes)
_REFUSALS = frozenset((*CLASSES, *_CODES, *_SESSION, "5002-field"))
ANSWERS = _REFUSALS | {*_DONE, *(f"ewb-{code}" for code in _CODES)}
"""Every name that `answer:NAME` takes here: each code and class of codes (its codes in turn), a session that
ends in mid-flight with 1005 or 401, and what happens to a document that is registered nevertheless.
"""


def refuses(call: Call) -> bool:
    """Whether the fault is an answer that says no. Raises ValueError for an answer not known."""
    fault = call.fault
    if fault is None or fault.kind not in ("answer", "reject"):
        return False
    name = fault.argument
    if fault.kind == "answer" and name not in ANSWERS:
        raise ValueError(f"no such answer: {name!r}")
    return fault.kind == "reject" or name in _REFUSALS


def before_work(desk: Desk, call: Call) -> None:
    """Say no, if that is the fault. Raises Refused, after the session was ended if it is that."""
    fault = call.fault
    assert fault is not None
    name = fault.argument
    if name in _SESSION:
        if call.session is not None:
            call.portal.sessions.end(call.session.token)
        raise Refused("1005" if name == "expired" else "401")
    if name in CLASSES:
        codes = CLASSES[name]
        raise Refused(codes[desk.turn() % len(codes)])
    code, field, _ = name.partition("-field")
    raise Refused(code or "2139", "DocDtls.No: has a value that is not allowed" if field else "")


def after_work(desk: Desk, call: Call, reply: Reply) -> Reply:
    """The reply as the fault wants it, once the work is done."""
    fault = call.fault
    if fault is None or reply.errors or not isinstance(reply.data, dict):
        return reply
    name = "dupirn" if fault.kind == "duplicate" else fault.argument if fault.kind == "answer" else ""
    irn = reply.data.get("Irn", "")
    record = desk.records(call.portal).by_irn(irn) if isinstance(irn, str) else None
    if name == "dupirn" and record is not None:
        raise duplicate(desk, record)
    if name == "lost-race":
        other = "NIC2" if call.portal.label != "NIC2" else "NIC1"
        desk.reject(irn, call.portal.environment, other)
    if name in FORGERIES and "SignedInvoice" in reply.data:
        reply.data = _forged(desk, call, reply.data, name)
    return reply


def _forged(desk: Desk, call: Call, data: dict[str, Any], how: str) -> dict[str, Any]:
    names = ("SignedQRCode",) if how == "tampered-qr" else ("SignedInvoice", "SignedQRCode")
    return {**data, **{name: _token(desk, call, data[name], how) for name in names}}


def _token(desk: Desk, call: Call, token: str, how: str) -> str:
    said, _, signature = token.rpartition(".")
    if how == "flipped":
        return f"{said}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    claims = said.split(".")[1]
    inner = msgspec.json.decode(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    key, issuer, text = desk.keys.signing(call.portal.name), inner["iss"], inner["data"]
    if how == "wrong-key":
        return signed(text, issuer, desk.keys.stranger(), kid=key.kid)
    if how == "unknown-kid":
        return signed(text, issuer, key, kid=secrets.token_hex(20).upper())
    other = re.sub(r'"TotInvVal":([0-9]+)', lambda found: f'"TotInvVal":{int(found[1]) + 1}', text)
    return signed(other, issuer, key)
