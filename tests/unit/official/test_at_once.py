"""Many may bring files at the same time, and any of them may die of it: the shelf stays whole."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from tallystick.official import Artefacts, Unusable
from tallystick.official.bringing import check
from tallystick.official.locking import alone, alone_at_once
from tallystick.official.shelf import Shelf
from unit.official.publisher import brought, rules, written

ONE = rules('<pattern><rule context="o:order"><assert id="ONE" test="false()"/></rule></pattern>')
TWO = ONE.replace("ONE", "TWO")
HALFWAY = """
import asyncio, os, sys, tempfile, time
from pathlib import Path
from tallystick.official.gathering import gathered
from tallystick.official.shelf import Shelf

async def add():
    shelf = Shelf(Path(sys.argv[1]))
    async with shelf.alone():
        shelf.keep(gathered([Path(sys.argv[2])]))
        tempfile.mkdtemp(prefix="coming-", dir=shelf.directory / "files")
        (shelf.directory / "sets").mkdir(exist_ok=True)
        tempfile.mkstemp(prefix="coming-", dir=shelf.directory / "sets")
        print("halfway", flush=True)
        time.sleep(60)

asyncio.run(add())
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def halfway(shelf: Shelf, folder: Path) -> "subprocess.Popen[bytes]":
    """A process that is in the middle of bringing a folder."""
    words = [sys.executable, "-c", HALFWAY, str(shelf.directory), str(folder)]
    process = subprocess.Popen(words, stdout=PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"halfway\n"
    return process


def names(shelf: Shelf) -> set[str]:
    """What lies in the shelf's two folders."""
    return {path.name for place in ("files", "sets") for path in (shelf.directory / place).iterdir()}


async def test_what_a_killed_one_left_goes_with_the_next(tmp_path: Path, shelf: Shelf) -> None:
    dying = halfway(shelf, written(tmp_path / "other", a__sch=TWO))
    dying.send_signal(signal.SIGKILL)
    dying.wait()
    assert len(names(shelf)) == 3

    artefacts = await brought(shelf, written(tmp_path / "own", a__sch=ONE))

    assert names(shelf) == {artefacts.digest, "own.json"}


async def test_what_a_killed_one_left_goes_with_the_next_removal(tmp_path: Path, shelf: Shelf) -> None:
    await brought(shelf, written(tmp_path / "own", a__sch=ONE))
    dying = halfway(shelf, written(tmp_path / "other", a__sch=TWO))
    dying.kill()
    dying.wait()

    shelf.remove("own")

    assert names(shelf) == set()


async def test_one_who_is_at_it_is_waited_for_and_loses_nothing(tmp_path: Path, shelf: Shelf) -> None:
    living = halfway(shelf, written(tmp_path / "other", a__sch=TWO))
    before = names(shelf)
    waiting = asyncio.create_task(brought(shelf, written(tmp_path / "own", a__sch=ONE)))
    await asyncio.sleep(0.5)
    try:
        assert not waiting.done()
        assert names(shelf) == before
    finally:
        os.kill(living.pid, signal.SIGKILL)
        living.wait()

    assert await check(shelf, await waiting) == ()


async def test_who_waits_too_long_is_told(tmp_path: Path) -> None:
    async with alone(tmp_path):
        with pytest.raises(Unusable, match="another process"):
            async with alone(tmp_path, patience=0.1):
                pass
        with pytest.raises(Unusable, match="another process"), alone_at_once(tmp_path, patience=0.1):
            pass
    with alone_at_once(tmp_path, patience=0.0):
        pass


async def test_the_same_files_brought_at_once_make_one_set(tmp_path: Path, shelf: Shelf) -> None:
    folder = written(tmp_path / "own", a__sch=ONE, b__xml="<x/>")
    shelves = [Shelf(shelf.directory) for _ in range(3)]

    found: list[Artefacts] = await asyncio.gather(
        *(brought(each, folder, added_at=f"2026-01-0{n}") for n, each in enumerate(shelves, 1))
    )

    assert len({each.added_at for each in found}) == 1
    assert shelf.all() == (found[0],)
    assert names(shelf) == {found[0].digest, "own.json"}
    assert await check(shelf, found[0]) == ()


async def test_two_sets_of_one_name_at_once_leave_the_first_whole(tmp_path: Path, shelf: Shelf) -> None:
    one, two = written(tmp_path / "one", a__sch=ONE), written(tmp_path / "two", a__sch=TWO)

    found = await asyncio.gather(
        brought(shelf, one), brought(Shelf(shelf.directory), two), return_exceptions=True
    )

    (kept,) = [each for each in found if isinstance(each, Artefacts)]
    (refused,) = [each for each in found if isinstance(each, Unusable)]
    assert "--replace" in str(refused)
    assert names(shelf) == {kept.digest, "own.json"}
    assert await check(shelf, kept) == ()


def test_processes_that_bring_at_once_both_succeed(tmp_path: Path) -> None:
    folder = written(tmp_path / "own", a__sch=ONE)
    words = ("artefacts", "add", str(folder), "--profile", "own", "--strategy", "peppol")
    environment = {**os.environ, "TALLYSTICK_DATA_DIRECTORY": str(tmp_path / "data")}
    command = [sys.executable, "-m", "tallystick", *words]
    both = [subprocess.Popen(command, env=environment, stdout=PIPE, stderr=PIPE) for _ in range(2)]

    said = [each.communicate(timeout=120)[0] for each in both]

    assert [each.returncode for each in both] == [0, 0]
    assert said[0] == said[1]
    shelf = Shelf(tmp_path / "data" / "artefacts")
    assert names(shelf) == {shelf.named("own").digest, "own.json"}


async def test_a_shelf_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "shelf").write_text("a folder should stand here")

    with pytest.raises(Unusable, match="cannot be kept"):
        await brought(Shelf(tmp_path / "shelf"), written(tmp_path / "own", a__sch=ONE))
