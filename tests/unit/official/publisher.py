"""A small publisher of our own: a schema and rules that nobody else has, written for what they must show."""

import atexit
import subprocess
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from tallystick.official import Artefacts, Opinion, Unusable
from tallystick.official.bringing import Brought, bring
from tallystick.official.clerk import HEADER, Answer, Question, framed
from tallystick.official.court import COMMAND, Court
from tallystick.official.shelf import Shelf

__all__ = [
    "DOCUMENT",
    "SLOW",
    "brought",
    "found",
    "judged",
    "rules",
    "sheet",
    "standing",
    "within",
    "written",
]

DOCUMENT = b"<order xmlns='urn:own:order'><id>A-1</id><line no='1'>3</line><line no='2'>4</line></order>"
SLOW = "sum(for $a in 1 to 30000, $b in 1 to 30000 return ($a * $b) mod 7) = 0"
HEAD = (
    '<schema xmlns="http://purl.oclc.org/dsdl/schematron" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'
    ' queryBinding="xslt2"{more}><ns prefix="o" uri="urn:own:order"/>{body}</schema>'
)


def rules(body: str, more: str = "") -> str:
    """A Schematron schema for orders."""
    return HEAD.format(body=body, more=more)


def sheet(body: str) -> str:
    """A ready-made stylesheet that reports as the publishers' builds do."""
    return (
        '<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'
        ' xmlns:svrl="http://purl.oclc.org/dsdl/svrl" xmlns:o="urn:own:order">'
        f'<xsl:template match="/"><svrl:schematron-output>{body}</svrl:schematron-output></xsl:template>'
        "</xsl:stylesheet>"
    )


def written(folder: Path, **files: str) -> Path:
    """These files in a folder; `__` in a name is a dot, `_in_` a folder."""
    for name, text in files.items():
        path = folder / name.replace("_in_", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


async def brought(
    shelf: Shelf, *sources: Path, replace: bool = False, court: Any = None, **said: Any
) -> Artefacts:
    """The sources as a set called `own`."""
    given: dict[str, Any] = {"profile": "own", "strategy": "peppol", "sources": sources, **said}
    return await bring(shelf, Brought(**given), replace=replace, court=court)


async def within(shelf: Shelf, work: Callable[[Court], Awaitable[Any]], **bounds: Any) -> Any:
    """The work with a court that is closed afterwards."""
    court = Court(shelf.directory, **bounds)
    try:
        return await work(court)
    finally:
        await court.close()


class Standing:
    """A judge in a process of its own that stays for all tests of this one, on a shelf of its own."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="shelf-")
        self.shelf = Shelf(Path(self._folder.name))
        command = [*COMMAND, self._folder.name, "1024"]
        self._process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        atexit.register(self.close)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    async def prepare(self, artefacts: Artefacts) -> None:
        self._ask(Question(artefacts, None, 60.0))

    async def opinion(self, artefacts: Artefacts, body: bytes) -> Opinion:
        answer = self._ask(Question(artefacts, body, 60.0))
        assert answer.opinion is not None
        return answer.opinion

    def _ask(self, question: Question) -> Answer:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(framed(question))
        self._process.stdin.flush()
        size = HEADER.unpack(self._process.stdout.read(HEADER.size))[0]
        answer = msgspec.msgpack.decode(self._process.stdout.read(size), type=Answer)
        if answer.word:
            raise Unusable(answer.detail)
        return answer


@cache
def standing() -> Standing:
    """The one of this test process."""
    return Standing()


async def judged(folder: Path, body: bytes = DOCUMENT, **said: Any) -> Opinion:
    """What the files of a folder say of a document, from bringing to opinion."""
    here = standing()
    artefacts = await brought(here.shelf, folder, replace=True, court=here, **said)
    return await here.opinion(artefacts, body)


def found(opinion: Opinion) -> list[tuple[str, str]]:
    """Number and level of each finding, in order."""
    return [(finding.rule, finding.level) for finding in opinion.findings]
