"""The tables of XRechnung and of EN 16931 in CII are whole, and the profiles' levels are the publishers'."""

import importlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tallystick.rules.cii import APART, NETWORK_APART
from tallystick.rules.cii.head import SUBJECTS
from tallystick.rules.cii.parties import COUNTRIES
from tallystick.rules.listing import read_table, shelved
from tallystick.strategies import load

ASSERT = "{http://purl.oclc.org/dsdl/schematron}assert"
LEVELS = {"fatal": "error", "warning": "warning", "information": "info"}
FILES = {
    "ubl": "xrechnung/2.6.0-reconstructed/ubl/XRechnung-UBL-validation.sch",
    "cii": "xrechnung/2.6.0-reconstructed/cii/XRechnung-CII-validation.sch",
    "en16931-cii": "en16931/1.3.16/EN16931-CII-validation-preprocessed.sch",
}


def rows(root: Path, name: str) -> list[dict[str, Any]]:
    """One table, without rules of our own."""
    table = tomllib.loads((root / "schemas" / "rules" / f"{name}.toml").read_text())
    ours = {key for key, found in table["set"].items() if found.get("own")}
    return [row for row in table["rule"] if row["set"] not in ours]


def published(shared: Path, name: str) -> dict[str, str]:
    """The numbers of a rule file, each with its level."""
    tree = etree.parse(shared / "official" / "rules" / FILES[name])
    return {str(one.get("id")): LEVELS[str(one.get("flag"))] for one in tree.iter(ASSERT)}


@pytest.mark.oracle
def test_every_rule_of_xrechnung_is_listed_at_its_level(root: Path, shared: Path) -> None:
    ours = {row["id"]: row["severity"] for row in rows(root, "xrechnung")}

    assert ours == published(shared, "ubl") | published(shared, "cii")
    assert (len(published(shared, "ubl")), len(published(shared, "cii")), len(ours)) == (77, 71, 81)


@pytest.mark.oracle
def test_a_rule_of_one_file_alone_is_bound_to_its_syntax(root: Path, shared: Path) -> None:
    ubl, cii = published(shared, "ubl").keys(), published(shared, "cii").keys()
    bound = {row["id"]: row.get("bindings", ["ubl", "cii"]) for row in rows(root, "xrechnung")}

    assert {number for number, syntaxes in bound.items() if syntaxes == ["ubl"]} <= ubl - cii
    assert {number for number, syntaxes in bound.items() if syntaxes == ["cii"]} == cii - ubl


@pytest.mark.oracle
def test_every_rule_of_en16931_in_cii_is_listed_at_its_level(root: Path, shared: Path) -> None:
    """The BR-* numbers are UBL's; one has another level in CII, and the profile says so."""
    levels = published(shared, "en16931-cii")
    syntax = {row["id"]: row["severity"] for row in rows(root, "cii-syntax")}
    common = {row["id"]: row for row in rows(root, "en16931") if row["id"].startswith("BR-")}

    assert syntax == {number: level for number, level in levels.items() if number.startswith("CII-")}
    assert common.keys() == {number for number in levels if number.startswith("BR-")}
    assert {n for n, row in common.items() if row["severity"] != levels[n]} == {"BR-51"}
    assert (len(levels), len(syntax), len(common)) == (806, 583, 223)


@pytest.mark.oracle
@pytest.mark.parametrize("syntax", ["ubl", "cii"])
def test_levels_are_those_of_the_publishers_configuration(shared: Path, syntax: str) -> None:
    """Rules that no document of ours breaks have no level to be given."""
    profiles = json.loads((shared / "oracle" / "profiles.json").read_text())
    plain = published(shared, "en16931-cii") if syntax == "cii" else {}
    for name, official in (
        ("XRechnung 3", f"xrechnung-{syntax}"),
        ("XRechnung 3 extension", f"xrechnung-ext-{syntax}"),
        ("XRechnung 3 CVD", f"xrechnung-cvd-{syntax}"),
    ):
        rules = profile_named(name + (" in CII" if syntax == "cii" else "")).rules
        configured = {number: LEVELS[level] for number, level in profiles[official]["levels"].items()}
        expected = plain | published(shared, syntax) | configured
        ours = {number: rule.severity for number, rule in rules.items() if number in expected}

        assert ours == {number: expected[number] for number in ours}
        assert configured.keys() - rules.keys() <= {"CII-SR-452", "CII-SR-453", "CII-SR-454", "UBL-CR-470"}


def test_a_level_that_a_profile_gives_is_told_in_the_table() -> None:
    told = read_table(shelved("peppol")).rules
    given = {
        (number, rule.severity)
        for profile in profiles().PROFILES
        for number, rule in profile.rules.items()
        if rule.ref.id == number and number in told and told[number].severity != rule.severity
    }

    assert given
    assert {(number, level) for number, level in given if level not in told[number].levels} == set()


def test_what_the_syntax_judges_for_itself_is_judged_once() -> None:
    """No number is left out of both halves of a profile, none is in both."""
    check = profiles_module("check")
    for profile in profiles().PROFILES:
        if profile.syntax == "cii":
            common = {rule.ref.id for rule in check.common(profile).rules.values()}
            apart = check._APART & {rule.ref.id for rule in profile.rules.values()}

            assert common | apart == {rule.ref.id for rule in profile.rules.values()}
            assert common & apart == set()
            assert apart & (APART | NETWORK_APART)


@pytest.mark.oracle
@pytest.mark.parametrize(("rule", "ours"), [("BR-CL-08", SUBJECTS), ("BR-CL-14", COUNTRIES)])
def test_the_lists_of_the_syntax_are_the_publishers(shared: Path, rule: str, ours: frozenset[str]) -> None:
    tree = etree.parse(shared / "official" / "rules" / FILES["en16931-cii"])
    test = next(str(one.get("test")) for one in tree.iter(ASSERT) if one.get("id") == rule)
    listed = max(re.findall("'([^']*)'", test), key=len)

    assert ours == set(listed.split())


def profiles_module(name: str) -> Any:
    """A module of the strategy, as it was loaded."""
    load()
    return importlib.import_module(f"tallystick.strategies.peppol.{name}")


def profiles() -> Any:
    return profiles_module("profiles")


def profile_named(name: str) -> Any:
    return next(profile for profile in profiles().PROFILES if profile.name == name)
