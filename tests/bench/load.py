"""The client of every measurement: keep-alive connections that post prepared requests, one after the other.

Runs as a process of its own (`python load.py HOST PORT CONNECTIONS SECONDS KEY TEMPLATE`) and prints one JSON
line: answers by status, all answers with those of the warm-up, requests per second, p50 and p99 in
milliseconds. It asks loopback addresses only.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from uuid import uuid4

import uvloop

WARM_UP = 1.0  # seconds that are not counted


class Caller(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends again."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.buffer = b""
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.load.request())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(rest) < length:
            return
        self.buffer = b""
        self.load.answered(int(head[9:12]), time.perf_counter() - self.sent)
        if not self.load.over:
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.load.over:
            self.load.answered(0, 0.0)


class Load:
    """What is posted, and what came back."""

    def __init__(self, host: str, key: str, template: bytes, path: str) -> None:
        self.host, self.key, self.path = host, key, path
        self.before, self.after = template.split(b"@NUMBER@")
        self.run = uuid4().hex[:6]
        self.count = self.all = 0
        self.times: list[float] = []
        self.statuses: dict[int, int] = {}
        self.counting = self.over = False

    def request(self) -> bytes:
        self.count += 1
        number = f"{self.run}-{self.count}"
        body = self.before + number.encode() + self.after
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {number}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def answered(self, status: int, seconds: float) -> None:
        self.all += 1
        if self.counting:
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.times.append(seconds)


async def main(
    host: str, port: str, connections: str, seconds: str, key: str, template: str, path: str
) -> None:
    """Load the server and print what was measured."""
    load = Load(host, key, Path(template).read_bytes(), path)  # noqa: ASYNC240 - before it begins
    loop = asyncio.get_running_loop()
    for _ in range(int(connections)):
        await loop.create_connection(lambda: Caller(load), host, int(port))
    await asyncio.sleep(WARM_UP)
    load.counting, began = True, time.perf_counter()
    await asyncio.sleep(float(seconds))
    load.over, took = True, time.perf_counter() - began
    times = sorted(load.times) or [0.0]
    print(
        json.dumps(
            {
                "statuses": load.statuses,
                "all": load.all,
                "rate": round(len(load.times) / took, 1),
                "p50": round(times[len(times) // 2] * 1000, 2),
                "p99": round(times[int(len(times) * 0.99)] * 1000, 2),
            }
        )
    )


if __name__ == "__main__":
    if not sys.argv[1].startswith("127."):
        raise SystemExit("only loopback addresses are loaded")
    uvloop.run(main(*sys.argv[1:8]))
