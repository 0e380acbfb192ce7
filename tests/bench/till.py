"""How long a till waits: from the POST of a simplified document to the answer that carries its QR code.

Real processes: API, worker, servers, and the authority's stand-in. The document is stamped and stored before
the answer; the authority is spoken to afterwards.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from uuid import uuid4

import httpx

from prove.field import Field, field_of
from prove.grounds import FATOORA

DOCUMENTS = 60


async def waited(here: Field, count: int, prefix: str) -> list[float]:
    """Milliseconds from POST to answer, one after another."""
    url = f"http://127.0.0.1:{here.settings.port}/v1/invoices"
    found = []
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        for turn in range(count):
            body = FATOORA.body(0, f"{prefix}-{turn:04d}")
            headers = {
                "Authorization": f"Bearer {here.api_key}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid4()),
                "Prefer": "wait=10",
            }
            began = time.perf_counter()
            answer = await client.post(url, content=body, headers=headers)
            found.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 201, answer.text
            assert answer.json()["qr"], "the time was up before the code was there"
    return found


async def measured() -> list[float]:
    """A warm installation's."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with field_of(Path(folder), workers=1, ground=FATOORA) as here:
            await waited(here, 10, "W")
            return await waited(here, DOCUMENTS, "T")


def main() -> None:
    """Print the figures."""
    found = asyncio.run(measured())
    print(f"\nA till's wait with `Prefer: wait`, {DOCUMENTS} documents one after another")
    print(f"POST to stamped answer: p50 {median(found):.0f} ms, p95 {quantiles(found, n=20)[-1]:.0f} ms")
