"""The documentation of one app, made once: every answer is the same bytes."""

from collections.abc import Sequence

from msgspec import Struct

from tallystick.api.openapi import document, to_bytes
from tallystick.api.rendering import docs_page, errors_page, style_sheet
from tallystick.api.routing import Route
from tallystick.canonical.schema import invoice_schema
from tallystick.strategies import Registry

__all__ = ["Documents", "documents"]


class Documents(Struct, frozen=True):
    """The OpenAPI document and the pages made of it."""

    openapi: bytes
    docs: bytes
    errors: bytes
    style: bytes


def documents(routes: Sequence[Route], registry: Registry) -> Documents:
    """The documentation of these routes, with the regime blocks of the loaded strategies."""
    spec = document(routes, invoice_schema(registry.blocks))
    return Documents(to_bytes(spec), docs_page(spec), errors_page(), style_sheet())
