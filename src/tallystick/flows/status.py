"""One table: from where a submission stands to what the world is told. Pure data, no exceptions to it."""

from typing import Final, NamedTuple

__all__ = ["CANCELLED", "GOOD", "STATES", "TERMINAL", "Public", "public", "summary", "terminal"]

GOOD: Final = frozenset({"not_required", "cleared", "reported", "registered", "accepted"})
CANCELLED: Final = "cancelled"  # what was in force and is no longer
VERDICT: Final = "verdict"  # the authority's word is the submission's verdict

STATES: Final[dict[str, tuple[str, str]]] = {
    "queued": ("accepted", "pending"),
    "in_flight": ("submitting", "pending"),
    "retry_wait": ("scheduled", "pending"),
    "unknown": ("outcome_unknown", "pending"),
    "pending": ("submitting", "pending"),
    "parked": ("held", "pending"),
    "done": ("completed", VERDICT),
    "rejected": ("completed", "rejected"),
    "conflict": ("failed", "conflict"),
    "dead": ("dead_lettered", "pending"),
}
TERMINAL: Final = frozenset({"done", "rejected"})
ATTENTION: Final = frozenset({"outcome_unknown", "held", "failed", "dead_lettered"})


class Public(NamedTuple):
    """The two axes the API shows, and their summary."""

    processing_status: str
    authority_status: str
    status: str


def public(state: str, verdict: str | None = None) -> Public:
    """What the API shows of a submission. Raises KeyError or ValueError for what cannot be."""
    processing, authority = STATES[state]
    if authority == VERDICT:
        if verdict not in GOOD and verdict != CANCELLED:
            raise ValueError(f"a submission cannot be {state} with verdict {verdict}")
        authority = verdict
    return Public(processing, authority, summary(processing, authority))


def summary(processing: str, authority: str) -> str:
    """`processing`, `attention`, `issued`, `rejected` or `cancelled`, from the two axes."""
    if processing in ATTENTION:
        return "attention"
    if processing != "completed":
        return "processing"
    if authority == CANCELLED:
        return CANCELLED
    return "issued" if authority in GOOD else "rejected"


def terminal(state: str) -> bool:
    """Whether nothing more is expected: the receipt is complete."""
    return state in TERMINAL
