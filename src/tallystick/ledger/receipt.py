"""The receipt as a file: entries, objects and pages packed into one ZIP under one signed statement.

Pure: same parts, same bytes. What the statement covers: the number of entries, the head of their chain, and
through MANIFEST the digest of every other file. The format is what `verifier.py` checks; a copy of that
program travels in the receipt for convenience, its digest is published elsewhere because a forged receipt
would carry a forged verifier.
"""

import base64
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from tallystick.keys import Signer, vkey

__all__ = ["Kept", "Noted", "pack", "verifier_digest", "verifier_source"]

_DAY_ONE = (1980, 1, 1, 0, 0, 0)


class Noted(Struct, frozen=True):
    """One log entry: the exact bytes that were hashed, and that hash."""

    entry: bytes
    hash: bytes


class Kept(Struct, frozen=True):
    """An object an entry speaks of; `body` None means it was erased, its digest stays."""

    digest: bytes
    name: str
    body: bytes | None


def verifier_source() -> bytes:
    """The stand-alone verifier, as it travels in every receipt."""
    return Path(__file__).with_name("verifier.py").read_bytes()


def verifier_digest() -> str:
    """SHA-256 of the stand-alone verifier, to be published apart from receipts."""
    return hashlib.sha256(verifier_source()).hexdigest()


def pack(
    stream: tuple[str, str, str],
    entries: Iterable[Noted],
    objects: Iterable[Kept],
    pages: Mapping[str, bytes],
    as_of: str,
    key_name: str,
    signer: Signer,
) -> bytes:
    """The receipt's ZIP. `stream` is (tenant, kind, id); `pages` are further files such as summary.html;
    `as_of` is the time of the last entry.
    """
    noted = tuple(entries)
    files = dict(pages)
    files["verify.py"] = verifier_source()
    files |= {f"entries/{n:06d}.json": e.entry for n, e in enumerate(noted, 1)}
    for kept in objects:
        name = f"objects/{kept.digest.hex()[:16]}-{kept.name}"
        files[name if kept.body is not None else name + ".erased"] = kept.body or b""
    manifest = "".join(f"{hashlib.sha256(files[n]).hexdigest()}  {n}\n" for n in sorted(files)).encode()
    text = "\n".join(
        (
            "tallystick/receipt/v1",
            "/".join(stream),
            str(len(noted)),
            noted[-1].hash.hex(),
            hashlib.sha256(manifest).hexdigest(),
            as_of,
            "",
        )
    )
    mark = vkey(signer, key_name).split("+")[1]
    blob = base64.b64encode(bytes.fromhex(mark) + signer.sign(text.encode())).decode()
    files["MANIFEST"] = manifest
    files["statement.note"] = f"{text}\n\u2014 {key_name} {blob}\n".encode()
    return _zip(files)


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _DAY_ONE)
            info.compress_type = zipfile.ZIP_STORED if _bomb(files[name]) else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[name])
    return buffer.getvalue()


def _bomb(body: bytes) -> bool:
    """Whether an authority's answer packs so well that readers would take the receipt for a trap."""
    return len(body) > 1 << 20 and len(zlib.compress(body, 1)) * 40 < len(body)
