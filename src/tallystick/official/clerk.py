"""The judge's own process: reads documents on standard input, writes opinions on standard output.

A message is four bytes of length and MessagePack. Whatever the processor prints goes to standard error. The
process takes no more memory than it is given, and ends with its standard input, whatever signals the worker
gets; one whose worker died in the middle of a judgement ends when the time for that is up.
"""

import os
import signal
import struct
import sys
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from tallystick.official.artefacts import Artefacts, Opinion
from tallystick.official.errors import NotInstalled, OfficialError
from tallystick.official.judge import Judge
from tallystick.official.shelf import Shelf

__all__ = ["HEADER", "NO_MEMORY", "Answer", "Question", "framed", "main"]

HEADER: Final = struct.Struct(">I")
GRACE: Final = 2.0
NO_MEMORY: Final = 86  # the status with which the process ends when it may have no more memory


class Question(Struct, frozen=True):
    """A document to judge; without a body only whether the set can be used. After `seconds` nobody waits for
    the answer any more.
    """

    artefacts: Artefacts
    body: bytes | None
    seconds: float


class Answer(Struct, frozen=True):
    """The opinion, or why there is none: `missing` without SaxonC, `unusable` for a set that cannot be
    used.
    """

    opinion: Opinion | None = None
    word: str = ""
    detail: str = ""


def framed(message: Struct) -> bytes:
    """A message with its length before it."""
    body = msgspec.msgpack.encode(message)
    return HEADER.pack(len(body)) + body


def main(directory: str, megabytes: str) -> None:
    """Answer until nobody asks."""
    _bounded(int(megabytes))
    for asked_to_stop in (signal.SIGINT, signal.SIGTERM):  # the worker is, and lets us finish
        signal.signal(asked_to_stop, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    clerk = _Clerk(Shelf(Path(directory)))
    while (body := _read(sys.stdin.buffer)) is not None:
        question = msgspec.msgpack.decode(body, type=Question)
        signal.setitimer(signal.ITIMER_REAL, question.seconds + GRACE)  # the system ends us, whatever we do
        answer = framed(clerk.answer(question))
        signal.setitimer(signal.ITIMER_REAL, 0)
        out.write(answer)
        out.flush()


class _Clerk:
    """Opens the judge with the first question."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._judge: Judge | None = None

    def answer(self, question: Question) -> Answer:
        """What the judge says."""
        try:
            judge = self._judge = self._judge or Judge(self._shelf)
            if question.body is None:
                judge.prepare(question.artefacts)
                return Answer()
            return Answer(opinion=judge.opinion(question.artefacts, question.body))
        except NotInstalled as error:
            return Answer(word="missing", detail=str(error))
        except OfficialError as error:
            return Answer(word="unusable", detail=str(error))


def _read(stream: BinaryIO) -> bytes | None:
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    return stream.read(HEADER.unpack(header)[0])


def _bounded(megabytes: int) -> None:
    """Let the system refuse this process more memory, where it can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    except (ImportError, AttributeError, ValueError, OSError):
        sys.stderr.write("memory is not bounded on this system\n")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3])
    except MemoryError:
        os._exit(NO_MEMORY)
