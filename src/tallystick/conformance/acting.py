"""Recorded acts of a case: what is asked of its document once that is in force, and what comes of it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from httpx import Request, Response
from msgspec import Struct, structs

from tallystick.canonical import Fault
from tallystick.conformance.cases import Case, cases_of
from tallystick.conformance.judging import built, errors, judge_case
from tallystick.conformance.talk import Answer, Exchange, Held, begun, hold, replay
from tallystick.conformance.trial import public_half
from tallystick.strategy import GOOD, Acts, Document, Enrolment, Issued, Outcome, Strategy

__all__ = ["ActTalk", "Asked", "acts_of", "asked_of"]


class ActTalk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entry of a case's `acts.json`: `act` asked with `asked` of the document that `after` left in force.

    `after` names a talk of the case that ends well; `earlier` acts of the case that were done before, whose
    marks count; `hours` how long after it the act is asked. `verb` says which conversation was recorded; one
    that `check_act` refuses has no exchanges.
    """

    act: str
    after: str
    asked: dict[str, Any] = {}
    earlier: tuple[str, ...] = ()
    hours: int = 0
    verb: str = "submit"
    exchanges: list[Exchange] = []


class Asked(Struct, frozen=True, kw_only=True):
    """An act ready to be asked for: its strategy, its typed request, the document in force, the enrolment."""

    strategy: Acts
    act: str
    asked: Any
    issued: Issued
    enrolment: Enrolment

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What `check_act` says, told no secret."""
        found = self.strategy.check_act(self.act, self.asked, self.issued, public_half(self.enrolment))
        return errors(tuple(found))

    @property
    def document(self) -> Document:
        """What would be sent."""
        return self.strategy.build_act(self.act, self.asked, self.issued, self.enrolment)

    def talk(self, verb: str) -> Any:
        """A fresh conversation."""
        speak = self.strategy.submit_act if verb == "submit" else self.strategy.inquire_act
        return speak(self.act, self.document, self.enrolment)

    def hold(self, verb: str, *answers: Answer, last: Answer | None = None) -> Held:
        """Hold it: the answers in turn, then `last` for ever (None: cut it off)."""
        waiting = iter(answers)

        def answer(request: Request) -> Response | None:
            now = next(waiting, last)
            return now.to(request) if now else None

        return hold(self.talk(verb), answer)

    def listen(self, verb: str, answer: Callable[[Request], Response]) -> Held:
        """Hold it with an authority that answers by itself."""
        return hold(self.talk(verb), answer)


def acts_of(
    strategy: Strategy, cases: Path, verb: str | None = None
) -> Iterator[tuple[Case, str, ActTalk, Asked]]:
    """Every recorded act of every case: (case, name, what was recorded, ready to be asked for)."""
    for case in cases_of(cases, strategy.name):
        for name, talk in recorded(case).items():
            if verb is None or talk.verb == verb:
                yield case, name, talk, asked_of(strategy, case, cases, talk)


def recorded(case: Case) -> Mapping[str, ActTalk]:
    """A case's acts by name; none if nothing is asked of it."""
    path = case.folder / "acts.json"
    return msgspec.json.decode(path.read_bytes(), type=dict[str, ActTalk]) if path.is_file() else {}


def asked_of(strategy: Strategy, case: Case, cases: Path, talk: ActTalk) -> Asked:
    """The act, with the document as it stood in force. Raises AssertionError for an impossible recording."""
    assert isinstance(strategy, Acts), f"{strategy.name} has no acts, and {case.name} records one"
    judged = judge_case(strategy, case, cases)
    assert judged.enrolment is not None, case.name
    assert judged.invoice is not None, case.name
    document, before = built(strategy, judged), case.talks[talk.after]
    conversation = begun(strategy, before.verb, document, judged.enrolment)
    outcome = replay(conversation, (each.response for each in before.exchanges)).result
    assert isinstance(outcome, Outcome), f"{case.name}: {talk.after} comes to no outcome"
    assert outcome.verdict in GOOD, f"{case.name}: {talk.after} does not end well"
    marks = {**document.marks, **outcome.marks}
    for name in talk.earlier:
        marks |= _marks_of(strategy, case, cases, name)
    issued = Issued(
        invoice=judged.invoice,
        verdict=outcome.verdict,
        reference=outcome.reference,
        at=judged.enrolment.now,
        marks=marks,
    )
    now = judged.enrolment.now + timedelta(hours=talk.hours)
    return Asked(
        strategy=strategy,
        act=talk.act,
        asked=msgspec.convert(talk.asked, strategy.acts[talk.act], strict=True),
        issued=issued,
        enrolment=structs.replace(judged.enrolment, now=now, slot=None),
    )


def _marks_of(strategy: Strategy, case: Case, cases: Path, name: str) -> Mapping[str, str]:
    talk = recorded(case)[name]
    held = replay(
        asked_of(strategy, case, cases, talk).talk(talk.verb), (each.response for each in talk.exchanges)
    )
    return held.result.marks if isinstance(held.result, Outcome) else {}
