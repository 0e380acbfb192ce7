"""The checker finds nothing in a story that is whole, and names each thing that is not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.audited import Audited, audited


@pytest.fixture
async def house(
    tmp_path: Path, database_url: str, app_database_url: str, worker_database_url: str
) -> AsyncIterator[Audited]:
    async with audited(tmp_path, database_url, app_database_url, worker_database_url) as opened:
        yield opened


async def test_a_whole_house_is_clean(house: Audited) -> None:
    await house.tell()

    report = await house.check()

    assert report.findings == []
    assert report.clean
    assert report.counts["invoices"] == len(house.invoices)
    assert min(report.counts[name] for name in ("entries", "objects", "attempts", "events")) > 0
    assert min(report.counts[name] for name in ("deliveries", "arrivals", "authority_events", "keys")) > 0
