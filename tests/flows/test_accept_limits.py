"""What is refused at the door: too much at once, a key at work; and what is replayed all the same."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from sqlalchemy import text

from flows.accepting import new_caller, opened, standard
from tallystick.flows import Caller
from tallystick.flows.accept import accept
from tallystick.flows.admission import Admission
from tallystick.flows.errors import KeyInProgress, Limited
from tallystick.flows.gateway import Gateway
from tallystick.store.upkeep import forget_keys

HELD = """INSERT INTO idempotency_key
        (tenant_id, mode, path, key, method, fingerprint, status, body, expires_at)
    VALUES ($1, 'test', '/v1/invoices', 'k1', 'POST', '', 201, '', now() + interval '1 day')"""


@pytest.fixture
async def gateway(tmp_path: Path, app_database_url: str) -> AsyncIterator[Gateway]:
    async with opened(tmp_path, app_database_url) as made:
        yield made


@pytest.fixture
async def caller(gateway: Gateway) -> Caller:
    return await new_caller(gateway)


async def post(gateway: Gateway, caller: Caller, number: str, key: str | None = None) -> Any:
    return await accept(gateway, caller, standard(invoice_number=number), idempotency_key=key)


def limited(gateway: Gateway, **limits: int) -> None:
    gateway.admission = Admission(gateway.store, msgspec.structs.replace(gateway.settings, **limits))


async def test_a_tenant_with_too_much_waiting_is_limited(gateway: Gateway, caller: Caller) -> None:
    limited(gateway, max_queued_per_tenant=2)
    first = await post(gateway, caller, "N1", "k1")
    await post(gateway, caller, "N2")
    with pytest.raises(Limited) as refused:
        await post(gateway, caller, "N3")
    assert refused.value.after_seconds > 0
    limited(gateway, max_queued_per_tenant=2)
    with pytest.raises(Limited):
        await post(gateway, caller, "N3")
    again = await post(gateway, caller, "N1", "k1")
    assert again.replayed
    assert again.body == first.body
    await post(gateway, await new_caller(gateway), "N3")


async def test_a_tenant_whose_oldest_waits_too_long_is_limited(
    gateway: Gateway, caller: Caller, worker_database_url: str
) -> None:
    await post(gateway, caller, "N1")
    worker = await asyncpg.connect(worker_database_url, server_settings={"role": "tallystick_worker"})
    await worker.execute("UPDATE submission SET next_at = now() - interval '2 hours'")
    limited(gateway, max_oldest_due_seconds=3600)
    with pytest.raises(Limited):
        await post(gateway, caller, "N2")
    held = "UPDATE submission SET state = 'parked', parked_reason = 'outage'"
    await worker.execute(held)
    await worker.close()
    limited(gateway, max_oldest_due_seconds=3600)
    await post(gateway, caller, "N2")


async def test_a_key_that_is_being_worked_on_is_in_progress(
    gateway: Gateway, caller: Caller, worker_database_url: str
) -> None:
    other = await asyncpg.connect(worker_database_url, server_settings={"role": "tallystick_worker"})
    async with other.transaction():
        await other.execute(HELD, caller.tenant_id)
        with pytest.raises(KeyInProgress):
            await post(gateway, caller, "N1", "k1")
        await other.execute("DELETE FROM idempotency_key")
    await other.close()
    assert not (await post(gateway, caller, "N1", "k1")).replayed


async def test_keys_are_forgotten_when_their_time_is_over(
    gateway: Gateway, caller: Caller, tmp_path: Path, worker_database_url: str
) -> None:
    await post(gateway, caller, "N1", "k1")
    await post(gateway, caller, "N2", "k2")
    async with opened(tmp_path, worker_database_url, "worker") as worker, worker.store.everyone() as db:
        assert await forget_keys(db) == 0
        late = "UPDATE idempotency_key SET expires_at = now() - interval '1 second' WHERE key = 'k1'"
        await db.execute(text(late))
        assert await forget_keys(db) == 1
        assert (await db.execute(text("SELECT key FROM idempotency_key"))).scalars().all() == ["k2"]
