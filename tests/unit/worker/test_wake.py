"""A wake-up reaches the worker while Redis lives, and costs nothing when it does not."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tallystick.worker.desk import Desk
from tallystick.worker.listener import listen
from tallystick.worker.wake import Waker, deserialize, serialize
from yardstick import second


async def test_a_wake_up_is_heard_within_a_moment(redis_url: str) -> None:
    heard: asyncio.Queue[UUID] = asyncio.Queue()

    def offer(found: UUID) -> bool:
        heard.put_nowait(found)
        return True

    listening = asyncio.create_task(listen(redis_url, offer))
    waker, wanted = Waker(redis_url), [uuid4() for _ in range(20)]
    await waker.wake(wanted[:1])
    await waker.wake(wanted[1:])

    got: set[UUID] = set()
    async with asyncio.timeout(30):
        while got != set(wanted):  # a ring has 50 ms: on a busy machine one may be lost, and is rung again
            with suppress(TimeoutError):
                got.add(await asyncio.wait_for(heard.get(), 2))
                continue
            await waker.wake([one for one in wanted if one not in got])

    assert got == set(wanted)
    listening.cancel()
    await waker.close()


async def test_a_dead_redis_costs_a_moment_once_and_then_nothing(tmp_path: Path) -> None:
    waker = Waker(f"unix://{tmp_path}/nobody.sock")
    started = time.monotonic()
    for _ in range(100):
        await waker.wake([uuid4(), uuid4()])

    assert time.monotonic() - started < 3 * second()  # two hundred attempts would take much longer
    assert waker.lost == 200


async def test_the_listener_outlives_a_dead_redis(tmp_path: Path) -> None:
    listening = asyncio.create_task(listen(f"unix://{tmp_path}/nobody.sock", lambda _: True))
    await asyncio.sleep(0.2)

    assert not listening.done()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening


def test_a_job_is_data_and_never_a_pickle() -> None:
    job = {"t": 1, "f": "look", "a": ("x",), "k": {}, "et": 5}

    assert deserialize(serialize(job))["f"] == "look"
    assert b"pickle" not in serialize(job)


async def test_the_desk_takes_each_submission_once_and_no_more_than_its_limit() -> None:
    at_once, most, gate = 0, 0, asyncio.Event()

    async def work(_: UUID) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await gate.wait()
        at_once -= 1

    desk, same = Desk(work, 3), uuid4()

    assert [desk.offer(same), desk.offer(same)] == [True, False]
    assert [desk.offer(uuid4()) for _ in range(4)] == [True, True, False, False]
    await asyncio.sleep(0)
    gate.set()
    assert await desk.close(1) == 0
    assert most == 3
    assert not desk.offer(uuid4())


async def test_work_that_fails_leaves_the_desk_free() -> None:
    async def fail(_: UUID) -> None:
        raise RuntimeError("broken")

    desk = Desk(fail, 1)
    desk.offer(uuid4())
    await asyncio.sleep(0.05)

    assert desk.free == 1
