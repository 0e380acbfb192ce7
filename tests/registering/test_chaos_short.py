"""Two dozen documents for a portal that answers badly, under kills. The long one: prove/test_registering."""

import random
from pathlib import Path

import pytest

from prove.chaos import Run, chaos
from prove.portals import IRP, told

KILLS = {"worker": 2, "postgres": 1}


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_every_document_has_one_number_with_the_content_that_was_stored(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    run = Run(seed=seed, invoices=24, seconds=4, kills=KILLS, ground=IRP)

    ended = await chaos(tmp_path, run)

    print(ended.line(run))
    portal = told((tmp_path / "authority.jsonl").read_bytes())
    assert {kind: ended.happened[kind] for kind in KILLS} == KILLS
    assert ended.faults["process_then_drop"] + ended.faults["answer:dupirn"] >= 3
    assert ended.drained is not None, "not everything came to its end"
    assert ended.posted == run.invoices == ended.report.counts["invoices"]
    assert ended.report.findings == []
    assert {irn: [digest] for irn, digest in ended.frozen.items()} == portal.registered
    assert len(portal.registered) == ended.states["done"]
    assert ended.deaf == 0, "sent again although the refusal was on record"
    # who was killed with a refusal in hand has not heard it: it is asked about, and the document sent again
    assert all(again <= ended.unheard.get(number, 0) for number, again in portal.refused.items())
