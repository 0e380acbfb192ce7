"""What a strategy can do beyond its four verbs, asked once: the question is slow, the answer fixed."""

from typing import Final

from msgspec import Struct

from tallystick.strategy import Chains, Enrols, HasDeadline, LogsIn, Reads, Strategy

__all__ = ["Abilities", "abilities"]


class Abilities(Struct, frozen=True, kw_only=True):
    """The strategy itself under each ability it has, else None."""

    strategy: Strategy
    enrols: Enrols | None
    chains: Chains | None
    has_deadline: HasDeadline | None
    reads: Reads | None
    logs_in: LogsIn | None


_KNOWN: Final[
    dict[int, Abilities]
] = {}  # by identity; each holds its strategy, so that no number is used twice


def abilities(strategy: Strategy) -> Abilities:
    """What this strategy can do."""
    known = _KNOWN.get(id(strategy))
    if known is None:
        known = _KNOWN[id(strategy)] = Abilities(
            strategy=strategy,
            enrols=strategy if isinstance(strategy, Enrols) else None,
            chains=strategy if isinstance(strategy, Chains) else None,
            has_deadline=strategy if isinstance(strategy, HasDeadline) else None,
            reads=strategy if isinstance(strategy, Reads) else None,
            logs_in=strategy if isinstance(strategy, LogsIn) else None,
        )
    return known
