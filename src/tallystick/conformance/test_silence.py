"""Silence: no secret of the enrolment in a URL, a document, a fault, an outcome, or anything that prints."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tallystick.conformance import hostile
from tallystick.conformance.cases import Case, cases_of
from tallystick.conformance.judging import built, judge_case
from tallystick.conformance.silence import leaks
from tallystick.conformance.talk import Held, begun, hold, replay
from tallystick.strategy import Document, Enrolment, LogsIn, Session, Strategy

pytestmark = pytest.mark.usefixtures("no_socket")


def _conversations(
    strategy: Strategy, case: Case, document: Document, enrolment: Enrolment
) -> Iterator[Held]:
    verbs: list[Any] = ["submit", "inquire", *(["login"] if isinstance(strategy, LogsIn) else [])]
    for verb in verbs:
        for status in (200, 202, 400, 401, 404, 409, 422, 500, 503):
            for as_json in (True, False):
                answer = hostile.echo(status, as_json=as_json)
                yield hold(begun(strategy, verb, document, enrolment), answer)
    for talk in case.talks.values():
        recorded = (exchange.response for exchange in talk.exchanges)
        yield replay(begun(strategy, talk.verb, document, enrolment), recorded)


def test_no_secret_is_said_aloud(strategy: Strategy, accepted: Case, cases: Path) -> None:
    judged = judge_case(strategy, accepted, cases)
    assert judged.enrolment is not None
    document = built(strategy, judged)
    held = list(_conversations(strategy, accepted, document, judged.enrolment))

    def said() -> Iterator[str]:
        yield repr(judged.enrolment)
        yield str(judged.enrolment)
        for one in held:
            yield from (f"{request.method} {request.url}" for request in one.requests)
            if not isinstance(one.result, Session):
                yield hostile.encoded(one.result)

    assert leaks(said(), judged.enrolment) == []


def test_no_secret_is_written_down(strategy: Strategy, cases: Path) -> None:
    for case in cases_of(cases, strategy.name):
        judged = judge_case(strategy, case, cases)
        if judged.enrolment is None:
            continue

        def written(judged: Any = judged) -> Iterator[str]:
            yield msgspec.json.encode(judged.faults).decode()
            if judged.good:
                document = built(strategy, judged)
                yield document.body.decode("latin-1")
                yield msgspec.json.encode(document, enc_hook=repr).decode()
                yield repr(document)

        assert leaks(written(), judged.enrolment) == []
