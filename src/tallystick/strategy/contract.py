"""The four verbs of a strategy, and its abilities, each a Protocol of its own."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from tallystick.canonical import Fault, Invoice, RegimeBlocks
from tallystick.keys import Secret
from tallystick.strategy.values import (
    Conversation,
    Document,
    Enrolment,
    Issued,
    Login,
    Onboarding,
    Polling,
    Purpose,
    Reading,
    Stage,
)

__all__ = [
    "Acts",
    "CarriesData",
    "Chains",
    "Enrols",
    "HasDeadline",
    "HasEndpoints",
    "HasIssuer",
    "IssuesAtOnce",
    "LogsIn",
    "Onboards",
    "Polls",
    "Reads",
    "Recasts",
    "Regional",
    "Rounds",
    "Routes",
    "Strategy",
    "Trace",
    "Traces",
]


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
class Recasts(Reads, Protocol):
    """Its format cannot say the invoice line by line (it nets lines, regroups taxes, wants one currency).

    What it says must come to the same sum to be paid; where nobody wants the document it is the invoice.
    """

    recasts: bool


class Trace(Protocol):
    """One document's way back to its invoice."""

    def pointer(self, location: str) -> str | None:
        """The JSON Pointer, into the completed invoice, of what a location in the document holds, or of the
        nearest place known around it; None if it does not lead into the document. Never raises.
        """
        ...

    def location(self, pointer: str) -> str:
        """The place in the document of the member at a pointer, or the nearest one known around it; "" if
        there is none. Never raises.
        """
        ...


@runtime_checkable
class Traces(Protocol):
    """Knows from which member of the invoice each place of its documents is.

    Where an answer names a place, a fault says it as its `wire_location`, in the authority's own spelling.
    """

    def trace(self, document: bytes, invoice: Invoice | None) -> Trace:
        """The way back from a document to the completed invoice it was built of, or to what was read from it
        (None: that is no invoice). Raises ValueError where there is none.
        """
        ...


@runtime_checkable
class Rounds(Protocol):
    """Its amounts have at most `decimals` decimals, whatever the currency has: sums are computed so.

    More than any currency has means that only the document's sums have the currency's, two at most: lines,
    allowances, charges and tax categories may be as fine.
    """

    decimals: int


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
    """The law sets a time by which the authority must have the document. What is late is still sent."""

    def deadline(self, invoice: Invoice, enrolment: Enrolment) -> datetime | None:
        """The latest moment, aware of its zone; None if the law sets none for this invoice. Pure."""
        ...


@runtime_checkable
class HasEndpoints(Protocol):
    """The authority's own addresses: a registration that names none gets its environment's."""

    endpoints: Mapping[str, str]


@runtime_checkable
class HasIssuer(Protocol):
    """The seller is not always the one who issues: a buyer may bill himself."""

    def issuer(self, invoice: Invoice) -> str | None:
        """Tax or legal identifier of whoever issues it (such as the buyer who bills himself); None: the
        seller.
        """
        ...


@runtime_checkable
class Routes(HasIssuer, Protocol):
    """Not every registration of a taxpayer may issue every document."""

    def fits(self, invoice: Invoice, enrolment: Enrolment) -> bool:
        """Whether this registration may issue it. Of several that fit one is chosen by the document number,
        so that load is spread and a repeated request finds the same one. Pure.
        """
        ...


@runtime_checkable
class IssuesAtOnce(Protocol):
    """Some documents are the buyer's as soon as they are built, before the authority hears of them."""

    def at_once(self, invoice: Invoice, enrolment: Enrolment) -> bool:
        """Whether this one is: then it is built even while the authority is being left alone. Pure."""
        ...


@runtime_checkable
class Onboards(Protocol):
    """A registration comes to its credentials step by step; each step is stored before the next.

    `key_algorithm` (such as "ES256K") says which kind of key the gateway makes; the strategy sees a signer.
    """

    key_algorithm: str

    def begin(
        self, purpose: Purpose, given: Mapping[str, str], enrolment: Enrolment
    ) -> Stage | tuple[Fault, ...]:
        """The first stage, or every fault of what was given (pointers into it). Pure, nothing is sent.

        `given` are the caller's public texts and `enrolment.secrets` what is secret: those of the
        registration, and for a takeover those of the unit as it ran elsewhere.
        """
        ...

    def advance(self, stage: Stage, enrolment: Enrolment, code: Secret | None) -> Onboarding:
        """The next step. `enrolment.signer` holds the new key, `enrolment.secrets` the credential in force.

        A stage that does not want a code must bear being advanced again after a crash.
        """
        ...


@runtime_checkable
class Acts(Protocol):
    """What may be asked of the authority about a document in force, such as to cancel it.

    `acts` gives each act's typed request. An act is frozen, sent, repeated and recorded as a document is.
    """

    acts: Mapping[str, type[Struct]]

    def check_act(self, act: str, asked: Any, issued: Issued, enrolment: Enrolment) -> Iterable[Fault]:
        """Every reason not to try: a window that closed, a field that is wrong. Pure."""
        ...

    def build_act(self, act: str, asked: Any, issued: Issued, enrolment: Enrolment) -> Document:
        """What is sent. Pure."""
        ...

    def submit_act(self, act: str, document: Document, enrolment: Enrolment) -> Conversation:
        """Do it: CANCELLED ends it, ACCEPTED leaves it in force, REJECTED says why it was refused."""
        ...

    def inquire_act(self, act: str, document: Document, enrolment: Enrolment) -> Conversation:
        """Was it done? Where it cannot be asked: the identical resend."""
        ...


@runtime_checkable
class Polls(Protocol):
    """The authority changes its mind and must be asked whether it did."""

    poll_every: timedelta

    def polled(self, enrolment: Enrolment) -> bool:
        """Whether this registration need be asked about at all. Pure."""
        ...

    def poll(self, enrolment: Enrolment, since: datetime) -> Polling:
        """What changed since then (asked a little too often rather than too seldom)."""
        ...
