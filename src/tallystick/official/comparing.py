"""Two verdicts on one document, ours and the publisher's: whether they are the same, and how they differ.

Only numbers that both could say are held against us: what our judge says beyond the publisher's files (the
canonical model's own rules, a network's) is no business of his. What his files say counts in full, also
under a number that we call impossible to break.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from tallystick.canonical import Fault
from tallystick.official.artefacts import Artefacts, Opinion

__all__ = ["Comparison", "Disagreement", "compared"]

Disagreement: TypeAlias = Literal["missed", "overdone", "rules"]


class Comparison(Struct, frozen=True, kw_only=True):
    """Both verdicts side by side.

    `kind`: `missed` when the publisher refuses what we let pass, `overdone` the other way round, `rules` when
    the verdict is the same and other numbers lead to it; None: they agree.
    """

    kind: Disagreement | None
    official_valid: bool
    native_valid: bool
    official_only: tuple[str, ...]
    native_only: tuple[str, ...]


def compared(sets: Sequence[Artefacts], opinions: Sequence[Opinion], faults: Iterable[Fault]) -> Comparison:
    """The opinions of all sets that judge a document, against our faults."""
    sayable = {rule for each in sets for rule in each.rules}
    said = {finding.rule for opinion in opinions for finding in opinion.findings}
    ours = {
        fault.rule.id: fault.severity
        for fault in sorted(faults, key=lambda each: each.severity == "error")
        if fault.rule is not None and fault.rule.id in sayable | said
    }
    official_valid = not any(opinion.fatal for opinion in opinions)
    native_valid = "error" not in ours.values()
    here, there = tuple(sorted(ours.keys() - said)), tuple(sorted(said - ours.keys()))
    kind: Disagreement | None = "rules" if here or there else None
    if official_valid != native_valid:
        kind = "missed" if native_valid else "overdone"
    return Comparison(
        kind=kind,
        official_valid=official_valid,
        native_valid=native_valid,
        official_only=there,
        native_only=here,
    )
