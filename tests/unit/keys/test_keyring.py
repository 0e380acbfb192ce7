"""The keyring: what it makes, what it refuses, and what the API cannot do with it."""

import hashlib
import stat
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from tallystick.keys import Ed25519Signer, Keyring, KeyringError, Secret, raw_public, vkey


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Keyring.open(tmp_path / "keys", create=True)
    return tmp_path / "keys"


def test_files_are_for_their_owner_only(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_same_folder_gives_the_same_keys(folder: Path) -> None:
    one, two = Keyring.open(folder, create=True), Keyring.open(folder)
    assert one.publics == two.publics
    assert one.hash_api_key("ts_test_a") == two.hash_api_key("ts_test_a") != one.hash_api_key("ts_test_b")
    assert two.unwrap(one.wrap(b"token", b"here"), b"here") == Secret(b"token")


OPEN_AND_TELL = """import sys; from pathlib import Path; from tallystick.keys import Keyring
print(Keyring.open(Path(sys.argv[1]), create=True).ledger.key_id)"""


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_AND_TELL, str(tmp_path / "keys")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    told = {process.communicate()[0] for process in started}
    assert len(told) == 1
    assert len(told.pop().strip()) == 16


def test_a_wrapped_secret_opens_only_in_its_place(folder: Path) -> None:
    keyring = Keyring.open(folder)
    wrapped = keyring.wrap(b"token", b"tenant-a")
    assert b"token" not in wrapped
    assert keyring.wrap(b"token", b"tenant-a") != wrapped
    for bad, aad in ((wrapped, b"tenant-b"), (wrapped[:-1] + b"\x00", b"tenant-a"), (b"short", b"tenant-a")):
        with pytest.raises(KeyringError):
            keyring.unwrap(bad, aad)


def test_the_api_wraps_and_cannot_unwrap_or_sign_documents(folder: Path) -> None:
    for name in ("kek.pem", "document.pem", "webhook.pem"):
        (folder / name).rename(folder.parent / name)
    api = Keyring.open_for_api(folder)
    wrapped = api.wrap(b"token", b"x")
    with pytest.raises(KeyringError):
        api.unwrap(wrapped, b"x")
    for name in ("document", "webhook"):
        with pytest.raises(KeyringError):
            getattr(api, name)
    for name in ("kek.pem", "document.pem", "webhook.pem"):
        (folder.parent / name).rename(folder / name)
    worker = Keyring.open(folder)
    assert worker.unwrap(wrapped, b"x").reveal() == "token"
    assert worker.publics == api.publics
    assert worker.ledger.public_der == api.ledger.public_der


def test_a_file_open_to_others_is_refused(folder: Path) -> None:
    (folder / "pepper").chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 600"):
        Keyring.open(folder)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match=r"ledger\.pem"):
        Keyring.open(tmp_path)


def test_a_verifier_key_has_the_published_form() -> None:
    signer = Ed25519Signer(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
    name, fingerprint, key = vkey(signer, "example.com/log").split("+", 2)
    raw = b64decode(key)
    assert raw == b"\x01" + raw_public(signer.public_der)
    assert fingerprint == hashlib.sha256(b"example.com/log\n" + raw).hexdigest()[:8]
    assert (name, vkey(signer.public_der, name)) == ("example.com/log", vkey(signer, name))


def test_the_published_example_of_a_verifier_key_is_met() -> None:
    published = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    spki = bytes.fromhex("302a300506032b6570032100") + b64decode(published.split("+", 2)[2])[1:]
    assert vkey(spki, "PeterNeumann") == published


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_a_key_name_that_breaks_the_line_is_refused(name: str) -> None:
    with pytest.raises(KeyringError):
        vkey(Ed25519Signer(ed25519.Ed25519PrivateKey.generate()), name)
