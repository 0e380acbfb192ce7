"""The kit's instruments: the watch that sees impure calls, test enrolment, conversations without a socket."""

import datetime as dt
import os
import random
import secrets
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from httpx import Request

from tallystick.conformance import Example, ExampleInvalid, enrolment, read_example
from tallystick.conformance.hostile import wrong_with
from tallystick.conformance.purity import watched
from tallystick.conformance.rules import RulesInvalid, rules_of
from tallystick.conformance.talk import Answer, Held, golden_request, hold, replay, secrets_of
from tallystick.keys import Secret
from tallystick.strategies import load
from tallystick.strategy import Conversation, Document, Outcome, Verdict

IMPURE: list[Callable[[], object]] = [
    time.time,
    time.time_ns,
    time.monotonic,
    time.perf_counter,
    time.localtime,
    lambda: time.strftime("%Y"),
    lambda: dt.datetime.now(dt.UTC),
    dt.datetime.today,
    dt.date.today,
    random.random,
    lambda: random.Random().random(),
    lambda: random.SystemRandom().random(),
    uuid.uuid4,
    uuid.uuid1,
    lambda: secrets.token_hex(4),
    lambda: os.urandom(4),
    lambda: os.environ.get("HOME"),
    lambda: os.getenv("HOME"),
    lambda: dict(os.environ),
    os.getpid,
    os.getcwd,
]


@pytest.mark.parametrize("impure", IMPURE)
def test_the_watch_sees(impure: Callable[[], object]) -> None:
    with watched() as seen:
        impure()

    assert seen


def test_the_watch_sees_nothing_in_arithmetic() -> None:
    with watched() as seen:
        sorted(str(uuid.uuid5(uuid.NAMESPACE_URL, "x")) for _ in range(3))
        dt.datetime.fromisoformat("2026-01-01T00:00:00+00:00").astimezone(dt.UTC)

    assert seen == []


def test_the_test_enrolment_is_the_same_every_time() -> None:
    peppol = load().by_name("peppol")
    first, second = enrolment(peppol), enrolment(peppol)

    assert repr(first) == repr(second)
    assert secrets_of(first) == secrets_of(second)
    assert first.signer is not None
    assert second.signer is not None
    assert first.signer.sign(b"x") == second.signer.sign(b"x")
    assert first.now == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert uuid.UUID(first.reference).version == 5


def test_strategies_do_not_share_a_test_key() -> None:
    keys = {enrolment(strategy).signer.key_id for strategy in load().all}  # type: ignore[union-attr]

    assert len(keys) == len(load().all)


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "ES256K"])
def test_the_example_chooses_the_kind_of_key(algorithm: str) -> None:
    example = Example(signer=algorithm)  # type: ignore[arg-type]  # the parametrized names are its choices
    signer = enrolment(load().by_name("default"), example=example).signer

    assert signer is not None
    assert signer.algorithm == algorithm


def test_an_example_that_does_not_fit_is_named(tmp_path: Path) -> None:
    path = tmp_path / "enrolment.json"
    path.write_text('{"setings": {}}')

    with pytest.raises(ExampleInvalid, match=r"enrolment\.json.*setings"):
        read_example(path)
    with pytest.raises(ExampleInvalid, match="settings of peppol"):
        enrolment(load().by_name("peppol"), example=Example(settings={"adapter": 7}))
    with pytest.raises(ExampleInvalid):
        read_example(tmp_path / "nowhere.json")


DOCUMENT = Document(media_type="application/json", body=b"{}")


def asks(count: int) -> Conversation:
    for _ in range(count):
        yield Request("GET", "https://authority.test/")
    return Outcome(verdict=Verdict.UNKNOWN)


def test_a_conversation_is_held_to_its_end_or_cut_off() -> None:
    assert replay(asks(2), [Answer(), Answer()]).result == Outcome(verdict=Verdict.UNKNOWN)
    assert replay(asks(2), [Answer()]).result is None
    assert len(replay(asks(2), [Answer()]).requests) == 2


def test_a_conversation_without_end_is_stopped() -> None:
    with pytest.raises(RuntimeError, match="more than 8 requests"):
        hold(asks(9), Answer().to)


def test_a_golden_request_names_its_secrets_and_shows_none() -> None:
    trial = enrolment(load().by_name("default"), example=Example(secrets={"token": "s3cr3t-value"}))
    headers = {"x-token": "s3cr3t-value", "authorization": "Basic czNjcjN0LXZhbHVl", "x-plain": "yes"}
    request = Request("POST", "https://authority.test/a?b=s3cr3t-value", headers=headers, content=b"{}")

    golden = golden_request(request, DOCUMENT, trial)

    assert golden == {
        "method": "POST",
        "url": "https://authority.test/a?b=(secret token)",
        "headers": {"authorization": "Basic (secret token)", "x-plain": "yes", "x-token": "(secret token)"},
        "body": "(the document)",
    }
    assert isinstance(trial.secrets["token"], Secret)


ASKED = (Request("GET", "https://authority.test/"),)


@pytest.mark.parametrize(
    ("verdict", "status", "body", "verb", "fine"),
    [
        (Verdict.UNKNOWN, 200, "x", "submit", True),
        (Verdict.CLEARED, 200, "x", "submit", False),
        (Verdict.REJECTED, 200, "x", "submit", False),
        (Verdict.REJECTED, 503, "", "submit", False),
        (Verdict.REJECTED, 400, "x", "submit", True),
        (Verdict.REJECTED, 401, "x", "submit", False),
        (Verdict.CLEARED, 409, "", "submit", True),
        (Verdict.CLEARED, 409, "x", "submit", False),
        (Verdict.ABSENT, 404, "", "inquire", True),
        (Verdict.ABSENT, 404, "", "submit", False),
        (Verdict.ABSENT, 500, "", "inquire", False),
        (Verdict.NOT_REQUIRED, 404, "", "submit", False),
    ],
)
def test_what_may_be_read_out_of_garbage(
    verdict: Verdict, status: int, body: str, verb: str, fine: bool
) -> None:
    held = Held(ASKED, Outcome(verdict=verdict))

    assert (wrong_with(held, Answer(status=status, body=body), verb) == "") is fine


def test_a_table_with_a_number_twice_is_refused(tmp_path: Path) -> None:
    rule = '[[rule]]\nid = "X-1"\nseverity = "error"\ntext = "a b c"\nsource = "d"\n'
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "rules.toml").write_text(rule * 2)

    with pytest.raises(RulesInvalid, match="numbers used twice: X-1"):
        rules_of("other", tmp_path)
    assert rules_of("nobody", tmp_path) == {}
