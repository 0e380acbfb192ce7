"""One protection taken out of a worker's process at a time: each must make the proof fail.

Nothing of this exists in the product; it is patched in by the process that the test starts.
"""

# ruff: noqa: B010 -- a module's function is replaced on purpose, and by name
import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from msgspec import structs
from sqlalchemy import text

from tallystick.flows import claiming, recover, verbs
from tallystick.store import webhook, work

UNDONE = {
    **dict.fromkeys(
        ("frozen_bytes", "frozen_content", "unasked"), "ALTER TABLE submission DISABLE TRIGGER USER"
    ),
    # without its lock two workers read the same place; what would refuse the second one is taken out with it
    "chain_lock": """
        CREATE OR REPLACE FUNCTION lock_chain(
            p_chain text, p_tenant_id uuid, OUT number bigint, OUT previous text) LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO authority_chain (id, tenant_id) VALUES (p_chain, p_tenant_id) ON CONFLICT DO NOTHING;
            SELECT c.next_no, c.last_link INTO number, previous FROM authority_chain c WHERE c.id = p_chain;
            PERFORM pg_sleep(0.01); -- so that the others come in time
        END $$;
        CREATE OR REPLACE FUNCTION advance_chain(p_chain text, p_number bigint, p_link text) RETURNS void
        LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE authority_chain c SET next_no = p_number + 1, last_link = p_link WHERE c.id = p_chain;
        END $$;
        ALTER TABLE authority_chain DISABLE TRIGGER USER;
        DROP INDEX submission_chain_place""",
}


def nothing() -> None:
    """Everything stays in place."""


def fencing() -> None:
    """Who comes back late writes all the same: neither token nor state is asked for."""

    async def settle(db: Any, submission: Any, invoice: Any, token: int, to: work.Settled) -> bool:
        await db.execute(text("SELECT 1 FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
        result = await db.execute(
            text(
                """UPDATE submission SET state = :state, verdict = coalesce(:verdict, verdict),
                     attempts = :attempts, round = :round, poll_count = :poll_count, crashes = :crashes,
                     parked_reason = :parked_reason, dead_reason = :dead_reason, lease_until = NULL,
                     next_at = clock_timestamp() + make_interval(secs => CAST(:delay AS float8))
                   WHERE id = :id"""
            ),
            {**structs.asdict(to), "id": submission},
        )
        return bool(result.rowcount)

    setattr(work, "settle", settle)


def frozen_bytes() -> None:
    """Each further attempt builds the document anew, under a new reference (the test drops the guards)."""
    claim, glimpse, freeze = work.claim, work.glimpse, work.freeze
    renamed: dict[Any, str] = {}

    async def reclaimed(*args: Any) -> Any:
        claimed = await claim(*args)
        return claimed and structs.replace(claimed, frozen=False)

    async def seen_anew(db: Any, submission: Any) -> Any:
        seen = await glimpse(db, submission)
        if seen is None or seen.wire is None:
            return seen
        renamed[submission] = str(uuid4())
        return structs.replace(seen, external_ref=renamed[submission])

    async def frozen_again(db: Any, submission: Any, token: int, wire: dict[str, Any]) -> None:
        await freeze(db, submission, token, wire)
        if submission in renamed:
            query = text("UPDATE submission SET external_ref = :reference WHERE id = :id")
            await db.execute(query, {"reference": renamed[submission], "id": submission})

    setattr(work, "claim", reclaimed)
    setattr(work, "glimpse", seen_anew)
    setattr(work, "freeze", frozen_again)


def frozen_content() -> None:
    """As above, and what is built says something else each time, as a template changed meanwhile would."""
    frozen_bytes()
    built = verbs.built

    async def built_otherwise(*args: Any) -> Any:
        document: Any = await built(*args)
        name = b'"LglNm":"'
        said = document.body.replace(name, name + uuid4().hex[:6].encode() + b" ", 1)
        return structs.replace(document, body=said)

    setattr(verbs, "built", built_otherwise)


def unasked() -> None:
    """What may have been taken is sent again, with other content, and nobody asks what became of it."""
    frozen_content()

    def submit(claimed: Any) -> Any:
        return "submit"

    setattr(claiming, "verb_for", submit)


def reconciler() -> None:
    """Nobody looks after what a dead worker left behind."""

    async def recovered(gateway: Any, limit: int = 100) -> int:
        await asyncio.sleep(0)
        return 0

    setattr(recover, "recover", recovered)


def webhook_order() -> None:
    """Deliveries go when their time has come, whatever lies before them."""
    query = """WITH ready AS (
                 SELECT d.event_id, d.endpoint_id FROM webhook_delivery d
                 WHERE d.state = 'queued' AND d.next_at <= clock_timestamp()
                 ORDER BY random() LIMIT :limit FOR UPDATE OF d SKIP LOCKED)
               UPDATE webhook_delivery d SET state = 'in_flight', token = d.token + 1,
                 attempts = d.attempts + 1, lease_until = clock_timestamp() + make_interval(secs => :lease)
               FROM ready, webhook_event e, webhook_endpoint p
               WHERE d.event_id = ready.event_id AND d.endpoint_id = ready.endpoint_id
                 AND e.id = d.event_id AND p.id = d.endpoint_id AND p.state = 'active'
               RETURNING d.event_id, d.endpoint_id, d.tenant_id, d.invoice_id, d.seq, d.attempts, d.token,
                 e.type, e.body, p.url, p.secrets_wrapped, p.first_failure_at, clock_timestamp() AS now"""

    async def careless(db: Any, limit: int, lease: float, *_: Any, **__: Any) -> Any:
        rows = await db.execute(text(query), {"limit": limit, "lease": lease})
        return [webhook.Delivery(**row) for row in rows.mappings()]

    setattr(webhook, "claim_deliveries", careless)


def chain_lock() -> None:
    """A chain is not locked while a document is built: all of it is taken out in the database."""


SABOTAGES: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        *(nothing, fencing, frozen_bytes, frozen_content, unasked, reconciler, webhook_order, chain_lock),
    )
}
