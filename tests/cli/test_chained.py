"""A document that stands in a chain: read, checked and built in its place of it, from the command line."""

import json
from pathlib import Path

from cli.running import run

ROOT = Path(__file__).parents[2]
CASE = ROOT / "fixtures" / "sa_zatca" / "simplified"
ENROLMENT = ROOT / "fixtures" / "sa_zatca" / "enrolment.json"
PREVIOUS = "Gd51ALa0ca/hKJ57roqYM3SWFq1Dnfv00xDXJJi7UNc="


def test_a_document_is_built_in_its_place_of_the_chain(tmp_path: Path) -> None:
    given = json.loads(ENROLMENT.read_text(encoding="utf-8")) | {"slot": {"number": 27, "previous": PREVIOUS}}
    mine = tmp_path / "enrolment.json"
    mine.write_text(json.dumps(given), encoding="utf-8")

    built = run("build", CASE / "invoice.json", "--enrolment", mine, "--json")
    assert built.status == 0, built.err
    marks = json.loads(built.out)["marks"]
    assert (marks["icv"], marks["pih"], marks["flow"]) == ("27", PREVIOUS, "reporting")
    assert f">{PREVIOUS}</cbc:EmbeddedDocumentBinaryObject>" in json.loads(built.out)["document"]


def test_what_was_built_is_read_checked_and_built_again_byte_for_byte(tmp_path: Path) -> None:
    read = run("read", CASE / "wire.xml")
    assert read.status == 0, read.err
    assert read.err == ""
    invoice = tmp_path / "invoice.json"
    invoice.write_text(read.out, encoding="utf-8")

    assert run("check", invoice).status == 0
    built = run("build", invoice)
    assert built.status == 0, built.err
    assert built.out.encode() == (CASE / "wire.xml").read_bytes()
