"""What a seller's registration says: which portal, its paths and header names, its keys, and how to be paid.

Sources disagree about some paths and spellings, and providers in front of a portal have their own: all of
them are settings, with the documented ones as defaults.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Path = Annotated[str, Meta(pattern=r"^/[A-Za-z0-9/_.{}-]{1,120}$")]
Header = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,40}$")]
Pem = Annotated[str, Meta(pattern="^-----BEGIN (PUBLIC KEY|CERTIFICATE)-----")]
Portal = Literal["nic1", "nic2", "cygnet", "clear", "ey", "iris", "other"]


class Closed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A closed group of settings."""


class Paths(Closed, frozen=True, kw_only=True):
    """Where the portal is asked what; `{irn}` and `{gstin}` are filled in."""

    auth: Path = "/eivital/v1.04/auth"
    generate: Path = "/eicore/v1.03/Invoice"
    cancel: Path = "/eicore/v1.03/Invoice/Cancel"
    by_irn: Path = "/eicore/v1.03/Invoice/irn/{irn}"
    by_document: Path = "/eicore/v1.03/Invoice/irnbydocdetails"
    rejected: Path = "/eicore/v1.03/Invoice/rejectedirn"
    eway_bill: Path = "/eiewb/v1.03/ewaybill"
    eway_bill_by_irn: Path = "/eiewb/v1.03/ewaybill/irn/{irn}"
    sync: Path = "/eivital/v1.04/Master/syncgstin/{gstin}"


class Headers(Closed, frozen=True, kw_only=True):
    """How the portal, or the provider in front of it, spells the headers."""

    client_id: Header = "client_id"
    client_secret: Header = "client_secret"  # noqa: S105  # the header's name
    gstin: Header = "Gstin"
    user_name: Header = "user_name"
    token: Header = "AuthToken"  # noqa: S105  # the header's name


class Key(Closed, frozen=True, kw_only=True):
    """A key the portal signs with, known by its `kid`; PEM of the public key or of the certificate.

    Keys of the past stay: what they have signed must be verifiable for ever.
    """

    kid: Annotated[str, Meta(pattern="^[0-9A-Fa-f]{40}$")]
    pem: Pem


class Payee(Closed, frozen=True, kw_only=True):
    """Where consumers pay: what the payment code of a sale to a consumer says."""

    upi_id: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9.-]{1,63}$")]
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    account: Annotated[str, Meta(pattern="^[0-9A-Za-z]{6,35}$")]
    ifsc: Annotated[str, Meta(pattern="^[A-Z]{4}0[A-Z0-9]{6}$")]


class Settings(Closed, frozen=True, kw_only=True):
    """All has a default but `public_key`, the portal's key for logins, and `keys`, those it signs with.

    `irp` is the portal; `send_irp` has NIC's two portals told which of them is meant. `session_minutes` is
    how long a session lasts where the portal does not say (360 in production, 60 in the sandbox).
    `multi_irp`: several portals are used, so lost races are asked for daily. `sync_unknown_gstins`: have the
    portal look once at a GSTIN it does not know. `turnover_above_5_crore` wants HSN codes of six digits,
    `thirty_day_limit` refuses what a portal would refuse as too old.
    """

    irp: Portal = "nic1"
    send_irp: bool = False
    public_key: Pem | None = None
    keys: tuple[Key, ...] = ()
    paths: Paths = Paths()
    headers: Headers = Headers()
    session_minutes: Annotated[int, Meta(ge=11, le=1440)] | None = None
    multi_irp: bool = False
    sync_unknown_gstins: bool = True
    turnover_above_5_crore: bool = True
    thirty_day_limit: bool = True
    payee: Payee | None = None
