"""The second judge as one process has it: the shelf of artefacts, the processes that judge, the counting.

Files that the operator adds or takes away are noticed at the next document. Nothing is started before there
is something to judge.
"""

from collections.abc import Callable

from tallystick.official import Artefacts, Opinion, Unusable
from tallystick.official.court import Court
from tallystick.official.matching import matching
from tallystick.official.shelf import shelf_of
from tallystick.settings import Settings

__all__ = ["Bench"]


class Bench:
    """Opinions on documents, by whatever stands on the shelf. `count` is told (strategy, word) of each
    judgement: `agreed`, a kind of disagreement, or how the judge failed; and `held`.
    """

    def __init__(self, settings: Settings) -> None:
        self.holds = settings.official_gate == "hold"
        self.shelf = shelf_of(settings.data_directory)
        self.court = Court(
            self.shelf.directory,
            judges=settings.official_processes,
            seconds=settings.official_timeout_seconds,
            megabytes=settings.official_memory_mb,
        )
        self.count: Callable[[str, str], None] = lambda _strategy, _word: None

    def judges(self, strategy: str) -> bool:
        """Whether any set is for documents of this strategy, or may be: a record of one cannot be read."""
        try:
            return bool(self.shelf.of(strategy))
        except Unusable:
            return True

    def sets_for(self, strategy: str, body: bytes) -> tuple[Artefacts, ...]:
        """The sets that judge this document. Raises Unusable."""
        return matching(self.shelf.of(strategy), body)

    async def opinions(
        self, strategy: str, sets: tuple[Artefacts, ...], body: bytes
    ) -> tuple[tuple[Artefacts, ...], tuple[Opinion, ...]]:
        """What each set says of it, and which sets that were: sets that were replaced meanwhile make room for
        the new ones. Raises NotInstalled, Unusable, JudgeFailed.
        """
        try:
            return sets, tuple([await self.court.opinion(each, body) for each in sets])
        except Unusable:
            fresh = self.sets_for(strategy, body)
            if not fresh or fresh == sets:
                raise
        return fresh, tuple([await self.court.opinion(each, body) for each in fresh])

    async def close(self) -> None:
        """End the judging processes."""
        await self.court.close()
