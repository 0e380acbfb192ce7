"""The clearing authority with its acts and its news, played over HTTP, and a house enrolled with it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from conformance import clearing
from flows.house import House, house, settings_for
from flows.test_unlike_authority import Authority, enrolled
from tallystick import strategies
from tallystick.flows import acting, fsck
from tallystick.strategies import Registry


class Acting(Authority):
    """Also takes acts: one per address, a document cancelled once, not while its transport is announced.

    `mishaps` are what happens to the next requests for acts: `drop` (done, and the line breaks), `500`,
    `503`, `stall`, `garbage`; `lapsed` refuses to cancel; `news` are told to whoever asks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.acts: dict[str, dict[str, Any]] = {}
        self.cancelled: set[str] = set()
        self.transported: set[str] = set()
        self.mishaps: list[str] = []
        self.lapsed = False
        self.news: list[dict[str, str]] = []
        self.asked: list[str] = []
        self.processed = 0

    async def answer(
        self, method: str, path: str, fields: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        if "/acts/" not in path and "/news" not in path:
            return await super().answer(method, path, fields, body)
        if fields.get("authorization", "").removeprefix("bearer ") not in self.tokens:
            return 401, {}
        if "/news" in path:
            self.asked.append(path)
            return 200, {"news": self.news}
        return await self.act(method, path, body)

    async def act(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        reference = path.rpartition("/")[2]
        mishap = self.mishaps.pop(0) if self.mishaps else ""
        if mishap in {"500", "503"}:
            return int(mishap), {}
        if mishap == "stall":
            await asyncio.sleep(3)
        if method == "PUT":
            given = json.loads(body)
            known = self.acts.setdefault(reference, {"given": given})
            assert known["given"] == given, "other content under one reference"
            if "said" not in known:
                known["said"] = self.judged(given)
        if mishap == "drop":
            raise ConnectionError
        if mishap == "garbage":
            return 200, {"state": "perhaps"}
        if reference not in self.acts:
            return 404, {"state": "nothing"}
        status, said = self.acts[reference]["said"]
        return status, said | {"id": f"A-{reference[:8]}"}

    def judged(self, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.processed += 1
        document = given["document"]
        if document not in self.documents or document in self.cancelled:
            return 422, {"state": "refused", "reasons": ["A-9"]}
        if given["act"] == "transport":
            self.transported.add(document)
            return 200, {"state": "done"}
        if self.lapsed or document in self.transported:
            return 422, {"state": "refused", "reasons": ["A-7"]}
        self.cancelled.add(document)
        return 200, {"state": "cancelled"}


@asynccontextmanager
async def played(kind: type[Acting] = Acting) -> AsyncIterator[tuple[Acting, str]]:
    """The authority, and its host and port."""
    authority = kind()
    server = await asyncio.start_server(authority.handle, "127.0.0.1", 0)
    try:
        yield authority, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@asynccontextmanager
async def acting_house(
    folder: Path, app_url: str, worker_url: str, host: str, **more: Any
) -> AsyncIterator[House]:
    """A house whose seller is enrolled with the authority."""
    async with house(settings_for(folder, app_url, worker_url, [host], **more)) as opened:
        opened.app.strategies = opened.worker.strategies = registry()
        await enrolled(opened, f"http://{host}")
        yield opened


def registry() -> Registry:
    """Our strategies and the clearing one."""
    known = strategies.load()
    if clearing.strategy.name in known:
        return known
    pairs = [(each, known.home(each.name)) for each in known.all]
    return Registry([*pairs, (clearing.strategy, sys.modules[clearing.__name__])])


REASON: Mapping[str, Any] = {"reason": "mistake"}


async def asked(
    home: House, invoice: UUID, act: str = "cancel", given: Mapping[str, Any] = REASON, key: str | None = None
) -> acting.Asked:
    """The act, asked for by the house's caller."""
    return await acting.ask(home.app, home.caller, invoice, act, given, idempotency_key=key)


async def audit(home: House, journal: Path | None = None) -> list[fsck.Finding]:
    """What the checker finds, with the authority's own journal if there is one."""
    url = home.worker.settings.worker_database_url
    assert url is not None
    return (await fsck.run(url, sandbox_journal=journal)).findings


def words(rows: Iterator[Any]) -> list[str]:
    """The names of entries."""
    return [json.loads(row["entry"])["event"] for row in rows]


def fresh_key() -> str:
    """A key nobody used."""
    return f"key-{uuid4().hex}"
