"""Trying a registration's credentials without a document: a login, where its authority wants one."""

from msgspec import structs

from tallystick.flows.abilities import abilities
from tallystick.flows.courier import Courier
from tallystick.flows.enrolling import opened_enrolment
from tallystick.flows.entering import log_in_anew
from tallystick.flows.gateway import Gateway
from tallystick.flows.judging import authority
from tallystick.flows.onboarding.ending import fail
from tallystick.flows.transactions import persistently
from tallystick.store import onboarding as table
from tallystick.store.enrolled import Enrolled, tell
from tallystick.store.onboarding import Process
from tallystick.strategy import Outcome

__all__ = ["run"]

NOTHING = "Its authority has no login to try: the first document will show."


async def run(gateway: Gateway, courier: Courier, process: Process, row: Enrolled, owner: str) -> bool:
    """Log in and say what came of it."""

    async def take() -> int | None:
        async with gateway.store.everyone() as db:
            return await table.claim(db, process, owner, gateway.settings.lease_seconds, None)

    token = await persistently(gateway, take)
    if token is None:
        return False
    strategy = gateway.strategies.by_name(row.strategy)
    refused: Outcome | None = None
    if abilities(strategy).logs_in is not None:
        enrolment = opened_enrolment(gateway, strategy, row, process.now)
        refused = await log_in_anew(gateway, courier, row, authority(strategy, enrolment), process.now)
    detail = NOTHING if abilities(strategy).logs_in is None else "Logged in."
    await persistently(gateway, lambda: _told(gateway, process, row, token, refused, detail))
    return False


async def _told(
    gateway: Gateway, process: Process, row: Enrolled, token: int, refused: Outcome | None, detail: str
) -> None:
    async with gateway.store.everyone() as db:
        if refused is not None:
            why = refused.detail or "The login was refused."
            await fail(db, process, row, token, structs.replace(refused, detail=why))
            return
        values = {"state": "done", "steps": 1, "detail": detail}
        if await table.settle(db, process.id, token, values):
            data = {"strategy": row.strategy, "environment": row.environment, "unit": row.unit}
            data |= {"purpose": process.purpose, "detail": detail}
            await tell(db, row.tenant_id, row.id, "registration.tested", data)
