"""Polls: news is believed only where it is told clearly, and every answer that is none says why."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx import Request, Response
from msgspec import Struct

from tallystick.conformance import hostile
from tallystick.conformance.purity import watched
from tallystick.conformance.silence import leaks
from tallystick.conformance.talk import Answer, Exchange, hold
from tallystick.conformance.trial import enrolment
from tallystick.strategy import Enrolment, Notice, Outcome, Polls, Strategy, Verdict

pytestmark = pytest.mark.usefixtures("no_socket")
SOON = frozenset({Verdict.RETRY, Verdict.HALTED, Verdict.UNKNOWN})
NEWS = frozenset({Verdict.REJECTED, Verdict.CONFLICT})


class PollTalk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entry of the strategy's `polls.json`: what was answered, and the news in it."""

    exchanges: list[Exchange]
    news: list[Notice] = []


def recorded(strategy: Strategy, cases: Path) -> dict[str, PollTalk]:
    """The recorded polls by name."""
    path = cases / strategy.name / "polls.json"
    return msgspec.json.decode(path.read_bytes(), type=dict[str, PollTalk]) if path.is_file() else {}


def ready(strategy: Strategy, cases: Path) -> Enrolment:
    """The strategy's test enrolment."""
    return enrolment(strategy, cases=cases)


def said(strategy: Strategy, whole: Enrolment, *answers: Answer, last: Answer | None = None) -> Any:
    """What a poll of the last day comes to."""
    assert isinstance(strategy, Polls)
    waiting = iter(answers)

    def answer(request: Request) -> Response | None:
        now = next(waiting, last)
        return now.to(request) if now else None

    talk: Any = strategy.poll(whole, whole.now - timedelta(days=1))
    return hold(talk, answer)


def test_recorded_news_is_told(strategy: Strategy, cases: Path) -> None:
    if not isinstance(strategy, Polls):
        return
    talks = recorded(strategy, cases)
    assert any(talk.news for talk in talks.values()), f"{strategy.name} polls, but no news is recorded"
    assert any(not talk.news for talk in talks.values()), f"{strategy.name}: no poll without news is recorded"
    assert strategy.poll_every > timedelta(0)
    for name, talk in talks.items():
        held = said(strategy, ready(strategy, cases), *(each.response for each in talk.exchanges))
        assert held.result == tuple(talk.news), name
        assert {notice.verdict for notice in talk.news} <= NEWS, name


def test_garbage_is_no_news(strategy: Strategy, cases: Path) -> None:
    if not isinstance(strategy, Polls):
        return
    whole, wrong = ready(strategy, cases), []
    for answer in hostile.garbage():
        result: Any = said(strategy, whole, last=answer).result
        if result != () and not (isinstance(result, Outcome) and result.verdict in SOON):
            wrong.append(f"{answer.status} {answer.content[:40]!r}: {result!r}")
        if result == () and answer.status >= 300:
            wrong.append(f"{answer.status} {answer.content[:40]!r}: took an error for silence")

    assert wrong == []


def test_twisted_news_names_something_or_is_none(strategy: Strategy, cases: Path) -> None:
    if not isinstance(strategy, Polls):
        return
    whole = ready(strategy, cases)
    for talk in recorded(strategy, cases).values():
        for at, exchange in enumerate(talk.exchanges):
            before = [earlier.response for earlier in talk.exchanges[:at]]
            for answer in (*hostile.twisted(exchange.response), *hostile.truncated(exchange.response)):
                result: Any = said(strategy, whole, *before, last=answer).result
                assert isinstance(result, Outcome | tuple), answer
                for notice in result if isinstance(result, tuple) else ():
                    assert isinstance(notice, Notice), answer
                    assert isinstance(notice.reference, str), answer
                    assert notice.verdict in NEWS, answer


def test_polls_say_no_secret_and_look_at_nothing(strategy: Strategy, cases: Path) -> None:
    if not isinstance(strategy, Polls):
        return
    whole = ready(strategy, cases)
    texts = []
    said(strategy, whole, last=Answer(status=503))
    with watched() as seen:
        said(strategy, whole, last=Answer(status=503))
    for status in (200, 302, 401, 404, 500):
        for as_json in (True, False):
            talk: Any = strategy.poll(whole, whole.now - timedelta(days=1))
            held = hold(talk, hostile.echo(status, as_json=as_json))
            texts += [f"{request.method} {request.url}" for request in held.requests]
            texts.append(hostile.encoded(held.result))
            assert {r.url.host for r in held.requests} <= {Request("GET", whole.endpoint).url.host}

    assert leaks(texts, whole) == []
    assert seen == []
