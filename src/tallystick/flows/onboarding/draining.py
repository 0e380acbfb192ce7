"""Before a credential changes hands: nothing new is frozen, and what is frozen comes to its end first.

Meanwhile no till gets a document, so it may take a minute and a half and no longer: what is under way is
tried at once, and where that leads nowhere the old credential goes on, and the code is asked for again.
"""

from typing import Any, Final

from tallystick.flows.gateway import Gateway
from tallystick.flows.onboarding.beginning import STEP_REQUIRED
from tallystick.flows.transactions import persistently
from tallystick.store import Connection, append_entry
from tallystick.store import onboarding as table
from tallystick.store.enrolled import Enrolled, tell
from tallystick.store.onboarding import Process

__all__ = ["drained"]

LOOK: Final = 2.0  # seconds between two looks at what is under way, at scale 1
LOOKS: Final = 45


async def drained(gateway: Gateway, process: Process, row: Enrolled) -> bool:
    """Whether nothing of the registration is under way; if something is, it is looked at again later.

    Who freezes a document holds the registration's row until that is committed, and so does who turns it to
    draining: what is counted afterwards is all there will be.
    """
    began = await persistently(gateway, lambda: _begun(gateway, process, row))
    return began and await persistently(gateway, lambda: _nothing_left(gateway, process, row))


async def _begun(gateway: Gateway, process: Process, row: Enrolled) -> bool:
    """The registration drains from here on; false if it cannot, being retired."""
    async with gateway.store.everyone() as db:
        state = await table.lock_registration(db, row.id)
        if state in ("draining", "new"):
            return True
        if state not in ("active", "paused"):
            return False
        await table.set_registration(db, row.id, {"state": "draining"})
        await table.hurry(db, row.id)
        await append_entry(
            db,
            tenant=row.tenant_id,
            stream_kind="registration",
            stream_id=row.id,
            event="registration.draining",
            actor="worker",
            data={"purpose": process.purpose, "stage": process.stage},
        )
        return True


async def _nothing_left(gateway: Gateway, process: Process, row: Enrolled) -> bool:
    async with gateway.store.everyone() as db:
        left = await table.under_way(db, process.registration_id)
        if not left:
            if process.state == "draining":  # looks were counted as tries; the step's own begin at none
                values: dict[str, Any] = {"state": "due", "tries": 0, "detail": ""}
                return await table.settle(db, process.id, process.token, values, 0.0)
            return True
        words = "1 document is" if left == 1 else f"{left} documents are"
        if process.tries >= LOOKS:
            await _given_up(db, process, row, words)
            return False
        detail = f"Waiting: {words} still under way."
        values = {"state": "draining", "tries": process.tries + 1, "detail": detail}
        await table.settle(db, process.id, process.token, values, gateway.settings.scaled(LOOK))
        return False


async def _given_up(db: Connection, process: Process, row: Enrolled, words: str) -> None:
    """The old credential goes on. The code was not used, but it does not keep: it is asked for again."""
    detail = f"Put off: {words} still under way. Hand a code in again when the authority answers."
    values = {"state": "waiting_code", "code_wrapped": None, "tries": 0, "detail": detail}
    if not await table.settle(db, process.id, process.token, values):
        return
    await table.put_back(db, row.id)
    await table.resume(db, row.id)
    data = {"strategy": row.strategy, "environment": row.environment, "unit": row.unit}
    data |= {"purpose": process.purpose, "stage": process.stage, "detail": detail}
    await tell(db, row.tenant_id, row.id, STEP_REQUIRED, data)
