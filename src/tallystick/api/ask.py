"""One request, admitted: who asks, with which parameters, accepting what; and the bytes it brings.

Admission is in a fixed order, so that nobody learns anything without a key: key (401), scope (403), path
(404), parameters (400), acceptable answer (406), then the body's media type (415), size (413) and time (408).
"""

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote_to_bytes

from litestar.connection import Request

from tallystick.api.describe import Body, Operation, Parameter
from tallystick.api.problems import Refusal, fault
from tallystick.canonical import Fault
from tallystick.flows import Caller
from tallystick.flows.credentials import Unauthenticated

if TYPE_CHECKING:
    from tallystick.api.documents import Documents
    from tallystick.api.metrics import Metrics
    from tallystick.flows.credentials import Authenticator
    from tallystick.flows.gateway import Gateway

__all__ = ["Ask", "admit"]

BODY_SECONDS: Final = 30.0
NOT_SENT: Final = Refusal("auth/missing-key", "The request has no `Authorization: Bearer` header.")
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="tallystick"'}


class Ask:
    """An admitted request. `caller` may only be read by operations that have a scope."""

    __slots__ = ("_caller", "_headers", "operation", "path", "query", "request")

    def __init__(self, request: Request[Any, Any, Any], operation: Operation, caller: Caller | None) -> None:
        self.request = request
        self.operation = operation
        self._caller = caller
        self._headers: dict[bytes, list[str]] = {}
        for name, value in request.scope["headers"]:
            self._headers.setdefault(name, []).append(value.decode("latin-1"))
        self.path = path_values(request, operation)
        self.query = query_values(request.scope.get("query_string", b""), operation)
        self._check_headers()

    @property
    def gateway(self) -> "Gateway":
        """The open gateway: store, strategies, keys, settings."""
        return cast("Gateway", self.request.app.state.gateway)

    @property
    def metrics(self) -> "Metrics":
        """The app's counters."""
        return cast("Metrics", self.request.app.state.metrics)

    @property
    def documents(self) -> "Documents":
        """The documentation, made once at start."""
        return cast("Documents", self.request.app.state.documents)

    @property
    def authenticator(self) -> "Authenticator":
        """Whose keys are whose."""
        return cast("Authenticator", self.request.app.state.authenticator)

    @property
    def caller(self) -> Caller:
        """Who asks. Raises LookupError in an operation without a scope."""
        if self._caller is None:
            raise LookupError(f"{self.operation.id} asks for no key")
        return self._caller

    def header(self, name: str) -> str | None:
        """The header's only value. Two different values of one header are refused."""
        values = set(self.headers(name))
        if len(values) > 1:
            raise Refusal(
                "request/invalid-header", f"The header {name} is given twice with different values."
            )
        return values.pop() if values else None

    def headers(self, name: str) -> list[str]:
        """Every value of the header, in order. `name` in any case."""
        return self._headers.get(name.lower().encode(), [])

    def _check_headers(self) -> None:
        """Refuse (400) a header that does not look as it is documented to look."""
        for parameter in self.operation.headers:
            for value in self.headers(parameter.name):
                if re.fullmatch(parameter.schema["pattern"], value) is None:
                    raise Refusal(
                        "request/invalid-header", f"The header {parameter.name} is not well formed."
                    )

    async def body(self) -> bytes:
        """The body, never more than its limit in memory. Raises Refusal 415, 413, 408."""
        promise = cast(Body, self.operation.body)
        if promise.required or self.header("content-type") is not None:
            self._check_media_type(promise)
        limit = promise.max_bytes or self.gateway.settings.max_body_bytes
        length = self.header("content-length") or ""
        if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > limit):
            raise too_large(limit)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._receive(limit)
        except TimeoutError:
            raise Refusal("request/timeout", "The body did not arrive within 30 seconds.") from None

    async def _receive(self, limit: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = cast(dict[str, Any], await self.request.receive())
            if message["type"] == "http.disconnect":
                raise Refusal("request/timeout", "The connection ended before the body was complete.")
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise too_large(limit)
            parts.append(part)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    def _check_media_type(self, promise: Body) -> None:
        if self.header("content-encoding") not in (None, "identity"):
            raise Refusal("request/unsupported-media-type", "Encoded (compressed) bodies are not read.")
        sent = self.header("content-type") or ""
        media_type, _, options = sent.partition(";")
        if media_type.strip().lower() not in promise.media_types:
            known = " or ".join(promise.media_types)
            raise Refusal(
                "request/unsupported-media-type", f"Send the body as {known}.", headers={"Accept": known}
            )
        charset = options.lower().replace(" ", "").replace('"', "")
        if (
            "charset=" in charset
            and "charset=utf-8" not in charset
            and media_type.strip().lower().endswith("json")
        ):
            raise Refusal("request/unsupported-media-type", "JSON is read as UTF-8 only.")


async def admit(request: Request[Any, Any, Any], operation: Operation) -> Ask:
    """The request, if its sender may make it. Raises Refusal."""
    caller = None if operation.scope is None else await authenticate(request, operation.scope)
    ask = Ask(request, operation, caller)
    check_acceptable(ask)
    return ask


async def authenticate(request: Request[Any, Any, Any], scope: str) -> Caller:
    """Whose key it is. Raises Refusal 401 (never saying which part was wrong) or 403. No scope: any key."""
    sent = [value for name, value in request.scope["headers"] if name == b"authorization"]
    if not sent:
        raise Refusal("auth/missing-key", NOT_SENT.detail, headers=CHALLENGE)
    word, _, text = sent[0].decode("latin-1").partition(" ")
    if len(sent) > 1 or word.lower() != "bearer":
        raise Refusal("auth/missing-key", NOT_SENT.detail, headers=CHALLENGE)
    authenticator = cast("Authenticator", request.app.state.authenticator)
    try:
        caller = await authenticator.caller(text.strip())
    except Unauthenticated as error:
        challenge = {"WWW-Authenticate": CHALLENGE["WWW-Authenticate"] + ', error="invalid_token"'}
        raise Refusal("auth/invalid-key", str(error), headers=challenge) from None
    if scope and scope not in caller.scopes and "admin" not in caller.scopes:
        raise Refusal("auth/scope", f"The key {caller.key_prefix} lacks the scope {scope}.")
    return caller


def too_large(limit: int) -> Refusal:
    """The answer to a body over its limit; the connection is closed, the rest of the body is not read."""
    return Refusal(
        "request/too-large", f"The body may have at most {limit} bytes.", headers={"Connection": "close"}
    )


def path_values(request: Request[Any, Any, Any], operation: Operation) -> dict[str, Any]:
    """The path parameters, parsed. What cannot be an id names nothing: 404."""
    values: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.where == "path":
            try:
                values[parameter.name] = parameter.parse(request.scope["path_params"][parameter.name])
            except ValueError:
                raise Refusal("resource/not-found", "There is no such resource.") from None
    return values


def query_values(query: bytes, operation: Operation) -> dict[str, Any]:
    """The query parameters, parsed; all faults at once. Raises Refusal 400."""
    if not query:
        return {}
    known = {parameter.name: parameter for parameter in operation.query}
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for pair in query.split(b"&"):
        if pair:
            take(pair, known, values, faults)
    if faults:
        raise Refusal("request/invalid-parameter", "The query has faults; see `errors`.", errors=faults)
    return values


def take(pair: bytes, known: dict[str, Parameter], values: dict[str, Any], faults: list[Fault]) -> None:
    """Put one `name=value` into `values`, or what is wrong with it into `faults`."""
    raw_name, _, raw_value = pair.partition(b"=")
    name = unquote_to_bytes(raw_name.replace(b"+", b" ")).decode("utf-8", "replace")[:100]
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    parameter = known.get(name)
    if parameter is None:
        faults.append(
            fault(pointer, "request/unknown-parameter", f"The operation has no parameter {name!r}.")
        )
    elif name in values:
        faults.append(fault(pointer, "request/repeated-parameter", f"The parameter {name} is given twice."))
    else:
        try:
            text = unquote_to_bytes(raw_value.replace(b"+", b" ")).decode()
            values[name] = parameter.parse(text)
        except UnicodeDecodeError:
            faults.append(fault(pointer, "request/invalid-parameter", f"The parameter {name} is not UTF-8."))
        except ValueError as error:
            faults.append(fault(pointer, "request/invalid-parameter", f"The parameter {name} {error}."))


def check_acceptable(ask: Ask) -> None:
    """Refuse (406) a request that accepts none of the operation's media types."""
    sent = ",".join(ask.headers("accept"))
    if not sent or ("*/*" in sent and "q=0" not in sent):
        return
    offered = ask.operation.media_types
    if not offered or any(accepts(item, name) for item in sent.split(",") for name in offered):
        return
    raise Refusal("request/not-acceptable", "This operation answers with " + ", ".join(offered) + ".")


def accepts(item: str, media_type: str) -> bool:
    """Whether one item of an `Accept` header allows the media type."""
    wanted, _, options = item.strip().lower().partition(";")
    if options.replace(" ", "").rstrip("0.") == "q=":
        return False
    wanted = wanted.strip()
    return wanted in ("*/*", media_type) or (wanted.endswith("/*") and media_type.startswith(wanted[:-1]))
