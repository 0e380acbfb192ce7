"""A stand-in for the Invoice Registration Portals: login, session, registration, cancellation, e-way bill.

Three portals (`nic1`, `nic2` and the private `irp6`) for the sandbox and, with `-production` behind the name,
for production: at `/irp/{portal}/...`; without that prefix `nic1` answers at the paths of the real one.
Any taxpayer may log in with the words of `accounts` until he is given users of his own.

* `keys`, `sealing`, `accounts`, `sessions`, `login`: who may ask, and under which keys
* `judge`: what becomes of a document, by our own code alone; `records`, `tokens`, `registering`: its number
* `reading`, `cancelling`, `bills`: what is done with a number afterwards, by the portal's own `clock`
* `answers`, `codes`, `forging`: the shapes of answers, and those that are wrong on purpose
* `desk` holds all of it together with the journal; `routes` and `admin` speak HTTP

Admin calls under `/admin/irp` (see `admin`): a portal's keys and habits, clients, users, taxpayers, what is
registered, revoking tokens, moving the clock, letting a number lose to another portal. Faults are ordered
where all are, at `POST /admin/faults`, with `dialect: irp`, `unit` (the portal), `environment`, `sender` (the
taxpayer), `receiver`, `number`, `flow` (INV, CRN, DBN), `instance_id` (the registration number) and operation
`auth`, `submit`, `status`, `cancel`, `rejected`, `ewb`, `ewb_details`, `ewb_cancel`, `taxpayer`, `sync` or
`health`. Besides the general ones there is `answer:NAME` for each name of `forging.ANSWERS`.
"""

from litestar import Router

from tallystick.sandbox.irp import admin, routes
from tallystick.sandbox.irp.desk import Desk
from tallystick.sandbox.irp.forging import ANSWERS

__all__ = ["ANSWERS", "Desk", "routers"]


def routers() -> tuple[Router, ...]:
    """The interface's paths and the admin calls."""
    return routes.router(), admin.router()
