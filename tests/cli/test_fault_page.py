"""The page on reading a fault shows what is really told, and every member that a fault has."""

import json
import re
from pathlib import Path
from typing import Any

from cli.running import run
from tallystick.canonical import Fault

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
CASE = ROOT / "fixtures/peppol/standard/invoice.json"


def told(tmp_path: Path, **changes: Any) -> list[dict[str, Any]]:
    """What `tallystick check` tells of the standard invoice with some members otherwise."""
    path = tmp_path / "invoice.json"
    path.write_text(json.dumps(json.loads(CASE.read_text()) | changes))
    faults: list[dict[str, Any]] = json.loads(run("check", path, "--json").out)["faults"]
    return faults


def test_the_example_is_what_is_told(tmp_path: Path) -> None:
    shown = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])

    faults = told(tmp_path, document_totals={"total_amount_with_tax": "1.00"})

    assert faults == [shown]


def test_what_was_computed_is_told_where_it_can_be_mended(tmp_path: Path) -> None:
    lines = json.loads(CASE.read_text())["lines"]
    lines[0]["tax"] = {"category_code": "Q", "rate": "19"}

    faults = told(tmp_path, lines=lines)

    computed = [one for one in faults if one.get("computed", "").startswith("/tax_breakdown/")]
    assert {one["pointer"] for one in computed} == {"/lines/0/tax/category_code"}


def test_every_member_of_a_fault_is_explained() -> None:
    members = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (.*?) \|", PAGE, re.MULTILINE))))

    assert members == set(Fault.__struct_fields__) - {"message"}
