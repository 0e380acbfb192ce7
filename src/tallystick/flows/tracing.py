"""What an authority says against a document, at the caller's own fields.

An answer names a place in the wire document, or a rule, or both. The place leads to the member of the invoice
it was written from, or to the group it was written from; the rule's term, to the member within. What the
gateway computed is told at the nearest member that was sent.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import structlog
from msgspec.structs import replace

from tallystick.canonical import Fault, RuleRef, as_sent, home_of, place
from tallystick.flows.abilities import abilities
from tallystick.flows.claiming import Work
from tallystick.flows.freezing import decoded
from tallystick.flows.gateway import Gateway
from tallystick.flows.projecting import ISSUE
from tallystick.rules.listing import Rule, Table
from tallystick.store import Connection
from tallystick.store import work as table
from tallystick.store.shown import computed_of
from tallystick.strategy import Outcome, Trace

__all__ = ["located", "traced"]

log = structlog.get_logger("tallystick.trace")
UNNAMED: Final = "authority"
"""The set of a rule of which the answer said no more than its number."""


async def traced(gateway: Gateway, db: Connection, work: Work, outcome: Outcome | None) -> Outcome | None:
    """The outcome with its faults at the caller's fields, as far as that can be told. Other work than the
    issuing of an invoice stays as it is. What cannot be traced keeps its faults as they were given.
    """
    if outcome is None or not outcome.faults or work.seen.kind != ISSUE:
        return outcome
    seen = work.seen if work.seen.wire is not None else await table.glimpse(db, work.seen.id) or work.seen
    computed = await computed_of(db, seen.invoice_id)
    try:
        faults = located(
            outcome.faults,
            _trace(gateway, work, seen, outcome.faults),
            gateway.explorer.table(seen.strategy),
            as_sent(msgspec.json.decode(seen.payload), computed),
        )
    except Exception:
        log.exception("faults.not_traced", submission=str(seen.id), strategy=seen.strategy)
        return outcome
    return replace(outcome, faults=faults)


def _trace(gateway: Gateway, work: Work, seen: table.Glimpse, faults: Sequence[Fault]) -> Trace | None:
    able = abilities(work.strategy).traces
    if able is None or seen.wire is None or not any(fault.wire_location for fault in faults):
        return None
    return able.trace(seen.wire, decoded(gateway, seen))


def located(faults: Sequence[Fault], trace: Trace | None, known: Table, sent: Any) -> tuple[Fault, ...]:
    """The faults of a document at the places of the JSON tree that was sent, with what the table knows of
    their rules. Those of which nothing leads anywhere point at the whole document.
    """
    return tuple(place(_told(fault, trace, known, sent), sent) for fault in faults)


def _told(fault: Fault, trace: Trace | None, known: Table, sent: Any) -> Fault:
    rule = known.rules.get(fault.rule.id) if fault.rule else None
    pointer = trace.pointer(fault.wire_location) if trace is not None and fault.wire_location else None
    pointer = pointer or fault.pointer
    if rule is None:
        return replace(fault, pointer=pointer)
    return replace(
        fault,
        pointer=home_of(rule.term, sent, pointer) or pointer,
        rule=_named(fault, rule, known),
        term=fault.term or rule.term,
        hint=fault.hint or rule.hint,
    )


def _named(fault: Fault, rule: Rule, known: Table) -> RuleRef | None:
    if fault.rule is None or fault.rule.set != UNNAMED:
        return fault.rule
    edition = known.sets.get(rule.set)
    return RuleRef(rule.set, rule.id, edition.version if edition else "")
