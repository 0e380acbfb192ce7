"""The envelope of every answer, in each of the ways the real portals are known to write it."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from tallystick.sandbox.irp.codes import said
from tallystick.sandbox.irp.sealing import sealed

__all__ = ["ENCODINGS", "Info", "Refused", "Reply", "written_out"]

ENCODINGS = ("array", "text", "base64")
"""How ErrorDetails comes: a list, the list as JSON text, or that text in base64."""

Info = tuple[str, Any]
"""A code of InfoDtls and what it says."""


class Refused(Exception):
    """The portal's no: codes with sentences, and information beside them."""

    def __init__(self, code: str, text: str = "", infos: tuple[Info, ...] = ()) -> None:
        super().__init__(code)
        self.errors = [(code, text or said(code))]
        self.infos = list(infos)


@dataclass(slots=True)
class Reply:
    """What an operation came to. `plain`: the data is not encrypted."""

    data: Any = None
    errors: list[tuple[str, str]] = field(default_factory=list)
    infos: list[Info] = field(default_factory=list)
    plain: bool = False
    status: int = 200

    @property
    def codes(self) -> list[str]:
        """The codes of the errors, each once."""
        return list(dict.fromkeys(code for code, _ in self.errors))


def written_out(reply: Reply, key: bytes | None, *, encoding: str, status_as_text: bool) -> bytes:
    """The body. `key` is the session key that data is encrypted under."""
    good = not reply.errors
    data = None
    if good and (reply.plain or key is None):
        data = reply.data
    elif good and key is not None:
        data = sealed(_compact(reply.data), key)
    flag = int(good)
    body = {
        "Status": str(flag) if status_as_text else flag,
        "Data": data,
        "ErrorDetails": _errors(reply.errors, encoding) if reply.errors else None,
        "InfoDtls": [{"InfCd": code, "Desc": text} for code, text in reply.infos] or None,
    }
    return _compact(body)


def _errors(errors: list[tuple[str, str]], encoding: str) -> Any:
    listed = [{"ErrorCode": code, "ErrorMessage": text} for code, text in errors]
    if encoding == "array":
        return listed
    text = _compact(listed)
    return b64encode(text).decode() if encoding == "base64" else text.decode()


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
