"""What the checker reads: plain rows, in one snapshot, a batch at a time. Nothing is changed or judged.

It shares no query with the code whose work it checks. Row security is forced, so the role must be the
worker's (or one that may take it on).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg

from tallystick.store.connecting import session_settings

__all__ = ["Row", "Snapshot", "snapshot"]

Row: TypeAlias = Mapping[str, Any]

BATCH: Final = 250
PREFETCH: Final = 250
FIRST: Final = UUID(int=0)
NO_LIMITS: Final = {"statement_timeout": "0", "lock_timeout": "0", "idle_in_transaction_session_timeout": "0"}

INVOICES: Final = "SELECT * FROM invoice WHERE id > $1 ORDER BY id LIMIT $2"
OF_BATCH: Final = {
    "entries": """SELECT id, tenant_id, stream_kind, stream_id, stream_seq, prev_hash, hash, entry, at
                  FROM compliance_log WHERE stream_kind = 'invoice' AND stream_id = ANY($1)
                  ORDER BY stream_id, stream_seq, id""",
    "submissions": """SELECT *, CAST(marks AS text) AS marks_text, CAST(outcome_marks AS text) AS
                      outcome_marks_text FROM submission WHERE invoice_id = ANY($1)
                      ORDER BY invoice_id, created_at, id""",
    "attempts": """SELECT a.*, s.invoice_id FROM attempt a JOIN submission s ON s.id = a.submission_id
                   WHERE s.invoice_id = ANY($1) ORDER BY s.invoice_id, a.submission_id, a.n""",
    "events": "SELECT * FROM webhook_event WHERE invoice_id = ANY($1) ORDER BY invoice_id, seq, id",
    "deliveries": """SELECT d.*, e.seq AS event_seq, coalesce(c.delivered_seq, 0) AS delivered_seq
                     FROM webhook_event e JOIN webhook_delivery d ON d.event_id = e.id
                     LEFT JOIN webhook_cursor c
                       ON c.endpoint_id = d.endpoint_id AND c.invoice_id = d.invoice_id
                     WHERE e.invoice_id = ANY($1) ORDER BY d.invoice_id, d.endpoint_id, d.seq""",
}
OBJECTS: Final = """SELECT id, tenant_id, salt, digest, size, media_type, name, body, erased_at
                    FROM object WHERE id = ANY($1)"""
OTHER_STREAMS: Final = """
    SELECT id, tenant_id, stream_kind, stream_id, stream_seq, prev_hash, hash, entry, at FROM compliance_log
    WHERE stream_kind <> 'invoice' ORDER BY stream_kind, stream_id, stream_seq, id"""
KEYS: Final = """
    SELECT k.key, k.path, k.tenant_id, k.mode, k.invoice_id, k.status, CAST(k.headers AS text) AS headers,
           k.body, i.tenant_id AS invoice_tenant, i.mode AS invoice_mode, l.hash AS first_hash,
           CASE WHEN k.path LIKE '%/acts/%' THEN (SELECT n.entry FROM compliance_log n
             WHERE n.stream_kind = 'invoice' AND n.stream_id = k.invoice_id
               AND encode(n.hash, 'hex') = k.headers ->> 'etag') END AS named_entry
    FROM idempotency_key k LEFT JOIN invoice i ON i.id = k.invoice_id
    LEFT JOIN compliance_log l
      ON l.stream_kind = 'invoice' AND l.stream_id = k.invoice_id AND l.stream_seq = 1"""
LINKED: Final = """
    SELECT s.id, s.tenant_id, s.chain_id, s.chain_no, s.prev_link, s.link, c.next_no, c.last_link,
           c.first_no, c.first_link, c.tenant_id AS chain_tenant
    FROM submission s LEFT JOIN authority_chain c ON c.id = s.chain_id
    WHERE s.chain_no IS NOT NULL ORDER BY s.chain_id, s.chain_no, s.id"""
UNUSED_CHAINS: Final = """
    SELECT c.id, c.next_no FROM authority_chain c
    WHERE c.next_no > c.first_no
      AND NOT EXISTS (SELECT FROM submission s WHERE s.chain_id = c.id AND s.chain_no >= 1)"""
ALL_OBJECTS: Final = "SELECT id, name FROM object"
STRAYS: Final = {
    ("I7", "entries of an invoice that is not there"): """
        SELECT DISTINCT 'invoice ' || l.stream_id FROM compliance_log l WHERE l.stream_kind = 'invoice'
          AND NOT EXISTS (SELECT FROM invoice i WHERE i.id = l.stream_id)""",
    ("I7", "an entry that waits for no seal"): """
        SELECT l.stream_kind || ' ' || l.stream_id || ' entry ' || l.stream_seq FROM compliance_log l
          WHERE NOT EXISTS (SELECT FROM log_pending p WHERE p.entry_id = l.id)""",
    ("I7", "events of an invoice that is not there"): """
        SELECT DISTINCT 'invoice ' || e.invoice_id FROM webhook_event e WHERE e.subject = 'invoice'
          AND NOT EXISTS (SELECT FROM invoice i WHERE i.id = e.invoice_id)""",
    ("I7", "events of a registration that is not there"): """
        SELECT DISTINCT 'registration ' || e.invoice_id FROM webhook_event e WHERE e.subject = 'registration'
          AND NOT EXISTS (SELECT FROM registration r WHERE r.id = e.invoice_id)""",
    ("I2", "a submission of an invoice that is not there"): """
        SELECT 'submission ' || s.id FROM submission s
          WHERE NOT EXISTS (SELECT FROM invoice i WHERE i.id = s.invoice_id)""",
    ("I6", "an attempt of a submission that is not there"): """
        SELECT 'attempt ' || a.n || ' of submission ' || a.submission_id FROM attempt a
          WHERE NOT EXISTS (SELECT FROM submission s WHERE s.id = a.submission_id)""",
    ("I9", "a delivery of an event that is not there"): """
        SELECT 'event ' || d.event_id FROM webhook_delivery d
          WHERE NOT EXISTS (SELECT FROM webhook_event e WHERE e.id = d.event_id)""",
    ("I1", "a number that is used twice"): """
        SELECT 'invoice ' || min(id::text) || ' and ' || max(id::text) FROM invoice
          WHERE superseded_by IS NULL
          GROUP BY tenant_id, mode, seller_key, doc_family, number, fiscal_year HAVING count(*) > 1""",
    ("I7", "an invoice and the one that supersedes it do not name each other"): """
        SELECT 'invoice ' || a.id FROM invoice a FULL JOIN invoice b ON b.id = a.superseded_by
          WHERE a.superseded_by IS NOT NULL AND b.supersedes IS DISTINCT FROM a.id
        UNION SELECT 'invoice ' || b.id FROM invoice b LEFT JOIN invoice a ON a.id = b.supersedes
          WHERE b.supersedes IS NOT NULL AND a.superseded_by IS DISTINCT FROM b.id""",
    # a conversation that began before it opened may go on; five seconds are the longest a claim can take
    ("I6", "an attempt while the authority's breaker was open"): """
        SELECT 'attempt ' || a.n || ' of submission ' || a.submission_id
        FROM breaker b JOIN submission s ON s.authority = b.authority JOIN attempt a ON a.submission_id = s.id
        WHERE b.state = 'open' AND a.started_at > b.opened_at + interval '5 seconds'
          AND a.started_at < b.probe_at AND NOT EXISTS (SELECT FROM attempt x
            WHERE x.submission_id = a.submission_id AND x.token = a.token AND x.n < a.n)""",
}


class Snapshot:
    """The database at one moment. `now` is its clock at that moment."""

    def __init__(self, connection: Any, now: datetime) -> None:
        self._connection = connection
        self.now = now

    async def batches(self) -> AsyncIterator[Sequence[Row]]:
        """All invoices in the order of their ids, some at a time."""
        last = FIRST
        while found := await self._connection.fetch(INVOICES, last, BATCH):
            yield found
            last = found[-1]["id"]

    async def of(self, invoices: Sequence[UUID]) -> dict[str, Sequence[Row]]:
        """Entries, submissions, attempts, events and deliveries of these invoices, each in its order."""
        return {name: await self._connection.fetch(query, invoices) for name, query in OF_BATCH.items()}

    async def objects(self, ids: Sequence[UUID]) -> AsyncIterator[Row]:
        """These objects with their bodies, a few in memory at a time."""
        async for row in self._connection.cursor(OBJECTS, ids, prefetch=PREFETCH):
            yield row

    def other_streams(self) -> AsyncIterator[Row]:
        """The entries of every stream that is not an invoice's, stream by stream."""
        return self._rows(OTHER_STREAMS)

    async def registration(self, id_: UUID) -> tuple[Row | None, Sequence[Row], Sequence[Row]]:
        """A registration, its events and their deliveries, each in its order."""
        row = await self._connection.fetchrow("SELECT * FROM registration WHERE id = $1", id_)
        told = [await self._connection.fetch(OF_BATCH[name], [id_]) for name in ("events", "deliveries")]
        return row, told[0], told[1]

    def keys(self) -> AsyncIterator[Row]:
        """Every idempotency key with what it points at (None where nothing is there)."""
        return self._rows(KEYS)

    def linked(self) -> AsyncIterator[Row]:
        """Every document with a place in an authority's chain, chain by chain, in order of number."""
        return self._rows(LINKED)

    def unused_chains(self) -> AsyncIterator[Row]:
        """Chains that count documents none of which is there."""
        return self._rows(UNUSED_CHAINS)

    def all_objects(self) -> AsyncIterator[Row]:
        """Every object's id and name."""
        return self._rows(ALL_OBJECTS)

    async def endpoints(self) -> Sequence[Row]:
        """Every webhook endpoint's id, address and state."""
        found: Sequence[Row] = await self._connection.fetch("SELECT id, url, state FROM webhook_endpoint")
        return found

    async def strays(self) -> AsyncIterator[tuple[str, str, str]]:
        """(invariant, what, where) of rows without the rows they belong to."""
        for (invariant, what), query in STRAYS.items():
            async for row in self._rows(query):
                yield invariant, what, row[0]

    async def _rows(self, query: str) -> AsyncIterator[Any]:
        async for row in self._connection.cursor(query, prefetch=500):
            yield row


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Snapshot]:
    """One read-only look at the whole database, as it was when the block began."""
    settings = session_settings(url, "worker") | NO_LIMITS
    connection = await asyncpg.connect(url, server_settings=settings, timeout=10)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            now = await connection.fetchval("SELECT clock_timestamp()")
            yield Snapshot(connection, now)
    finally:
        await connection.close()
