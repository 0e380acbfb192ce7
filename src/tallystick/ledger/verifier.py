#!/usr/bin/env python3
"""Check a Tallystick receipt with nothing but Python: no network, no database, no other package.

    python3 verify.py RECEIPT.zip [--key KEY]

KEY is the gateway's public ledger key (name+hash+base64), obtained from its operator and NOT from the
receipt. Says one of: complete (exit 0), open (3: the invoice's story is not at its end), signature unknown
(4: consistent, but no signature by the given key), broken (1: and where). Wrong usage: 2.
"""

import base64
import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
STREAM = ("tenant", "stream_kind", "stream_id")
SMALL, LARGE = 16 << 20, 64 << 20  # bytes of all files that are read whole, and of all files
UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, ValueError)
WORDS = {"complete": 0, "broken": 1, "open": 3, "signature unknown": 4}


class Broken(Exception):
    """Where the receipt fails, and why."""


def _recover(text: bytes) -> tuple[int, int, int, int]:
    y, sign = int.from_bytes(text, "little") & ((1 << 255) - 1), text[31] >> 7
    if len(text) != 32 or y >= P:
        raise ValueError("not a point")
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != x2 or (x == 0 and sign):
        raise ValueError("not a point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def _add(p: tuple[int, ...], q: tuple[int, ...]) -> tuple[int, int, int, int]:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(n: int, p: tuple[int, ...]) -> tuple[int, ...]:
    q: tuple[int, ...] = (0, 1, 1, 0)
    while n:
        q, p, n = (_add(q, p) if n & 1 else q), _add(p, p), n >> 1
    return q


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is `public`'s (32 bytes) over `message`. RFC 8032, section 5.1.7."""
    try:
        a, r, s = _recover(public), _recover(signature[:32]), int.from_bytes(signature[32:], "little")
    except (ValueError, IndexError):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    y = 4 * pow(5, P - 2, P) % P
    left, right = _times(s, _recover(y.to_bytes(32, "little"))), _add(r, _times(h, a))
    same = all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))
    return len(signature) == 64 and s < L and same


class _Archive:
    """The receipt's files, read piece by piece: a hostile archive is refused before it is unpacked."""

    def __init__(self, path: str) -> None:
        self.sums: dict[str, str] = {}
        self._left = SMALL
        try:
            with open(path, "rb") as file:  # noqa: PTH123 -- as Python 3.9 and every reader knows it
                size = file.seek(0, 2)
                file.seek(max(0, size - 66_000))
                tail = file.read()
            ends = [
                int.from_bytes(tail[m.start() :][12:16], "little") for m in re.finditer(b"PK\x05\x06", tail)
            ]
            if b"PK\x06\x07" in tail or max(ends, default=0) > SMALL // 4:
                raise Broken("more files than any receipt has")
            with zipfile.ZipFile(path) as archive:
                infos = archive.infolist()
            self.sizes = {i.filename: i.file_size for i in infos}
            if len(self.sizes) != len(infos) or any("\n" in name for name in self.sizes):
                raise Broken("two files of one name, or a name of two lines")
            if any(i.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for i in infos):
                raise Broken("a file is packed in a strange way")
            if sum(i.compress_size for i in infos) > size or sum(self.sizes.values()) > max(LARGE, 60 * size):
                raise Broken("the files unpack to more than any receipt holds")
            self._zip = zipfile.ZipFile(path)
        except UNREADABLE as error:
            raise Broken(f"the archive cannot be read ({error})") from None

    def __enter__(self) -> "_Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file in pieces of at most 64 kB; its plain SHA-256 stands in `sums` afterwards."""
        plain = hashlib.sha256()
        try:
            with self._zip.open(name) as file:
                for piece in iter(lambda: file.read(1 << 16), b""):
                    plain.update(piece)
                    yield piece
        except UNREADABLE as error:
            raise Broken(f"{name}: cannot be read ({error})") from None
        self.sums[name] = plain.hexdigest()

    def salted(self, name: str, salt: bytes = b"") -> str:
        """SHA-256 of salt and file, in hex."""
        hashed = hashlib.sha256(salt)
        for piece in self.pieces(name):
            hashed.update(piece)
        return hashed.hexdigest()

    def read(self, name: str) -> bytes:
        """A file that is small, whole; empty if there is none."""
        self._left -= self.sizes.get(name, 0)
        if self._left < 0 or self.sizes.get(name, 0) > SMALL // 8:
            raise Broken(f"{name}: longer than any receipt has it")
        return b"".join(self.pieces(name)) if name in self.sizes else b""


def _canonical(body: bytes, where: str) -> dict[str, Any]:
    try:
        value = json.loads(body)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        same = text.encode() == body
    except (ValueError, RecursionError):
        raise Broken(f"{where}: not JSON") from None
    if not same or not isinstance(value, dict):
        raise Broken(f"{where}: not the canonical JSON that was hashed")
    return value


class _Story:
    """What the entries say, as far as it matters; of their text only the last one is kept."""

    def __init__(self) -> None:
        self.head = "0" * 64
        self.stream: list[Any] = []
        self.last: dict[str, Any] = {}
        self.items: list[list[tuple[bytes, str, str]]] = []


def _entries(files: _Archive) -> _Story:
    story = _Story()
    names = sorted(n for n in files.sizes if n.startswith("entries/"))
    for number, name in enumerate(names, 1):
        where = f"entry {number}"
        if name != f"entries/{number:06d}.json":
            raise Broken(f"{where}: missing or misnamed ({name} stands in its place)")
        body = files.read(name)
        entry = _canonical(body, where)
        if entry.get("v") != 1 or entry.get("stream_seq") != number or entry.get("prev_hash") != story.head:
            raise Broken(f"{where}: does not follow the entry before it")
        stream = [entry.get(k) for k in STREAM]
        if number > 1 and stream != story.stream:
            raise Broken(f"{where}: belongs to another history")
        story.head = hashlib.sha256(b"tallystick/log-entry/v1\n" + body).hexdigest()
        story.stream, story.last = stream, entry
        story.items.append(_items(entry, where))
    if not story.items:
        raise Broken("there is no entry")
    return story


def _items(entry: dict[str, Any], where: str) -> list[tuple[bytes, str, str]]:
    """The objects that an entry names: salt, digest, name in the archive."""
    try:
        return [
            (bytes.fromhex(i["salt"]), i["digest"] + "", f"objects/{i['digest'][:16]}-" + i["name"])
            for i in entry["objects"]
        ]
    except (KeyError, TypeError, ValueError):
        raise Broken(f"{where}: its list of objects cannot be read") from None


def _objects(story: _Story, files: _Archive) -> list[str]:
    named: dict[str, tuple[bytes, str]] = {}
    erased = []
    for number, items in enumerate(story.items, 1):
        for salt, digest, name in items:
            if named.get(name) == (salt, digest):
                continue
            if name not in files.sizes and name + ".erased" in files.sizes:
                named[name + ".erased"] = (salt, digest)
                erased.append(name)
            elif name not in files.sizes:
                raise Broken(f"entry {number}: {name} is missing")
            elif files.salted(name, salt) != digest:
                raise Broken(f"entry {number}: {name} is not what was recorded")
            named[name] = (salt, digest)
    extra = sorted(n for n in files.sizes if n.startswith("objects/") and n not in named)
    if extra:
        raise Broken(f"{extra[0]}: no entry speaks of it")
    return erased


def _statement(files: _Archive, story: _Story) -> tuple[bytes, str, str]:
    text, _, tail = files.read("statement.note").decode("utf-8", "replace").rpartition("\n\n")
    lines = text.split("\n")
    if len(lines) != 6 or lines[0] != "tallystick/receipt/v1":
        raise Broken("statement.note: not a receipt's statement")
    count = len(story.items)
    if lines[1] != "/".join(str(k) for k in story.stream):
        raise Broken("statement.note: speaks of another history")
    if lines[2] != str(count):
        raise Broken(f"entry {count + 1}: missing or in excess; {lines[2]} entries were signed")
    if lines[3] != story.head:
        raise Broken(f"entry {count}: not the last one that was signed")
    return (text + "\n").encode(), tail, lines[4]


def _manifest(files: _Archive, digest: str) -> None:
    names = sorted(n for n in files.sizes if n not in ("MANIFEST", "statement.note"))
    for name in (n for n in names if n not in files.sums):
        files.salted(name)
    listed = "".join(f"{files.sums[n]}  {n}\n" for n in names)
    manifest = files.read("MANIFEST").decode("utf-8", "replace")
    if manifest != listed:
        odd = sorted(
            {line.partition("  ")[2] for line in set(listed.splitlines()) ^ set(manifest.splitlines())}
        )
        raise Broken(f"{odd[0] if odd else 'MANIFEST'}: changed, missing or added after issue")
    if digest != hashlib.sha256(listed.encode()).hexdigest():
        raise Broken("MANIFEST: not the one that was signed")


def _signed(text: bytes, tail: str, key: str) -> bool:
    name, _, rest = key.strip().partition("+")
    mark, _, encoded = rest.partition("+")
    public = base64.b64decode(encoded, validate=True)
    identity = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if len(public) != 33 or public[0] != 1 or identity.hex() != mark:
        raise ValueError("the key is not of the form name+hash+base64, or mistyped")
    for line in tail.splitlines():
        dash, signer, blob = (line.split(" ") + ["", "", ""])[:3]
        if dash == "\u2014" and signer == name:
            try:
                raw = base64.b64decode(blob, validate=True)
            except ValueError:
                raise Broken("statement.note: the signature is not base64") from None
            if raw[:4] == identity:
                if not ed25519(public[1:], text, raw[4:]):
                    raise Broken("statement.note: the signature is wrong")
                return True
    return False


def verify(path: str, key: str = "") -> dict[str, Any]:
    """What the receipt at `path` proves: word, reason, entries, state, erased. ValueError on a bad key."""
    try:
        with _Archive(path) as files:
            story = _entries(files)
            text, tail, digest = _statement(files, story)
            erased = _objects(story, files)
            _manifest(files, digest)
        known = bool(key) and _signed(text, tail, key)
    except Broken as error:
        return {"word": "broken", "reason": str(error)}
    last = story.last
    data = last["data"] if isinstance(last.get("data"), dict) else {}
    word = "signature unknown" if not known else "complete" if last.get("terminal") is True else "open"
    reason = {
        "complete": "every entry, object and the signature hold; the last entry ends the story",
        "open": "every entry, object and the signature hold; the story goes on after the last entry",
        "signature unknown": "consistent in itself, but not signed by a key that you gave",
    }[word]
    state = {k: data.get(k) for k in ("processing_status", "authority_status")}
    found = {"word": word, "reason": reason, "entries": len(story.items), "head": story.head}
    return found | {"state": state, "erased": erased}


def main(arguments: list[str]) -> int:
    """Print what the receipt proves; the exit code says it too."""
    paths = [a for i, a in enumerate(arguments) if a != "--key" and (i == 0 or arguments[i - 1] != "--key")]
    key = next((arguments[i + 1] for i, a in enumerate(arguments[:-1]) if a == "--key"), "")
    if len(paths) != 1 or paths[0].startswith("-"):
        sys.stderr.write(str(__doc__))
        return 2
    try:
        found = verify(paths[0], key)
    except ValueError as error:
        sys.stderr.write(f"the key cannot be used: {error}\n")
        return 2
    sys.stdout.write(f"{found['word']}: {found['reason']}\n")
    for name in ("entries", "head", "state", "erased"):
        if found.get(name):
            sys.stdout.write(f"  {name}: {found[name]}\n")
    return WORDS[str(found["word"])]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
