"""What a strategy can do beyond its four verbs, asked once: the question is slow, the answer fixed."""

from typing import Final

from msgspec import Struct

from tallystick.strategy import (
    Acts,
    Chains,
    Enrols,
    HasDeadline,
    HasEndpoints,
    HasIssuer,
    IssuesAtOnce,
    LogsIn,
    Onboards,
    Polls,
    Reads,
    Rounds,
    Routes,
    Strategy,
    Traces,
)

__all__ = ["Abilities", "abilities"]


class Abilities(Struct, frozen=True, kw_only=True):
    """The strategy itself under each ability it has, else None."""

    strategy: Strategy
    enrols: Enrols | None
    chains: Chains | None
    has_deadline: HasDeadline | None
    reads: Reads | None
    rounds: Rounds | None
    logs_in: LogsIn | None
    has_endpoints: HasEndpoints | None
    has_issuer: HasIssuer | None
    routes: Routes | None
    issues_at_once: IssuesAtOnce | None
    onboards: Onboards | None
    acts: Acts | None
    polls: Polls | None
    traces: Traces | None


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
            rounds=strategy if isinstance(strategy, Rounds) else None,
            logs_in=strategy if isinstance(strategy, LogsIn) else None,
            has_endpoints=strategy if isinstance(strategy, HasEndpoints) else None,
            has_issuer=strategy if isinstance(strategy, HasIssuer) else None,
            routes=strategy if isinstance(strategy, Routes) else None,
            issues_at_once=strategy if isinstance(strategy, IssuesAtOnce) else None,
            onboards=strategy if isinstance(strategy, Onboards) else None,
            acts=strategy if isinstance(strategy, Acts) else None,
            polls=strategy if isinstance(strategy, Polls) else None,
            traces=strategy if isinstance(strategy, Traces) else None,
        )
    return known
