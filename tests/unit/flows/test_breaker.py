"""The breaker opens on outages, never on answers, and closes only after three good probes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tallystick.flows.breaker import after, untouched
from tallystick.store.breaker import Standing

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRESH = Standing(now=NOW)


def led(standing: Standing, *results: tuple[bool, bool]) -> Standing:
    """The standing after these (good, transport) results, all at one moment."""
    for good, transport in results:
        standing = after(standing, good, transport, 1.0, 0.5)
    return standing


def test_five_transport_errors_in_a_row_open_it() -> None:
    lost = (False, True)

    assert led(FRESH, lost, lost, lost, lost).state == "closed"
    assert led(FRESH, lost, lost, lost, lost, lost).state == "open"


def test_an_answer_in_between_starts_the_count_anew() -> None:
    lost = (False, True)

    assert led(FRESH, lost, lost, lost, lost, (True, False), lost, lost, lost, lost).state == "closed"


def test_half_of_twenty_calls_failing_opens_it() -> None:
    pairs = [(False, False), (True, False)] * 9

    almost = led(FRESH, *pairs, (True, False))
    assert almost.state == "closed"
    assert led(almost, (False, False)).state == "open"


def test_failures_of_another_half_minute_do_not_count() -> None:
    pairs = [(False, False), (True, False)] * 9
    later = structs.replace(led(FRESH, *pairs), now=NOW + timedelta(seconds=31))

    assert led(later, (False, False), (False, False)).state == "closed"


def test_it_closes_after_three_good_probes_and_waits_longer_after_a_bad_one() -> None:
    lost, good = (False, True), (True, False)
    opened = led(FRESH, *[lost] * 5)
    assert opened.probe_at is not None
    first = opened.probe_at - NOW

    again = led(opened, lost)
    assert again.probe_at is not None
    assert again.probe_at - NOW == 2 * first
    assert led(again, good, good).state == "half_open"
    closed = led(again, good, good, good)
    assert (closed.state, closed.opened_times) == ("closed", 0)
    assert untouched(closed)


@given(st.lists(st.tuples(st.just(True), st.booleans()), max_size=100))
def test_good_answers_never_open_it(results: list[tuple[bool, bool]]) -> None:
    assert led(FRESH, *results).state == "closed"


def test_once_it_has_answered_the_waits_begin_anew() -> None:
    lost, good = (False, True), (True, False)
    opened = led(FRESH, *[lost] * 5)
    silent = led(opened, lost, lost, lost)
    assert opened.probe_at is not None and silent.probe_at is not None
    assert silent.probe_at > opened.probe_at

    flaky = led(silent, good, lost)

    assert (flaky.state, flaky.probe_at) == ("open", opened.probe_at)
