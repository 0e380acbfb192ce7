"""The gate over documents of a chain and documents that are the buyer's at once: places and codes stay."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from flows import tills
from flows.gated import sound, told
from flows.house import House, house, settings_for
from flows.tills import Prompt, Tills, receipt
from tallystick import strategies
from tallystick.canonical import Invoice
from tallystick.flows import operate, picture
from tallystick.official.shelf import shelf_of
from tallystick.strategies import Registry
from tallystick.strategy import Document, Enrolment
from unit.official.publisher import brought, rules, written

RULES = rules(
    '<pattern><rule context="o:receipt">'
    '<assert id="OWN-1" test="not(starts-with(., \'C-NO\'))">no</assert></rule></pattern>'
)


class Paper(Tills):
    """Tills whose documents are XML."""

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """The number and the place."""
        built = super().build(invoice, enrolment)
        place = enrolment.slot.number if enrolment.slot else 0
        text = f"<receipt xmlns='urn:own:order' place='{place}'>{invoice.invoice_number}</receipt>"
        return replace(built, media_type="application/xml", body=text.encode())


strategy = Paper()


def registry() -> Registry:
    """The strategies of this checkout and the tills on paper."""
    known = strategies.load()
    pairs: list[Any] = [(each, known.home(each.name)) for each in known.all]
    return Registry([*pairs, (strategy, sys.modules[__name__])])


@pytest.fixture
async def home(tmp_path: Path, app_database_url: str, worker_database_url: str) -> AsyncIterator[House]:
    """A shop whose gate holds what a publisher of our own refuses."""
    settings = settings_for(
        tmp_path, app_database_url, worker_database_url, ["127.0.0.1:9"], official_gate="hold"
    )
    folder = written(tmp_path / "own", a__sch=RULES)
    await brought(shelf_of(settings.data_directory), folder, strategy=strategy.name)
    async with house(settings) as opened:
        opened.app.strategies = opened.worker.strategies = registry()
        await tills.enrol(opened)
        yield opened


async def test_a_held_document_keeps_its_place_and_the_chain_goes_on(home: House) -> None:
    authority = Prompt()
    numbers = ["C-1", "C-NO-2", "C-3"]
    invoices = [(await home.post(receipt(invoice_number=number))).invoice_id for number in numbers]

    rows = [await home.work(authority, each) for each in invoices]

    assert [(row["state"], row["chain_no"]) for row in rows] == [("done", 1), ("dead", 2), ("done", 3)]
    assert len(authority.got) == 2
    code = await picture.code_of(home.app, home.caller, invoices[1])
    assert code == "built C-NO-2 as 2"
    kinds = [each["type"] for each in await told(home, invoices[1])]
    assert kinds == ["invoice.accepted", "invoice.built", "official.disagreed", "submission.dead_lettered"]
    await sound(home)

    await operate.replay(home.app, home.caller, invoices[1])
    row = await home.work(authority, invoices[1])

    assert (row["state"], row["chain_no"], row["wire_sha256"]) == ("done", 2, rows[1]["wire_sha256"])
    assert len(authority.got) == 3
    await sound(home)
