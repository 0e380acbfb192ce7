"""What the world is told of a submission: every state, every verdict, and nothing else."""

import pytest

from tallystick.flows.status import GOOD, STATES, TERMINAL, public, summary, terminal

WITHOUT_VERDICT = {
    "queued": ("accepted", "pending", "processing"),
    "in_flight": ("submitting", "pending", "processing"),
    "retry_wait": ("scheduled", "pending", "processing"),
    "unknown": ("outcome_unknown", "pending", "attention"),
    "pending": ("submitting", "pending", "processing"),
    "parked": ("held", "pending", "attention"),
    "rejected": ("completed", "rejected", "rejected"),
    "conflict": ("failed", "conflict", "attention"),
    "dead": ("dead_lettered", "pending", "attention"),
}


@pytest.mark.parametrize(("state", "shown"), WITHOUT_VERDICT.items())
def test_each_state_is_shown(state: str, shown: tuple[str, str, str]) -> None:
    assert public(state) == shown
    assert public(state, "cleared") == shown


@pytest.mark.parametrize("verdict", sorted(GOOD))
def test_a_good_end_shows_the_authoritys_word(verdict: str) -> None:
    assert public("done", verdict) == ("completed", verdict, "issued")


@pytest.mark.parametrize("verdict", [None, "", "rejected", "pending", "conflict", "unknown"])
def test_there_is_no_good_end_without_a_good_verdict(verdict: str | None) -> None:
    with pytest.raises(ValueError, match="verdict"):
        public("done", verdict)


def test_an_unknown_state_is_an_error() -> None:
    with pytest.raises(KeyError):
        public("lost")


def test_only_an_answer_ends_a_submission() -> None:
    assert {state for state in STATES if terminal(state)} == TERMINAL == {"done", "rejected"}


def test_a_rejected_invoice_is_not_issued() -> None:
    assert summary("completed", "rejected") == "rejected"
