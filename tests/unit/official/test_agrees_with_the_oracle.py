"""Our compiler against another one that knows nothing of it: the same findings on the same documents."""

import random
from collections import Counter
from pathlib import Path

import pytest
from msgspec.structs import replace

from agreeing import peppol, pint
from agreeing.comparing import Agreement, Verdict
from tallystick.official import Artefacts, Opinion
from tallystick.official.court import Court
from tallystick.official.shelf import Shelf
from unit.formats.official import ABSENT, WHY_ABSENT, oracle
from unit.official.published import examples, published

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]
FAMILIES = {**peppol.PROFILES, **pint.PROFILES}
ORACLES = {"en16931": "en16931-ubl"}
MUTANTS = 100


def theirs(profile: str, path: Path) -> Counter[tuple[str, str]]:
    """What the other judge says; a rule that it cannot compute is fatal."""
    found = oracle().check(profile, str(path))
    return Counter((one.rule, "fatal" if one.flag == "evaluation-error" else one.flag) for one in found)


def ours(opinion: Opinion) -> Counter[tuple[str, str]]:
    return Counter((finding.rule, finding.level) for finding in opinion.findings)


def mutants(family: str) -> list[bytes]:
    """Documents of ours, most of them wrong, as the writers make them."""
    built: list[bytes] = []

    def keep(body: bytes) -> Verdict:
        built.append(body)
        return Verdict(())

    known = FAMILIES[family]()
    heap = list(known.heap(16931, MUTANTS))
    Agreement(replace(known, judged=keep)).over(random.Random(5).sample(heap, 2 * MUTANTS))
    return built[:MUTANTS]


@pytest.mark.parametrize("family", ["peppol-bis3", "en16931", "pint-ae"])
async def test_the_findings_are_the_same(tmp_path: Path, family: str) -> None:
    profile = ORACLES.get(family, family)
    bodies = mutants(family)
    shelf = Shelf(tmp_path / "shelf")
    court = Court(shelf.directory)
    apart: list[str] = []
    said = 0
    try:
        artefacts = await published(shelf, profile, "peppol", court)
        for place, path in enumerate((*examples(profile), *saved(tmp_path, bodies))):
            there = theirs(profile, path)
            here = ours(await court.opinion(artefacts, path.read_bytes()))
            said += there.total()
            if here != there:
                apart.append(f"{place} {path.name}: only here {here - there}, only there {there - here}")
    finally:
        await court.close()

    assert apart == []
    assert len(bodies) == MUTANTS
    assert said > MUTANTS / 2
    assert_all_sayable(artefacts, profile)


def saved(folder: Path, bodies: list[bytes]) -> list[Path]:
    paths = [folder / f"mutant-{number}.xml" for number in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_bytes(body)
    return paths


def assert_all_sayable(artefacts: Artefacts, profile: str) -> None:
    """The record names the numbers that the rule files hold."""
    assert {"peppol-bis3": 1000, "en16931-ubl": 900, "pint-ae": 150}[profile] < len(artefacts.rules)
