"""The stand-in's own judgement beside the authority's published files: samples, vectors, rules."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tallystick.sandbox.fatoora import law, qr
from tallystick.sandbox.fatoora.clearing import cleared
from tallystick.sandbox.fatoora.finding import Finding
from tallystick.sandbox.fatoora.hashing import invoice_hash
from tallystick.sandbox.fatoora.stamp import read_stamp, signed_properties_text, verified
from tallystick.sandbox.judge.paper import Unreadable, parse
from unit.strategies.sa_zatca.judge import ABSENT, SHARED, WHY_ABSENT, judged

ZATCA = SHARED / "official" / "zatca"
SAMPLES = sorted(ZATCA.glob("samples-*/**/*.xml"))
VALID = [path for path in SAMPLES if "_Error" not in path.name]
VECTORS: list[dict[str, Any]] = [] if ABSENT else json.loads((ZATCA / "test-vectors.json").read_text("utf-8"))
VALUES = (
    *(
        "",
        "0",
        "-1",
        "0.01",
        "15.00",
        "5",
        "S",
        "Z",
        "E",
        "O",
        "SAR",
        "USD",
        "SA",
        "ABC",
        "2030-01-01",
        "388",
    ),
    *("381", "300.005", "VATEX-SA-32", "399999999900003", "01", "xxxxxxxxxx", "12345", "1010010000"),
)
STRICTER = {"BR-KSA-F-04", "BR-CL-03"}
"""Rules that we also apply to amounts which the published rules overlook."""

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]


def ours(body: bytes) -> list[Finding]:
    """What our rules say, the schema aside."""
    root = parse(body)
    found: list[Finding] = []
    for rules in law.LAWS:
        try:
            found += rules(root)
        except (Unreadable, ArithmeticError):
            found.append(Finding("ERROR", "XSD_ZATCA_INVALID", "XSD validation", ""))
    return [*found, *law.clock(root, datetime.now(UTC))]


def sorted_out(found: list[Finding]) -> dict[str, set[str]]:
    return {
        kind: {one.code for one in found if one.severity.lower() == kind} for kind in ("error", "warning")
    }


@pytest.mark.parametrize("path", VALID, ids=lambda path: f"{path.parts[-4][8:]} {path.stem}")
def test_an_official_sample_gets_the_official_findings(path: Path) -> None:
    official = judged(path.read_bytes())
    wanted = {kind: {rule for rule, word in official.found if word == kind} for kind in ("error", "warning")}
    assert sorted_out(ours(path.read_bytes())) == wanted


@pytest.mark.parametrize("path", sorted(set(SAMPLES) - set(VALID)), ids=lambda path: path.stem)
def test_an_official_example_of_a_mistake_is_refused_as_the_authority_does(path: Path) -> None:
    official = {rule for rule, word in judged(path.read_bytes()).found if word == "error"}
    assert official
    assert sorted_out(ours(path.read_bytes()))["error"] == official


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: Path(vector["file"]).stem)
def test_stamp_and_code_of_a_sample_verify(vector: dict[str, Any]) -> None:
    root = parse((ZATCA / vector["file"]).read_bytes())
    digest = invoice_hash(root.element)
    assert b64encode(digest).decode() == vector["invoice_hash"]
    stamp = read_stamp(root.element)
    assert stamp is not None
    assert list(verified(stamp, digest, strict=True)) == []
    (properties,) = root.element.iter("{http://uri.etsi.org/01903/v1.3.2#}SignedProperties")
    assert len(signed_properties_text(properties).encode()) == vector["signed_properties_bytes"]
    simplified = vector["transaction_code"].startswith("02")
    assert list(qr.checked(root, digest, stamp, needed=True, simplified=simplified, strict=True)) == []


@pytest.mark.parametrize("path", VALID, ids=lambda path: f"{path.parts[-4][8:]} {path.stem}")
def test_a_cleared_sample_keeps_its_hash_and_gets_no_official_finding_more(path: Path) -> None:
    root = parse(path.read_bytes())
    body = cleared(root.element, "core", datetime.now(UTC))
    again = parse(body)
    digest, stamp = invoice_hash(again.element), read_stamp(again.element)
    assert digest == invoice_hash(root.element)
    assert stamp is not None
    assert list(verified(stamp, digest, strict=True)) == []
    assert list(qr.checked(again, digest, stamp, needed=True, simplified=False, strict=True)) == []
    official, before = judged(body), judged(path.read_bytes())
    assert (official.schema, official.crash) == ("", "")
    assert set(official.found) == set(before.found)


def mutants(seed: int, count: int) -> list[tuple[str, bytes]]:
    """Samples with one element taken out, doubled, or given another text."""
    chance = random.Random(seed)
    made: list[tuple[str, bytes]] = []
    while len(made) < count:
        path = chance.choice(VALID)
        root = etree.fromstring(path.read_bytes())
        extension = list(root[0].iter())
        leaves = [one for one in root.iter("*") if one is not root and one not in extension]
        one, way = chance.choice(leaves), chance.random()
        name = f"{path.stem}: {one.tag.rpartition('}')[2]} in {one.getparent().tag.rpartition('}')[2]}"
        if way < 0.3:
            one.getparent().remove(one)
        elif len(one):
            one.addnext(deepcopy(one))
        else:
            one.text = chance.choice(VALUES)
            name += f" {one.text!r}"
        made.append((name, etree.tostring(root)))
    return made


@pytest.mark.slow
def test_nothing_is_refused_that_the_published_rules_let_through_and_little_the_other_way() -> None:
    judged_both, missed, wrong = 0, [], []
    for name, body in mutants(20261120, 300):
        official = judged(body)
        if official.schema or official.crash:
            continue
        judged_both += 1
        theirs = {rule for rule, word in official.found if word == "error"}
        found = sorted_out(ours(body))["error"] - STRICTER
        if found and not theirs:
            wrong.append((name, found))
        if theirs and not found:
            missed.append((name, theirs))
    assert judged_both > 100
    assert wrong == []
    assert len(missed) <= judged_both // 50, missed
