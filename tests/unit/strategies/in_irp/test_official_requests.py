"""Official requests: read, checked, written again. What the judge passes passes, what it refuses does not."""

import json
from pathlib import Path

import pytest

from tallystick.conformance import Example, Judged, built, errors, judge
from tallystick.formats import Unreadable
from tallystick.strategy import Reads
from unit.strategies.in_irp.official import ABSENT, WHY_ABSENT, files, lost, oracle
from unit.strategies.in_irp.talks import irp

pytestmark = pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)

REQUESTS = files("requests", "*.json")
PASSED = [path for path in REQUESTS if oracle(path, "sandbox")["ok"]]
REFUSED = [path for path in REQUESTS if path not in PASSED and b'"ItemList"' in path.read_bytes()]


def _judged(path: Path) -> tuple[Judged, list[str]]:
    strategy = irp()
    assert isinstance(strategy, Reads)
    assert strategy.recognises(path.read_bytes())
    reading = strategy.read(path.read_bytes())
    gstin = json.loads(reading.invoice)["seller"]["tax_identifier"]
    judged = judge(strategy, reading.invoice, example=Example(tax_identifier=gstin))
    return judged, [one.path for one in reading.unread]


def test_the_judge_passes_seven() -> None:
    assert len(PASSED) == 7
    assert len(REFUSED) == 7


@pytest.mark.parametrize("path", PASSED, ids=lambda path: path.stem)
def test_what_passes_is_written_again_with_nothing_lost(path: Path, tmp_path: Path) -> None:
    judged, unread = _judged(path)
    rebuilt = tmp_path / "rebuilt.json"
    rebuilt.write_bytes(built(irp(), judged).body)

    assert unread == []
    assert oracle(rebuilt, "sandbox")["ok"]
    assert lost(path, rebuilt) == ""


# Where the judge's field is in the canonical invoice. Negative amounts of a note are told at the line.
PLACES = {
    "ic_foreign_transaction": {"/invoice_number"},
    "ic_goods_item_with_ewaybill": {"/invoice_number"},
    "ic_nil_exempted_item": {"/invoice_number"},
    "ic_return_invoice": {"/invoice_number"},
    "odoo_base_cess_affects_base": {"/lines/1/tax/components"},
    "odoo_sezwp_igst_on_intra": {"/buyer/postal_address/country_subdivision"},
    "og_6_crn_negative": {"/lines/0/net_amount", "/document_totals/total_amount_with_tax"},
}


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_what_is_refused_is_refused_at_the_field_that_the_judge_names(path: Path) -> None:
    judged, _ = _judged(path)

    assert PLACES[path.stem] <= {fault.computed or fault.pointer for fault in errors(judged.faults)}


def test_a_day_that_is_not_written_as_it_must_be_is_named() -> None:
    path = next(path for path in REFUSED if path.stem == "ic_foreign_transaction")

    assert "/ExpDtls/ShipBDt" in _judged(path)[1]


def test_the_body_of_a_cancellation_is_no_document() -> None:
    path = next(path for path in REQUESTS if path.stem == "ic_cancel_e_invoice_body")
    strategy = irp()
    assert isinstance(strategy, Reads)

    assert not strategy.recognises(path.read_bytes())
    with pytest.raises(Unreadable):
        strategy.read(path.read_bytes())
