"""The database's side of a measurement: pgbench doing what the gateway does, and tables as in use."""

import asyncio
import re
import subprocess
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
from msgspec import structs

from tallystick.store import AcceptRow

# What differs from one invoice to the next; everything else is what the gateway wrote for a real one.
EVER_NEW: Final = {
    "invoice_id": "uuidv7()",
    "submission_id": "uuidv7()",
    "event_id": "uuidv7()",
    "key": "left(gen_random_uuid()::text, 13)",
    "number": "left(gen_random_uuid()::text, 13)",
    "payload_id": "gen_random_uuid()",
    "payload_digest": "sha256(uuid_send(gen_random_uuid()))",
    "external_ref": "gen_random_uuid()::text",
}
SPECIAL: Final = re.compile(r"[\x00-\x1f\\':;$]")


def statement(row: AcceptRow) -> str:
    """The gateway's call of `accept_invoice` with this row's values, under identifiers that are ever new."""
    values = (
        f"p_{name} => {EVER_NEW.get(name) or literal(value)}" for name, value in structs.asdict(row).items()
    )
    return f"SELECT kind FROM accept_invoice({', '.join(values)});\n"


def literal(value: Any) -> str:
    """The value in SQL, in which pgbench sees no variable of its own (it takes every `:word` for one)."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return rf"'\x{value.hex()}'::bytea"
    if isinstance(value, str):
        return "E'" + SPECIAL.sub(lambda found: rf"\x{ord(found[0]):02x}", value) + "'"
    if isinstance(value, tuple):
        return f"ARRAY[{', '.join(map(literal, value))}]::text[]"
    if isinstance(value, UUID):
        return f"'{value}'::uuid"
    return str(value) if isinstance(value, int) else f"'{value}'"


def pgbench(
    programs: Path, url: str, script: Path, folder: Path, clients: int, *limit: str
) -> dict[str, Any]:
    """Transactions a second and their times in milliseconds, with so many connections."""
    parts, prefix = urlsplit(url), "pgbench"
    for old in folder.glob(f"{prefix}.*"):
        old.unlink()
    command = [str(Path(programs) / "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", *limit]
    command += ["-f", str(script), "--log", f"--log-prefix={folder / prefix}"]
    command += ["-h", parse_qs(parts.query)["host"][0], "-U", parts.username or "", parts.path.strip("/")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or rate is None:
        raise SystemExit(f"pgbench failed: {done.stderr[-2000:]}")
    lines = [line.split() for log in folder.glob(f"{prefix}.*") for line in log.read_text().splitlines()]
    times = sorted(int(columns[2]) for columns in lines)
    return {
        "statuses": {},
        "rate": float(rate[1]),
        "p50": times[len(times) // 2] / 1000,
        "p99": times[int(len(times) * 0.99)] / 1000,
    }


def settled(worker_url: str, owner_url: str) -> None:
    """Say that all submissions went well, and tell the planner what the tables hold."""
    run(
        worker_url,
        "UPDATE submission SET state = 'in_flight', lease_until = clock_timestamp()",
        "UPDATE submission SET state = 'done', verdict = 'accepted', lease_until = NULL, next_at = NULL",
    )
    run(owner_url, "VACUUM ANALYZE")


def run(url: str, *statements: str) -> None:
    """Run the statements one by one, each in its own transaction."""

    async def main() -> None:
        connection = await asyncpg.connect(url)
        try:
            for each in statements:
                await connection.execute(each)
        finally:
            await connection.close()

    asyncio.run(main())
