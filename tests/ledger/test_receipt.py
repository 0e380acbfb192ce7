"""A receipt proves its story, and names the place of any change."""

import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tallystick.keys import Ed25519Signer, vkey
from tallystick.ledger import receipt, verifier

NAME = "log.example"
SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
STRANGER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(b"\x08" * 32))
KEY = vkey(SIGNER, NAME)
STREAM = ("tenant-1", "invoice", "invoice-1")


def story(length: int, terminal: bool = True) -> tuple[list[receipt.Noted], list[receipt.Kept]]:
    """A chain of `length` entries, each with one object."""
    entries, objects, head = [], [], "0" * 64
    for number in range(1, length + 1):
        body, salt = f"body {number} é".encode(), bytes([number]) * 16
        digest = hashlib.sha256(salt + body).hexdigest()
        item = {
            "digest": digest,
            "media": "text/plain",
            "name": "part.txt",
            "salt": salt.hex(),
            "size": len(body),
        }
        entry = {
            "data": {
                "processing_status": "completed",
                "authority_status": "accepted",
                "note": 'q"\\\u2028\x1f€😀',
            },
            "objects": [item],
            "prev_hash": head,
            "stream_id": STREAM[2],
            "stream_kind": STREAM[1],
            "stream_seq": number,
            "tenant": STREAM[0],
            "terminal": terminal and number == length,
            "v": 1,
        }
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        digest_of_entry = hashlib.sha256(b"tallystick/log-entry/v1\n" + text).digest()
        head = digest_of_entry.hex()
        entries.append(receipt.Noted(text, digest_of_entry))
        objects.append(receipt.Kept(bytes.fromhex(digest), "part.txt", body))
    return entries, objects


def packed(
    entries: list[receipt.Noted], objects: list[receipt.Kept], signer: Ed25519Signer = SIGNER
) -> bytes:
    """The receipt of these parts."""
    pages = {"README.txt": b"How to check", "summary.html": b"<p>page</p>"}
    return receipt.pack(STREAM, entries, objects, pages, "2026-11-20T00:00:00Z", NAME, signer)


def judged(tmp_path: Path, body: bytes, key: str = KEY) -> dict[str, object]:
    """What the verifier says of `body`."""
    path = tmp_path / "receipt.zip"
    path.write_bytes(body)
    return verifier.verify(str(path), key)


def repacked(body: bytes, **changes: bytes | None) -> bytes:
    """The archive with files replaced, added or (None) taken out; names are given with `__` for `/`."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files: dict[str, bytes] = {n: archive.read(n) for n in archive.namelist()}
    for name, content in changes.items():
        files.pop(name, None)
        if content is not None:
            files[name] = content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_whole_story_is_complete(tmp_path: Path) -> None:
    found = judged(tmp_path, packed(*story(5)))

    assert (found["word"], found["entries"]) == ("complete", 5)
    assert found["state"] == {"processing_status": "completed", "authority_status": "accepted"}


def test_an_unfinished_story_is_open(tmp_path: Path) -> None:
    assert judged(tmp_path, packed(*story(3, terminal=False)))["word"] == "open"


@pytest.mark.parametrize("key", ["", vkey(SIGNER, "other.example"), vkey(STRANGER, NAME)])
def test_without_the_signers_key_the_signature_is_unknown(tmp_path: Path, key: str) -> None:
    assert judged(tmp_path, packed(*story(2)), key)["word"] == "signature unknown"


def test_a_forger_with_a_key_of_his_own_is_not_believed(tmp_path: Path) -> None:
    assert judged(tmp_path, packed(*story(2), signer=STRANGER))["word"] == "signature unknown"


@pytest.mark.parametrize("key", ["log.example", "a+b+c", KEY[:-4], KEY.replace("+", "-", 1), KEY + "AAAA"])
def test_a_mistyped_key_is_an_error_and_not_an_answer(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        judged(tmp_path, packed(*story(1)), key)


def test_every_changed_byte_of_every_file_is_named(tmp_path: Path) -> None:
    body = packed(*story(4))
    chance = random.Random(20261120)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = {n: archive.read(n) for n in archive.namelist()}
    for name, content in files.items():
        places = range(len(content)) if len(content) < 700 else chance.sample(range(len(content)), 60)
        for place in places:
            changed = bytearray(content)
            changed[place] ^= 1 << chance.randrange(8)
            found = judged(tmp_path, repacked(body, **{name: bytes(changed)}))
            assert found["word"] in {"broken", "signature unknown"}, (name, place)
            if name.startswith("entries/"):
                assert f"entry {int(name[8:14])}" in str(found["reason"]) or "entry" in str(found["reason"])
            elif name.startswith("objects/"):
                assert name in str(found["reason"])
            if found["word"] == "signature unknown":
                assert name == "statement.note", (
                    "only the signer's name may turn a signature into an unknown one"
                )


def test_a_changed_entry_is_named_by_its_number_or_its_successors(tmp_path: Path) -> None:
    body = packed(*story(4))
    entry = b"".join(e.entry for e in story(4)[0][1:2]).replace(b"completed", b"failed000")

    assert str(judged(tmp_path, repacked(body, **{"entries/000002.json": entry}))["reason"]).startswith(
        "entry 3"
    )


def test_a_missing_entry_is_named(tmp_path: Path) -> None:
    body = packed(*story(4))
    for number in range(1, 5):
        found = judged(tmp_path, repacked(body, **{f"entries/{number:06d}.json": None}))
        assert found["word"] == "broken"
        assert str(found["reason"]).startswith(f"entry {number}:")


def test_an_extra_entry_is_named(tmp_path: Path) -> None:
    longer = story(5)[0][4].entry

    found = judged(tmp_path, repacked(packed(*story(4, terminal=False)), **{"entries/000005.json": longer}))

    assert found["word"] == "broken"


def test_swapped_entries_are_named(tmp_path: Path) -> None:
    entries, objects = story(4)
    swapped = {"entries/000002.json": entries[2].entry, "entries/000003.json": entries[1].entry}

    found = judged(tmp_path, repacked(packed(entries, objects), **swapped))

    assert (found["word"], str(found["reason"])[:7]) == ("broken", "entry 2")


def test_a_missing_or_foreign_object_is_named(tmp_path: Path) -> None:
    entries, objects = story(2)
    name = f"objects/{objects[0].digest.hex()[:16]}-part.txt"

    assert name in str(judged(tmp_path, repacked(packed(entries, objects), **{name: None}))["reason"])
    stray = judged(tmp_path, repacked(packed(entries, objects), **{"objects/stray": b"x"}))
    assert stray["reason"] == "objects/stray: no entry speaks of it"


def test_an_erased_object_leaves_the_proof_whole(tmp_path: Path) -> None:
    entries, objects = story(2)
    erased = [receipt.Kept(objects[0].digest, "part.txt", None), objects[1]]

    found = judged(tmp_path, packed(entries, erased))

    assert found["word"] == "complete"
    assert found["erased"] == [f"objects/{objects[0].digest.hex()[:16]}-part.txt"]


def test_a_file_nobody_listed_is_named(tmp_path: Path) -> None:
    found = judged(tmp_path, repacked(packed(*story(2)), **{"extra.txt": b"x"}))

    assert found == {"word": "broken", "reason": "extra.txt: changed, missing or added after issue"}


@pytest.mark.parametrize("body", [b"", b"PK", b"not a zip", packed(*story(1))[:-30], packed(*story(1))[:200]])
def test_what_is_no_receipt_is_broken_and_never_an_exception(tmp_path: Path, body: bytes) -> None:
    assert judged(tmp_path, body)["word"] == "broken"


def test_random_damage_to_the_archive_is_never_an_exception(tmp_path: Path) -> None:
    body, chance = packed(*story(3)), random.Random(7)
    for _ in range(400):
        damaged = bytearray(body)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        assert judged(tmp_path, bytes(damaged))["word"] in verifier.WORDS


def test_the_verifier_runs_alone_in_a_bare_interpreter(tmp_path: Path) -> None:
    body = packed(*story(3))
    path, program = tmp_path / "receipt.zip", tmp_path / "verify.py"
    path.write_bytes(body)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        program.write_bytes(archive.read("verify.py"))

    run = subprocess.run(
        [sys.executable, "-I", "-S", str(program), str(path), "--key", KEY],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0
    assert run.stdout.startswith("complete: ")
    assert hashlib.sha256(program.read_bytes()).hexdigest() == receipt.verifier_digest()


def test_the_plain_python_signature_check_agrees_with_openssl() -> None:
    chance = random.Random(3)
    for _ in range(40):
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), chance.randbytes(chance.randrange(90))
        signature = key.sign(message)
        assert verifier.ed25519(public, message, signature)
        assert not verifier.ed25519(public, message + b"x", signature)
        bent = bytearray(signature)
        bent[chance.randrange(64)] ^= 1 << chance.randrange(8)
        assert not verifier.ed25519(public, message, bytes(bent))
