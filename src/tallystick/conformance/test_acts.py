"""Acts: typed requests, pure, frozen, and no answer but a clear one says that anything was done."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx import Request, Response
from msgspec import Struct, structs

from tallystick.canonical import canonical_bytes
from tallystick.conformance import hostile
from tallystick.conformance.acting import ActTalk, Asked, acts_of, asked_of, recorded
from tallystick.conformance.cases import Case, Golden, suffix_of
from tallystick.conformance.purity import watched
from tallystick.conformance.silence import leaks
from tallystick.conformance.talk import Answer, Held, golden_request, replay
from tallystick.strategy import Acts, Outcome, Strategy, Verdict

pytestmark = pytest.mark.usefixtures("no_socket")
verbs = pytest.mark.parametrize("verb", ["submit", "inquire"])
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
DONE = frozenset({Verdict.CANCELLED, Verdict.ACCEPTED})
KNOWN = DONE | {Verdict.REJECTED, Verdict.CONFLICT, Verdict.PENDING, Verdict.RETRY, Verdict.HALTED}
ALLOWED = KNOWN | {Verdict.UNKNOWN, Verdict.ABSENT}


def every(strategy: Strategy, cases: Path) -> list[Asked]:
    """Each act once, as first recorded among those that may be sent."""
    found: dict[str, Asked] = {}
    for _, _, _, asked in acts_of(strategy, cases):
        if not asked.faults:
            found.setdefault(asked.act, asked)
    return list(found.values())


def test_requests_of_acts_are_typed(strategy: Strategy, cases: Path) -> None:
    if not isinstance(strategy, Acts):
        return
    for name, kind in strategy.acts.items():
        assert NAME.fullmatch(name), name
        assert name != "issue", "that is the document's own submission"
        assert issubclass(kind, Struct), name
        assert kind.__struct_config__.forbid_unknown_fields, f"{name}: a misspelt field would be lost"
    for _, _, _, asked in acts_of(strategy, cases):
        again = msgspec.json.decode(msgspec.json.encode(asked.asked), type=type(asked.asked))
        assert again == asked.asked, "a request must come back from the store as it was"


def test_every_act_is_recorded_done_and_refused(strategy: Strategy, cases: Path) -> None:
    if not isinstance(strategy, Acts):
        return
    ends: dict[str, set[str]] = {name: set() for name in strategy.acts}
    for _, _, talk, asked in acts_of(strategy, cases):
        held = None if asked.faults else replay(asked.talk(talk.verb), (e.response for e in talk.exchanges))
        outcome = held.result if held is not None else None
        verdict = outcome.verdict if isinstance(outcome, Outcome) else Verdict.REJECTED
        ends[talk.act] |= (
            {"done"} if verdict in DONE else {"refused"} if verdict == Verdict.REJECTED else set()
        )

    assert [name for name, found in ends.items() if found != {"done", "refused"}] == []


def test_recorded_acts_replay(strategy: Strategy, case: Case, cases: Path, update: bool) -> None:
    outcomes: dict[str, Any] = {}
    talks: dict[str, ActTalk] = {}
    documents: dict[str, bytes] = {}
    for name, talk in recorded(case).items():
        asked = asked_of(strategy, case, cases, talk)
        if asked.faults:
            assert not talk.exchanges, f"{name}: what is refused beforehand is never sent"
            outcomes[name], talks[name] = {"faults": asked.faults}, talk
            continue
        held = replay(asked.talk(talk.verb), (each.response for each in talk.exchanges))
        assert isinstance(held.result, Outcome), f"{name}: asks once more than was recorded"
        outcomes[name], talks[name] = held.result, _rewritten(talk, held, asked)
        documents[f"{name}.{suffix_of(asked.document.media_type)}"] = asked.document.body

    goldens = [case.golden_json("acts-outcome.json", outcomes), *_documents(case, documents)]
    if talks and (update or msgspec.to_builtins(talks) != msgspec.to_builtins(dict(recorded(case)))):
        goldens.append(case.golden_json("acts.json", talks))
    assert [problem for each in goldens if (problem := each.problem(update=update))] == []


def _rewritten(talk: ActTalk, held: Held, asked: Asked) -> ActTalk:
    exchanges = [
        structs.replace(exchange, request=golden_request(request, asked.document, asked.enrolment))
        for exchange, request in zip(talk.exchanges, held.requests, strict=False)
    ]
    return structs.replace(talk, exchanges=exchanges)


def _documents(case: Case, wanted: dict[str, bytes]) -> Iterator[Golden]:
    folder = case.folder / "acts"
    there = {path.name for path in folder.glob("*")}
    for name in sorted(there | wanted.keys()):
        yield Golden(folder / name, wanted.get(name))


@verbs
def test_garbage_does_nothing(strategy: Strategy, cases: Path, verb: str) -> None:
    wrong = []
    for asked in every(strategy, cases):
        for answer in hostile.garbage():
            held = asked.hold(verb, last=answer)
            if problem := hostile.wrong_with(held, answer, verb) or _misplaced(held):
                wrong.append(f"{asked.act}: {answer.status} {answer.content[:40]!r}: {problem}")

    assert wrong == []


def _misplaced(held: Held) -> str:
    """A verdict that no act comes to."""
    outcome = held.result
    if isinstance(outcome, Outcome) and outcome.verdict not in ALLOWED:
        return f"came to {outcome.verdict}, which is no end of an act"
    return ""


@verbs
def test_a_truncated_answer_does_nothing(strategy: Strategy, cases: Path, verb: str) -> None:
    wrong = []
    for _, name, talk, asked in acts_of(strategy, cases, verb):
        for at, exchange in enumerate(talk.exchanges):
            before = [earlier.response for earlier in talk.exchanges[:at]]
            for answer in hostile.truncated(exchange.response):
                held = asked.hold(verb, *before, last=answer)
                if problem := hostile.wrong_with(held, answer, verb):
                    wrong.append(f"{name}: {answer.status} {answer.content[-40:]!r}: {problem}")

    assert wrong == []


@verbs
def test_a_twisted_answer_to_an_act_still_gives_a_verdict(strategy: Strategy, cases: Path, verb: str) -> None:
    for _, _, talk, asked in acts_of(strategy, cases, verb):
        for at, exchange in enumerate(talk.exchanges):
            before = [earlier.response for earlier in talk.exchanges[:at]]
            for answer in hostile.twisted(exchange.response):
                held = asked.hold(verb, *before, last=answer)

                assert isinstance(held.result, Outcome), answer
                assert _misplaced(held) == "", answer
                texts = (held.result.reference, held.result.detail, *held.result.marks.values())
                assert all(isinstance(text, str) for text in texts), answer


def test_an_act_is_the_same_every_time(strategy: Strategy, cases: Path) -> None:
    """What was asked is judged and built from its arguments alone, and nothing of them is changed."""
    for _, name, _, asked in acts_of(strategy, cases):
        before = canonical_bytes(asked.issued.invoice), repr((asked.asked, asked.enrolment))
        with watched() as seen:
            faults = asked.faults
            document = None if faults else asked.document

        assert seen == [], name
        assert asked.faults == faults, name
        assert faults or asked.document == document, name
        assert (canonical_bytes(asked.issued.invoice), repr((asked.asked, asked.enrolment))) == before, name


@verbs
def test_every_attempt_at_an_act_says_the_same(strategy: Strategy, cases: Path, verb: str) -> None:
    """Later, and after a line that broke, the frozen act goes out with the same bytes."""
    for asked in every(strategy, cases):
        document = asked.document
        later = structs.replace(asked.enrolment, now=asked.enrolment.now.replace(year=2035))
        speak = asked.strategy.submit_act if verb == "submit" else asked.strategy.inquire_act
        said = [
            [(r.method, str(r.url), r.content) for r in replay(speak(asked.act, document, who), ()).requests]
            for who in (asked.enrolment, asked.enrolment, later)
        ]

        assert said[0] == said[1] == said[2], asked.act
        assert said[0], f"{asked.act}: asks nobody"


@verbs
def test_acts_speak_to_nobody_else_and_say_no_secret(strategy: Strategy, cases: Path, verb: str) -> None:
    for asked in every(strategy, cases):
        held = [
            asked.listen(verb, hostile.echo(status, as_json=as_json))
            for status in (200, 202, 302, 400, 401, 404, 409, 422, 500, 503)
            for as_json in (True, False)
        ]
        hosts = {request.url.host for one in held for request in one.requests}
        texts = [repr(asked.enrolment), repr(asked.document), asked.document.body.decode("latin-1")]
        texts += [f"{request.method} {request.url}" for one in held for request in one.requests]
        texts += [hostile.encoded(one.result) for one in held]

        assert hosts <= {Request("GET", asked.enrolment.endpoint).url.host}, asked.act
        assert leaks(texts, asked.enrolment) == [], asked.act


@verbs
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_authority_of_acts_is_given_time(
    strategy: Strategy, cases: Path, verb: str, status: int
) -> None:
    answer = Answer(status=status, headers={"Retry-After": "7"}, body="busy")
    for asked in every(strategy, cases):
        assert hostile.wrong_with(asked.hold(verb, last=answer), answer, verb) == "", asked.act


def _busy(request: Request) -> Response:
    return Response(503, text="busy", request=request)


@verbs
def test_acts_are_asked_without_looking_around(strategy: Strategy, cases: Path, verb: str) -> None:
    for asked in every(strategy, cases):
        asked.listen(verb, _busy)
        with watched() as seen:
            asked.listen(verb, _busy)

        assert seen == [], asked.act
