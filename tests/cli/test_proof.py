"""`verify`: four words, four statuses; it never says less than is known."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.running import run
from tallystick.keys import Ed25519Signer, vkey
from tallystick.ledger import GENESIS, Entry, entry_bytes, entry_hash
from tallystick.ledger.receipt import Noted, pack, verifier_digest

ROOT = Path(__file__).parents[2]
SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEY = vkey(SIGNER, "tallystick")
TENANT, STREAM = "0" * 8, "1" * 8


def story(terminal: bool) -> list[Noted]:
    noted, head = [], GENESIS
    for place, event in enumerate(("invoice.accepted", "authority.accepted"), 1):
        entry = Entry(
            actor="key:x",
            at=f"2026-01-01T00:00:0{place}.000000Z",
            data={"processing_status": "completed", "authority_status": "accepted"},
            event=event,
            prev_hash=head,
            stream_id=STREAM,
            stream_kind="invoice",
            stream_seq=place,
            tenant=TENANT,
            terminal=terminal and place == 2,
        )
        body = entry_bytes(entry)
        digest = entry_hash(body)
        noted.append(Noted(body, digest))
        head = digest.hex()
    return noted


def receipt(path: Path, terminal: bool = True) -> Path:
    pages = {"README.txt": b"read me"}
    path.write_bytes(
        pack((TENANT, "invoice", STREAM), story(terminal), [], pages, "2026-01-01", "tallystick", SIGNER)
    )
    return path


def altered(source: Path, target: Path, name: str, old: bytes, new: bytes) -> Path:
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as copy:
        for each in archive.namelist():
            body = archive.read(each)
            copy.writestr(each, body.replace(old, new) if each == name else body)
    return target


def test_a_whole_story_is_complete(tmp_path: Path) -> None:
    said = run("verify", receipt(tmp_path / "r.zip"), "--key", KEY)
    assert said.status == 0
    assert "r.zip: complete: " in said.out
    assert said.err == ""


def test_a_story_that_goes_on_is_open(tmp_path: Path) -> None:
    said = run("verify", receipt(tmp_path / "r.zip", terminal=False), "--key", KEY)
    assert (said.status, ": open: " in said.out) == (3, True)


def test_without_the_right_key_nobody_vouches_for_it(tmp_path: Path) -> None:
    path = receipt(tmp_path / "r.zip")
    stranger = vkey(Ed25519Signer(Ed25519PrivateKey.generate()), "tallystick")
    for words in ([], ["--key", stranger]):
        said = run("verify", path, *words)
        assert (said.status, ": signature unknown: " in said.out) == (4, True)


def test_a_changed_entry_is_named(tmp_path: Path) -> None:
    bad = altered(receipt(tmp_path / "r.zip"), tmp_path / "b.zip", "entries/000001.json", b"key:x", b"key:y")
    said = run("verify", bad, "--key", KEY)
    assert (said.status, ": broken: entry 2: " in said.out) == (1, True)


def test_a_foreign_verifier_is_pointed_out(tmp_path: Path) -> None:
    bad = altered(receipt(tmp_path / "r.zip"), tmp_path / "b.zip", "verify.py", b"import", b"import ")
    said = run("verify", bad, "--key", KEY)
    assert (said.status, ": broken: verify.py: " in said.out) == (1, True)
    assert "do not run it unread" in said.err


def test_the_worst_of_many_decides(tmp_path: Path) -> None:
    whole, going_on = receipt(tmp_path / "a.zip"), receipt(tmp_path / "b.zip", terminal=False)
    assert run("verify", whole, whole, "--key", KEY).status == 0
    assert run("verify", whole, going_on, "--key", KEY).status == 3
    (tmp_path / "c.zip").write_bytes(b"no archive")
    assert run("verify", whole, going_on, tmp_path / "c.zip", "--key", KEY).status == 1


def test_a_key_may_lie_in_a_file_and_a_receipt_on_standard_input(tmp_path: Path) -> None:
    (tmp_path / "ledger.key").write_text(KEY + "\n")
    body = receipt(tmp_path / "r.zip").read_bytes()
    said = run("verify", "-", "--key", str(tmp_path / "ledger.key"), "--json", stdin=body)
    assert said.status == 0
    found = json.loads(said.out)
    assert (found["word"], found["entries"], found["own_verifier"]) == ("complete", 2, True)


@pytest.mark.parametrize("key", ["rubbish", "tallystick+00000000+AAAA", KEY[:-4]])
def test_a_mistyped_key_is_wrong_usage(tmp_path: Path, key: str) -> None:
    assert run("verify", receipt(tmp_path / "r.zip"), "--key", key).status == 2


def test_the_verifier_alone_says_the_same(tmp_path: Path) -> None:
    path = receipt(tmp_path / "r.zip")
    with zipfile.ZipFile(path) as archive:
        archive.extract("verify.py", tmp_path)
    command = [sys.executable, "-I", "-S", "verify.py", "r.zip", "--key", KEY]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={})
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] in run("verify", path, "--key", KEY).out


def test_the_published_digest_is_that_of_the_verifier() -> None:
    assert f"`{verifier_digest()}`" in (ROOT / "docs/verifier.md").read_text(encoding="utf-8")
