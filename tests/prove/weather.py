"""What befalls the installation: a timetable of kills and pauses, drawn from the seed, then carried out."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Mapping

from prove.field import LEASE, Field

__all__ = ["timetable", "weather"]


def timetable(chance: random.Random, seconds: float, counts: Mapping[str, int]) -> list[tuple[float, str]]:
    """When (seconds from the start) each kind of thing happens, as often as it is wanted."""
    drawn = [(chance.uniform(0.8, seconds), kind) for kind, count in counts.items() for _ in range(count)]
    return sorted(drawn)


async def weather(here: Field, chance: random.Random, plan: list[tuple[float, str]]) -> None:
    """Let it all happen. At the end every process runs again."""
    began = time.monotonic()
    pauses: list[asyncio.Task[None]] = []
    for at, kind in plan:
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        workers = sorted(name for name in here.pids if name.startswith("worker"))
        victim = chance.choice(workers)
        if kind == "worker":
            here.kill(victim)
            here.start(victim)
        elif kind == "api":
            here.kill("api")
            here.start("api")
        elif kind == "valkey":
            await _server(here.servers.valkey_pid, here.servers.restart_valkey, chance.uniform(0.2, 1.0))
        elif kind == "postgres":
            await _server(here.servers.postgres_pid, here.servers.restart_postgres, chance.uniform(0, 0.5))
        elif kind == "pause":
            pauses.append(asyncio.create_task(_pause(here, victim)))
        here.happened[kind] += 1
    await asyncio.gather(*pauses)


async def _server(pid: int, restart: Callable[[], None], seconds: float) -> None:
    """Kill a server, and start it again after a while: same data, same address."""
    os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(restart)


async def _pause(here: Field, name: str) -> None:
    """Stop a worker for longer than its lease, then let it go on: it does not know that it slept."""
    pid = here.pids[name]
    here.kill(name, signal.SIGSTOP)
    await asyncio.sleep(LEASE + 1.0)
    if here.pids[name] == pid:  # nobody killed it meanwhile
        here.kill(name, signal.SIGCONT)
