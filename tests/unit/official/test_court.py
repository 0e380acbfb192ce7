"""A judge may hang, die or eat memory: the court says so in time, and goes on."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tallystick.official import Artefacts, JudgeFailed, NotInstalled, Unusable, bringing
from tallystick.official.clerk import Question, framed
from tallystick.official.court import COMMAND, Court
from tallystick.official.shelf import Shelf
from unit.official.publisher import DOCUMENT, SLOW, brought, found, rules, written

HUNGRY = "string-length(string-join((for $n in 1 to 20000000 return string($n)), '')) = 0"
RULE = (
    '<pattern><rule context="o:order[o:id = \'{id}\']"><assert id="{name}" test="{test}"/></rule></pattern>'
)
TEXT = rules(
    RULE.format(id="SLOW", name="S", test=SLOW)
    + RULE.format(id="HUNGRY", name="H", test=HUNGRY)
    + RULE.format(id="A-1", name="A", test="false()")
)


def document(what: str) -> bytes:
    return DOCUMENT.replace(b"A-1", what.encode())


@pytest.fixture
async def own(tmp_path: Path) -> Artefacts:
    return await brought(Shelf(tmp_path / "shelf"), written(tmp_path / "own", a__sch=TEXT))


@pytest.fixture
async def court(tmp_path: Path) -> AsyncIterator[Court]:
    opened = Court(tmp_path / "shelf", seconds=1.2, megabytes=512)
    yield opened
    await opened.close()


def processes(court: Court) -> list[int]:
    return [bench.process.pid for bench in court._all]


async def test_a_judge_that_takes_too_long_is_ended_and_the_next_document_is_judged(
    court: Court, own: Artefacts
) -> None:
    await court.opinion(own, DOCUMENT)
    begun = time.monotonic()
    with pytest.raises(JudgeFailed) as failure:
        await court.opinion(own, document("SLOW"))
    took = time.monotonic() - begun

    assert failure.value.word == "timeout"
    assert took < 6.0
    assert processes(court) == []
    assert found(await court.opinion(own, DOCUMENT)) == [("A", "fatal")]


async def test_a_judge_that_wants_too_much_memory_gives_no_verdict(tmp_path: Path, own: Artefacts) -> None:
    court = Court(tmp_path / "shelf", seconds=10.0, megabytes=320)
    try:
        with pytest.raises(JudgeFailed) as failure:
            await court.opinion(own, document("HUNGRY"))
        assert failure.value.word in {
            "memory",
            "crashed",
            "timeout",
        }  # short of it, a processor may also crawl
        assert found(await court.opinion(own, DOCUMENT)) == [("A", "fatal")]
    finally:
        await court.close()


async def test_where_memory_cannot_be_bounded_a_judge_judges_all_the_same(
    tmp_path: Path, own: Artefacts, court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = written(tmp_path / "blocked", resource__py="raise ImportError('not on this system')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(blocked), os.environ.get("PYTHONPATH", ""))))

    assert found(await court.opinion(own, DOCUMENT)) == [("A", "fatal")]
    with pytest.raises(JudgeFailed):
        await court.opinion(own, document("SLOW"))


async def test_a_judge_that_dies_is_replaced_and_the_document_tried_again(
    tmp_path: Path, own: Artefacts
) -> None:
    court = Court(tmp_path / "shelf", seconds=60.0)
    try:
        await court.opinion(own, DOCUMENT)
        (first,) = processes(court)
        os.kill(first, signal.SIGKILL)

        assert found(await court.opinion(own, DOCUMENT)) == [("A", "fatal")]
        assert processes(court) != [first]
    finally:
        await court.close()


async def test_judges_that_die_while_they_rest_cost_no_document_its_tries(
    tmp_path: Path, own: Artefacts
) -> None:
    """Who makes room on the machine ends those who only sit there, all at once."""
    court = Court(tmp_path / "shelf", judges=2, seconds=60.0)
    try:
        await asyncio.gather(*(court.opinion(own, DOCUMENT) for _ in range(2)))
        resting = list(court._all)
        assert len(resting) == 2
        for bench in resting:
            os.kill(bench.process.pid, signal.SIGKILL)
            await bench.process.wait()

        assert found(await court.opinion(own, DOCUMENT)) == [("A", "fatal")]
        assert len(processes(court)) == 1
    finally:
        await court.close()


async def test_a_judge_that_dies_of_every_try_gives_no_verdict(tmp_path: Path, own: Artefacts) -> None:
    court = Court(tmp_path / "shelf", seconds=60.0)
    killed: set[int] = set()

    async def kill_them_all() -> None:
        while True:
            for pid in processes(court):
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            await asyncio.sleep(0.05)

    killer = asyncio.create_task(kill_them_all())
    try:
        with pytest.raises(JudgeFailed, match="ended with status") as failure:
            await court.opinion(own, document("SLOW"))
    finally:
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)
        await court.close()
    assert failure.value.word == "crashed"
    assert len(killed) == 2


async def test_compiling_another_set_is_no_time_of_the_document(tmp_path: Path, own: Artefacts) -> None:
    many = "".join(RULE.format(id=f"N-{n}", name=f"N-{n}", test=f"count(o:line) = {n}") for n in range(3000))
    other = await brought(Shelf(tmp_path / "shelf"), written(tmp_path / "o", b__sch=rules(many)), profile="o")
    court = Court(tmp_path / "shelf", seconds=0.4, megabytes=1024)
    try:
        await court.opinion(own, DOCUMENT)
        (first,) = processes(court)

        assert found(await court.opinion(other, document("N-7"))) == [("N-7", "fatal")]
        assert processes(court) == [first]
    finally:
        await court.close()


async def test_a_set_that_gives_no_verdict_keeps_no_other_waiting(tmp_path: Path, own: Artefacts) -> None:
    other = await brought(
        Shelf(tmp_path / "shelf"), written(tmp_path / "o", b__sch=TEXT.replace("A-1", "B-1")), profile="o"
    )
    court = Court(tmp_path / "shelf", seconds=0.8, rest=3.0)
    try:
        await court.opinion(own, DOCUMENT)
        asked = [court.opinion(own, document("SLOW")) for _ in range(12)]
        failures = await asyncio.gather(*asked, return_exceptions=True)

        words = [each.word if isinstance(each, JudgeFailed) else type(each).__name__ for each in failures]
        assert words == ["timeout"] * 3 + ["Unusable"] * 9
        assert "own gave no verdict 3 times in a row" in str(failures[-1])
        assert found(await court.opinion(other, document("B-1"))) == [("A", "fatal")]

        await asyncio.sleep(3.0)
        assert found(await court.opinion(own, DOCUMENT)) == [("A", "fatal")]
        with pytest.raises(JudgeFailed):
            await court.opinion(own, document("SLOW"))
        assert found(await court.opinion(own, DOCUMENT)) == [("A", "fatal")]
    finally:
        await court.close()


async def test_files_that_do_not_compile_in_time_are_no_documents_fault(
    court: Court, own: Artefacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallystick.official.court.STARTING", 0.0)
    court._seconds = 0.01

    with pytest.raises(Unusable, match=r"own does not compile: no answer within 0\.01 s"):
        await court.opinion(own, DOCUMENT)
    assert processes(court) == []


async def test_a_judge_is_not_led_astray_by_what_lies_where_the_worker_stands(
    tmp_path: Path, own: Artefacts, court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(written(tmp_path / "here", lxml__py="raise SystemExit", msgspec__py="raise SystemExit"))

    assert found(await court.opinion(own, DOCUMENT)) == [("A", "fatal")]


async def test_judging_does_not_hold_up_the_event_loop(court: Court, own: Artefacts) -> None:
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)

    await court.opinion(own, DOCUMENT)
    beating = asyncio.create_task(beat())
    with pytest.raises(JudgeFailed):
        await court.opinion(own, document("SLOW"))
    beating.cancel()

    assert longest < 1.0  # a loop that was held up would have stood still for the whole time


async def test_who_is_told_to_stop_leaves_no_judge_behind(court: Court, own: Artefacts) -> None:
    await court.opinion(own, DOCUMENT)
    asked = asyncio.create_task(court.opinion(own, document("SLOW")))
    await asyncio.sleep(0.1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked

    assert processes(court) == []


async def test_a_judge_does_not_stop_because_its_worker_is_asked_to(court: Court, own: Artefacts) -> None:
    """A terminal, and who stops services, asks every process at once; the worker finishes what it has."""
    await court.opinion(own, DOCUMENT)
    (first,) = processes(court)
    for asked in (signal.SIGINT, signal.SIGTERM):
        os.kill(first, asked)

    assert found(await court.opinion(own, DOCUMENT)) == [("A", "fatal")]
    assert processes(court) == [first]


async def test_a_judge_whose_worker_is_gone_ends_by_itself(tmp_path: Path, own: Artefacts) -> None:
    """What the court does with its time-out the judge does alone, a little later."""
    command = [*COMMAND, str(tmp_path / "shelf"), "512"]
    orphan = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL)
    assert orphan.stdin is not None
    orphan.stdin.write(framed(Question(own, document("SLOW"), 0.1)))
    orphan.stdin.close()

    assert await asyncio.wait_for(orphan.wait(), 30) == -signal.SIGALRM


async def test_a_closed_court_has_no_processes(tmp_path: Path, own: Artefacts) -> None:
    court = Court(tmp_path / "shelf", judges=2)
    await asyncio.gather(*(court.opinion(own, DOCUMENT) for _ in range(4)))
    before = processes(court)
    assert len(before) == 2

    await court.close()

    for pid in before:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_without_the_extra_bringing_names_it(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(bringing, "find_spec", lambda name: None)

    with pytest.raises(NotInstalled, match=r"tallystick\[official\]"):
        await brought(Shelf(tmp_path / "shelf"), written(tmp_path / "own", a__sch=TEXT))
