"""How a described operation becomes a route: no description, no route; no scope, no key asked.

HTTP knows `/v1/invoices/{id}:replay`; inside, the action is a segment of its own
(`/v1/invoices/{id}/:replay`), so that routing, 404 and 405 work as for any other path. `inward` and `outward`
translate.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar import Litestar
from litestar.connection import Request
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp
from msgspec import Struct

from tallystick.api.ask import Ask, admit
from tallystick.api.describe import Operation

__all__ = ["Route", "inward", "outward", "route", "routes_of"]

ACTION: Final = re.compile(r"^(/v1/[a-z-]+/[^/:]+):([a-z-]+)$")
TYPED: Final = re.compile(r"\{([a-z_]+):[a-z]+\}")
Endpoint = Callable[[Ask], Awaitable[ASGIApp]]


class Route(Struct, frozen=True):
    """One operation under its public path: `/v1/invoices/{invoice_id}:replay`."""

    method: str
    path: str
    operation: Operation


def route(method: str, path: str, operation: Operation) -> Callable[[Endpoint], HTTPRouteHandler]:
    """Make the function answer `method path` as described. `path` names its parameters as `{name}`."""
    inside = re.sub(r"\{([a-z_]+)\}", r"{\1:str}", inward_template(path))

    def wrap(endpoint: Endpoint) -> HTTPRouteHandler:
        async def handle(request: Request[Any, Any, Any]) -> ASGIApp:
            return await endpoint(await admit(request, operation))

        handler = HTTPRouteHandler(
            inside,
            http_method=HttpMethod(method),
            name=operation.id,
            opt={"operation": operation},
            status_code=200,
            include_in_schema=False,
        )
        return handler(handle)

    return wrap


def inward(path: str) -> str:
    """The path inside for a path of HTTP. A path that is already of the inside leads nowhere."""
    if "/:" in path:
        return "/:"
    found = ACTION.match(path)
    return f"{found[1]}/:{found[2]}" if found else path


def inward_template(path: str) -> str:
    """The same for a template such as `/v1/invoices/{invoice_id}:replay`."""
    return path.replace("}:", "}/:")


def outward(template: str) -> str:
    """The public template of an inside template: types and inner slashes of actions go."""
    return TYPED.sub(r"{\1}", template).replace("}/:", "}:")


def routes_of(app: Litestar) -> list[Route]:
    """Every described operation of the app, in the order of its paths."""
    found = []
    for one in app.routes:
        if isinstance(one, HTTPRoute):
            for handler in one.route_handlers:
                operation = handler.opt.get("operation")
                if isinstance(operation, Operation):
                    method = HttpMethod(next(iter(handler.http_methods)))
                    found.append(Route(method.value, outward(one.path), operation))
    return sorted(found, key=lambda entry: (entry.path, entry.method))
