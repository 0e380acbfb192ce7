"""The HTTP API: bytes in, status out. Decides nothing about invoices; knows every status code of ours.

`create_app` makes the application, `serve` runs it in one process.
"""

from tallystick.api.app import Application, create_app
from tallystick.api.serving import serve

__all__ = ["Application", "create_app", "serve"]
