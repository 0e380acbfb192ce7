"""What passes between the gateway and a strategy: values, all frozen."""

from collections.abc import Generator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from httpx import Request, Response
from msgspec import Struct

from tallystick.canonical import Fault, Invoice
from tallystick.keys import Secret, Signer

__all__ = [
    "GOOD",
    "Artifact",
    "Conversation",
    "Document",
    "Enrolment",
    "Issued",
    "Login",
    "Notice",
    "Onboarding",
    "Outcome",
    "Polling",
    "Purpose",
    "Reading",
    "Session",
    "Slot",
    "Stage",
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
    CANCELLED = "cancelled"  # of an act only: the document is no longer in force
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
    """What a login gave: named texts, never printed, stored wrapped, shared by all workers.

    Each one is blotted out of every exchange that is kept, so a token must stand apart from what is public.
    """

    secrets: Mapping[str, Secret]
    expires_at: datetime


class Enrolment(Struct, frozen=True, kw_only=True):
    """A taxpayer's place at one authority: where, as whom, when, and under which reference.

    `check` gets one without `signer`, `secrets` and `session` (those never enter the API process).
    `reference` is a UUID allocated when the invoice was accepted: every attempt carries the same one.
    `settings` is the strategy's own typed struct (see `Enrols`), or None. `taxpayer` and `tax_identifier`
    are those of the registration ("" where none is needed).
    """

    registration: str = ""
    taxpayer: str = ""
    tax_identifier: str = ""
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
    logs in before the next attempt (only for strategies that log in). `tries`: such an answer to that
    many attempts of a round, those left out on which the authority was out of order or busy, calls for
    somebody to look (RETRY and UNKNOWN only); None: as many as any.
    """

    verdict: Verdict
    reference: str = ""
    detail: str = ""
    after: int | None = None
    tries: int | None = None
    faults: tuple[Fault, ...] = ()
    marks: Mapping[str, str] = {}
    artifacts: tuple[Artifact, ...] = ()
    stale_session: bool = False


Conversation: TypeAlias = Generator[Request, Response, Outcome]
"""Yields requests, is sent the answers, returns the outcome. On a transport error the worker closes it:
nothing is ever thrown in, so a strategy needs no `try` around a `yield`."""

Login: TypeAlias = Generator[Request, Response, Session | Outcome]
"""Like a conversation, but returns a session. A refused login is an Outcome (HALTED, RETRY), no exception."""


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


Purpose = Literal["enrol", "renew", "takeover"]


class Stage(Struct, frozen=True, kw_only=True):
    """How far an onboarding has come. It is stored, its secrets wrapped, before anything in it is used.

    `name` is the strategy's word for what comes next; `facts` are short public texts worth showing.
    `secrets` and `settings` are what the next steps need; when `done`, `secrets` (whole) and `settings`
    (merged) become the registration's own, with the new key, and its documents a new chain: from the start,
    or, where `slot` is the last place of a chain that runs already, `chain` (as `Chains.chain` will name it
    under the new settings) goes on after it.
    `wants_code`: the next step uses up a one-time code; each such step begins with a new key.
    `drains`: before the next step nothing that was built under the old credential may be under way.
    `expires_at`: when what was got must have been renewed.
    """

    name: str
    facts: Mapping[str, str] = {}
    secrets: Mapping[str, Secret] = {}
    settings: Mapping[str, Any] = {}
    wants_code: bool = False
    drains: bool = False
    done: bool = False
    slot: Slot | None = None
    chain: str = ""
    expires_at: datetime | None = None


Onboarding: TypeAlias = Generator[Request, Response, Stage | Outcome]
"""One step: at most one request, then the next stage; or an outcome that says why there is none (REJECTED:
somebody must mend something, HALTED: the credential, RETRY: later, UNKNOWN: the step may have been taken)."""


class Issued(Struct, frozen=True, kw_only=True):
    """A document that is in force at its authority: what it is, and all marks that were got for it."""

    invoice: Invoice
    verdict: Verdict
    reference: str
    at: datetime
    marks: Mapping[str, str] = {}


class Notice(Struct, frozen=True, kw_only=True):
    """News of a document of ours that the authority had settled before. `verdict` is REJECTED or CONFLICT."""

    reference: str
    verdict: Verdict
    detail: str = ""


Polling: TypeAlias = Generator[Request, Response, tuple[Notice, ...] | Outcome]
"""Yields requests and returns the news; an outcome says why there is none (RETRY, HALTED, stale session)."""
