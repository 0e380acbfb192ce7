"""The rule tables are whole: every rule of the publishers stands in them, at its level, and no other."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tallystick.rules.en16931 import codes as core
from tallystick.rules.peppol import codes as peppol

SETS = {
    "EN16931-UBL 1.3.16": {"en16931"},
    "Peppol BIS Billing 3.0.21": {"peppol-bis-3", "peppol-bis-3-national"},
    "Peppol BIS Self-Billing 3.0.2": {"peppol-bis-3"},
}
COUNTS = {
    "EN16931-UBL 1.3.16": 979,
    "Peppol BIS Billing 3.0.21": 165,
    "Peppol BIS Self-Billing 3.0.2": 62,
}
LEVELS = {"f": "error", "w": "warning"}


@pytest.fixture
def table(root: Path) -> dict[str, Any]:
    """The files of UBL as one: EN 16931's rules, those on UBL's surplus, the network's and national ones."""
    folder = root / "schemas" / "rules"
    whole = tomllib.loads((folder / "peppol.toml").read_text())
    assert whole["include"] == ["en16931", "ubl-syntax", "cii-syntax", "xrechnung", "peppol-national"]
    for name in ("en16931", "ubl-syntax", "peppol-national"):
        other = tomllib.loads((folder / f"{name}.toml").read_text())
        whole["rule"] += other["rule"]
        whole["set"] |= other.get("set", {})
    return whole


def _published(shared: Path, name: str) -> dict[str, str]:
    """Rule numbers of an official set, each with its level (`f` is fatal)."""
    index = json.loads((shared / "official" / "rules" / "rules-index.json").read_text())
    return {rule[0]: rule[1] for rule in index[name]["rules"]}


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(SETS))
def test_a_set_is_the_publishers_rules_at_their_levels_and_no_other(
    table: dict[str, Any], shared: Path, name: str
) -> None:
    ours = {rule["id"]: rule["severity"] for rule in table["rule"] if rule["set"] in SETS[name]}
    published = {number: LEVELS[level] for number, level in _published(shared, name).items()}

    assert ours == published
    assert len(published) == COUNTS[name]


def test_no_number_stands_twice(table: dict[str, Any]) -> None:
    numbers = [rule["id"] for rule in table["rule"]]

    assert len(set(numbers)) == len(numbers)


@pytest.mark.oracle
def test_no_rule_is_made_up(table: dict[str, Any], shared: Path) -> None:
    published = {number for name in SETS for number in _published(shared, name)}

    assert [rule["id"] for rule in table["rule"] if rule["id"] not in published] == []


def test_a_rule_that_is_checked_says_what_to_do(table: dict[str, Any]) -> None:
    """And names its term."""
    checked = [rule for rule in table["rule"] if rule.get("native")]
    silent = [rule["id"] for rule in checked if len(rule.get("hint", "").split()) < 2]

    assert silent == []
    assert [rule["id"] for rule in checked if not rule.get("term")] == []


def test_a_rule_is_checked_or_impossible(table: dict[str, Any]) -> None:
    both = [rule["id"] for rule in table["rule"] if rule.get("native", False) == ("impossible" in rule)]

    assert both == []
    assert {rule["set"] for rule in table["rule"]} <= set(table["set"])


@pytest.mark.oracle
def test_the_code_lists_are_the_publishers(shared: Path) -> None:
    """As they stand inside the official rules, which are what a receiver applies."""
    extracted = json.loads((shared / "official" / "codelists" / "extracted-from-rules.json").read_text())
    lists = [frozenset(entry.split()) for entry in extracted["lists"]]
    plain, network = extracted["refs"]["EN16931-UBL 1.3.16"], extracted["refs"]["Peppol BIS Billing 3.0.21"]
    pairs = {
        "NOTE_SUBJECTS": plain["BR-CL-08"],
        "TAX_NUMBER_PREFIXES": plain["BR-CO-09"],
        "INVOICE_TYPES": plain["BR-CL-01"][:1],
        "CREDIT_NOTE_TYPES": plain["BR-CL-01"][1:],
        "CURRENCIES": plain["BR-CL-04"],
        "TAX_POINTS": plain["BR-CL-06"],
        "OBJECT_SCHEMES": plain["BR-CL-07"],
        "IDENTIFIER_SCHEMES": plain["BR-CL-10"],
        "ITEM_CLASSIFICATIONS": plain["BR-CL-13"],
        "COUNTRIES": plain["BR-CL-14"],
        "PAYMENT_MEANS": plain["BR-CL-16"],
        "TAX_CATEGORIES": plain["BR-CL-17"],
        "ALLOWANCE_REASONS": plain["BR-CL-19"],
        "CHARGE_REASONS": plain["BR-CL-20"],
        "EXEMPTION_REASONS": plain["BR-CL-22"],
        "UNITS": plain["BR-CL-23"],
        "ELECTRONIC_ADDRESSES": plain["BR-CL-25"],
        "MEDIA_TYPES": network["$MIMECODE"],
    }
    own = {"CURRENCIES": network["$ISO4217"], "ELECTRONIC_ADDRESSES": network["$eaid"]}

    for module, names in ((core, pairs), (peppol, own)):
        for name, [place] in names.items():
            assert getattr(module, name) == lists[place], name


def test_every_list_says_where_it_is_from(root: Path) -> None:
    folder = root / "schemas" / "codelists"
    sources = tomllib.loads((folder / "SOURCE.toml").read_text())
    counted = {path.stem: len(path.read_text().split()) for path in folder.glob("*.txt")}
    tables = {path.stem: path for path in folder.glob("*.toml") if path.stem in sources}
    counted |= {name: len(tomllib.loads(path.read_text())) for name, path in tables.items()}

    assert {name: entry["codes"] for name, entry in sources.items()} == counted
    assert all(entry["source"] and entry["date"] for entry in sources.values())
