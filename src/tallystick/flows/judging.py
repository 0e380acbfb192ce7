"""What there is to say about a document before it is accepted: the same for a POST and for a dry run."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from tallystick.canonical import Fault, Invoice, Judge, anew, complete, decode, placed, proven
from tallystick.flows import Caller
from tallystick.flows.abilities import abilities
from tallystick.flows.gateway import Gateway
from tallystick.flows.hosts import endpoint_of
from tallystick.flows.levels import raised
from tallystick.flows.numbering import oversize
from tallystick.store import FoundRegistration
from tallystick.strategies import Choice
from tallystick.strategy import Enrolment, Strategy

__all__ = ["Judged", "judge"]

ENVIRONMENTS: Final = {"test": ("sandbox", "simulation"), "live": ("production",)}
"""The environments that a key of a mode sees; the first is that of documents without a registration."""


class Judged(Struct, frozen=True, kw_only=True):
    """A document that was judged. `faults` are those that refuse it, `warnings` those that do not.

    `invoice` is the completed one, None when the bytes are no invoice; `enrolment` is None as long as nobody,
    or no registration, was found to serve the seller.
    """

    invoice: Invoice | None = None
    computed: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    choice: Choice | None = None
    registration: FoundRegistration | None = None
    enrolment: Enrolment | None = None


class Service(Struct, frozen=True, kw_only=True):
    """Who serves a seller: a strategy and, where it wants one, a registration; else why nobody does."""

    choice: Choice | None = None
    registration: FoundRegistration | None = None
    enrolment: Enrolment | None = None
    faults: tuple[Fault, ...] = ()


async def judge(gateway: Gateway, caller: Caller, body: bytes) -> Judged:
    """Decode, complete, find who serves the seller and under which registration, and ask that strategy.

    All that is wrong is told at once. Raises StoreUnavailable when registrations cannot be looked up.
    """
    decoded = decode(body, gateway.strategies.blocks)
    if decoded.invoice is None:
        return Judged(faults=decoded.faults)
    choice = dispatched(gateway, decoded.invoice)
    decimals, blocks = decimals_of(choice), gateway.strategies.blocks
    completed = complete(decoded.invoice, decimals)
    invoice, again = completed.invoice, anew(blocks, decimals)
    found = [*decoded.faults, *completed.faults, *oversize(invoice)]
    service = await serving(gateway, caller, invoice, choice)
    found += service.faults
    if service.choice is not None:
        # Without a registration the rules are told all the same: the caller mends everything in one go.
        enrolment = service.enrolment or trial(service.choice.strategy, caller)
        check = service.choice.strategy.check
        found += check(invoice, enrolment)
        again = anew(blocks, decimals, lambda other: check(other, enrolment))
    if service.registration is not None and service.registration.raised_rules:
        found = list(raised(found, service.registration.raised_rules))
    return Judged(
        invoice=invoice,
        computed=completed.computed,
        faults=told_once(found, "error", body, invoice, again),
        warnings=told_once(found, "warning", body, invoice, again),
        choice=service.choice,
        registration=service.registration,
        enrolment=service.enrolment,
    )


def dispatched(gateway: Gateway, invoice: Invoice) -> Choice | Fault:
    """The strategy that serves the seller, or why none does."""
    country = invoice.seller.postal_address.country_code
    return gateway.strategies.dispatch(country, invoice.tax_region, invoice.regime)


def decimals_of(choice: Choice | Fault) -> int | None:
    """How many decimals amounts have at most under the strategy; None: as many as their currency."""
    if isinstance(choice, Fault):
        return None
    rounds = abilities(choice.strategy).rounds
    return None if rounds is None else rounds.decimals


async def serving(gateway: Gateway, caller: Caller, invoice: Invoice, choice: Choice | Fault) -> Service:
    """Under which registration the seller is served."""
    if isinstance(choice, Fault):
        return Service(faults=(choice,))
    chosen = await registered(gateway, caller, choice.strategy, invoice)
    if isinstance(chosen, Fault):
        return Service(choice=choice, faults=(chosen,))
    enrolment = enrolled(choice.strategy, caller, chosen)
    return Service(choice=choice, registration=chosen, enrolment=enrolment)


def told_once(
    found: Sequence[Fault],
    severity: Literal["error", "warning"],
    body: bytes,
    completed: Invoice,
    again: Judge,
) -> tuple[Fault, ...]:
    """The errors, or all the others: each once, at its place in what was sent, with no mend that fails."""
    told = once(fault for fault in found if (fault.severity == "error") is (severity == "error"))
    return proven(placed(told, body, completed), body, again) if found else ()


def once(faults: Iterable[Fault]) -> Iterable[Fault]:
    """Each place and number once: the model and a strategy may both know a rule."""
    seen: set[tuple[str, str]] = set()
    for fault in faults:
        key = (fault.pointer, fault.rule.id if fault.rule else fault.code)
        if key not in seen:
            seen.add(key)
            yield fault


async def registered(
    gateway: Gateway, caller: Caller, strategy: Strategy, invoice: Invoice
) -> FoundRegistration | Fault | None:
    """The one registration under which this invoice is issued; None for a strategy that needs none."""
    able = abilities(strategy)
    if able.enrols is None:
        return None
    seller = invoice.seller
    legal = seller.legal_registration_identifier.value if seller.legal_registration_identifier else None
    issuer = able.has_issuer.issuer(invoice) if able.has_issuer is not None else None
    found = await gateway.registrations.find(
        caller.tenant_id,
        strategy.name,
        ENVIRONMENTS[caller.mode],
        issuer or seller.tax_identifier,
        issuer or legal,
    )
    asked = invoice.registration
    if asked is not None:
        found = [one for one in found if asked in (one.unit, str(one.id))]
    if not found:
        return missing(strategy, caller, asked)
    ready = [one for one in found if one.state != "new"]
    return chosen_of(strategy, caller, invoice, ready) if ready else not_ready(found, asked)


def chosen_of(
    strategy: Strategy, caller: Caller, invoice: Invoice, ready: Sequence[FoundRegistration]
) -> FoundRegistration | Fault:
    """The one that issues: the only one, or, where the strategy routes, one of those that fit."""
    routes = abilities(strategy).routes
    if routes is None:
        return ready[0] if len(ready) == 1 else ambiguous(strategy, ready)
    fit = [one for one in ready if routes.fits(invoice, enrolled(strategy, caller, one))]
    if not fit:
        return unfit(strategy, ready, invoice.registration)
    if len({one.environment for one in fit}) > 1:
        return ambiguous(strategy, fit)
    at_work = [one for one in fit if one.state == "active"] or fit
    return max(at_work, key=lambda one: share(invoice, one))


def share(invoice: Invoice, one: FoundRegistration) -> bytes:
    """Where a document falls among several units: by its number, so that asking again gives the same one,
    and a unit that comes or goes moves only its own share.
    """
    return hashlib.sha256(f"{invoice.invoice_number}\n{one.id}".encode()).digest()


def missing(strategy: Strategy, caller: Caller, asked: str | None) -> Fault:
    """No registration fits."""
    environment = " or ".join(ENVIRONMENTS[caller.mode])
    return Fault(
        code="regime/registration-missing",
        pointer=place_of(asked),
        message=f"The seller has no {environment} registration with {strategy.name}.",
        expected=f"a registration with {strategy.name} in {environment}",
        actual=asked or "",
        hint="Register the seller: POST /v1/registrations.",
    )


def place_of(asked: str | None) -> str:
    """What a fault about the registration points at."""
    return "/registration" if asked is not None else "/seller/tax_identifier"


def not_ready(found: Sequence[FoundRegistration], asked: str | None) -> Fault:
    """There is a registration, and it has no credentials yet."""
    return Fault(
        code="regime/registration-not-ready",
        pointer=place_of(asked),
        message="The registration has no credentials yet: its onboarding is not at its end.",
        expected="an active registration",
        actual=", ".join(one.unit or str(one.id) for one in found),
        hint=f"See what it waits for: GET /v1/registrations/{found[0].id}/process.",
    )


def unfit(strategy: Strategy, ready: Sequence[FoundRegistration], asked: str | None) -> Fault:
    """There are registrations, and none of them may issue a document of this kind."""
    return Fault(
        code="regime/registration-unfit",
        pointer=place_of(asked),
        message=f"No registration of the issuer with {strategy.name} may issue this kind of document.",
        actual=", ".join(one.unit or str(one.id) for one in ready),
        hint="Register a unit for this kind of document, or name one that may issue it in `registration`.",
    )


def ambiguous(strategy: Strategy, found: Iterable[FoundRegistration]) -> Fault:
    """Several registrations fit."""
    return Fault(
        code="regime/registration-ambiguous",
        pointer="/registration",
        message=f"The seller has several registrations with {strategy.name}: say which one issues.",
        expected=", ".join(one.unit or str(one.id) for one in found),
        hint="Put the unit, or the registration's id, into `registration`.",
    )


def enrolled(strategy: Strategy, caller: Caller, found: FoundRegistration | None) -> Enrolment:
    """What `check` may know: no secret, no signer, no session."""
    if found is None:
        return Enrolment(environment=ENVIRONMENTS[caller.mode][0], now=datetime.now(UTC))
    return Enrolment(
        registration=str(found.id),
        taxpayer=found.taxpayer,
        tax_identifier=found.tax_identifier,
        environment=found.environment,
        endpoint=endpoint_of(strategy, found.environment, found.endpoint),
        settings=settings_of(strategy, found.settings),
        now=datetime.now(UTC),
    )


def trial(strategy: Strategy, caller: Caller) -> Enrolment:
    """An enrolment for rules that can be told without a registration: the strategy's default settings."""
    try:
        settings = settings_of(strategy, "{}")
    except msgspec.ValidationError:
        settings = None
    return Enrolment(environment=ENVIRONMENTS[caller.mode][0], settings=settings, now=datetime.now(UTC))


def settings_of(strategy: Strategy, stored: str) -> Any:
    """The stored settings as the strategy's own struct; None when it has none."""
    able = abilities(strategy).enrols
    return msgspec.json.decode(stored, type=able.settings_type) if able else None


def authority(strategy: Strategy, enrolment: Enrolment) -> str:
    """Whose health and limits count for this submission: strategy, environment, host."""
    if not enrolment.endpoint:
        return strategy.name
    return f"{strategy.name}/{enrolment.environment}/{urlsplit(enrolment.endpoint).netloc.rpartition('@')[2]}"
