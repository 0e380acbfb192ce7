"""The application: routes, their surroundings, and the gateway's life."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from litestar import Litestar, Response
from litestar.connection import Request
from litestar.exceptions import HTTPException
from litestar.response.base import ASGIResponse
from litestar.types import Method
from litestar.utils import normalize_path

from tallystick.api import (
    acts,
    decisions,
    documentation,
    evidence,
    health,
    invoices,
    keys,
    pictures,
    public,
    regimes,
    registrations,
    sellers,
    webhooks,
)
from tallystick.api.conversation import conversation_of, hold
from tallystick.api.documents import Documents
from tallystick.api.failures import refusal_of
from tallystick.api.language import Arabic, prefers_arabic
from tallystick.api.logs import least, logger
from tallystick.api.metrics import Metrics
from tallystick.api.problems import answer
from tallystick.api.routing import routes_of
from tallystick.flows.credentials import Authenticator
from tallystick.flows.gateway import Gateway, Waker, open_gateway
from tallystick.settings import Settings

__all__ = ["Application", "create_app"]

METHODS: Final[tuple[Method, ...]] = ("GET", "POST", "PATCH", "DELETE", "OPTIONS")
ROUTES: Final = (
    *invoices.ROUTES,
    *decisions.ROUTES,
    *acts.ROUTES,
    *pictures.ROUTES,
    *evidence.ROUTES,
    *sellers.ROUTES,
    *registrations.ROUTES,
    *regimes.ROUTES,
    *webhooks.ROUTES,
    *keys.ROUTES,
    *public.ROUTES,
    *health.ROUTES,
    *documentation.ROUTES,
)


class Application(Litestar):
    """Litestar, with every HTTP request led through `conversation.hold`."""

    metrics: Metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI entry."""
        if scope["type"] == "http":
            await hold(self._answer, scope, receive, send, self.metrics)
        else:
            await super().__call__(scope, receive, send)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        allowed = allowed_methods(self, scope["path"]) if scope["method"] == "OPTIONS" else ""
        if allowed != "":
            await ASGIResponse(status_code=204, headers={"Allow": allowed})(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(
    settings: Settings, gateway: Gateway | None = None, *, wake: Waker | None = None
) -> Application:
    """The API. With a `gateway` it uses that one and leaves it open; else it opens one for its lifetime.

    `wake` tells the workers of a new submission, if there is a way to.
    """

    @asynccontextmanager
    async def life(app: Litestar) -> AsyncIterator[None]:
        least(settings.log_level)
        async with AsyncExitStack() as stack:
            opened = gateway
            if opened is None:
                opened = await stack.enter_async_context(open_gateway(settings, "app", wake=wake))
            authenticator = begin(app, opened)
            try:
                yield
            finally:
                await authenticator.settle()

    app = Application(
        route_handlers=list(ROUTES),
        lifespan=[life],
        exception_handlers={Exception: on_error},
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.metrics = app.state.metrics = Metrics()
    return app


def begin(app: Litestar, gateway: Gateway) -> Authenticator:
    """Hand the open gateway to the routes. Whoever ends the app lets the authenticator settle first."""
    authenticator = Authenticator(gateway)
    app.state.gateway = gateway
    app.state.authenticator = authenticator
    app.state.documents = Documents(routes_of(app), gateway.strategies)
    return authenticator


def on_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Every exception as a problem. What we did not foresee is logged, by type and place."""
    missed = isinstance(error, HTTPException) and error.status_code == 405
    refusal = refusal_of(error, allowed_methods(request.app, request.scope["path"]) if missed else "")
    conversation = conversation_of(request.scope)
    conversation.code = refusal.kind.code
    if refusal.kind.status == 500:
        logger.error("unforeseen", exc_info=error)
    return Ready(
        answer(
            refusal,
            path=conversation.path,
            request_id=conversation.request_id,
            trace_id=conversation.trace_id,
            arabic=arabic_of(request),
        )
    )


def arabic_of(request: Request[Any, Any, Any]) -> Arabic | None:
    """Arabic, for a caller who would rather read that."""
    preferred = prefers_arabic(request.headers.getall("accept-language", []))
    return Arabic(request.app.state.gateway.explorer) if preferred else None


class Ready(Response[None]):
    """An answer that is already made."""

    def __init__(self, made: ASGIResponse) -> None:
        super().__init__(None)
        self._made = made

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        """The answer."""
        return self._made


def allowed_methods(app: Litestar, path: str) -> str:
    """The methods of a path, for `Allow`; empty for a path that nobody knows."""
    inside = normalize_path(path)
    known = [method for method in METHODS if knows(app, inside, method)]
    return "" if known == ["OPTIONS"] else ", ".join(known)


def knows(app: Litestar, path: str, method: Method) -> bool:
    """Whether the path has an operation of this method."""
    try:
        app.asgi_router.handle_routing(path=path, method=method)
    except HTTPException:
        return False
    return True
