"""What callers send and see: the bodies and views of tenants, sellers, registrations, webhook endpoints and
keys.

Secrets occur in bodies only; a view names which secrets are set, never their values. The two exceptions are
what is made here and shown once: a new API key and a new webhook secret.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

__all__ = [
    "Endpoint",
    "EndpointBody",
    "EndpointChange",
    "Environment",
    "Key",
    "KeyBody",
    "NewEndpoint",
    "NewKey",
    "NewSecret",
    "Registration",
    "RegistrationBody",
    "RegistrationChange",
    "SellerBody",
    "SellerChange",
    "SellerResource",
]

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Url = Annotated[str, Meta(min_length=10, max_length=500, pattern="^https?://[!-~]+$")]
SecretText = Annotated[str, Meta(min_length=1, max_length=10_000)]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[a-z][a-z0-9_]*$")]
CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")]
Region = Annotated[str, Meta(pattern="^[A-Z]{2,8}$", description="A tax region such as EU.")]
Environment = Literal["sandbox", "simulation", "production"]
Scope = Literal[
    "invoices:read",
    "invoices:write",
    "audit:read",
    "registrations:write",
    "webhooks:write",
    "submission:resolve",
    "admin",
]
EventName = Annotated[
    str, Meta(max_length=64, pattern=r"^(\*|[a-z_]+\.[a-z_]+)$", description="An event type, or `*` for all.")
]


class Body(Struct, kw_only=True, forbid_unknown_fields=True):
    """A body knows all its members."""


class SellerBody(Body, kw_only=True):
    """A legal entity that issues invoices. It needs a tax identifier or a legal registration identifier."""

    name: Text
    country_code: CountryCode
    tax_identifier: Text | None = None
    legal_registration_identifier: Text | None = None
    tax_region: Region | None = None


class SellerChange(Body, kw_only=True):
    """What is given is changed, the rest stays. Identifiers of a seller never change."""

    name: Text | UnsetType = UNSET
    tax_region: Region | UnsetType | None = UNSET


class SellerResource(Struct, kw_only=True):
    """A seller."""

    id: UUID
    name: str
    country_code: str
    tax_identifier: str | None
    legal_registration_identifier: str | None
    tax_region: str | None
    created_at: datetime


class RegistrationBody(Body, kw_only=True):
    """A seller's enrolment with an authority or network.

    `settings` are the strategy's own, `secrets` are kept wrapped and never shown again. `endpoint` must be on
    a host the operator allows. `unit` tells several registrations of one seller apart (a device, a branch).
    """

    seller_id: UUID
    strategy: Name
    environment: Environment = "sandbox"
    unit: Annotated[str, Meta(max_length=200)] = ""
    tax_identifier: Text | None = None
    endpoint: Url | None = None
    settings: dict[str, Any] = {}
    secrets: dict[Name, SecretText] = {}


class RegistrationChange(Body, kw_only=True):
    """What is given is changed, the rest stays. `settings` are replaced whole; in `secrets` null takes one
    away.
    """

    endpoint: Url | UnsetType = UNSET
    settings: dict[str, Any] | UnsetType = UNSET
    secrets: dict[Name, SecretText | None] | UnsetType = UNSET
    state: Literal["active", "paused", "retired"] | UnsetType = UNSET


class Registration(Struct, kw_only=True):
    """A registration. `secrets` are the names of those that are set."""

    id: UUID
    seller_id: UUID
    strategy: str
    environment: str
    unit: str
    tax_identifier: str | None
    endpoint: str
    settings: dict[str, Any]
    secrets: list[str]
    state: str
    paused_reason: str | None
    created_at: datetime
    version: int


class EndpointBody(Body, kw_only=True):
    """Where events are delivered."""

    url: Url
    description: Annotated[str, Meta(max_length=200)] = ""
    events: Annotated[list[EventName], Meta(min_length=1, max_length=50)] = field(
        default_factory=lambda: ["*"]
    )


class EndpointChange(Body, kw_only=True):
    """What is given is changed, the rest stays. `active` after `disabled` delivers what was held, in
    order.
    """

    url: Url | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    events: Annotated[list[EventName], Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    state: Literal["active", "disabled"] | UnsetType = UNSET


class Endpoint(Struct, kw_only=True):
    """A webhook endpoint. `public_key` verifies the `v1a` signatures of every delivery."""

    id: UUID
    url: str
    description: str
    events: list[str]
    state: str
    first_failure_at: datetime | None
    public_key: str
    created_at: datetime


class NewEndpoint(Endpoint, kw_only=True):
    """A new webhook endpoint with its secret for `v1` signatures, shown this once."""

    secret: str


class NewSecret(Struct, kw_only=True):
    """A new webhook secret, shown this once. Both it and the one before sign until `previous_until`."""

    secret: str
    previous_until: datetime


class KeyBody(Body, kw_only=True):
    """A new API key."""

    name: Text
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=7)]
    mode: Literal["test", "live"] = "test"
    expires_at: datetime | None = None


class Key(Struct, kw_only=True):
    """An API key, without the key. `prefix` is its public part."""

    prefix: str
    name: str
    mode: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewKey(Key, kw_only=True):
    """A new API key with its text, shown this once."""

    key: str
