"""The receipt of an invoice: its whole story in one signed file that needs no gateway to be checked.

Same story, same bytes: a receipt is made as of its last entry, so asking twice gives the same file.
"""

import asyncio
import json
from collections.abc import Sequence
from uuid import UUID

from tallystick.flows import Caller
from tallystick.flows.errors import NotFound
from tallystick.flows.gateway import Gateway
from tallystick.flows.published import NAME, public_keys
from tallystick.flows.receipt_page import page, readme
from tallystick.flows.transactions import within
from tallystick.ledger import ObjectRef, read_entry
from tallystick.ledger.receipt import Kept, Noted, pack, verifier_digest
from tallystick.store import Connection, reading

__all__ = ["receipt"]


async def receipt(gateway: Gateway, caller: Caller, invoice_id: UUID) -> bytes:
    """The receipt as a ZIP, signed by the ledger key. Raises NotFound, Unavailable."""
    async with within(gateway, caller.tenant_id) as connection:
        row = await reading.invoice_of(connection, caller.mode, invoice_id)
        if row is None:
            raise NotFound
        found = await reading.entries_of(connection, invoice_id)
        entries = [read_entry(each["entry"]) for each in found]
        objects = await _objects(connection, [ref for entry in entries for ref in entry.objects])
    key = public_keys(gateway).ledger
    state = {name: row[name] for name in ("processing_status", "authority_status", "authority_reference")}
    summary = {
        "invoice_id": str(invoice_id),
        "invoice_number": row["number"],
        "entries": len(entries),
        "as_of": entries[-1].at,
        "ledger_key": key,
        "verifier_sha256": verifier_digest(),
        **state,
    }
    pages = {
        "README.txt": readme(verifier_digest()),
        "summary.json": json.dumps(summary, indent=1, ensure_ascii=False, sort_keys=True).encode(),
        "summary.html": page(summary, entries),
    }
    stream = (str(caller.tenant_id), "invoice", str(invoice_id))
    noted = [Noted(each["entry"], each["hash"]) for each in found]
    signer = gateway.keyring.ledger
    return await asyncio.to_thread(pack, stream, noted, objects, pages, entries[-1].at, NAME, signer)


async def _objects(connection: Connection, refs: Sequence[ObjectRef]) -> list[Kept]:
    """Every object the entries name, once, with its bytes, or without them where they were erased."""
    names = {bytes.fromhex(ref.digest): ref.name for ref in reversed(refs)}
    bodies = await reading.bodies_by_digest(connection, list(names))
    return [Kept(digest, name, bodies.get(digest)) for digest, name in reversed(names.items())]
