"""The contract: what a country's strategy is. Four verbs, no I/O; what only some have is an ability.

A strategy is handed everything it may know (the invoice, its enrolment) and hands back bytes, faults and
requests. It owns no socket, no clock, no database: the worker sends what it yields and writes down both
halves of every exchange before the answer goes on.
"""

from collections.abc import Generator, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, runtime_checkable

from httpx import Request, Response
from msgspec import Struct

from tallystick.canonical import Fault, Invoice, RegimeBlocks
from tallystick.keys import Secret, Signer

__all__ = [
    "Artifact",
    "CarriesData",
    "Chains",
    "Conversation",
    "Document",
    "Enrolment",
    "Enrols",
    "Fault",
    "HasDeadline",
    "Login",
    "LogsIn",
    "Outcome",
    "Reading",
    "Reads",
    "Regional",
    "Session",
    "Slot",
    "Strategy",
    "Unread",
    "Verdict",
]


class Verdict(StrEnum):
    """What is known of a document at its authority after a conversation."""

    NOT_REQUIRED = "not_required"  # no authority wants it: stored and signed, done
    CLEARED = "cleared"
    REPORTED = "reported"
    REGISTERED = "registered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"  # final for this document
    CONFLICT = "conflict"  # the authority holds other content under our identity: a human decides
    PENDING = "pending"  # the authority has it and has not decided: inquire again later
    ABSENT = "absent"  # answer to `inquire` only: the authority never got it, submit may run
    RETRY = "retry"  # certainly not taken (too busy, closed): the same bytes later
    HALTED = "halted"  # credential or configuration: nothing of this enrolment may be sent until mended
    UNKNOWN = "unknown"  # may have been taken: inquire, or resend the identical bytes


GOOD = frozenset(
    {Verdict.NOT_REQUIRED, Verdict.CLEARED, Verdict.REPORTED, Verdict.REGISTERED, Verdict.ACCEPTED}
)


class Slot(Struct, frozen=True):
    """A document's place in an ordered chain, allocated under the chain's row lock.

    `number` counts from 1; `previous` is the `link` of the document before it ("" for the first).
    """

    number: int
    previous: str = ""


class Session(Struct, frozen=True):
    """What a login gave: opaque to the gateway, never printed, stored wrapped, shared by all workers."""

    value: Secret
    expires_at: datetime


class Enrolment(Struct, frozen=True, kw_only=True):
    """A taxpayer's place at one authority: where, as whom, when, and under which reference.

    `check` gets one without `signer`, `secrets` and `session` (those never enter the API process).
    `reference` is a UUID allocated when the invoice was accepted: every attempt carries the same one.
    `settings` is the strategy's own typed struct (see `Enrols`), or None.
    """

    registration: str = ""
    environment: str = "sandbox"
    endpoint: str = ""
    settings: Any = None
    secrets: Mapping[str, Secret] = {}
    signer: Signer | None = None
    now: datetime
    reference: str = ""
    slot: Slot | None = None
    session: Session | None = None


class Artifact(Struct, frozen=True):
    """Bytes worth keeping beside the document: a stamped copy, a signature, a code's text."""

    name: str
    media_type: str
    body: bytes


class Document(Struct, frozen=True, kw_only=True):
    """What leaves the building. Frozen in the store before the first attempt, never built again.

    `marks` are short public texts (a QR's content, a hash); `link` is what the next document of a chain
    must carry (empty outside chains); `artifacts` are kept beside the body and frozen with it.
    """

    media_type: str
    body: bytes
    marks: Mapping[str, str] = {}
    link: str = ""
    artifacts: tuple[Artifact, ...] = ()


class Outcome(Struct, frozen=True, kw_only=True):
    """What a conversation came to.

    `reference` is the authority's own number; `after` are seconds it asked us to wait; `detail` is one
    line for the operator; `faults` are the authority's rules, mapped to the caller's pointers if possible.
    `stale_session` says that the authority no longer honours `Enrolment.session`: the worker drops it and
    logs in before the next attempt (only for strategies that log in).
    """

    verdict: Verdict
    reference: str = ""
    detail: str = ""
    after: int | None = None
    faults: tuple[Fault, ...] = ()
    marks: Mapping[str, str] = {}
    artifacts: tuple[Artifact, ...] = ()
    stale_session: bool = False


Conversation: TypeAlias = Generator[Request, Response, Outcome]
"""Yields requests, is sent the answers, returns the outcome. On a transport error the worker closes it:
nothing is ever thrown in, so a strategy needs no `try` around a `yield`."""

Login: TypeAlias = Generator[Request, Response, Session | Outcome]
"""Like a conversation, but returns a session. A refused login is an Outcome (HALTED, RETRY), no exception."""


class Strategy(Protocol):
    """A country's whole difference from every other country.

    `name` is the module's name, the fixtures folder and the schemas folder; `countries` are the ISO 3166
    alpha-2 codes of the sellers it serves; `edition` is the authority's specification it was written from.
    """

    name: str
    countries: frozenset[str]
    edition: str

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterable[Fault]:
        """Every rule the invoice breaks. Pure. An answer without errors means that `build` succeeds."""
        ...

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """The wire document. Pure: same invoice and enrolment, same bytes."""
        ...

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Hand the document over: yields requests, is sent the answers, returns the outcome."""
        ...

    def inquire(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Did the authority get it? Where it cannot be asked: the identical resend."""
        ...


@runtime_checkable
class Regional(Protocol):
    """Serves tax regions (such as "EU") whose sellers' country nobody claims."""

    regions: frozenset[str]


@runtime_checkable
class Enrols(Protocol):
    """Needs a registration: `settings_type` is its typed settings, `secret_names` what it keeps wrapped."""

    settings_type: type[Struct]
    secret_names: tuple[str, ...]


@runtime_checkable
class CarriesData(Protocol):
    """Brings typed `regime_data` blocks under the key `regime` (such as "sa")."""

    regime: str
    blocks: RegimeBlocks


class Unread(Struct, frozen=True):
    """A piece of a wire document that the canonical model cannot carry."""

    path: str
    value: str
    reason: str = ""


class Reading(Struct, frozen=True):
    """A wire document as canonical JSON, with what could not be carried and why.

    `invoice` is canonical JSON bytes (not yet checked), so that one decoder judges every intake.
    """

    invoice: bytes
    unread: tuple[Unread, ...] = ()


@runtime_checkable
class Reads(Protocol):
    """Reads wire documents of its own format into the canonical model."""

    def recognises(self, body: bytes) -> bool:
        """Whether `read` should be tried: cheap, never raises."""
        ...

    def read(self, body: bytes) -> Reading:
        """The document as canonical JSON. Raises `formats.Unreadable` on hostile or foreign bytes."""
        ...


@runtime_checkable
class Chains(Protocol):
    """Documents of one device form an ordered chain: `chain` names it; `build` gets a `Slot`."""

    def chain(self, invoice: Invoice, enrolment: Enrolment) -> str:
        """The chain's name, unique within the registration's authority. Pure; needs no slot."""
        ...


@runtime_checkable
class LogsIn(Protocol):
    """The authority wants a session: the worker runs `login` once and shares the result."""

    def login(self, enrolment: Enrolment) -> Login:
        """Ask for a session: yields requests, is sent the answers, returns it or why there is none."""
        ...


@runtime_checkable
class HasDeadline(Protocol):
    """The law sets a time by which the authority must have the document."""

    def deadline(self, invoice: Invoice, enrolment: Enrolment) -> datetime | None:
        """The latest moment, aware of its zone; None if the law sets none for this invoice. Pure."""
        ...
