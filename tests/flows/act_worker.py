"""A worker of its own for acts and news, told at which point to die: `python -m flows.act_worker WHAT POINT`.

Settings come from the environment, the strategies are ours and the clearing one. WHAT is a submission's id,
or `poll`.
"""

import asyncio
import sys
from uuid import UUID

from flows.acting import registry
from tallystick.flows import polling, recover, submit
from tallystick.flows.crashpoint import arm
from tallystick.flows.gateway import open_gateway
from tallystick.settings import load
from tallystick.worker.courier import HttpCourier


async def work(what: str, point: str) -> None:
    """One look at it, as a worker would take it."""
    settings = load()
    async with (
        open_gateway(settings, "worker") as gateway,
        HttpCourier(settings.access_point_hosts) as courier,
    ):
        gateway.strategies = registry()
        arm(point)
        if what == "poll":
            await polling.poll(gateway, courier)
            return
        await recover.recover(gateway)
        while await submit.run(gateway, courier, UUID(what), "doomed"):
            pass


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:3]))
