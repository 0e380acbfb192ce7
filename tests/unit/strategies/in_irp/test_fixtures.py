"""The fixtures, before the independent judge, in the profile of production; and how many kinds there are."""

import json
from functools import cache
from typing import Any

import pytest

from tallystick.conformance.cases import Case, cases_of
from tallystick.strategy import Document
from unit.strategies.in_irp.official import ABSENT, WHY_ABSENT, oracles
from unit.strategies.in_irp.talks import FIXTURES, example, ready, standard, with_eway_bill

CASES = [case for case in cases_of(FIXTURES, "in_irp") if not case.refused]


@cache
def _document(case: str) -> Document:
    return ready(case)[0]


PORTAL = [case for case in CASES if _document(case.name).marks["flow"] == "portal"]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the judge of production says of each case."""
    folder = tmp_path_factory.mktemp("documents")
    paths = [folder / f"{case.name}.json" for case in PORTAL]
    for case, path in zip(PORTAL, paths, strict=True):
        path.write_bytes(_document(case.name).body)
    return dict(zip((case.name for case in PORTAL), oracles(paths, "prod"), strict=True))


@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
@pytest.mark.parametrize("case", PORTAL, ids=lambda case: case.name)
def test_the_judge_of_production_finds_nothing_wrong(case: Case, verdicts: dict[str, dict[str, Any]]) -> None:
    said, irn = verdicts[case.name], _document(case.name).marks["irn"]

    assert [finding for finding in said["findings"] if finding[0] == "ERROR"] == []
    assert said["ok"]
    assert (said["irn"] == irn) is (case.name != "of_the_time_before_upper_case")


def _all() -> list[dict[str, Any]]:
    return [json.loads(_document(case.name).body) for case in PORTAL]


def test_there_is_a_case_for_every_kind() -> None:
    documents = _all()

    assert len(documents) >= 35
    assert {one["DocDtls"]["Typ"] for one in documents} == {"INV", "CRN", "DBN"}
    supplies = {one["TranDtls"]["SupTyp"] for one in documents}
    assert supplies == {"B2B", "SEZWP", "SEZWOP", "EXPWP", "EXPWOP", "DEXP"}
    for name in ("DispDtls", "ShipDtls", "PayDtls", "RefDtls", "AddlDocDtls", "ExpDtls", "EwbDtls"):
        assert any(name in one for one in documents), name
    for name in ("RegRev", "IgstOnIntra"):
        assert {one["TranDtls"][name] for one in documents} == {"Y", "N"}
    for name in ("CesAmt", "CesNonAdvlAmt", "StateCesAmt", "StateCesNonAdvlAmt", "OthChrg", "Discount"):
        assert any(item[name] for one in documents for item in one["ItemList"]), name
    for name in ("Discount", "OthChrg", "RndOffAmt", "CgstVal", "IgstVal"):
        assert any(one["ValDtls"][name] for one in documents), name


def test_a_document_has_no_empty_member_and_no_number_that_is_too_fine() -> None:
    def look(value: Any, path: str) -> None:
        assert value not in (None, "", [], {}), path
        if isinstance(value, str) and path.rpartition("/")[2] in {"Qty", "AssAmt", "Pin", "Distance"}:
            pytest.fail(f"{path} is a text")
        if isinstance(value, dict):
            for name, member in value.items():
                look(member, f"{path}/{name}")
        if isinstance(value, list):
            for index, member in enumerate(value):
                look(member, f"{path}/{index}")

    for case in PORTAL:
        look(json.loads(_document(case.name).body), case.name)


def test_both_halves_of_a_tax_are_equal_to_the_paisa() -> None:
    items = [item for one in _all() for item in one["ItemList"]]

    assert any(item["CgstAmt"] for item in items)
    assert [item for item in items if item["CgstAmt"] != item["SgstAmt"]] == []


def test_the_recorded_talks_are_the_portals() -> None:
    """`python -m unit.strategies.in_irp.talks` records them anew."""
    home = FIXTURES / "in_irp"
    for case, wanted in (("standard", standard()), ("eway_bill_by_road", with_eway_bill())):
        recorded = json.loads((home / case / "talk.json").read_bytes())
        spoken = {
            name: [exchange["response"] for exchange in talk["exchanges"]] for name, talk in recorded.items()
        }
        assert spoken == {
            name: [exchange["response"] for exchange in talk["exchanges"]] for name, talk in wanted.items()
        }
    assert json.loads((home / "enrolment.json").read_bytes()) == example()
