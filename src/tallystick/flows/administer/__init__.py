"""Tenants, API keys, sellers, registrations, webhook endpoints: what must stand before invoices can flow.

Every change writes a ledger entry in the same transaction. Nothing here returns a secret twice.
"""

from tallystick.flows.administer.bodies import (
    CodeBody,
    Endpoint,
    EndpointBody,
    EndpointChange,
    Key,
    KeyBody,
    NewEndpoint,
    NewKey,
    NewSecret,
    ProcessView,
    Registration,
    RegistrationBody,
    RegistrationChange,
    SellerBody,
    SellerChange,
    SellerResource,
    TakeoverBody,
)
from tallystick.flows.administer.refusals import BadBody, Conflict, Forbidden

__all__ = [
    "BadBody",
    "CodeBody",
    "Conflict",
    "Endpoint",
    "EndpointBody",
    "EndpointChange",
    "Forbidden",
    "Key",
    "KeyBody",
    "NewEndpoint",
    "NewKey",
    "NewSecret",
    "ProcessView",
    "Registration",
    "RegistrationBody",
    "RegistrationChange",
    "SellerBody",
    "SellerChange",
    "SellerResource",
    "TakeoverBody",
]
