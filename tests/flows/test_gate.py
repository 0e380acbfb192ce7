"""The second judge between building and sending: what he says is told, and nothing is lost or doubled."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from flows.gated import TEXT, UBL, all_over, built, free_port, numbered, opened, sent, sound, told
from flows.house import settings_for
from tallystick.flows import operate, submit
from tallystick.flows.receipt import receipt
from tallystick.official import bringing
from tallystick.official.court import Court
from tallystick.official.shelf import shelf_of
from tallystick.rules.profiles import Profile
from tallystick.sandbox import Running, running
from tallystick.settings import Settings
from tallystick.store import append_entry
from tallystick.worker import service
from unit.formats.official import ABSENT, WHY_ABSENT
from unit.official.published import published
from unit.official.publisher import brought, written


@pytest.fixture(scope="module")
def point() -> Iterator[Running]:
    with running() as opened:
        yield opened


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with artefacts of a publisher of our own."""
    place = tmp_path_factory.mktemp("brought")
    asyncio.run(brought(shelf_of(place), written(place / "own", a__sch=TEXT)))
    return place


@pytest.fixture
def settings(
    tmp_path: Path, app_database_url: str, worker_database_url: str, point: Running, artefacts: Path
) -> Settings:
    """An installation with those artefacts."""
    found = settings_for(tmp_path, app_database_url, worker_database_url, [urlsplit(point.url).netloc])
    shutil.copytree(artefacts, found.data_directory)
    return found


async def test_a_document_both_judges_pass_goes_and_the_log_says_so(
    settings: Settings, point: Running
) -> None:
    async with opened(settings, point) as (home, courier):
        invoice = (await home.post(body := numbered("GOOD"))).invoice_id
        row = await home.work(courier, invoice)

        assert row["state"] == "done"
        assert (await home.events_of(invoice))[1:4] == [
            "document.built",
            "official.agreed",
            "authority.request",
        ]
        assert [each["type"] for each in await told(home, invoice)] == [
            "invoice.accepted",
            "authority.accepted",
        ]
        assert sent(point, body) == 1
        await sound(home)


async def test_watching_a_disagreement_is_told_and_the_document_goes(
    settings: Settings, point: Running
) -> None:
    counted: list[tuple[str, str]] = []
    async with opened(settings, point) as (home, courier):
        assert home.worker.bench is not None
        home.worker.bench.count = lambda strategy, word: counted.append((strategy, word))
        invoice = (await home.post(body := numbered("REFUSED"))).invoice_id
        row = await home.work(courier, invoice)

        event = (await told(home, invoice))[1]
        assert row["state"] == "done"
        assert event["type"] == "official.disagreed"
        assert event["data"]["official"] | {"artefacts": 0} == {
            "profiles": ["own"],
            "artefacts": 0,
            "official_valid": False,
            "native_valid": True,
            "official_only": ["OWN-1"],
            "native_only": [],
            "disagreement": "missed",
        }
        assert counted == [("peppol", "missed")]
        assert sent(point, body) == 1
        await sound(home)


async def test_the_receipt_holds_every_finding(settings: Settings, point: Running) -> None:
    async with opened(settings, point) as (home, courier):
        invoice = (await home.post(numbered("DOUBTED"))).invoice_id
        await home.work(courier, invoice)

        rows = await home.rows("SELECT body FROM object WHERE name = 'official.json'")
        report = json.loads(rows[0]["body"])
        assert report["disagreement"] == "rules"
        assert [(each["rule"], each["level"]) for each in report["official"][0]["findings"]] == [
            ("OWN-2", "warning")
        ]
        assert b"official.json" in await receipt(home.app, home.caller, invoice)


async def test_holding_a_refused_document_waits_for_a_person_who_may_send_it(
    settings: Settings, point: Running
) -> None:
    async with opened(settings, point, official_gate="hold") as (home, courier):
        invoice = (await home.post(body := numbered("REFUSED"))).invoice_id
        row = await home.work(courier, invoice, times=3)

        assert (row["state"], row["dead_reason"], row["attempts"]) == ("dead", "official_gate", 0)
        assert sent(point, body) == 0
        events = await told(home, invoice)
        assert [each["type"] for each in events[1:]] == ["official.disagreed", "submission.dead_lettered"]
        assert events[2]["data"]["reason"] == "official_gate"
        assert events[2]["data"]["status"] == "attention"
        frozen = row["wire_sha256"]

        await operate.replay(home.app, home.caller, invoice, "the publisher is wrong here")
        row = await home.work(courier, invoice)

        assert (row["state"], row["wire_sha256"], sent(point, body)) == ("done", frozen, 1)
        assert (await home.events_of(invoice)).count("official.disagreed") == 1
        await sound(home)


async def test_holding_another_opinion_on_warnings_holds_nothing(settings: Settings, point: Running) -> None:
    async with opened(settings, point, official_gate="hold") as (home, courier):
        invoice = (await home.post(numbered("DOUBTED"))).invoice_id

        assert (await home.work(courier, invoice))["state"] == "done"
        assert (await told(home, invoice))[1]["data"]["official"]["disagreement"] == "rules"


@pytest.mark.parametrize(("gate", "state"), [("watch", "done"), ("hold", "dead")])
async def test_a_judge_that_hangs_is_told_and_the_invoice_is_neither_lost_nor_doubled(
    settings: Settings, point: Running, gate: str, state: str
) -> None:
    async with opened(settings, point, official_gate=gate, official_timeout_seconds=0.4) as (home, courier):
        assert home.worker.bench is not None
        await home.work(courier, (await home.post(numbered("GOOD"))).invoice_id)
        invoice = (await home.post(body := numbered("SLOW"))).invoice_id
        row = await home.work(courier, invoice, times=2)

        assert row["state"] == state
        assert sent(point, body) == (state == "done")
        event = (await told(home, invoice))[1]
        assert (event["type"], event["data"]["official"]["failure"]) == ("official.failed", "timeout")
        await sound(home)


async def test_judges_that_are_killed_cost_no_invoice(settings: Settings, point: Running) -> None:
    async with opened(settings, point) as (home, courier):
        bench = home.worker.bench
        assert bench is not None
        bodies = [numbered("GOOD") for _ in range(6)]
        invoices = [(await home.post(body)).invoice_id for body in bodies]

        async def kill() -> None:
            while True:
                for each in list(bench.court._all):
                    os.kill(each.process.pid, signal.SIGKILL)
                await asyncio.sleep(0.35)

        killing = asyncio.create_task(kill())
        states = [(await home.work(courier, each))["state"] for each in invoices]
        killing.cancel()

        assert states == ["done"] * 6
        assert [sent(point, body) for body in bodies] == [1] * 6
        await sound(home)


@pytest.mark.parametrize("gate", ["watch", "hold"])
async def test_files_that_were_changed_are_no_judge(settings: Settings, point: Running, gate: str) -> None:
    shelf = shelf_of(settings.data_directory)
    file = shelf.home(shelf.named("own")) / "own/a.sch"
    file.chmod(0o644)
    file.write_text(TEXT.replace("REFUSED", "GOOD"))
    async with opened(settings, point, official_gate=gate) as (home, courier):
        invoice = (await home.post(body := numbered("GOOD"))).invoice_id
        row = await home.work(courier, invoice, times=2)

        if gate == "watch":
            assert (row["state"], sent(point, body)) == ("done", 1)
            assert (await told(home, invoice))[1]["data"]["official"]["failure"] == "unusable"
        else:
            assert (row["state"], row["parked_reason"], sent(point, body)) == ("parked", "official_gate", 0)
            file.write_text(TEXT)
            row = await home.work(courier, invoice)
            assert (row["state"], sent(point, body)) == ("done", 1)
            kinds = [each["type"] for each in await told(home, invoice)]
            assert kinds[1:3] == ["submission.parked", "submission.resumed"]
        await sound(home)


async def test_a_set_that_is_replaced_meanwhile_gives_way_to_the_new_one(
    settings: Settings, point: Running, tmp_path: Path
) -> None:
    async with opened(settings, point) as (home, _):
        bench = home.worker.bench
        assert bench is not None
        body = b"<Invoice xmlns='" + f"{UBL}:Invoice-2".encode() + b"'/>"
        before = bench.sets_for("peppol", body)
        new = await brought(bench.shelf, written(tmp_path / "new", b__sch=TEXT), replace=True)

        sets, opinions = await bench.opinions("peppol", before, body)

        assert (sets, [each.digest for each in opinions]) == ((new,), [new.digest])


async def test_many_at_once_judge_a_document_once(settings: Settings, point: Running) -> None:
    async with opened(settings, point, official_processes=2) as (home, courier):
        invoice = (await home.post(body := numbered("REFUSED"))).invoice_id

        await asyncio.gather(*(home.work(courier, invoice) for _ in range(6)))
        await home.work(courier, invoice)

        names = await home.events_of(invoice)
        assert (names.count("document.built"), names.count("official.disagreed")) == (1, 1)
        assert sent(point, body) == 1
        await sound(home)


async def test_a_worker_that_ends_while_it_is_judged_leaves_it_to_the_next(
    settings: Settings, point: Running
) -> None:
    async with opened(settings, point) as (home, courier):
        invoice = (await home.post(body := numbered("SLOW"))).invoice_id
        working = asyncio.create_task(home.work(courier, invoice))
        await built(home, invoice)
        await asyncio.sleep(0.3)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        row = await home.submission_of(invoice)
        assert (row["state"], row["lease_until"], sent(point, body)) == ("queued", None, 0)

        async with opened(settings, point, official_timeout_seconds=0.3) as (other, _):
            await submit.run(other.worker, courier, row["id"], "another")

        assert (await home.submission_of(invoice))["state"] == "done"
        assert (await home.events_of(invoice)).count("official.failed") == 1
        assert sent(point, body) == 1
        await sound(home)


async def test_a_check_of_ours_that_fails_beside_the_judge_keeps_no_invoice_from_its_way(
    settings: Settings, point: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    async with opened(settings, point) as (home, courier):
        invoice = (await home.post(body := numbered("GOOD"))).invoice_id
        monkeypatch.setattr(type(home.worker.strategies.by_name("peppol")), "check", fail)
        row = await home.work(courier, invoice)

        assert (row["state"], row["crashes"], sent(point, body)) == ("done", 0, 1)
        assert (await told(home, invoice))[1]["data"]["official"]["failure"] == "crashed"
        await sound(home)


async def test_words_that_the_database_cannot_read_as_json_do_not_keep_a_document_from_its_judge(
    settings: Settings, point: Running
) -> None:
    async with opened(settings, point) as (home, courier):
        invoice = (await home.post(numbered("GOOD"))).invoice_id
        async with home.worker.store.everyone() as db:
            await append_entry(
                db,
                tenant=home.caller.tenant_id,
                stream_kind="invoice",
                stream_id=invoice,
                event="submission.parked",
                actor="worker",
                data={"detail": "no entry\0"},
            )

        assert (await home.work(courier, invoice))["state"] == "done"
        assert "official.agreed" in await home.events_of(invoice)


async def test_without_artefacts_there_is_no_second_judge(settings: Settings, point: Running) -> None:
    shelf_of(settings.data_directory).remove("own")
    async with opened(settings, point, official_gate="hold") as (home, courier):
        invoice = (await home.post(numbered("REFUSED"))).invoice_id

        assert (await home.work(courier, invoice))["state"] == "done"
        assert not [name for name in await home.events_of(invoice) if name.startswith("official.")]


async def test_without_the_extra_everything_else_works(
    settings: Settings, point: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Artefacts stand, SaxonC is gone: watching tells it with every document and goes on."""
    blocked = written(tmp_path / "blocked", saxonche__py="raise ImportError('not installed')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(blocked), os.environ.get("PYTHONPATH", ""))))
    monkeypatch.setattr(bringing, "find_spec", lambda _: None)
    async with opened(settings, point) as (home, courier):
        invoice = (await home.post(numbered("GOOD"))).invoice_id

        assert (await home.work(courier, invoice))["state"] == "done"
        assert (await told(home, invoice))[1]["data"]["official"]["failure"] == "missing"


@pytest.mark.oracle
@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
async def test_a_rule_that_is_missing_here_is_noticed_by_the_publishers_files(
    settings: Settings, point: Running, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PEPPOL-EN16931-R003 (a buyer reference or an order) is taken out of every profile; a real worker, woken
    through Valkey, meets an invoice that breaks it.
    """
    shelf = shelf_of(settings.data_directory)
    shelf.remove("own")
    await published(shelf, "peppol-bis3", "peppol")
    whole = Profile.on
    without = "PEPPOL-EN16931-R003"
    monkeypatch.setattr(
        Profile, "on", lambda *of: {n: rule for n, rule in whole(*of).items() if n != without}
    )
    unreferenced = {"buyer_reference": None, "purchase_order_reference": None}
    port = free_port()
    stop = asyncio.Event()
    async with opened(settings, point) as (home, _):
        live = msgspec.structs.replace(settings, redis_url=redis_url, worker_metrics_port=port)
        worker = asyncio.create_task(service.serve(live, stop))
        try:
            right = (await home.post(numbered("RIGHT"))).invoice_id
            wrong = (await home.post(numbered("WRONG", **unreferenced))).invoice_id
            await all_over(home, right, wrong)
            scraped = (await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{port}/metrics")).text
        finally:
            stop.set()
            await worker

        event = (await told(home, wrong))[1]
        assert event["type"] == "official.disagreed"
        assert event["data"]["official"]["official_only"] == [without]
        assert event["data"]["official"]["disagreement"] == "missed"
        assert "official.agreed" in await home.events_of(right)
        assert 'tallystick_official_disagreements_total{kind="missed",strategy="peppol"} 1.0' in scraped
        assert 'tallystick_official_agreements_total{strategy="peppol"} 1.0' in scraped
        assert (await home.submission_of(wrong))["state"] == "rejected"  # the receiver judges alike
        await sound(home)


async def test_closing_the_gateway_ends_its_judges(settings: Settings, point: Running) -> None:
    async with opened(settings, point) as (home, courier):
        await home.work(courier, (await home.post(numbered("GOOD"))).invoice_id)
        court: Court = home.worker.bench.court  # type: ignore[union-attr]
        (process,) = [each.process for each in court._all]

    assert process.returncode is not None
