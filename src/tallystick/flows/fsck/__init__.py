"""The checker: whether everything that must hold does hold, from the rows and from others' journals alone.

It shares no code with what it judges: its own SQL, its own hashing and canonical JSON (standard library), its
own copy of the few tables that say what follows from what. One pass, a few hundred invoices in memory.

| | |
|---|---|
| I1 | every 201 has its invoice, every idempotency key exactly one; no number twice |
| I2 | every submission is over, or has an owner or a time that has not long passed |
| I3 | the authority processed one content per submission; one at least if we say so, none if never sent |
| I4 | stored bytes = frozen bytes = processed bytes; stored outcome = the authority's |
| I5 | numbers of a chain without gap or repeat, each link the one before |
| I6 | six attempts a round; intent before outcome; nobody who was overtaken wrote; none while it was open |
| I7 | places, links and hashes of the log; bodies whole; the entries give the state; events say no more |
| I9 | deliveries in order without gap, each going on; what arrived is what is stored, signed by us |
"""

from collections.abc import Iterable
from pathlib import Path

from tallystick.flows.fsck.authority import Authority
from tallystick.flows.fsck.check import Witness, check
from tallystick.flows.fsck.client import Client
from tallystick.flows.fsck.consumer import Consumers
from tallystick.flows.fsck.receipts import Witnesses
from tallystick.flows.fsck.report import Finding, Report
from tallystick.store.fsck import snapshot

__all__ = ["PATIENCE", "Finding", "Report", "run"]

PATIENCE = 300.0


async def run(
    database_url: str,
    *,
    sandbox_journal: Path | None = None,
    consumer_journal: Path | None = None,
    client_journal: Path | None = None,
    receipts: Iterable[Path] = (),
    webhook_key: bytes | None = None,
    patience: float = PATIENCE,
) -> Report:
    """Check everything, in one snapshot of the database; the role must be the worker's, or able to become it.

    The journals are those of the authority (the sandbox), of the webhooks' consumers and of the client; what
    is not given is not compared. `receipts` are earlier receipts to hold the log against. `webhook_key` is
    the public Ed25519 key of webhooks (32 bytes). `patience` are the seconds that something due may wait for
    a worker. Raises ValueError or OSError for a journal that cannot be read, OSError or a database error when
    the database cannot.
    """
    witness = Witness(
        authority=Authority(sandbox_journal),
        consumers=Consumers(consumer_journal, webhook_key),
        client=Client(client_journal),
        receipts=Witnesses(receipts),
    )
    async with snapshot(database_url) as found:
        return await check(found, witness, patience)
