"""`artefacts`: what an operator types, and what he is told."""

import json
from pathlib import Path

import pytest

from cli.running import run
from tallystick.official import bringing
from unit.official.publisher import DOCUMENT, rules, written

RULES = rules(
    '<pattern><rule context="o:order"><assert id="OWN-1" flag="fatal" test="o:id = \'A-1\'">wrong id</assert>'
    "</rule></pattern>"
)


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TALLYSTICK_DATA_DIRECTORY", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "own", a__sch=RULES)


def test_a_set_is_brought_listed_checked_used_and_removed(tmp_path: Path, folder: Path) -> None:
    added = run("artefacts", "add", folder, "--profile", "own", "--strategy", "peppol", "--version", "1.0")
    assert (added.status, added.err) == (0, "schematron: own/a.sch\n")
    digest = added.out.split("sha256 ")[1].strip()
    assert added.out == f"own: 1 files, 1 rules, sha256 {digest}\n"

    listed = json.loads(run("artefacts", "list", "--json").out)
    assert (listed["profile"], listed["version"], listed["digest"]) == ("own", "1.0", digest)
    assert listed["files"][0]["path"] == "own/a.sch"
    assert digest[:16] in run("artefacts", "list").out
    assert run("artefacts", "check") == (0, "own: sound\n", "")

    good, bad = (
        written(tmp_path, good__xml=DOCUMENT.decode(), bad__xml=DOCUMENT.decode().replace("A-1", "B")),
        None,
    )
    bad = good / "bad.xml"
    judged = run("artefacts", "judge", "own", good / "good.xml", bad)
    assert judged.status == 1
    assert f"{good / 'good.xml'}: valid\n{bad}: refused\n  fatal       OWN-1" in judged.out
    told = json.loads(run("artefacts", "judge", "own", bad, "--json").out)
    assert (told["valid"], told["findings"][0]["rule"]) == (False, "OWN-1")

    assert run("artefacts", "remove", "own").status == 0
    assert run("artefacts", "check", "own").status == 2
    assert run("artefacts", "remove", "own").err == "tallystick: there are no artefacts called own\n"


def test_a_changed_file_is_told(folder: Path, installation: Path) -> None:
    run("artefacts", "add", folder, "--profile", "own", "--strategy", "peppol")
    (file,) = installation.rglob("a.sch")
    file.chmod(0o644)
    file.write_text(RULES + " ")

    assert run("artefacts", "check") == (1, "own: own/a.sch is not the file that was brought\n", "")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--strategy", "nobody"], 2, "there is no strategy nobody; there are"),
        (["--strategy", "peppol", "--level", "OWN-1=bad"], 2, "--level is RULE=LEVEL"),
        (["--strategy", "peppol", "--level", "OWN-9=warning"], 1, "no rule is numbered OWN-9"),
        (["--strategy", "peppol", "--phase", "none"], 1, "there is no phase none"),
        (["--strategy", "peppol", "--since", "2026-02-02", "--until", "2026-02-01"], 1, "no day is"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, words: list[str], status: int, said: str) -> None:
    found = run("artefacts", "add", folder, "--profile", "own", *words)

    assert found.status == status
    assert said in found.err


def test_without_the_extra_its_name_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "find_spec", lambda _: None)

    found = run("artefacts", "add", folder, "--profile", "own", "--strategy", "peppol")

    assert found.status == 1
    assert "needs the extra `official`, as in tallystick[official]" in found.err
