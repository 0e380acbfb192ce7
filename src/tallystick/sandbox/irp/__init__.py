"""A stand-in for the Invoice Registration Portals: login, session, registration, cancellation, e-way bill.

Three portals (`nic1`, `nic2` and the private `irp6`) for the sandbox and, with `-production` behind the name,
for production: at `/irp/{portal}/...`; without that prefix `nic1` answers at the paths of the real one.
`desk` does the work, `routes` speaks HTTP, `admin` tells it what to be and what to do wrong.
"""

from litestar import Router

from tallystick.sandbox.irp import admin, routes
from tallystick.sandbox.irp.desk import Desk
from tallystick.sandbox.irp.forging import ANSWERS

__all__ = ["ANSWERS", "Desk", "routers"]


def routers() -> tuple[Router, ...]:
    """The interface's paths and the admin calls."""
    return routes.router(), admin.router()
