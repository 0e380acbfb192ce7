"""What callers send and see: the bodies and views of tenants, sellers, registrations and how they come to
credentials, webhook endpoints and keys.

Secrets occur in bodies only; a view names which secrets are set, never their values. The two exceptions are
what is made here and shown once: a new API key and a new webhook secret.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from tallystick.canonical import Fault

__all__ = [
    "CodeBody",
    "Endpoint",
    "EndpointBody",
    "EndpointChange",
    "Environment",
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


KeyStore = Annotated[
    str,
    Meta(
        max_length=200,
        pattern="^(pkcs11:token=[A-Za-z0-9._~%-]+)?$",
        description="`pkcs11:token=` and a token's label, or empty.",
    ),
]


RaisedRules = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=80, pattern="^[!-~]+$")]],
    Meta(
        max_length=500,
        description="Numbers of rules whose warnings shall refuse a document. An error stays an error.",
    ),
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
    a host the operator allows; where the authority has an address of its own it may be left out. `unit` tells
    several registrations of one seller apart (a device, a branch). `key_store` names a PKCS#11 token in which
    keys are made; without it they are kept wrapped.
    """

    seller_id: UUID
    strategy: Name
    environment: Environment = "sandbox"
    unit: Annotated[str, Meta(max_length=200)] = ""
    tax_identifier: Text | None = None
    endpoint: Url | None = None
    settings: dict[str, Any] = {}
    secrets: dict[Name, SecretText] = {}
    key_store: KeyStore = ""
    raised_rules: RaisedRules = []


class RegistrationChange(Body, kw_only=True):
    """What is given is changed, the rest stays. `settings` and `raised_rules` are replaced whole; in
    `secrets` null takes one away.
    """

    endpoint: Url | UnsetType = UNSET
    settings: dict[str, Any] | UnsetType = UNSET
    secrets: dict[Name, SecretText | None] | UnsetType = UNSET
    state: Literal["active", "paused", "retired"] | UnsetType = UNSET
    raised_rules: RaisedRules | UnsetType = UNSET


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
    key_store: str
    expires_at: datetime | None
    raised_rules: list[str]


class CodeBody(Body, kw_only=True):
    """A one-time code of the authority's portal. It is used once and never shown again."""

    code: Annotated[str, Meta(min_length=1, max_length=200, pattern="^[!-~]+$")]


class TakeoverBody(Body, kw_only=True):
    """A unit as it ran elsewhere. `given` are the strategy's public texts (such as the last counter and the
    last hash), `secrets` its credential, `private_key` its key in PEM form; both are kept wrapped.
    """

    given: dict[Name, Annotated[str, Meta(max_length=10_000)]] = {}
    secrets: dict[Name, SecretText] = {}
    private_key: SecretText


class ProcessView(Struct, kw_only=True):
    """How far a registration's onboarding has come. `wanted` is `code` while it waits for a one-time code;
    `detail` says what happened or what to do, `faults` what the authority said.
    """

    id: UUID
    registration_id: UUID
    purpose: str
    state: str
    stage: str
    wanted: str | None
    detail: str
    facts: dict[str, str]
    faults: list[Fault]
    steps: int
    registration_state: str
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


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
