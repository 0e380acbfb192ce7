"""A stand-in for Fatoora, the platform of the Saudi tax authority.

Mounted under `/e-invoicing/{developer-portal|simulation|core}`; the fixed code of the developer portal is
123345, codes of the other environments come from `POST /admin/fatoora/otp`.

* `environments`, `certificates`, `request_file` (CSR), `registry`, `counter`: credentials
* `form`, `hashing`, `stamp`, `qr`, `law`, `judgement`: what becomes of a document, by our own code alone
* `office`, `clearing`, `chain`: what is remembered, given back, and told about a unit's chain
* `answers`, `canned`, `routes`, `controls`: the shapes of answers, all of them by name, and the calls

Admin calls (`controls`): `POST /admin/fatoora/otp {environment, vat?}` gives {otp, expires_at}; `GET units`,
`GET chains[?unit=][&documents=1]`, `GET answers`; `POST revoke {environment, unit}`; `POST habits {strict?,
clearance_off?, renewal?, lifetime_days?, duplicate_hours?, ahead?}`. Faults are ordered where all are, at
`POST /admin/faults`, with `dialect: fatoora` and operation `submit` (both flows; `flow` tells them apart),
`compliance`, `compliance_invoice`, `production` or `renewal`. Besides the general ones there is
`answer:NAME` for each name of `canned.ANSWERS`. A number such as `INV-7-X-504` asks for 504 once.
"""

from litestar import Router

from tallystick.sandbox.fatoora import controls, routes
from tallystick.sandbox.fatoora.canned import ANSWERS as _BY_NAME
from tallystick.sandbox.fatoora.environments import environment_named
from tallystick.sandbox.fatoora.office import Fatoora

__all__ = ["ANSWERS", "Fatoora", "address", "environment_named", "routers"]

ANSWERS = frozenset(_BY_NAME)
"""Names of all answers that can be asked for."""


def routers() -> tuple[Router, ...]:
    """The calls of units and of the sandbox's operator."""
    return routes.router(), controls.router()


def address(url: str, environment: str) -> str:
    """Endpoint of an environment (segment or common name) of the sandbox at `url`.

    Raises KeyError for an environment that there is not.
    """
    found = environment_named(environment)
    if found is None:
        raise KeyError(environment)
    return f"{url}/e-invoicing/{found.segment}"
