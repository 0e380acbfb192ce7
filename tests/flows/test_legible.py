"""What JSON can spell and nobody can store, half of a pair or the character zero, costs no outcome."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from flows.house import enrol, fixture, house, settings_for
from tallystick.canonical import Fault, RuleRef
from tallystick.flows.legible import legible
from tallystick.sandbox import Running, running
from tallystick.strategy import Artifact, Document, Enrolment, Outcome, Verdict
from tallystick.worker.courier import HttpCourier

HALF = "no \ud83d entry \0 \ude00"
MENDED = "no \ufffd entry \ufffd \ufffd"
SAID = Outcome(
    verdict=Verdict.REJECTED,
    reference=HALF,
    detail=HALF,
    faults=(
        Fault(
            code="authority/rejected",
            pointer="",
            message=HALF,
            rule=RuleRef("authority", HALF),
            wire_location=HALF,
            fix=({"op": "replace", "path": "/x", "value": [HALF]},),
        ),
    ),
    marks={"mark": HALF},
    artifacts=(Artifact("answer.json", "application/json", b"\xed\xa0\x80"),),
)


@pytest.fixture(scope="module")
def point() -> Iterator[Running]:
    with running() as opened:
        yield opened


def test_what_can_be_written_stays_itself() -> None:
    said = Outcome(verdict=Verdict.CLEARED, detail="تم \U0001f600 \ufffe \1", marks={"a": "b"})

    assert legible(said) is said


def test_every_text_becomes_one_that_can_be_written() -> None:
    mended = legible(SAID)

    repr(mended).encode()
    assert (mended.detail, mended.verdict) == (MENDED, Verdict.REJECTED)
    assert mended.faults[0].fix[0]["value"] == [MENDED]
    assert mended.artifacts == SAID.artifacts


async def test_a_refusal_in_words_that_cannot_be_written_is_a_refusal(
    tmp_path: Path,
    app_database_url: str,
    worker_database_url: str,
    point: Running,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def submit(
        _: Any, __: Document, enrolment: Enrolment
    ) -> Generator[httpx.Request, httpx.Response, Outcome]:
        yield httpx.Request("GET", f"{enrolment.endpoint}/")
        return SAID

    settings = settings_for(tmp_path, app_database_url, worker_database_url, [urlsplit(point.url).netloc])
    async with house(settings) as home, HttpCourier(settings.access_point_hosts) as courier:
        await enrol(home, point.phoss, "phoss-ap")
        invoice = (await home.post(fixture("peppol", "standard", invoice_number="HALF-1"))).invoice_id
        monkeypatch.setattr(type(home.worker.strategies.by_name("peppol")), "submit", submit)

        row = await home.work(courier, invoice)

        assert (row["state"], row["verdict"]) == ("rejected", "rejected")


async def test_an_access_point_that_names_its_message_unspeakably_has_taken_the_document(
    tmp_path: Path, app_database_url: str, worker_database_url: str, point: Running
) -> None:
    class Odd(HttpCourier):
        async def send(self, request: httpx.Request, *more: Any) -> httpx.Response:
            answer = await super().send(request, *more)
            odd = answer.content.replace(b'"as4MessageId":"', b'"as4MessageId":"\\u0000').replace(
                b'"as4MessageId": "', b'"as4MessageId": "\\u0000'
            )
            return httpx.Response(answer.status_code, content=odd, request=request)

    settings = settings_for(tmp_path, app_database_url, worker_database_url, [urlsplit(point.url).netloc])
    async with house(settings) as home, Odd(settings.access_point_hosts) as courier:
        await enrol(home, point.phoss, "phoss-ap")
        invoice = (await home.post(fixture("peppol", "standard", invoice_number="HALF-2"))).invoice_id

        row = await home.work(courier, invoice)

        assert (row["state"], row["verdict"]) == ("done", "accepted")
        shown = await home.rows("SELECT authority_reference FROM invoice WHERE id = $1", invoice)
        assert shown[0]["authority_reference"].startswith("\ufffd")
