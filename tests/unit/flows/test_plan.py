"""What follows from an outcome: no outcome loses a submission, none sends it past its round."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tallystick.flows.pace import ATTEMPTS, backoff, breaker_delay, poll_delay
from tallystick.flows.plan import (
    CRASHES,
    FAILURES,
    Kind,
    after_crash,
    after_failure,
    after_not_sent,
    after_outcome,
    verb_for,
)
from tallystick.flows.status import public
from tallystick.store.work import Claimed
from tallystick.strategy import Outcome, Verdict

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRESH = Claimed(
    id=UUID(int=1),
    tenant_id=UUID(int=2),
    invoice_id=UUID(int=3),
    state="queued",
    verdict=None,
    attempts=0,
    round=1,
    poll_count=0,
    crashes=0,
    token=1,
    parked_reason=None,
    deadline_at=None,
    created_at=NOW,
    frozen=True,
    sent=False,
    n=1,
    answered=0,
    now=NOW,
)
GOOD = ["not_required", "cleared", "reported", "registered", "accepted"]
chances = st.floats(0, 1, exclude_max=True)
claims = st.builds(
    lambda state, verdict, attempts, polls, crashes, hours: structs.replace(
        FRESH,
        state=state,
        verdict=verdict,
        attempts=attempts,
        poll_count=polls,
        crashes=crashes,
        now=NOW + timedelta(hours=hours),
    ),
    st.sampled_from(["queued", "retry_wait", "unknown", "pending", "parked"]),
    st.sampled_from([None, "retry", "unknown", "pending", "absent"]),
    st.integers(0, ATTEMPTS),
    st.integers(0, 50),
    st.integers(0, CRASHES),
    st.integers(0, 100),
)


@given(claims, st.sampled_from(list(Verdict)), chances)
def test_every_outcome_has_a_next_step_that_can_be_shown(
    claimed: Claimed, verdict: Verdict, chance: float
) -> None:
    plan = after_outcome(claimed, verb_for(claimed), Outcome(verdict=verdict), 1.0, chance)
    settled = plan.settled

    assert 0 <= settled.attempts <= ATTEMPTS
    assert public(settled.state, settled.verdict)
    waiting = settled.state not in {"done", "rejected", "conflict", "dead"}
    assert waiting == (settled.delay is not None)
    final = {Verdict.REJECTED, Verdict.CONFLICT, Verdict.CANCELLED}
    if verdict not in final and verdict.value not in GOOD:
        assert settled.state not in {"done", "rejected", "conflict"}


@given(claims, chances)
def test_what_may_have_arrived_is_asked_for_before_it_is_sent_again(claimed: Claimed, chance: float) -> None:
    plan = after_outcome(claimed, verb_for(claimed), Outcome(verdict=Verdict.UNKNOWN), 1.0, chance)
    settled = plan.settled
    if settled.state == "dead":
        return
    after = structs.replace(claimed, state=settled.state, verdict=settled.verdict)

    assert verb_for(after) == "inquire"


@given(claims, st.sampled_from(["submit", "inquire", None]), chances)
def test_a_crash_in_an_attempt_leaves_a_question_and_no_second_sending(
    claimed: Claimed, in_doubt: Kind | None, chance: float
) -> None:
    settled = after_crash(claimed, in_doubt, 1.0, chance).settled
    if settled.state == "dead" or in_doubt is None:
        return

    assert verb_for(structs.replace(claimed, state=settled.state, verdict=settled.verdict)) == "inquire"


@given(claims, chances)
def test_what_never_left_spends_nothing(claimed: Claimed, chance: float) -> None:
    settled = after_not_sent(claimed, verb_for(claimed), 1.0, chance).settled

    assert settled.attempts == (0 if claimed.attempts == ATTEMPTS else claimed.attempts)


@pytest.mark.parametrize("verdict", GOOD)
def test_a_good_verdict_ends_the_story(verdict: str) -> None:
    plan = after_outcome(FRESH, "submit", Outcome(verdict=Verdict(verdict)), 1.0, 0.5)

    assert (plan.settled.state, plan.terminal, plan.event) == ("done", True, f"authority.{verdict}")


def test_a_conflict_waits_for_a_human() -> None:
    plan = after_outcome(FRESH, "inquire", Outcome(verdict=Verdict.CONFLICT), 1.0, 0.5)

    assert (plan.settled.state, plan.terminal, plan.told) == ("conflict", False, True)


def test_an_absent_document_is_sent_at_once() -> None:
    claimed = structs.replace(FRESH, state="unknown", verdict="unknown")

    plan = after_outcome(claimed, "inquire", Outcome(verdict=Verdict.ABSENT), 1.0, 0.5)

    assert (plan.settled.state, plan.settled.delay) == ("queued", 0.0)


def test_a_refused_credential_parks_and_spends_nothing() -> None:
    plan = after_outcome(FRESH, "submit", Outcome(verdict=Verdict.HALTED), 1.0, 0.5)

    assert (plan.settled.state, plan.settled.parked_reason, plan.settled.attempts) == ("parked", "halted", 0)


def test_six_attempts_park_and_three_days_end_it() -> None:
    spent = structs.replace(FRESH, attempts=5)
    parked = after_outcome(spent, "submit", Outcome(verdict=Verdict.RETRY), 1.0, 0.5)
    late = structs.replace(spent, now=NOW + timedelta(hours=73))
    dead = after_outcome(late, "submit", Outcome(verdict=Verdict.RETRY), 1.0, 0.5)

    assert (parked.settled.state, parked.settled.attempts) == ("parked", 6)
    assert (dead.settled.state, dead.settled.dead_reason) == ("dead", "attempts_exhausted")


def test_what_is_late_is_still_sent_and_a_late_deadline_gives_more_than_three_days() -> None:
    unknown = Outcome(verdict=Verdict.UNKNOWN)
    late = structs.replace(FRESH, attempts=5, deadline_at=NOW - timedelta(seconds=1))
    old = structs.replace(late, created_at=NOW - timedelta(hours=72))
    in_time = structs.replace(old, deadline_at=NOW + timedelta(seconds=1))

    ended = [after_outcome(each, "submit", unknown, 1.0, 0.5).settled for each in (late, old, in_time)]

    assert [(each.state, each.dead_reason) for each in ended] == [
        ("parked", None),
        ("dead", "outcome_unknown"),
        ("parked", None),
    ]


def test_a_strategy_may_call_for_a_human_before_six_attempts() -> None:
    puzzled = Outcome(verdict=Verdict.UNKNOWN, tries=3)
    before = [  # (attempts of the round, answered ones of all rounds)
        (1, 1),
        (2, 2),
        (2, 9),
        (4, 1),  # an outage comes before it: what it spent says nothing of such answers
        (1, 9),  # begun anew: what came before the replay counts no more
    ]
    claims = [structs.replace(FRESH, attempts=attempts, answered=answered) for attempts, answered in before]
    plans = [after_outcome(claimed, "submit", puzzled, 1.0, 0.5).settled for claimed in claims]

    assert [(settled.state, settled.dead_reason) for settled in plans] == [
        ("unknown", None),
        ("dead", "needs_attention"),
        ("dead", "needs_attention"),
        ("unknown", None),
        ("unknown", None),
    ]


def test_our_own_third_failure_is_a_dead_letter() -> None:
    claimed = FRESH
    for number in range(1, FAILURES + 1):
        settled = after_failure(claimed, 1.0, 0.5).settled
        assert (settled.state == "dead") == (number == FAILURES)
        claimed = structs.replace(claimed, crashes=settled.crashes)


@given(st.integers(1, 6), chances)
def test_backoff_stays_between_a_quarter_and_the_whole_of_its_ceiling(attempts: int, chance: float) -> None:
    ceiling = min(1800.0, 10.0 * 4.0 ** (attempts - 1))

    assert ceiling / 4 <= backoff(attempts, chance) <= ceiling


@given(chances)
def test_what_the_authority_asked_for_is_honoured_up_to_the_cap(chance: float) -> None:
    assert backoff(1, chance, 600) == 600
    assert backoff(1, chance, 10**6) == 1800


@given(st.integers(0, 500), chances)
def test_pauses_are_never_endless(count: int, chance: float) -> None:
    assert 0 < poll_delay(count, chance) <= 375
    assert 0 < breaker_delay(count, chance) <= 750
