"""`read`, `check`, `build`: exit statuses, standard input, many files at once, nothing overwritten."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.running import run

ROOT = Path(__file__).parents[2]
GOOD = ROOT / "fixtures/peppol/standard/invoice.json"
BAD = ROOT / "fixtures/peppol/refused_wrong_sums/invoice.json"

UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
SERVERS = {"sqlalchemy", "asyncpg", "alembic", "litestar", "uvicorn", "arq", "redis"}


def copied(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    return target


def test_a_good_invoice_is_said_to_be_good_and_by_whose_rules() -> None:
    said = run("check", GOOD)
    assert said.status == 0
    assert said.out == f"{GOOD}: good (peppol, country FI)\n"


def test_every_fault_is_told_with_place_rule_and_figures() -> None:
    said = run("check", BAD)
    assert said.status == 1
    assert "/document_totals/total_amount_with_tax: BR-CO-15: " in said.out
    assert "expected 550.55, actual 551.00" in said.out
    assert "/lines/0/net_amount: PEPPOL-EN16931-R120: " in said.out
    assert "hint: " in said.out


def test_faults_come_as_json_when_asked() -> None:
    first, second = map(json.loads, run("check", GOOD, BAD, "--json").out.splitlines())
    assert (first["good"], first["faults"], first["strategy"]) == (True, [], "peppol")
    assert second["good"] is False
    assert {"code", "pointer", "message", "rule", "expected", "actual"} <= set(second["faults"][0])


def test_standard_input_goes_through_all_three(tmp_path: Path) -> None:
    built = run("build", "-", stdin=GOOD.read_bytes())
    assert (built.status, built.out[:5]) == (0, "<?xml")
    read = run("read", "-", stdin=built.out.encode())
    assert (read.status, read.err) == (0, "")
    assert run("check", "-", stdin=read.out.encode()).status == 0


def test_the_same_invoice_gives_the_same_bytes_as_the_golden_file() -> None:
    assert run("build", GOOD).out == (GOOD.parent / "wire.xml").read_text()


def test_many_files_give_one_result_each_and_faults_beside_them(tmp_path: Path) -> None:
    good, bad = copied(GOOD, tmp_path / "in/good.json"), copied(BAD, tmp_path / "in/bad.json")
    out = tmp_path / "out"
    assert run("build", good, bad, "--out", out).status == 1
    assert sorted(path.name for path in out.iterdir()) == ["bad.faults.json", "good.xml"]
    assert {fault["pointer"] for fault in json.loads((out / "bad.faults.json").read_bytes())} >= {
        "/lines/0/net_amount"
    }
    copied(GOOD, bad)
    assert run("build", good, bad, "--out", out).status == 0
    assert sorted(path.name for path in out.iterdir()) == ["bad.xml", "good.xml"]
    copied(BAD, bad)
    assert run("build", bad, "--out", out).status == 1
    assert sorted(path.name for path in out.iterdir()) == ["bad.faults.json", "good.xml"]


def test_check_writes_the_completed_invoice(tmp_path: Path) -> None:
    assert run("check", GOOD, "--out", tmp_path).status == 0
    completed = json.loads((tmp_path / "invoice.json").read_bytes())
    assert completed["document_totals"]["amount_due_for_payment"]
    assert run("check", tmp_path / "invoice.json").status == 0


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    mine = copied(GOOD, tmp_path / "mine.json")
    for said in (run("check", mine, "--out", tmp_path), run("build", mine, "-o", mine)):
        assert said.status == 2
        assert "is an input" in said.err
    assert mine.read_bytes() == GOOD.read_bytes()
    bad = copied(BAD, tmp_path / "bad.json")
    assert run("check", bad, "--out", tmp_path).status == 1
    assert bad.read_bytes() == BAD.read_bytes()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["check", "nowhere.json"], "no such file: nowhere.json"),
        (["check", GOOD, "--strategy", "nope"], "there is no strategy nope; there are "),
        (["check", GOOD, "--rules", "nope"], "'nope'"),
        (["check", GOOD, "--strategy", "default", "--rules", "en16931"], "no rules to choose"),
        (["check", GOOD, "--enrolment", "nowhere.json"], "nowhere.json"),
        (["check", "-", "-"], "standard input can be read once"),
        (["read", GOOD, BAD], "--out DIR"),
        (["build", GOOD, BAD, "--out", "x"], "several inputs are called invoice"),
        (["build", GOOD, "--out", "x", "-o", "y"], "not both"),
        (["build", GOOD, GOOD, "-o", "y"], "do not go into one file"),
        (["check", ROOT], "no such file"),
        (["check", GOOD, "--loud"], "No such option"),
        (["dance"], "No such command"),
    ],
)
def test_wrong_usage_ends_with_two(words: list[str | Path], part: str) -> None:
    said = run(*words)
    assert (said.status, said.out) == (2, "")
    assert part in said.err


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "document/not-recognised"),
        (b"{}", "document/not-recognised"),
        (f"<Invoice xmlns='{UBL}'><a>".encode(), "document/"),
        (f"<!DOCTYPE x [<!ENTITY e 'x'>]><Invoice xmlns='{UBL}'/>".encode(), "document/"),
    ],
)
def test_what_cannot_be_read_is_a_fault_of_the_document(body: bytes, code: str) -> None:
    said = run("read", "-", stdin=body)
    assert (said.status, said.out) == (1, "")
    assert code in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe{", b'{"a":' * 5000, b"<xml/>"])
def test_garbage_is_checked_and_refused(body: bytes) -> None:
    said = run("check", "-", stdin=body)
    assert said.status == 1
    assert "Traceback" not in said.err


def test_an_enrolment_of_ones_own_is_used(tmp_path: Path) -> None:
    mine = tmp_path / "enrolment.json"
    mine.write_text('{"settings": {"rules": "en16931"}}')
    plain = json.loads(GOOD.read_bytes())
    del plain["buyer_reference"], plain["purchase_order_reference"]
    body = json.dumps(plain).encode()
    assert run("check", "-", stdin=body).status == 1  # Peppol wants a reference, EN 16931 does not
    assert run("check", "-", "--enrolment", mine, stdin=body).status == 0
    assert run("check", "-", "--rules", "en16931", stdin=body).status == 0


def test_a_signature_is_kept_beside_the_document_when_asked(tmp_path: Path) -> None:
    source = ROOT / "fixtures/default/standard/invoice.json"
    assert run("build", source, "--out", tmp_path, "--artifacts").status == 0
    assert (tmp_path / "invoice.invoice.jws").read_bytes() == (
        source.parent / "artifacts/invoice.jws"
    ).read_bytes()


def loaded_by(*words: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    code = (
        "import contextlib, sys\nfrom tallystick import cli\n"
        f"with contextlib.suppress(SystemExit): cli.main({list(words)!r})\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["check", str(GOOD)], ["build", str(GOOD)], ["verify", str(GOOD)]])
def test_what_needs_no_database_does_not_even_load_one(words: list[str]) -> None:
    assert loaded_by(*words) & SERVERS == set()


def test_help_loads_next_to_nothing() -> None:
    heavy = SERVERS | {"httpx", "lxml", "msgspec", "cryptography", "rich", "tallystick.settings"}
    assert loaded_by("--help") & heavy == set()
