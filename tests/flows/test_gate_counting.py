"""What the gate counts is what it did: no document that another worker had is counted as held."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from flows.gated import TEXT, numbered, opened, sent, sound
from flows.house import House, settings_for
from tallystick.flows import submit
from tallystick.official.shelf import shelf_of
from tallystick.sandbox import Running, running
from tallystick.settings import Settings
from tallystick.store import work
from tallystick.worker.metrics import Metrics
from unit.official.publisher import brought, written


@pytest.fixture(scope="module")
def point() -> Iterator[Running]:
    with running() as opened:
        yield opened


@pytest.fixture
async def settings(
    tmp_path: Path, app_database_url: str, worker_database_url: str, point: Running
) -> Settings:
    """An installation that holds what a publisher of our own refuses."""
    found = settings_for(tmp_path, app_database_url, worker_database_url, [urlsplit(point.url).netloc])
    await brought(shelf_of(found.data_directory), written(tmp_path / "own", a__sch=TEXT))
    return found


@pytest.fixture
def counted() -> Callable[[House], Callable[[], dict[str, float]]]:
    """What a house's worker counts from now on, as Prometheus reads it."""

    def count(home: House) -> Callable[[], dict[str, float]]:
        metrics = Metrics()
        assert home.worker.bench is not None
        home.worker.bench.count = metrics.judged
        return lambda: {
            sample.name.removeprefix("tallystick_official_"): sample.value
            for metric in metrics.registry.collect()
            for sample in metric.samples
            if sample.name.startswith("tallystick_official_") and sample.name.endswith("_total")
        }

    return count


async def test_a_document_that_is_held_is_counted_once(
    settings: Settings, point: Running, counted: Any
) -> None:
    async with opened(settings, point, official_gate="hold", official_processes=2) as (home, courier):
        seen = counted(home)
        invoice = (await home.post(body := numbered("REFUSED"))).invoice_id
        row = await home.submission_of(invoice)

        await asyncio.gather(*(submit.run(home.worker, courier, row["id"], f"worker {n}") for n in range(4)))

        assert (await home.submission_of(invoice))["dead_reason"] == "official_gate"
        assert seen() == {"disagreements_total": 1.0, "held_total": 1.0}
        assert sent(point, body) == 0
        await sound(home)


async def test_a_document_that_another_worker_took_meanwhile_is_not_counted_as_held(
    settings: Settings, point: Running, counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(settings, point, official_gate="hold") as (home, courier):
        seen, bench = counted(home), home.worker.bench
        assert bench is not None
        invoice = (await home.post(body := numbered("REFUSED"))).invoice_id
        row = await home.submission_of(invoice)
        judged = bench.opinions

        async def overtaken(*of: Any) -> Any:
            said = await judged(*of)
            async with home.worker.store.everyone() as db:
                assert await work.claim(db, row["id"], invoice, "another", 60.0) is not None
            return said

        monkeypatch.setattr(bench, "opinions", overtaken)
        await submit.run(home.worker, courier, row["id"], "one")

        assert seen() == {}
        assert "official.disagreed" not in await home.events_of(invoice)
        assert (await home.submission_of(invoice))["owner"] == "another"
        assert sent(point, body) == 0


async def test_watching_holds_nothing(settings: Settings, point: Running, counted: Any) -> None:
    async with opened(settings, point) as (home, courier):
        seen = counted(home)
        await home.work(courier, (await home.post(numbered("REFUSED"))).invoice_id)
        await home.work(courier, (await home.post(numbered("GOOD"))).invoice_id)

        assert seen() == {"disagreements_total": 1.0, "agreements_total": 1.0}
