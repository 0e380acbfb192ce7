"""The rule table is whole: all numbers of both rule files are in it, as severe as there, and none besides."""

import csv
import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from unit.strategies.sa_zatca.judge import ABSENT, SHARED, WHY_ABSENT

OURS = "sa"


@pytest.fixture
def rules(root: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((root / "schemas/rules/sa_zatca.toml").read_text())["rule"]
    return found


def _published() -> dict[str, list[str]]:
    """By number: severity, and the conditions of all its tests."""
    index = SHARED / "official/zatca/rules-3.4.6/rules-index.tsv"
    found: dict[str, list[str]] = {}
    with index.open(encoding="utf-8", newline="") as lines:
        for _, number, severity, _, _, condition, *_ in list(
            csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        )[1:]:
            found.setdefault(number, [severity]).append(condition)
    return found


@pytest.mark.oracle
@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
def test_every_published_rule_is_in_the_table_as_severe_as_there(rules: list[dict[str, Any]]) -> None:
    ours = {rule["id"]: rule["severity"] for rule in rules if rule["set"] != OURS}

    assert ours == {number: found[0] for number, found in _published().items()}
    assert len(ours) == 245


def test_a_rule_is_checked_or_impossible_with_a_reason(rules: list[dict[str, Any]]) -> None:
    assert [rule["id"] for rule in rules if rule.get("native", False) == ("impossible" in rule)] == []
    assert [rule["id"] for rule in rules if rule.get("native") and not rule["hint"].strip()] == []


def test_our_own_numbers_are_told_from_the_authoritys(rules: list[dict[str, Any]]) -> None:
    assert {rule["id"] for rule in rules if rule["set"] == OURS} == {
        rule["id"] for rule in rules if rule["id"].startswith("sa/")
    }


@pytest.mark.oracle
@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("CURRENCIES", "BR-CL-04"),
        ("CURRENCIES", "BR-KSA-CL-01"),
        ("COUNTRIES", "BR-CL-14"),
        ("DOCUMENT_TYPES", "BR-CL-01"),
        ("ISSUED_TYPES", "BR-KSA-05"),
        ("MEDIA_TYPES", "BR-KSA-CL-03"),
        ("PAYMENT_MEANS", "BR-KSA-16"),
        ("UNTDID_PAYMENT_MEANS", "BR-CL-16"),
        ("UNTDID_CATEGORIES", "BR-CL-18"),
    ],
)
def test_the_code_lists_are_the_publishers(name: str, number: str) -> None:
    codes = importlib.import_module("tallystick.strategies.sa_zatca.codes")
    lists = re.findall(r"' ([^']{8,}) '", _published()[number][1])

    assert getattr(codes, name) == frozenset(lists[0].split())


@pytest.mark.oracle
@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
def test_exemption_codes_belong_where_the_publisher_has_them() -> None:
    codes = importlib.import_module("tallystick.strategies.sa_zatca.codes")

    for number, ours in (("BR-KSA-CL-04", codes.REASONS), ("BR-KSA-CL-07", codes.PREPAID_REASONS)):
        lists = re.findall(r"' (VATEX[^']*) '", _published()[number][1])
        assert [ours[category] for category in "ZEO"] == [frozenset(one.split()) for one in lists]


@pytest.mark.oracle
@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
def test_rows_in_which_pieces_are_found_are_spelled_as_there() -> None:
    codes = importlib.import_module("tallystick.strategies.sa_zatca.codes")
    published = _published()

    assert f"'{codes.CHARGE_REASONS}'" in published["BR-KSA-CL-06"][1]
    assert f"'{codes.SELLER_SCHEMES}'" in published["BR-KSA-08"][1]
    assert f"'{codes.BUYER_SCHEMES}'" in published["BR-KSA-14"][1]
    assert f"'{codes.CATEGORIES}'" in published["BR-KSA-18"][1]
    assert f"'{codes.CITIZENS}'" in published["BR-KSA-25"][1]
