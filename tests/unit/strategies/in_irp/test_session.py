"""Sessions: how long they are used, what a login says and to whom, and when nobody may try again."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tallystick.conformance.talk import Answer, Held, replay
from tallystick.formats.sealing import sealed
from tallystick.keys import Secret
from tallystick.strategy import Enrolment, LogsIn, Outcome, Session, Verdict
from unit.strategies.in_irp import portal
from unit.strategies.in_irp.talks import irp, judged, module, ready

session, settings = module("session"), module("settings")
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)  # 17:30 in India


def _trial(**changes: Any) -> Enrolment:
    _, trial = ready("standard")
    assert trial.now == NOON
    return replace(trial, **changes)


def _held(trial: Enrolment, *bodies: Any) -> Held:
    strategy = irp()
    assert isinstance(strategy, LogsIn)
    return replay(strategy.login(trial), [Answer(body=body) for body in bodies])


def _given(trial: Enrolment, ends: str) -> Session:
    held = _held(trial, portal.session(session.app_key(trial), ends=ends))
    assert isinstance(held.result, Session)
    return held.result


def test_a_session_holds_the_token_and_its_key() -> None:
    given = _given(_trial(), "2026-10-05 23:30:00")

    assert given.secrets["token"].reveal() == portal.TOKEN
    assert given.secrets["sek"].reveal() == b64encode(portal.SEK).decode()


@pytest.mark.parametrize(
    ("ends", "until"),
    [
        ("2026-10-05 23:30:00", NOON + timedelta(hours=6) - session.SPARE),  # Indian time
        ("2026-10-05 17:40:01", NOON + timedelta(minutes=10, seconds=1) - session.SPARE),
        ("2026-10-05 17:40:00", NOON + timedelta(minutes=10)),  # no new one is given before: used up
        ("2029-01-01 00:00:00", NOON + session.LONGEST - session.SPARE),
        ("05/10/2026 23:30", NOON + timedelta(minutes=60) - session.SPARE),
        ("2026-13-45 99:99:99", NOON + timedelta(minutes=60) - session.SPARE),
        ("", NOON + timedelta(minutes=60) - session.SPARE),
    ],
)
def test_a_session_is_given_up_when_a_new_one_is_to_be_had(ends: str, until: datetime) -> None:
    assert _given(_trial(), ends).expires_at == until


def test_a_login_before_the_sessions_end_falls_into_the_time_in_which_tokens_are_renewed() -> None:
    """The worker logs in anew when less than one answer's time is left, half a minute or so."""
    margins = [timedelta(seconds=seconds) for seconds in (1, 35, 65, 119)]

    assert all(timedelta(0) < session.SPARE + margin < session.RENEWABLE for margin in margins)


def test_production_lasts_longer_where_the_portal_does_not_say() -> None:
    production = _given(_trial(environment="production"), "")
    told = _given(_trial(settings=replace(_trial().settings, session_minutes=30)), "")

    assert production.expires_at == NOON + timedelta(minutes=360) - session.SPARE
    assert told.expires_at == NOON + timedelta(minutes=30) - session.SPARE


def test_every_login_has_a_key_of_its_own_that_follows_from_the_credential() -> None:
    first, trial = session.app_key(_trial()), _trial()
    later = session.app_key(replace(trial, now=trial.now + timedelta(seconds=1)))
    other = session.app_key(replace(trial, secrets={**trial.secrets, "password": Secret("another-word")}))

    assert len(first) == 32
    assert len({first, later, other}) == 3
    assert first == session.app_key(trial)


def test_a_login_says_who_it_is_for_and_no_more() -> None:
    [request] = _held(_trial()).requests

    assert str(request.url) == "https://portal.test/eivital/v1.04/auth"
    assert request.headers["client_id"] == "trial-client-id-53b1"
    assert request.headers["client_secret"] == "trial-client-secret-88de"
    assert request.headers["Gstin"] == "29AABCT4821K1Z4"
    assert "authtoken" not in request.headers
    assert b"Password" not in request.content


def test_paths_and_spellings_are_settings() -> None:
    own = replace(
        _trial().settings,
        paths=settings.Paths(auth="/gsp/auth", generate="/gsp/make"),
        headers=settings.Headers(
            client_id="aspid", client_secret="password", gstin="gstin", token="auth-token"
        ),
        irp="nic2",
        send_irp=True,
    )
    document, trial = ready("standard")
    trial = replace(trial, settings=own)
    [login] = _held(trial).requests
    [submission] = replay(irp().submit(document, trial), []).requests

    assert (login.url.path, submission.url.path) == ("/gsp/auth", "/gsp/make")
    assert login.headers["aspid"] == "trial-client-id-53b1"
    assert submission.headers["auth-token"] == portal.TOKEN
    assert submission.headers["irp"] == "NIC2"
    assert "client_id" not in submission.headers


def test_without_the_portals_key_nobody_is_asked() -> None:
    held = _held(_trial(settings=replace(_trial().settings, public_key=None)))

    assert held.requests == ()
    assert isinstance(held.result, Outcome)
    assert held.result.verdict is Verdict.HALTED


def test_a_credential_too_long_for_the_key_is_told_and_never_sent() -> None:
    secrets = {**_trial().secrets, "password": Secret("p" * 80)}
    held = _held(_trial(secrets=secrets))

    assert held.requests == ()
    assert isinstance(held.result, Outcome)
    assert held.result.verdict is Verdict.HALTED
    assert "pppp" not in held.result.detail


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("1008", Verdict.HALTED), ("3033", Verdict.HALTED), ("3020", Verdict.RETRY), ("8888", Verdict.HALTED)],
)
def test_a_refused_login_is_not_tried_again_unless_the_portal_itself_has_trouble(
    code: str, verdict: Verdict
) -> None:
    result = _held(_trial(), portal.refused((code, "no"))).result

    assert isinstance(result, Outcome)
    assert result.verdict is verdict


@pytest.mark.parametrize("sek", ["", "x", "AAAA", b64encode(b"x" * 48).decode(), None, 7])
def test_a_session_key_that_cannot_be_read_gives_no_session(sek: Any) -> None:
    body = portal.session(session.app_key(_trial()))
    body["Data"]["Sek"] = sek
    result = _held(_trial(), body).result

    assert isinstance(result, Outcome)
    assert result.verdict is Verdict.RETRY


def test_a_session_key_of_another_length_gives_no_session() -> None:
    body = portal.session(session.app_key(_trial()))
    body["Data"]["Sek"] = b64encode(sealed(b"short", session.app_key(_trial()))).decode()
    result = _held(_trial(), body).result

    assert isinstance(result, Outcome)
    assert result.verdict is Verdict.RETRY


@pytest.mark.parametrize("sek", ["", "x", b64encode(b"short").decode()])
def test_without_a_session_nothing_is_sent(sek: str) -> None:
    document, trial = ready("standard")
    assert trial.session is not None
    spoiled = Session({**trial.session.secrets, "sek": Secret(sek)}, trial.session.expires_at)
    for given in (None, spoiled):
        for verb in (irp().submit, irp().inquire):
            held = replay(verb(document, replace(trial, session=given)), [])
            assert held.requests == ()
            assert isinstance(held.result, Outcome)
            assert (held.result.verdict, held.result.stale_session) == (Verdict.RETRY, True)


def test_a_document_may_be_thirty_days_old_in_india() -> None:
    strategy: Any = irp()
    found, trial = judged("standard"), _trial()
    consumer = judged("consumer").invoice
    unlimited = replace(trial, settings=replace(trial.settings, thirty_day_limit=False))

    assert strategy.deadline(found.invoice, trial) == datetime(2026, 11, 4, 18, 29, 59, 999999, UTC)
    assert strategy.deadline(found.invoice, unlimited) is None
    assert strategy.deadline(consumer, trial) is None
