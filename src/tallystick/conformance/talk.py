"""Conversations without a socket: recorded answers are sent in, requests and the result come out.

A request's golden form names the secrets it carries and shows none: `(secret token)`.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal

import msgspec
from httpx import Request, Response
from msgspec import Struct

from tallystick.strategy import Conversation, Document, Enrolment, Login, LogsIn, Outcome, Session, Strategy

__all__ = ["Answer", "Exchange", "Held", "Talk", "begun", "golden_request", "hold", "replay", "secrets_of"]

MAX_REQUESTS: Final = 8
"""More requests than this in one conversation, and the courier would be kept busy for ever."""

MAX_SHOWN: Final = 2000
"""Bodies longer than this are golden by their digest."""

Verb = Literal["submit", "inquire", "login"]


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the authority answered. A `body` that is text is sent as it is, any other JSON value as JSON."""

    status: int = 200
    headers: dict[str, str] = {}
    body: Any = ""

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        return self.body.encode() if isinstance(self.body, str) else msgspec.json.encode(self.body)

    def to(self, request: Request) -> Response:
        """The response to that request."""
        kind = {} if isinstance(self.body, str) else {"content-type": "application/json"}
        raw = [
            (name.encode("latin-1"), text.encode("latin-1")) for name, text in (kind | self.headers).items()
        ]
        return Response(self.status, headers=raw, content=self.content, request=request)


class Exchange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One request, golden, and its answer. `request` may be left out until `--update` writes it."""

    response: Answer
    request: dict[str, Any] = {}


class Talk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A recorded conversation. `again` names a talk of the case that must have had the same outcome."""

    verb: Verb
    exchanges: list[Exchange]
    again: str = ""


class Held(Struct, frozen=True):
    """A conversation that was held: what was asked, and what it came to (None: cut off before its end)."""

    requests: tuple[Request, ...]
    result: Outcome | Session | None


def begun(strategy: Strategy, verb: Verb, document: Document, enrolment: Enrolment) -> Conversation | Login:
    """A fresh conversation. Raises TypeError for `login` of a strategy that has none."""
    if verb == "submit":
        return strategy.submit(document, enrolment)
    if verb == "inquire":
        return strategy.inquire(document, enrolment)
    if not isinstance(strategy, LogsIn):
        raise TypeError(f"{strategy.name} does not log in")
    return strategy.login(enrolment)


def hold(conversation: Conversation | Login, answer: Callable[[Request], Response | None]) -> Held:
    """Hold a conversation to its end, or until `answer` has none: then it is closed, as the courier does.

    Raises RuntimeError when it asks more than MAX_REQUESTS times.
    """
    asked: list[Request] = []
    try:
        request = next(conversation)
        while True:
            asked.append(request)
            request.read()
            response = answer(request)
            if response is None:
                conversation.close()
                return Held(tuple(asked), None)
            if len(asked) >= MAX_REQUESTS:
                conversation.close()
                raise RuntimeError(f"more than {MAX_REQUESTS} requests in one conversation")
            request = conversation.send(response)
    except StopIteration as end:
        return Held(tuple(asked), end.value)


def replay(conversation: Conversation | Login, answers: Iterable[Answer]) -> Held:
    """Hold a conversation with recorded answers; it is closed when it asks for one more than there are."""
    waiting = iter(answers)

    def next_answer(request: Request) -> Response | None:
        answer = next(waiting, None)
        return answer.to(request) if answer else None

    return hold(conversation, next_answer)


def secrets_of(enrolment: Enrolment) -> dict[str, bytes]:
    """The secrets by name, the session's among them."""
    secrets = {name: secret.reveal_bytes() for name, secret in enrolment.secrets.items()}
    session = enrolment.session.secrets if enrolment.session else {}
    return secrets | {f"session.{name}": secret.reveal_bytes() for name, secret in session.items()}


def golden_request(request: Request, document: Document, enrolment: Enrolment) -> dict[str, Any]:
    """A request as a golden file shows it: without what httpx adds, and without secrets."""
    secrets = secrets_of(enrolment)
    headers = {name: hidden(value, secrets) for name, value in sorted(request.headers.items())}
    for added in ("host", "content-length"):
        headers.pop(added, None)
    shown = {"method": request.method, "url": hidden(str(request.url), secrets), "headers": headers}
    if request.content:
        shown["body"] = _shown(request.content, document, secrets)
    return shown


def hidden(text: str, secrets: Mapping[str, bytes]) -> str:
    """The text with every secret, plain or in base64, replaced by its name."""
    for name, value in secrets.items():
        for spelling in (value.decode("latin-1"), b64encode(value).decode()) if value else ():
            text = text.replace(spelling, f"(secret {name})")
    return text


def _shown(content: bytes, document: Document, secrets: Mapping[str, bytes]) -> Any:
    if content == document.body:
        return "(the document)"
    if len(content) > MAX_SHOWN:
        return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    try:
        return hidden(content.decode(), secrets)
    except UnicodeDecodeError:
        return {"base64": b64encode(content).decode()}
