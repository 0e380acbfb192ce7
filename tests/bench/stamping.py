"""How long one simplified invoice takes to build and stamp, beside its bare primitives and beside a peer.

The primitives are what cannot be spared: writing the text and one signature of libsecp256k1. The peer is
zatca-xml-js, where node is there and NODE_PATH leads to it.
"""

import base64
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bench.building import best
from tallystick.canonical import Invoice, complete, decode
from tallystick.conformance.trial import enrolment

ROOT = Path(__file__).parents[2]
SIZES = (1, 5, 100)
ROUNDS = 4
SECONDS = 0.25
MODULE = "tallystick.strategies.sa_zatca"

strategy: Any = import_module(MODULE).strategy
building: Any = import_module(f"{MODULE}.building")
writing: Any = import_module(f"{MODULE}.writing")


def invoice_of(lines: int) -> Invoice:
    """The simplified fixture with this many lines."""
    raw = json.loads((ROOT / "fixtures/sa_zatca/simplified/invoice.json").read_bytes())
    first = raw["lines"][0]
    raw["lines"] = [first | {"line_identifier": str(n + 1)} for n in range(lines)]
    found = decode(json.dumps(raw).encode(), {strategy.regime: strategy.blocks})
    if found.invoice is None:
        raise SystemExit(f"the fixture is no longer an invoice: {found.faults}")
    return complete(found.invoice).invoice


def measured(lines: int) -> dict[str, float]:
    """Microseconds of each way, the best of several rounds taken in turn: all of them suffer alike."""
    invoice = invoice_of(lines)
    place = enrolment(strategy, invoice=invoice)
    ready, key = writing.prepared(invoice, place), ec.derive_private_key(7, ec.SECP256K1())
    method = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    digest, signer = bytes(32), place.signer
    if signer is None:
        raise SystemExit("the test enrolment has no signer")

    def bare() -> None:
        writing.written(ready)
        signer.sign(digest)

    ways: dict[str, Callable[[], Any]] = {
        "bare": bare,
        "text": lambda: writing.written(ready),
        "sign": lambda: signer.sign(digest),
        "openssl": lambda: key.sign(digest, method),
        "stamped": lambda: building.issued(invoice, place),
        "verified": lambda: building.build(invoice, place),
    }
    rounds = [{name: best(work, SECONDS) for name, work in ways.items()} for _ in range(ROUNDS)]
    return {name: min(one[name] for one in rounds) for name in ways}


def peer() -> dict[str, float] | str:
    """The peer's microseconds by number of lines, or why there are none."""
    node = shutil.which("node")
    if node is None:
        return "skipped: there is no node on this machine"
    found = subprocess.run([node, "-e", "require('zatca-xml-js')"], capture_output=True, check=False)
    if found.returncode:
        return "skipped: node finds no zatca-xml-js (npm install it somewhere, and set NODE_PATH)"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        key, certificate = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
        _write_pair(key, certificate)
        script = str(Path(__file__).with_name("peer.js"))
        command = [node, script, str(key), str(certificate), "2", *map(str, SIZES)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        return f"skipped: the peer failed: {run.stderr.strip().splitlines()[-1:]}"
    return dict(json.loads(run.stdout))


def _write_pair(key_file: Path, certificate_file: Path) -> None:
    """A key and the test certificate in the form the peer reads. Speed asks nothing of their kinship."""
    place = enrolment(strategy)
    der = base64.b64decode(place.settings.certificate)
    certificate_file.write_bytes(x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM))
    key = ec.derive_private_key(7, ec.SECP256K1())
    form = serialization.PrivateFormat.TraditionalOpenSSL
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))


def main() -> None:
    """Print the figures and the ratios."""
    others = peer()
    print("\nOne simplified invoice, microseconds, best of several rounds in turn")
    heads = ("text", "sign", "openssl", "bare", "stamped", "verified", "stamped/bare", "verified/bare")
    print("".join(f"{head:>14}" for head in ("lines", *heads, "peer")))
    for lines in SIZES:
        found = measured(lines)
        bare = found["bare"]
        other = others.get(str(lines)) if isinstance(others, dict) else None
        times = (
            f"{other:>14.0f} = {other / found['stamped']:.0f} / {other / found['verified']:.0f} times"
            if other
            else ""
        )
        ratios = (found["stamped"] / bare, found["verified"] / bare)
        print(
            f"{lines:>14}"
            + "".join(f"{found[name]:>14.0f}" for name in heads[:6])
            + "".join(f"{ratio:>14.2f}" for ratio in ratios)
            + times
        )
    print(
        "bare: text and sign; stamped/bare at most 2, verified/bare at most 6; openssl: its signature alone"
    )
    if isinstance(others, str):
        print(f"peer {others}")
    else:
        print("peer: at least 50 times what building and stamping take at 5 lines, 100 times at 100")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main()
