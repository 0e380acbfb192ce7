"""The documentation of one app, made when it is first asked for: every answer is the same bytes."""

from collections.abc import Sequence
from functools import cached_property

from tallystick.api.describe import Schema
from tallystick.api.openapi import document, to_bytes
from tallystick.api.rendering import docs_page, errors_page, style_sheet
from tallystick.api.routing import Route
from tallystick.canonical.schema import invoice_schema
from tallystick.strategies import Registry

__all__ = ["Documents"]


class Documents:
    """The OpenAPI document of these routes, with the loaded strategies' blocks, and the pages made of it."""

    def __init__(self, routes: Sequence[Route], registry: Registry) -> None:
        self._routes = routes
        self._registry = registry

    @cached_property
    def spec(self) -> Schema:
        """The OpenAPI document as data."""
        return document(self._routes, invoice_schema(self._registry.blocks))

    @cached_property
    def openapi(self) -> bytes:
        """The OpenAPI document."""
        return to_bytes(self.spec)

    @cached_property
    def docs(self) -> bytes:
        """The whole API on one page."""
        return docs_page(self.spec)

    @cached_property
    def errors(self) -> bytes:
        """Every code of the catalogue."""
        return errors_page()

    @cached_property
    def style(self) -> bytes:
        """The style sheet of both pages."""
        return style_sheet()
