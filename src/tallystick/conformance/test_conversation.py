"""Conversation and Once: every answer gives a verdict, garbage never a good one; nothing is sent twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx import Request, Response
from msgspec import Struct
from msgspec.structs import replace

from tallystick.conformance import hostile
from tallystick.conformance.cases import Case, cases_of
from tallystick.conformance.judging import built, judge_case
from tallystick.conformance.talk import Answer, Held, Talk, begun, golden_request, hold, replay
from tallystick.strategy import (
    GOOD,
    Chains,
    Document,
    Enrolment,
    HasDeadline,
    LogsIn,
    Outcome,
    Session,
    Slot,
    Strategy,
    Verdict,
)

pytestmark = pytest.mark.usefixtures("no_socket")
verbs = pytest.mark.parametrize("verb", ["submit", "inquire"])


class Ready(Struct, frozen=True):
    """A document that is ready to go, with whom to say so."""

    strategy: Strategy
    case: Case
    document: Document
    enrolment: Enrolment

    def hold(self, verb: Any, *answers: Answer, last: Answer | None = None) -> Held:
        """Hold a conversation: the answers in turn, then `last` for ever (None: cut it off)."""
        waiting = iter(answers)

        def answer(request: Request) -> Response | None:
            now = next(waiting, last)
            return now.to(request) if now else None

        return hold(begun(self.strategy, verb, self.document, self.enrolment), answer)


@pytest.fixture
def ready(strategy: Strategy, accepted: Case, cases: Path) -> Ready:
    return made_ready(strategy, accepted, cases)


def made_ready(strategy: Strategy, case: Case, cases: Path) -> Ready:
    judged = judge_case(strategy, case, cases)
    assert judged.enrolment is not None
    return Ready(strategy, case, built(strategy, judged), judged.enrolment)


def sends(ready: Ready) -> bool:
    return bool(ready.hold("submit").requests)


def test_recorded_talk_replays(strategy: Strategy, case: Case, cases: Path, update: bool) -> None:
    if case.refused:
        assert not case.talks, "a refused invoice is never sent"
        return
    ready = made_ready(strategy, case, cases)
    outcomes, talks = {}, {}
    for name, talk in case.talks.items():
        held = replay(
            begun(strategy, talk.verb, ready.document, ready.enrolment), (e.response for e in talk.exchanges)
        )
        assert len(held.requests) >= len(talk.exchanges), f"{name}: fewer requests than answers were recorded"
        assert held.result is not None, f"{name}: asks once more than was recorded"
        outcomes[name] = msgspec.to_builtins(held.result, enc_hook=repr)
        talks[name] = _rewritten(talk, held, ready)

    problems = [case.golden_json("outcome.json", outcomes).problem(update=update)]
    if talks and (update or msgspec.to_builtins(talks) != msgspec.to_builtins(case.talks)):
        problems.append(case.golden_json("talk.json", talks).problem(update=update))
    assert [problem for problem in problems if problem] == []


def _rewritten(talk: Talk, held: Held, ready: Ready) -> Talk:
    exchanges = [
        replace(exchange, request=golden_request(request, ready.document, ready.enrolment))
        for exchange, request in zip(talk.exchanges, held.requests, strict=False)
    ]
    return replace(talk, exchanges=exchanges)


def _outcomes(strategy: Strategy, cases: Path) -> Iterator[tuple[dict[str, Talk], dict[str, Any]]]:
    """Of each case: its recorded talks, and what each comes to."""
    for case in cases_of(cases, strategy.name):
        if case.talks:
            ready = made_ready(strategy, case, cases)
            held = {
                name: ready.hold(t.verb, *(e.response for e in t.exchanges)) for name, t in case.talks.items()
            }
            yield case.talks, {name: one.result for name, one in held.items()}


def test_a_good_and_a_bad_end_are_recorded(strategy: Strategy, cases: Path, ready: Ready) -> None:
    found = [outcome for _, outcomes in _outcomes(strategy, cases) for outcome in outcomes.values()]
    verdicts = {outcome.verdict for outcome in found if isinstance(outcome, Outcome)}
    if sends(ready):
        assert verdicts & GOOD, f"{strategy.name} sends, but no recorded talk ends well"
        assert Verdict.REJECTED in verdicts, f"{strategy.name} sends, but no recorded talk ends in a refusal"


def test_what_is_sent_again_comes_to_the_same(strategy: Strategy, cases: Path, ready: Ready) -> None:
    """The authority that has it already gives the first outcome again, under the same number."""
    again = [
        (outcomes[name], outcomes[talk.again])
        for talks, outcomes in _outcomes(strategy, cases)
        for name, talk in talks.items()
        if talk.again
    ]

    assert again or not sends(ready), f"{strategy.name} sends, but no recorded talk is marked `again`"
    assert [(one.verdict, one.reference) for one, _ in again] == [(o.verdict, o.reference) for _, o in again]


@verbs
def test_garbage_is_never_believed(ready: Ready, verb: str) -> None:
    wrong = []
    for answer in hostile.garbage():
        held = ready.hold(verb, last=answer)
        if problem := hostile.wrong_with(held, answer, verb):
            wrong.append(f"{answer.status} {answer.content[:40]!r}: {problem}")

    assert wrong == []


@verbs
def test_a_truncated_answer_is_never_believed(strategy: Strategy, cases: Path, verb: str) -> None:
    wrong = []
    for ready, talk in _recorded(strategy, cases, verb):
        for at, exchange in enumerate(talk.exchanges):
            before = [earlier.response for earlier in talk.exchanges[:at]]
            for answer in hostile.truncated(exchange.response):
                held = ready.hold(verb, *before, last=answer)
                if problem := hostile.wrong_with(held, answer, verb):
                    wrong.append(f"{answer.status} {answer.content[-40:]!r}: {problem}")

    assert wrong == []


@verbs
def test_a_twisted_answer_still_gives_a_verdict(strategy: Strategy, cases: Path, verb: str) -> None:
    for ready, talk in _recorded(strategy, cases, verb):
        for at, exchange in enumerate(talk.exchanges):
            before = [earlier.response for earlier in talk.exchanges[:at]]
            for answer in hostile.twisted(exchange.response):
                outcome = ready.hold(verb, *before, last=answer).result

                assert isinstance(outcome, Outcome), answer
                assert isinstance(outcome.verdict, Verdict), answer
                assert all(isinstance(text, str) for text in (outcome.reference, outcome.detail)), answer


def _recorded(strategy: Strategy, cases: Path, verb: str) -> Iterator[tuple[Ready, Talk]]:
    for case in cases_of(cases, strategy.name):
        talks = [talk for talk in case.talks.values() if talk.verb == verb]
        ready = made_ready(strategy, case, cases) if talks else None
        if ready is not None:
            yield from ((ready, talk) for talk in talks)


@verbs
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_authority_is_given_the_time_it_asks_for(ready: Ready, verb: str, status: int) -> None:
    answer = Answer(status=status, headers={"Retry-After": "7"}, body="busy")

    assert hostile.wrong_with(ready.hold(verb, last=answer), answer, verb) == ""


@verbs
def test_a_silly_wait_is_not_believed(ready: Ready, verb: str) -> None:
    for silly in hostile.RETRY_AFTERS:
        answer = Answer(status=503, headers={"Retry-After": silly})

        assert hostile.wrong_with(ready.hold(verb, last=answer), answer, verb) == "", silly


@verbs
def test_a_line_that_breaks_leaves_nothing_behind(ready: Ready, verb: str) -> None:
    """The courier closes the conversation; the next one begins as the first did."""
    first = ready.hold(verb)
    again = ready.hold(verb)

    assert _said(first) == _said(again)


@verbs
def test_it_speaks_to_nobody_else(strategy: Strategy, cases: Path, ready: Ready, verb: str) -> None:
    held = [ready.hold(verb, last=answer) for answer in hostile.garbage()]
    held += [
        ready.hold(
            verb,
            last=Answer(
                status=status,
                headers={"Location": "https://elsewhere.test/", "Link": "<https://elsewhere.test/>"},
            ),
        )
        for status in (201, 202, 301, 302, 307, 308)
    ]
    for other, talk in _recorded(strategy, cases, verb):
        held.append(other.hold(verb, *(exchange.response for exchange in talk.exchanges)))
    where = {_origin(str(request.url)) for one in held for request in one.requests}

    assert where <= {_origin(ready.enrolment.endpoint)}


def _origin(url: str) -> tuple[str, str, int | None]:
    parsed = Request("GET", url).url
    return parsed.scheme, parsed.host, parsed.port


def _said(held: Held) -> list[tuple[str, str, bytes, list[tuple[bytes, bytes]]]]:
    return [(r.method, str(r.url), r.content, sorted(r.headers.raw)) for r in held.requests]


def test_every_attempt_says_the_same(ready: Ready) -> None:
    """Years later the same document still goes out with the same bytes under the same reference."""
    later = replace(ready, enrolment=replace(ready.enrolment, now=ready.enrolment.now.replace(year=2030)))

    assert _said(ready.hold("submit")) == _said(later.hold("submit"))


def test_an_inquiry_asks_or_resends_the_same_bytes(ready: Ready) -> None:
    """What could make a second document at the authority is, byte for byte, the first one's submission."""
    submission = _said(ready.hold("submit"))
    carrying = [said for said in submission if said[2]]
    held = [ready.hold("inquire", last=answer) for answer in hostile.garbage()]

    other = [
        said for one in held for said in _said(one) if said[2] and said not in carrying and said[0] != "GET"
    ]
    places = {said[1] for said in carrying}

    assert [said for said in other if said[1] in places or ready.document.body in said[2]] == []
    assert bool(submission) == any(one.requests for one in held), "it sends, but cannot be asked"


def test_two_documents_are_told_apart(ready: Ready) -> None:
    """Another reference or other bytes: another submission. Else the second would pass for the first."""
    if not sends(ready):
        return
    other = replace(ready, document=replace(ready.document, body=ready.document.body + b" "))

    assert _said(ready.hold("submit")) != _said(other.hold("submit"))


def test_a_chain_links_its_documents(strategy: Strategy, accepted: Case, cases: Path) -> None:
    if not isinstance(strategy, Chains):
        return
    judged = judge_case(strategy, accepted, cases)
    assert judged.invoice is not None
    assert judged.enrolment is not None
    first = built(strategy, judged)
    after = replace(judged.enrolment, slot=Slot(2, first.link))
    second = strategy.build(judged.invoice, after)
    forked = strategy.build(judged.invoice, replace(after, slot=Slot(2, second.link)))

    assert strategy.chain(judged.invoice, replace(judged.enrolment, slot=None, signer=None))
    assert first.link
    assert len({document.link for document in (first, second, forked)}) == 3
    assert len({document.body for document in (first, second, forked)}) == 3


def test_a_login_gives_a_session_or_an_outcome(ready: Ready) -> None:
    if not isinstance(ready.strategy, LogsIn):
        return
    wrong = []
    for answer in hostile.garbage():
        held = ready.hold("login", last=answer)
        if isinstance(held.result, Session) or not isinstance(held.result, Outcome):
            wrong.append(f"{answer.status} {answer.content[:40]!r} gave {held.result!r}")
        elif held.result.verdict not in (Verdict.RETRY, Verdict.HALTED, Verdict.UNKNOWN):
            wrong.append(f"{answer.status} {answer.content[:40]!r} gave {held.result.verdict}")

    assert wrong == []


@verbs
def test_only_who_logs_in_can_lose_a_session(ready: Ready, verb: str) -> None:
    if isinstance(ready.strategy, LogsIn):
        return
    outcomes = [ready.hold(verb, last=answer).result for answer in hostile.garbage()]

    assert [one for one in outcomes if isinstance(one, Outcome) and one.stale_session] == []


def test_a_deadline_knows_its_time_zone(
    ready: Ready, strategy: Strategy, accepted: Case, cases: Path
) -> None:
    if not isinstance(strategy, HasDeadline):
        return
    judged = judge_case(strategy, accepted, cases)
    assert judged.invoice is not None
    deadline = strategy.deadline(judged.invoice, ready.enrolment)

    assert deadline is None or deadline.utcoffset() is not None
