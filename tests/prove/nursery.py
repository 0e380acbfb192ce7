"""Real processes, quickly: one process imports everything once and forks a child for each order.

An order is a JSON line on standard input (`{"role", "environment", "sabotage", "log", …}`), the answer the
child's process id. Its parent gives it the import path. When standard input ends, every child is killed:
nothing outlives the test.
"""

import asyncio
import json
import os
import random
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from prove.sabotage import SABOTAGES
from tallystick import api, sandbox
from tallystick.settings import Settings, load
from tallystick.webhooks.deliver import loop
from tallystick.worker import service
from tallystick.worker.courier import HttpCourier
from tallystick.worker.wake import Waker


def run_worker(settings: Settings, order: dict[str, Any]) -> None:
    """The worker as it ships, with a deaf moment now and then, and one protection less if so ordered."""
    nap(settings.lease_seconds + 1.0, order.get("naps", 0.0))
    SABOTAGES[order.get("sabotage") or "nothing"]()
    asyncio.run(service.serve(settings, beside=(loop,)))


def nap(seconds: float, share: float) -> None:
    """Let this share of the answers be noticed only after the lease has ended, as after a long pause."""
    send = HttpCourier.send
    chance = random.Random(os.getpid())

    async def drowsy(self: HttpCourier, request: Any, limit: float) -> Any:
        answer = await send(self, request, limit)
        if request.method == "POST" and chance.random() < share:
            await asyncio.sleep(seconds)
        return answer

    setattr(HttpCourier, "send", drowsy)  # noqa: B010 -- replaced on purpose


def run_api(settings: Settings, order: dict[str, Any]) -> None:
    """The API as it ships."""
    wake = Waker(settings.redis_url).wake if settings.redis_url else None
    api.serve(settings, wake=wake)


def run_sandbox(settings: Settings, order: dict[str, Any]) -> None:
    """The access point and the consumer, with journals that survive them."""
    sandbox.serve(
        "127.0.0.1",
        order["port"],
        Path(order["journal"]),
        None,
        consumer_journal_path=Path(order["consumer_journal"]),
    )


ROLES = {"worker": run_worker, "api": run_api, "sandbox": run_sandbox}


def child(order: dict[str, Any]) -> None:
    """Become what was ordered; never returns."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    null = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, null), (1, log), (2, log)):
        os.dup2(source, target)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        os.environ.update(order["environment"])
        ROLES[order["role"]](load(), order)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 -- the child's last word
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def main() -> None:
    """Fork a child for each order until there are no more orders; then end them all."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system reaps
    children: list[int] = []
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            child(order)
        children.append(pid)
        print(pid, flush=True)
    for pid in children:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
