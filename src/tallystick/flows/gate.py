"""The second judge's turn: what was built is shown to the publisher's own files before it is sent.

He looks at a document once, between its freezing and its first request, while nobody holds the submission: a
judge that hangs or dies costs neither a lease nor an attempt. What he said is an entry of the invoice's log,
with every finding kept beside it; a disagreement with our own verdict, and a failure of the judge, are events
too. Whether it may then go:

| he said | watching | holding |
|---|---|---|
| valid, whatever else differs | goes | goes |
| refused by the publisher's files | goes | dead letter: replayed by a person it goes as it is |
| no verdict on this document (he died, his time was up) | goes | dead letter, likewise |
| nothing: files or processor cannot be used | goes, and is told | put off until they can |
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec
import structlog
from msgspec import Struct

from tallystick.canonical import Fault
from tallystick.flows.claiming import kept
from tallystick.flows.freezing import Broken, decoded, opened
from tallystick.flows.gateway import Gateway
from tallystick.flows.plan import held_back
from tallystick.flows.projecting import ISSUE
from tallystick.flows.resource import event_data
from tallystick.flows.settling import write_state
from tallystick.flows.transactions import persistently
from tallystick.ledger import Value
from tallystick.official import Artefacts, JudgeFailed, NotInstalled, Opinion, Unusable
from tallystick.official.comparing import compared
from tallystick.store import Connection, append_entry, append_event, work
from tallystick.store import gate as table
from tallystick.store.enrolled import Enrolled
from tallystick.store.retry import reason
from tallystick.store.shown import invoice_state
from tallystick.store.work import Glimpse
from tallystick.strategy import Artifact

__all__ = ["Passed", "Unjudged", "judge", "unjudged"]

Passed: TypeAlias = Literal["go", "stop", "later"]
Written: TypeAlias = Literal["told", "held", "over", "lost"]
PASSED: Final[Mapping[Written, Passed]] = {"told": "go", "held": "stop", "over": "go", "lost": "stop"}
MOST: Final = 100  # numbers that an entry names
log = structlog.get_logger("tallystick.gate")


class Unjudged(Exception):
    """The document must be shown to the second judge before it can be sent. Nothing was claimed.

    `trouble` says why there is no knowing which sets judge it.
    """

    def __init__(
        self, seen: Glimpse, row: Enrolled | None, sets: tuple[Artefacts, ...], trouble: str = ""
    ) -> None:
        super().__init__("not judged yet")
        self.seen = seen
        self.row = row
        self.sets = sets
        self.trouble = trouble


class Judgement(Struct, frozen=True, kw_only=True):
    """What came of it. `word` is for counting, `facts` for the log and for subscribers, `report` for
    keeping; `refused`: a document that is not to be sent while the gate holds. `lasting`: no document would
    have got a verdict.
    """

    word: str
    facts: Mapping[str, Value]
    report: Mapping[str, Any]
    refused: bool
    lasting: bool = False

    @property
    def event(self) -> str:
        """The name of its entry."""
        if "failure" in self.facts:
            return "official.failed"
        return "official.agreed" if self.word == "agreed" else "official.disagreed"


async def unjudged(gateway: Gateway, db: Connection, seen: Glimpse, row: Enrolled | None) -> Unjudged | None:
    """What the second judge must be shown before this goes, if anything."""
    if gateway.bench is None or seen.kind != ISSUE or seen.wire is None:
        return None
    if "xml" not in (seen.wire_media_type or ""):
        return None
    try:
        sets, trouble = gateway.bench.sets_for(seen.strategy, seen.wire), ""
    except Unusable as error:
        sets, trouble = (), str(error)
    if not (sets or trouble) or not await table.waits(db, seen.id):
        return None
    return Unjudged(seen, row, sets, trouble)


async def judge(gateway: Gateway, found: Unjudged, owner: str) -> Passed:
    """Have it judged, and write down what was said: `go`, or `later`, or `stop` when it is held or was taken
    by another worker meanwhile.

    Raises Broken when what was accepted cannot be read, Unavailable when the database does not answer.
    """
    bench, seen = gateway.bench, found.seen
    if bench is None:
        return "go"
    verdict = _native(gateway, found)
    try:
        if found.trouble:
            raise Unusable(found.trouble)
        faults = verdict()
        sets, opinions = await bench.opinions(seen.strategy, found.sets, seen.wire or b"")
        said = _heard(sets, opinions, faults)
    except (NotInstalled, Unusable) as error:
        said = _failed(found.sets, "missing" if isinstance(error, NotInstalled) else "unusable", str(error))
    except JudgeFailed as failure:
        said = _failed(found.sets, failure.word, str(failure))
    except Exception as error:  # a fault of ours here must not keep an invoice from its way
        log.exception("official.broken", submission=str(seen.id))
        said = _failed(found.sets, "crashed", type(error).__name__)
    _tell(seen, said)
    if bench.holds and said.lasting:
        bench.count(seen.strategy, said.word)
        return "later"
    written = await persistently(gateway, lambda: _write(gateway, seen, said, owner, holds=bench.holds))
    if written in ("told", "held"):
        bench.count(seen.strategy, said.word)
    if written == "held":
        bench.count(seen.strategy, "held")
    return PASSED[written]


def _native(gateway: Gateway, found: Unjudged) -> Callable[[], tuple[Fault, ...]]:
    """What gives our own verdict on what was built. Raises Broken."""
    strategy = gateway.strategies.by_name(found.seen.strategy)
    try:
        invoice = decoded(gateway, found.seen)
        enrolment = opened(gateway, strategy, found.seen, found.row)
        return lambda: tuple(strategy.check(invoice, enrolment))
    except Exception as error:
        if isinstance(error, Broken) or reason(error) is not None:
            raise
        raise Broken(f"{type(error).__name__} in {found.seen.strategy}") from error


def _heard(sets: Sequence[Artefacts], opinions: Sequence[Opinion], faults: Sequence[Fault]) -> Judgement:
    """Both verdicts, compared."""
    both = compared(sets, opinions, faults)
    facts: dict[str, Value] = {
        **_which(sets),
        "official_valid": both.official_valid,
        "native_valid": both.native_valid,
        "official_only": list(both.official_only[:MOST]),
        "native_only": list(both.native_only[:MOST]),
    }
    if both.kind is not None:
        facts["disagreement"] = both.kind
    native = [
        {"rule": each.rule, "severity": each.severity, "pointer": each.pointer, "message": each.message}
        for each in faults
    ]
    report = {"official": opinions, "native": native}
    return Judgement(word=both.kind or "agreed", facts=facts, report=report, refused=not both.official_valid)


def _failed(sets: Sequence[Artefacts], word: str, detail: str) -> Judgement:
    """No verdict, and why."""
    return Judgement(
        word=word,
        facts={**_which(sets), "failure": word},
        report={"failure": word, "detail": detail},
        refused=True,
        lasting=word in {"missing", "unusable"},
    )


def _which(sets: Sequence[Artefacts]) -> dict[str, Value]:
    """The sets by name, and the digests of their files."""
    return {"profiles": [each.profile for each in sets], "artefacts": [each.digest for each in sets]}


def _tell(seen: Glimpse, said: Judgement) -> None:
    """One line for whoever runs the installation."""
    told = {"submission": str(seen.id), "strategy": seen.strategy, "word": said.word}
    if said.event == "official.failed":
        log.error(said.event, **told, detail=said.report["detail"])
    elif said.event == "official.disagreed":
        differences = {name: said.facts[name] for name in ("profiles", "official_only", "native_only")}
        log.warning(said.event, **told, **differences)
    else:
        log.debug(said.event, **told)


async def _write(gateway: Gateway, seen: Glimpse, said: Judgement, owner: str, *, holds: bool) -> Written:
    """The entry, the event if it is one, and the end of the way if it is held.

    Nothing is written where another worker wrote it already (`over`), or has the submission (`lost`).
    """
    async with gateway.store.everyone() as db:
        if not await table.hold(db, seen.id, seen.invoice_id):
            return "over"
        if not (holds and said.refused):
            await _note(db, seen, said)
            return "told"
        lease = gateway.settings.lease_seconds
        claimed = await work.claim(db, seen.id, seen.invoice_id, owner, lease)
        if claimed is None:
            return "lost"
        await _note(db, seen, said)
        plan = held_back(claimed)
        if await work.settle(db, seen.id, seen.invoice_id, claimed.token, plan.settled):
            await write_state(db, seen, plan, None, token=claimed.token)
        return "held"


async def _note(db: Connection, seen: Glimpse, said: Judgement) -> None:
    """The entry of what was said, with everything kept beside it; the event where somebody should know."""
    own = await invoice_state(db, seen.invoice_id)
    report = msgspec.json.encode({**said.facts, **said.report}, order="sorted")
    refs = await kept(db, seen.tenant_id, (Artifact("official.json", "application/json", report),))
    states = {"processing_status": own.processing_status, "authority_status": own.authority_status}
    await append_entry(
        db,
        tenant=seen.tenant_id,
        stream_kind="invoice",
        stream_id=seen.invoice_id,
        event=said.event,
        actor="worker",
        authority=seen.authority,
        data={**states, **said.facts},
        objects=refs,
    )
    if said.event == "official.agreed":
        return
    await append_event(
        db,
        tenant=seen.tenant_id,
        invoice_id=seen.invoice_id,
        type=said.event,
        data=event_data(
            invoice_id=seen.invoice_id, number=seen.number, mode=seen.mode, **states, official=said.facts
        ),
    )
