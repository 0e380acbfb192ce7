"""The judges of one worker: processes of their own, started when wanted, ended when they misbehave.

Nothing here blocks the event loop. A judge that takes too long is killed; one that dies over a document is
replaced, and the document is tried once more by a fresh one. What a judge does can therefore cost a document
its second opinion, never its place, its bytes or its submission.
"""

import asyncio
import contextlib
import sys
import time
from asyncio import IncompleteReadError
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Final

import msgspec

from tallystick.official.artefacts import Artefacts, Layer, Opinion
from tallystick.official.clerk import HEADER, NO_MEMORY, Answer, Question, framed
from tallystick.official.errors import JudgeFailed, NotInstalled, Unusable

__all__ = ["Court"]

STARTING: Final = 20.0  # seconds that a process has to start, and to compile a set that it has not judged by
RETIRED: Final = 2000  # documents after which a process is replaced: no leak of the processor's grows
TRIES: Final = 2
PATIENCE: Final = 3  # documents in a row on which a set may give no verdict
REST: Final = 60.0  # seconds for which it is not asked then: others wait for the same judges
MOST_SAID: Final = 64 << 20  # bytes of an answer
COMMAND: Final = (sys.executable, "-P", "-m", "tallystick.official.clerk")


class _Bench:
    """One process, how much it has judged, and by which files."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.judged = 0
        self.compiled: list[tuple[str, tuple[Layer, ...]]] = []


class Court:
    """Opinions of documents, at most `judges` at a time, each within `seconds` and `megabytes`.

    The seconds count from when a judge takes the document up. A set that gives no verdict on one document
    after the other is not asked for `rest` seconds, so that it does not keep the others waiting. Close it at
    the end.
    """

    def __init__(
        self,
        directory: Path,
        *,
        judges: int = 1,
        seconds: float = 20.0,
        megabytes: int = 1024,
        rest: float = REST,
    ) -> None:
        self._directory = directory
        self._seconds = seconds
        self._megabytes = megabytes
        self._turns = asyncio.Semaphore(judges)
        self._resting: list[_Bench] = []
        self._all: set[_Bench] = set()
        self._closed = False
        self._rest = rest
        self._failures: dict[str, int] = {}  # in a row, by digest
        self._again: dict[str, float] = {}  # when it may be asked again

    async def prepare(self, artefacts: Artefacts) -> None:
        """See that a set can be used. Raises NotInstalled, Unusable, JudgeFailed."""
        await self._ask(artefacts, None)

    async def opinion(self, artefacts: Artefacts, body: bytes) -> Opinion:
        """What a set says of a document. Raises NotInstalled, Unusable, JudgeFailed."""
        answer = await self._ask(artefacts, body)
        if answer.opinion is None:
            raise JudgeFailed("crashed", "the judge answered something else")
        return answer.opinion

    async def close(self) -> None:
        """End every process."""
        self._closed = True
        await asyncio.gather(*(self._end(bench) for bench in list(self._all)))

    async def _ask(self, artefacts: Artefacts, body: bytes | None) -> Answer:
        async with self._turns:
            if body is not None:
                self._awake(artefacts)
            try:
                answer = await self._tried(artefacts, body)
            except (JudgeFailed, Unusable):
                self._weary(artefacts)
                raise
            self._failures.pop(artefacts.digest, None)
        if answer.word == "missing":
            raise NotInstalled
        if answer.word:
            raise Unusable(answer.detail)
        return answer

    async def _tried(self, artefacts: Artefacts, body: bytes | None) -> Answer:
        """The answer of a judge, or of the one who took the place of the one that died of it."""
        for _ in range(TRIES - 1):
            try:
                return await self._asked(artefacts, body)
            except JudgeFailed as failure:
                if failure.word != "crashed" or self._closed:
                    raise
        return await self._asked(artefacts, body)

    def _awake(self, artefacts: Artefacts) -> None:
        """Raise Unusable for a set that is not asked at the moment."""
        left = self._again.get(artefacts.digest, 0.0) - time.monotonic()
        if left > 0:
            times = self._failures.get(artefacts.digest, 0)
            raise Unusable(
                f"{artefacts.profile} gave no verdict {times} times in a row and rests for {left:.0f} s"
            )

    def _weary(self, artefacts: Artefacts) -> None:
        """Count a document without a verdict."""
        failures = self._failures[artefacts.digest] = self._failures.get(artefacts.digest, 0) + 1
        if failures >= PATIENCE:
            self._again[artefacts.digest] = time.monotonic() + self._rest

    async def _asked(self, artefacts: Artefacts, body: bytes | None) -> Answer:
        """One try, by a judge who rests or by a fresh one."""
        bench = await self._rested() or await self._started()
        answer, files = Answer(), (artefacts.digest, artefacts.layers)
        if body is None or files not in bench.compiled:
            answer = await self._compiled(bench, artefacts)
            if not answer.word:
                bench.compiled.append(files)
        if body is not None and not answer.word:
            answer = await self._said(bench, Question(artefacts, body, self._seconds))
        bench.judged += 1
        if self._closed or bench.judged >= RETIRED:
            await self._end(bench)
        else:
            self._resting.append(bench)
        return answer

    async def _compiled(self, bench: _Bench, artefacts: Artefacts) -> Answer:
        """Have a set compiled. That it takes too long or too much is no document's fault: Unusable."""
        try:
            return await self._said(bench, Question(artefacts, None, max(STARTING, self._seconds)))
        except JudgeFailed as failure:
            if failure.word == "crashed":
                raise
            raise Unusable(f"{artefacts.profile} does not compile: {failure}") from None

    async def _said(self, bench: _Bench, question: Question) -> Answer:
        """The answer in time. Whatever goes wrong, also being told to stop, ends the process that was
        asked.
        """
        try:
            async with asyncio.timeout(question.seconds):
                return await _exchange(bench.process, question)
        except TimeoutError:
            await self._end(bench)
            raise JudgeFailed("timeout", f"no answer within {question.seconds:g} s") from None
        except (OSError, IncompleteReadError, msgspec.MsgspecError):
            raise await self._lost(bench) from None
        except BaseException:
            await self._end(bench)
            raise

    async def _lost(self, bench: _Bench) -> JudgeFailed:
        """Why a judge is gone."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await bench.process.wait()
        status = bench.process.returncode
        await self._end(bench)
        if status == NO_MEMORY:
            return JudgeFailed("memory", f"{self._megabytes} MB were not enough")
        return JudgeFailed("crashed", f"the judge ended with status {status}")

    async def _rested(self) -> _Bench | None:
        """A judge who rests, if there is one. Those who died of something else meanwhile are no try."""
        while self._resting:
            bench = self._resting.pop()
            if bench.process.returncode is None:
                return bench
            await self._end(bench)
        return None

    async def _started(self) -> _Bench:
        try:
            process = await asyncio.create_subprocess_exec(
                *COMMAND, str(self._directory), str(self._megabytes), stdin=PIPE, stdout=PIPE, stderr=DEVNULL
            )
        except OSError as error:
            raise Unusable(f"no judge can be started: {error.strerror}") from None
        bench = _Bench(process)
        self._all.add(bench)
        return bench

    async def _end(self, bench: _Bench) -> None:
        self._all.discard(bench)
        with contextlib.suppress(ValueError):
            self._resting.remove(bench)
        with contextlib.suppress(ProcessLookupError):
            bench.process.kill()
        await bench.process.wait()


async def _exchange(process: Process, question: Question) -> Answer:
    """Ask, and wait for the answer."""
    if process.stdin is None or process.stdout is None:
        raise OSError("no pipe")
    process.stdin.write(framed(question))
    await process.stdin.drain()
    (size,) = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
    if size > MOST_SAID:
        raise OSError("an answer without end")
    return msgspec.msgpack.decode(await process.stdout.readexactly(size), type=Answer)
