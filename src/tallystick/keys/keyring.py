"""The gateway's own keys: a folder of small files, opened whole by the worker and in part by the API.

| file | what | API | worker |
|---|---|---|---|
| `kek.pem`, `kek.pub` | X25519; wraps secrets of registrations, sessions (HPKE, RFC 9180) | public | both |
| `pepper` | 32 bytes; API keys are stored as HMAC-SHA-256 under it | yes | yes |
| `ledger.pem` | Ed25519; signs receipts | yes | yes |
| `document.pem`, `.pub` | Ed25519; signs documents that no authority signs | public | both |
| `webhook.pem`, `.pub` | Ed25519; signs webhooks | public | both |

Wrapping is to a public key, so a process opened with `open_for_api` can take a new secret in and can never
read one back: it does not need the private files, and they may be absent from its folder.
"""

import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tallystick.keys.secret import Secret
from tallystick.keys.signers import Signer, signer_from_pem

__all__ = ["Keyring", "KeyringError", "raw_public", "vkey"]

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PURPOSE: Final = b"tallystick/wrap/v1\n"
SIGNERS: Final = ("ledger", "document", "webhook")
ED25519_SPKI_PREFIX: Final = bytes.fromhex("302a300506032b6570032100")


class KeyringError(RuntimeError):
    """The keys cannot be used: missing, readable by others, damaged, or not held by this process."""


class Keyring:
    """The keys of one installation. Make one with `open` or `open_for_api`."""

    def __init__(
        self,
        *,
        pepper: Secret,
        wrapping: x25519.X25519PublicKey,
        unwrapping: x25519.X25519PrivateKey | None,
        signers: Mapping[str, Signer],
        publics: Mapping[str, bytes],
    ) -> None:
        self._pepper = pepper
        self._wrapping = wrapping
        self._unwrapping = unwrapping
        self._signers = dict(signers)
        self.publics: Mapping[str, bytes] = MappingProxyType(dict(publics))

    @classmethod
    def open(cls, directory: Path, create: bool = False) -> "Keyring":
        """Every key of the folder. `create` makes what is missing (folder 0700, files 0600), atomically.

        Raises KeyringError for a missing or damaged file, or one that other accounts can read.
        """
        if create:
            make_missing(directory)
        signers = {name: signer_from_pem(private(directory / f"{name}.pem")) for name in SIGNERS}
        kek = form.load_pem_private_key(private(directory / "kek.pem").reveal_bytes(), None)
        if not isinstance(kek, x25519.X25519PrivateKey):
            raise KeyringError("kek.pem holds no X25519 key")
        return cls(
            pepper=private(directory / "pepper"),
            wrapping=kek.public_key(),
            unwrapping=kek,
            signers=signers,
            publics={name: signer.public_der for name, signer in signers.items()},
        )

    @classmethod
    def open_for_api(cls, directory: Path, create: bool = False) -> "Keyring":
        """What the API may hold: pepper, ledger key, public halves. All else refuses."""
        if create:
            make_missing(directory)
        kek = form.load_pem_public_key(read(directory / "kek.pub"))
        if not isinstance(kek, x25519.X25519PublicKey):
            raise KeyringError("kek.pub holds no X25519 key")
        ledger = signer_from_pem(private(directory / "ledger.pem"))
        publics = {"ledger": ledger.public_der}
        publics |= {name: public_der(directory / f"{name}.pub") for name in ("document", "webhook")}
        return cls(
            pepper=private(directory / "pepper"),
            wrapping=kek,
            unwrapping=None,
            signers={"ledger": ledger},
            publics=publics,
        )

    def wrap(self, plain: bytes, aad: bytes) -> bytes:
        """`plain` encrypted to the wrapping key (48 bytes longer); opens only with the same `aad`."""
        return SUITE.encrypt(plain, self._wrapping, PURPOSE + aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> Secret:
        """What was wrapped. Raises KeyringError if altered, moved elsewhere, or in the API."""
        if self._unwrapping is None:
            raise KeyringError("this process holds no key to unwrap with")
        try:
            return Secret(SUITE.decrypt(wrapped, self._unwrapping, PURPOSE + aad))
        except (InvalidTag, ValueError):
            raise KeyringError("a wrapped secret cannot be opened: altered or from another key") from None

    def hash_api_key(self, text: str) -> bytes:
        """32 bytes: what is stored of an API key, HMAC-SHA-256 under the pepper."""
        return hmac.digest(self._pepper.reveal_bytes(), text.encode(), "sha256")

    @property
    def ledger(self) -> Signer:
        """Signs receipts."""
        return self._signer("ledger")

    @property
    def document(self) -> Signer:
        """Signs documents that no authority signs (worker only)."""
        return self._signer("document")

    @property
    def webhook(self) -> Signer:
        """Signs webhooks (worker only)."""
        return self._signer("webhook")

    def _signer(self, name: str) -> Signer:
        if name not in self._signers:
            raise KeyringError(f"this process does not hold the {name} key")
        return self._signers[name]

    def __repr__(self) -> str:
        return f"Keyring({', '.join(sorted(self._signers))})"


def raw_public(spki: bytes) -> bytes:
    """The 32 bytes of an Ed25519 SubjectPublicKeyInfo. Raises KeyringError for another kind of key."""
    if not spki.startswith(ED25519_SPKI_PREFIX) or len(spki) != 44:
        raise KeyringError("not an Ed25519 public key")
    return spki[12:]


def vkey(public: Signer | bytes, name: str) -> str:
    """A verifier key line, `name+hash+key`, as C2SP signed-note defines it for Ed25519 (type 0x01).

    `public` is a signer or the DER bytes of its public key; `name` may hold neither spaces nor "+".
    """
    if not name or "+" in name or any(mark.isspace() for mark in name):
        raise KeyringError("a key name holds neither spaces nor +")
    key = b"\x01" + raw_public(public if isinstance(public, bytes) else public.public_der)
    fingerprint = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{fingerprint}+{b64encode(key).decode()}"


def read(path: Path) -> bytes:
    """The file's bytes. Raises KeyringError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyringError(f"key file {path.name} cannot be read: {error.strerror}") from None


def private(path: Path) -> Secret:
    """The file's bytes as a secret. Refuses a file that others may read or the group may write."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise KeyringError(f"key file {path.name} cannot be read: {error.strerror}") from None
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise KeyringError(f"key file {path.name} is open to others: chmod 600")
    return Secret(read(path))


def public_der(path: Path) -> bytes:
    """The public key of a PEM file as DER SubjectPublicKeyInfo."""
    try:
        key = form.load_pem_public_key(read(path))
    except ValueError:
        raise KeyringError(f"key file {path.name} holds no public key") from None
    return key.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)


def make_missing(directory: Path) -> None:
    """Make the folder and whatever key is not in it. Safe when several processes start at once."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    keep(directory / "pepper", lambda: secrets.token_bytes(32))
    keep(directory / "kek.pem", lambda: private_pem(x25519.X25519PrivateKey.generate()))
    for name in SIGNERS:
        keep(directory / f"{name}.pem", lambda: private_pem(ed25519.Ed25519PrivateKey.generate()))
    for name in ("kek", "document", "webhook"):
        keep(directory / f"{name}.pub", partial(public_pem, directory / f"{name}.pem"))


def keep(path: Path, make: Callable[[], bytes]) -> None:
    """Write the file once: the first writer's bytes stay, and nobody ever sees half of them."""
    if path.exists():
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mkstemp gives mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()


def private_pem(key: x25519.X25519PrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    """PKCS#8 PEM, unencrypted: the file's mode is its guard."""
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


def public_pem(path: Path) -> bytes:
    """The public half of a private PEM file, as PEM."""
    key = form.load_pem_private_key(private(path).reveal_bytes(), None)
    return key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
