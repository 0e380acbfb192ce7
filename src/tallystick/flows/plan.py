"""What follows from an outcome: pure. A claimed submission and what came of it give its next state.

| came of it | next |
|---|---|
| a good verdict | done |
| rejected, conflict | the same word; no second try |
| pending | asked again later, no attempt spent |
| absent | queued at once: the authority never had it |
| retry (certainly not taken) | the same bytes later |
| unknown (may have been taken) | inquire later, or the identical resend |
| halted (credential, configuration) | parked until its registration is mended, no attempt spent |
| not sent | later, no attempt spent |

Six attempts end a round: then it is parked until the authority answers again, for three days or until its
deadline; only then is it a dead letter. Nothing else gives up.
"""

from typing import Final, Literal

from msgspec import Struct

from tallystick.flows.pace import ATTEMPTS, HORIZON, backoff, patience, poll_delay
from tallystick.store.work import Claimed, Settled
from tallystick.strategy import Outcome, Verdict

__all__ = [
    "Kind",
    "Plan",
    "after_crash",
    "after_failure",
    "after_not_sent",
    "after_outcome",
    "held_back",
    "verb_for",
]

Kind = Literal["submit", "inquire"]
GOOD: Final = frozenset(
    {Verdict.NOT_REQUIRED, Verdict.CLEARED, Verdict.REPORTED, Verdict.REGISTERED, Verdict.ACCEPTED}
    | {Verdict.CANCELLED}  # of an act
)
FAILURES: Final = 3  # errors of our own before a human must look
CRASHES: Final = 5  # workers lost in a row over one submission before a human must look


class Plan(Struct, frozen=True, kw_only=True):
    """Where it goes (`settled`), the entry that says so, and whether subscribers are told."""

    settled: Settled
    event: str
    terminal: bool = False
    told: bool = False


def verb_for(claimed: Claimed) -> Kind:
    """`inquire` wherever the authority may have the document already, else `submit`."""
    if claimed.state in {"unknown", "pending"}:
        return "inquire"
    return "inquire" if claimed.state == "parked" and claimed.verdict in {"unknown", "pending"} else "submit"


def _round(claimed: Claimed) -> tuple[int, int]:
    """(round, attempts so far in it): what was parked after six attempts begins a new round."""
    if claimed.attempts >= ATTEMPTS:
        return claimed.round + 1, 0
    return claimed.round, claimed.attempts


def _over(claimed: Claimed, scale: float) -> bool:
    """Whether the time for tries is up: three days, or its deadline if that is later. What is late is still
    sent.
    """
    if claimed.deadline_at is not None and claimed.now < claimed.deadline_at:
        return False
    return (claimed.now - claimed.created_at).total_seconds() >= HORIZON * scale


def _settled(claimed: Claimed, state: str, verdict: str | None, spent: bool, **more: object) -> Settled:
    round_, attempts = _round(claimed)
    fields = {"poll_count": claimed.poll_count, "crashes": 0, **more}
    return Settled(state=state, verdict=verdict, attempts=attempts + spent, round=round_, **fields)  # type: ignore[arg-type]


def after_outcome(claimed: Claimed, kind: Kind, outcome: Outcome, scale: float, chance: float) -> Plan:
    """The next state after an answered conversation."""
    verdict = outcome.verdict
    spent = not (kind == "inquire" and claimed.verdict == Verdict.PENDING)
    if verdict in GOOD or verdict in {Verdict.REJECTED, Verdict.CONFLICT}:
        state = "done" if verdict in GOOD else verdict.value
        settled = _settled(claimed, state, verdict.value, spent)
        return Plan(
            settled=settled,
            event=f"authority.{verdict.value}",
            terminal=verdict is not Verdict.CONFLICT,
            told=True,
        )
    if verdict is Verdict.PENDING:
        return _pending(claimed, spent, scale, chance)
    if verdict is Verdict.ABSENT and kind == "inquire":
        return Plan(
            settled=_settled(claimed, "queued", verdict.value, spent=False, delay=0.0),
            event="authority.absent",
        )
    if verdict is Verdict.HALTED:
        before = claimed.verdict if kind == "inquire" else Verdict.RETRY.value
        settled = _settled(claimed, "parked", before, spent=False, parked_reason="halted", delay=30.0 * scale)
        return Plan(settled=settled, event="submission.halted", told=True)
    return _again(claimed, kind, outcome, spent, scale, chance)


def _pending(claimed: Claimed, spent: bool, scale: float, chance: float) -> Plan:
    if _over(claimed, scale):
        return _dead(claimed, "no_verdict", spent)
    delay = poll_delay(claimed.poll_count, chance) * scale
    settled = _settled(claimed, "pending", "pending", spent, poll_count=claimed.poll_count + 1, delay=delay)
    return Plan(settled=settled, event="authority.pending")


def _again(claimed: Claimed, kind: Kind, outcome: Outcome, spent: bool, scale: float, chance: float) -> Plan:
    """Another try of the round, or its end. Anything that is no clear answer counts as unknown."""
    sure = outcome.verdict is Verdict.RETRY and kind == "submit"
    word = Verdict.RETRY if sure else Verdict.UNKNOWN
    _, attempts = _round(claimed)
    if outcome.tries is not None and min(attempts, claimed.answered) + spent >= outcome.tries:
        return _dead(claimed, "needs_attention", spent)
    if attempts + spent < ATTEMPTS:
        delay = max(backoff(attempts + spent, chance) * scale, (outcome.after or 0) * min(1.0, scale))
        settled = _settled(claimed, "retry_wait" if sure else "unknown", word.value, spent, delay=delay)
        event = "authority.retry_scheduled" if sure else "authority.outcome_unknown"
        return Plan(settled=settled, event=event, told=not sure and claimed.state != "unknown")
    if _over(claimed, scale):
        return _dead(claimed, "attempts_exhausted" if sure else "outcome_unknown", spent)
    delay = backoff(ATTEMPTS, chance) * scale
    settled = _settled(claimed, "parked", word.value, spent, parked_reason="outage", delay=delay)
    return Plan(settled=settled, event="submission.parked", told=True)


def _dead(claimed: Claimed, reason: str, spent: bool) -> Plan:
    settled = _settled(claimed, "dead", None, spent, dead_reason=reason)
    return Plan(settled=settled, event="submission.dead_lettered", told=True)


def after_not_sent(claimed: Claimed, kind: Kind, scale: float, chance: float) -> Plan:
    """The next state when no byte left: the same question later, no attempt spent.

    However late it is, it is tried six times first: an operator may have replayed it just now.
    """
    if _over(claimed, scale) and claimed.poll_count >= ATTEMPTS:
        return _dead(claimed, "unreachable", spent=False)
    polls = claimed.poll_count + 1
    delay = backoff(min(polls, ATTEMPTS), chance) * scale
    waiting = "retry_wait" if kind == "submit" else "pending" if claimed.verdict == "pending" else "unknown"
    settled = _settled(claimed, waiting, claimed.verdict, spent=False, poll_count=polls, delay=delay)
    return Plan(settled=settled, event="authority.unreachable")


def held_back(claimed: Claimed) -> Plan:
    """A dead letter that was never sent: a second judge is against it."""
    return _dead(claimed, "official_gate", spent=False)


def after_failure(claimed: Claimed, scale: float, chance: float) -> Plan:
    """The next state after an error of our own before anything was sent; the third one is a dead letter."""
    failures = claimed.crashes + 1
    if failures >= FAILURES:
        settled = _settled(claimed, "dead", None, spent=False, crashes=failures, dead_reason="internal")
        return Plan(settled=settled, event="submission.dead_lettered", told=True)
    waiting = "retry_wait" if verb_for(claimed) == "submit" else "unknown"
    delay = patience(failures, chance) * scale
    settled = _settled(claimed, waiting, claimed.verdict, spent=False, crashes=failures, delay=delay)
    return Plan(settled=settled, event="submission.failed")


def after_crash(claimed: Claimed, in_doubt: Kind | None, scale: float, chance: float) -> Plan:
    """The next state of work whose worker is gone; `in_doubt` is the kind of its unfinished attempt."""
    crashes = claimed.crashes + 1
    if crashes >= CRASHES:
        doubt = "unknown" if in_doubt == "submit" else None
        settled = _settled(claimed, "dead", doubt, spent=False, crashes=crashes, dead_reason="crashing")
        return Plan(settled=settled, event="submission.dead_lettered", told=True)
    delay = patience(crashes, chance) * scale
    if in_doubt == "submit":
        settled = _settled(claimed, "unknown", "unknown", spent=True, crashes=crashes, delay=delay)
        return Plan(settled=settled, event="authority.outcome_unknown", told=True)
    uncertain = in_doubt == "inquire" or claimed.verdict in {"unknown", "pending"}
    waiting = "pending" if claimed.verdict == "pending" else "unknown" if uncertain else "retry_wait"
    settled = _settled(claimed, waiting, claimed.verdict, spent=False, crashes=crashes, delay=delay)
    return Plan(settled=settled, event="submission.recovered")
