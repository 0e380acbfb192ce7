"""Official examples through the command line and back: `read`, `check`, `build` lose nothing in silence."""

from collections import Counter
from pathlib import Path

import pytest

from cli.running import run
from unit.formats.official import ABSENT, SHARED, WHY_ABSENT, fatal, tool

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

RULES = {"peppol-bis3": [], "peppol-bis3-sb": [], "en16931-ubl": ["--rules", "en16931"]}
OUTSIDE_THE_MODEL = (
    "/@xsi:schemaLocation",  # a hint for schema processors
    "/cac:PartyTaxScheme[2]/cac:TaxScheme/cbc:ID",  # a second scheme's name, of BT-32
    "/cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme/cac:TaxScheme/cbc:ID",  # of BT-48
    "/cac:OrderLineReference/cbc:LineID",  # present, but empty
)


def examples() -> list[Path]:
    return [
        path for folder in RULES for path in sorted((SHARED / "official/examples" / folder).glob("*.xml"))
    ]


def lost(original: Path, rebuilt: Path) -> Counter[tuple[str, str]]:
    leaves = tool("leaf_diff").leaves
    return Counter(leaves(str(original), False)) - Counter(leaves(str(rebuilt), False))


@pytest.mark.parametrize("path", examples(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_valid_example_goes_through_the_commands_unharmed(path: Path, tmp_path: Path) -> None:
    profile = path.parent.name
    if fatal(profile, path):
        pytest.skip(f"{profile} does not accept its own example {path.name}")
    first, second = tmp_path / "first", tmp_path / "second"
    name, rules = path.stem, RULES[profile]

    read = run("read", path, "--out", first, "--json")
    assert read.status == 0, read.err
    checked = run("check", first / f"{name}.json", *rules)
    assert checked.status == 0, checked.out
    rebuilt = tmp_path / f"{name}.xml"
    built = run("build", first / f"{name}.json", "-o", rebuilt, *rules)
    assert built.status == 0, built.err

    assert fatal(profile, rebuilt) == []
    named = tool_named(read.out)
    assert all(path.endswith(OUTSIDE_THE_MODEL) for path in named)
    left = set(named.values())
    assert [leaf for leaf in lost(path, rebuilt) if leaf[1].partition("[@")[0] not in left] == []
    again = run("read", rebuilt, "--out", second, "--json")
    assert (again.status, tool_named(again.out)) == (0, {})
    assert (second / f"{name}.json").read_bytes() == (first / f"{name}.json").read_bytes()


def tool_named(printed: str) -> dict[str, str]:
    """What `read --json` says it could not carry: value by XPath."""
    import json

    return {one["path"]: one["value"] for one in json.loads(printed).get("not_carried", [])}


def test_all_folders_go_through_in_one_call_each(tmp_path: Path) -> None:
    good = [path for path in examples() if not fatal(path.parent.name, path)]
    assert len(good) == 43
    for folder, rules in RULES.items():
        paths = [path for path in good if path.parent.name == folder]
        canonical, wire = tmp_path / folder / "canonical", tmp_path / folder / "wire"
        assert run("read", *paths, "--out", canonical).status == 0
        documents = sorted(canonical.glob("*.json"))
        assert len(documents) == len(paths)
        assert run("check", *documents, *rules).status == 0
        assert run("build", *documents, "--out", wire, *rules).status == 0
        assert sorted(path.name for path in wire.iterdir()) == sorted(path.name for path in paths)
