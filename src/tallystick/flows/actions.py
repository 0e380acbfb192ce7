"""What may be asked about an invoice as it stands: its authority's acts, and what a person may decide."""

from collections.abc import Sequence
from typing import Final

from tallystick.flows.abilities import abilities
from tallystick.flows.status import GOOD
from tallystick.strategies import Registry

__all__ = ["IN_FORCE", "actions"]

IN_FORCE: Final = GOOD - {"not_required"}
"""The authority has the document, and it counts."""

PERSONS: Final[dict[str, tuple[str, ...]]] = {
    "dead_lettered": ("replay", "resolve"),
    "failed": ("resolve",),
}


def actions(
    registry: Registry,
    strategy: str,
    processing_status: str,
    authority_status: str,
    states_of_acts: Sequence[str] = (),
) -> tuple[str, ...]:
    """The names of what its state allows, in alphabetical order; `states_of_acts` are where its acts stand.

    Whether the authority still allows an act (a window may have closed) is found out by asking for it.
    """
    if processing_status in PERSONS:
        return PERSONS[processing_status]
    open_ones = [state for state in states_of_acts if state not in {"done", "rejected"}]
    if "dead" in open_ones:
        return PERSONS["dead_lettered"]
    if "conflict" in open_ones:
        return PERSONS["failed"]
    if open_ones or authority_status not in IN_FORCE or strategy not in registry:
        return ()
    able = abilities(registry.by_name(strategy)).acts
    return tuple(sorted(able.acts)) if able is not None else ()
