"""Before a credential changes hands: nothing new is frozen, and what is frozen comes to its end first."""

from typing import Final

from tallystick.flows.gateway import Gateway
from tallystick.flows.transactions import persistently
from tallystick.store import append_entry
from tallystick.store import onboarding as table
from tallystick.store.enrolled import Enrolled
from tallystick.store.onboarding import Process

__all__ = ["drained"]

LOOK: Final = 2.0  # seconds between two looks at what is under way, at scale 1


async def drained(gateway: Gateway, process: Process, row: Enrolled) -> bool:
    """Whether nothing of the registration is under way; if something is, it is looked at again later.

    Who freezes a document holds the registration's row until that is committed, and so does who turns it to
    draining: what is counted afterwards is all there will be.
    """
    began = await persistently(gateway, lambda: _begun(gateway, process, row))
    return began and await persistently(gateway, lambda: _nothing_left(gateway, process))


async def _begun(gateway: Gateway, process: Process, row: Enrolled) -> bool:
    """The registration drains from here on; false if it cannot, being retired."""
    async with gateway.store.everyone() as db:
        state = await table.lock_registration(db, row.id)
        if state in ("draining", "new"):
            return True
        if state not in ("active", "paused"):
            return False
        await table.set_registration(db, row.id, {"state": "draining"})
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


async def _nothing_left(gateway: Gateway, process: Process) -> bool:
    async with gateway.store.everyone() as db:
        left = await table.under_way(db, process.registration_id)
        if not left:
            return True
        words = "1 document is" if left == 1 else f"{left} documents are"
        values = {"state": "draining", "detail": f"Waiting: {words} still under way."}
        await table.settle(db, process.id, process.token, values, gateway.settings.scaled(LOOK))
        return False
