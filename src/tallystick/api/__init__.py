"""The HTTP API: bytes in, status out. Decides nothing about invoices; knows every status code of ours.

`create_app` makes the application, `serve` runs it in one process.
"""

from typing import TYPE_CHECKING, Any

from tallystick.api.app import Application, create_app

if TYPE_CHECKING:
    from tallystick.api.serving import serve

__all__ = ["Application", "create_app", "serve"]


def __getattr__(name: str) -> Any:
    """`serve` brings a web server along: whoever runs the app otherwise does without."""
    if name != "serve":
        raise AttributeError(name)
    from tallystick.api.serving import serve

    return serve
