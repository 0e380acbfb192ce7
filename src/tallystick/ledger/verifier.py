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
import sys
import zipfile
import zlib
from typing import Any

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
STREAM = ("tenant", "stream_kind", "stream_id")
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


def _contents(path: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(set(names)) != len(names):
                raise Broken("two files of one name")
            if any(i.file_size > 100_000_000 for i in archive.infolist()):
                raise Broken("a file of over 100 MB")
            return {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as error:
        raise Broken(f"the archive cannot be read ({error})") from None


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


def _entries(files: dict[str, bytes]) -> tuple[list[dict[str, Any]], str]:
    entries: list[dict[str, Any]] = []
    head, names = "0" * 64, sorted(n for n in files if n.startswith("entries/"))
    for number, name in enumerate(names, 1):
        where = f"entry {number}"
        if name != f"entries/{number:06d}.json":
            raise Broken(f"{where}: missing or misnamed ({name} stands in its place)")
        entry = _canonical(files[name], where)
        if entry.get("v") != 1 or entry.get("stream_seq") != number or entry.get("prev_hash") != head:
            raise Broken(f"{where}: does not follow the entry before it")
        if entries and any(entry.get(k) != entries[0].get(k) for k in STREAM):
            raise Broken(f"{where}: belongs to another history")
        head = hashlib.sha256(b"tallystick/log-entry/v1\n" + files[name]).hexdigest()
        entries.append(entry)
    if not entries:
        raise Broken("there is no entry")
    return entries, head


def _items(entry: dict[str, Any], number: int) -> list[dict[str, Any]]:
    try:
        items = list(entry["objects"])
        [(bytes.fromhex(i["salt"]), i["digest"][:16], i["name"] + "") for i in items]
    except (KeyError, TypeError, ValueError):
        raise Broken(f"entry {number}: its list of objects cannot be read") from None
    return items


def _objects(entries: list[dict[str, Any]], files: dict[str, bytes]) -> list[str]:
    named, erased = set(), []
    for number, entry in enumerate(entries, 1):
        for item in _items(entry, number):
            name = f"objects/{item['digest'][:16]}-{item['name']}"
            body = files.get(name)
            named.add(name)
            if body is None and name + ".erased" in files:
                named.add(name + ".erased")
                erased.append(name)
            elif body is None:
                raise Broken(f"entry {number}: {name} is missing")
            elif hashlib.sha256(bytes.fromhex(item["salt"]) + body).hexdigest() != item["digest"]:
                raise Broken(f"entry {number}: {name} is not what was recorded")
    extra = sorted(n for n in files if n.startswith("objects/") and n not in named)
    if extra:
        raise Broken(f"{extra[0]}: no entry speaks of it")
    return erased


def _statement(files: dict[str, bytes], entries: list[dict[str, Any]], head: str) -> tuple[bytes, str, str]:
    text, _, tail = files.get("statement.note", b"").decode("utf-8", "replace").rpartition("\n\n")
    lines = text.split("\n")
    if len(lines) != 6 or lines[0] != "tallystick/receipt/v1":
        raise Broken("statement.note: not a receipt's statement")
    if lines[1] != "/".join(str(entries[0].get(k)) for k in STREAM):
        raise Broken("statement.note: speaks of another history")
    if lines[2] != str(len(entries)):
        raise Broken(f"entry {len(entries) + 1}: missing or in excess; {lines[2]} entries were signed")
    if lines[3] != head:
        raise Broken(f"entry {len(entries)}: not the last one that was signed")
    return (text + "\n").encode(), tail, lines[4]


def _manifest(files: dict[str, bytes], digest: str) -> None:
    names = sorted(n for n in files if n not in ("MANIFEST", "statement.note"))
    listed = "".join(f"{hashlib.sha256(files[n]).hexdigest()}  {n}\n" for n in names)
    manifest = files.get("MANIFEST", b"").decode("utf-8", "replace")
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
        files = _contents(path)
        entries, head = _entries(files)
        text, tail, digest = _statement(files, entries, head)
        erased = _objects(entries, files)
        _manifest(files, digest)
        known = bool(key) and _signed(text, tail, key)
    except Broken as error:
        return {"word": "broken", "reason": str(error)}
    last = entries[-1]
    data = last["data"] if isinstance(last.get("data"), dict) else {}
    word = "signature unknown" if not known else "complete" if last.get("terminal") is True else "open"
    reason = {
        "complete": "every entry, object and the signature hold; the last entry ends the story",
        "open": "every entry, object and the signature hold; the story goes on after the last entry",
        "signature unknown": "consistent in itself, but not signed by a key that you gave",
    }[word]
    state = {k: data.get(k) for k in ("processing_status", "authority_status")}
    found = {"word": word, "reason": reason, "entries": len(entries), "head": head}
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
