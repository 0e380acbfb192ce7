"""What work of some kind shows of its invoice: one table from kind to state.

| kind | processing_status | authority_status |
|---|---|---|
| `issue` | follows the submission's state | follows its verdict |
| an act | the invoice's own, untouched | the invoice's own, until the authority says cancelled |

Names of entries: those of a submission, or for an act `act.` and the same word (`act.parked`); `act.refused`
for a refusal, `authority.cancelled` for what ended the document. Requests and answers are called as ever, and
name their act.
"""

from typing import Final, NamedTuple

from tallystick.flows.resource import event_data
from tallystick.flows.status import CANCELLED, GOOD, public
from tallystick.ledger import Value
from tallystick.store import Connection
from tallystick.store import work as table
from tallystick.store.shown import invoice_state, move_invoice
from tallystick.strategy import Outcome, Verdict

__all__ = ["ISSUE", "Shown", "believed", "event", "move", "named", "shown", "under_way"]

ISSUE: Final = "issue"
EXCHANGES: Final = frozenset({"authority.request", "authority.response", "authority.no_answer"})
TELLING: Final = frozenset(
    {*GOOD, Verdict.REJECTED, Verdict.CONFLICT, Verdict.PENDING, Verdict.ABSENT, Verdict.RETRY}
    | {Verdict.HALTED, Verdict.UNKNOWN}
)
OF_ACTS: Final = TELLING - {Verdict.NOT_REQUIRED, Verdict.CLEARED, Verdict.REPORTED, Verdict.REGISTERED} | {
    Verdict.CANCELLED
}


class Shown(NamedTuple):
    """What the invoice shows after a change, and what entries say of it.

    `facts` are members of the entry beside the two statuses; `reference` is the authority's number of the
    invoice where the entry must say it.
    """

    processing_status: str
    authority_status: str
    reference: str | None
    facts: dict[str, Value]

    @property
    def state(self) -> dict[str, Value]:
        """The members of an entry."""
        return {
            "processing_status": self.processing_status,
            "authority_status": self.authority_status,
            **self.facts,
        }


def believed(kind: str, outcome: Outcome) -> Outcome:
    """The outcome, if its verdict can be one of this kind of work; else nothing is known."""
    if outcome.verdict in (TELLING if kind == ISSUE else OF_ACTS):
        return outcome
    return Outcome(verdict=Verdict.UNKNOWN, detail=f"{outcome.verdict} is no answer to this")


async def under_way(db: Connection, seen: table.Glimpse) -> dict[str, Value]:
    """What an entry says while work goes on. The invoice's row is locked by the caller."""
    return (await shown(db, seen, "in_flight", None)).state


async def shown(
    db: Connection, seen: table.Glimpse, state: str, verdict: str | None, reference: str | None = None
) -> Shown:
    """What the invoice shows when this work stands in `state`. The invoice's row is locked by the caller.

    `reference` is the number that the authority gave with it.
    """
    if seen.kind == ISSUE:
        now = public(state, verdict)
        return Shown(now.processing_status, now.authority_status, reference, {})
    own = await invoice_state(db, seen.invoice_id)
    ended = verdict == CANCELLED and state == "done" and own.authority_status in GOOD
    facts: dict[str, Value] = {"act": seen.kind, "act_id": str(seen.id)}
    if reference is not None:
        facts["act_reference"] = reference
    status = CANCELLED if ended else own.authority_status
    return Shown(own.processing_status, status, own.authority_reference, facts)


async def move(db: Connection, seen: table.Glimpse, now: Shown) -> None:
    """Let the invoice show it."""
    if seen.kind == ISSUE or now.authority_status == CANCELLED:
        await move_invoice(db, seen.invoice_id, now.processing_status, now.authority_status, now.reference)


def named(kind: str, event_name: str, now: Shown | None = None) -> str:
    """What an entry, and the event that stands on it, are called."""
    if kind == ISSUE or event_name in EXCHANGES:
        return event_name
    word = event_name.partition(".")[2]
    if word == CANCELLED:
        ended = now is not None and now.authority_status == CANCELLED
        return "authority.cancelled" if ended else "act.accepted"
    return "act.refused" if word == Verdict.REJECTED else f"act.{word}"


def event(seen: table.Glimpse, now: Shown, **more: object) -> dict[str, object]:
    """An event's `data`: the invoice's whole state, the act if it is one's, and what is special to it."""
    if "act_id" in now.facts:
        act = {"id": now.facts["act_id"], "name": now.facts["act"]}
        more = {"act": act | {"reference": now.facts.get("act_reference")}, **more}
    return event_data(
        invoice_id=seen.invoice_id,
        number=seen.number,
        mode=seen.mode,
        processing_status=now.processing_status,
        authority_status=now.authority_status,
        authority_reference=now.reference,
        **more,
    )
