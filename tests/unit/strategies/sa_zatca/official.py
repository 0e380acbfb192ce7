"""The official samples and the official judge, whole: rules, schema, stamp and QR code in one process."""

import json
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from unit.formats.official import SHARED, tool

ZATCA = SHARED / "official" / "zatca"
ABSENT = not (SHARED / "oracle" / "zatca_oracle.py").is_file()
WHY_ABSENT = "no ../shared beside this checkout: the official judge and samples are not there"

SAMPLES = sorted(path for path in ZATCA.glob("samples-*/**/*.xml") if "_Error" not in path.name)


@cache
def oracle() -> Any:
    """The judge, loaded once."""
    return tool("zatca_oracle").Oracle(str(ZATCA))


def judged(path: Path, previous: str | None = None) -> tuple[list[str], Counter[str]]:
    """Errors, and warnings by their number."""
    found = oracle().validate(str(path), previous)
    return [f"{code} {message}" for _, code, message in found["errors"]], Counter(
        code for _, code, _ in found["warnings"]
    )


def vectors() -> list[dict[str, Any]]:
    """What is known of each sample: hashes, digests, tags."""
    if ABSENT:
        return []
    found: list[dict[str, Any]] = json.loads((ZATCA / "test-vectors.json").read_text(encoding="utf-8"))
    return found


def lost(original: Path, rebuilt: Path) -> list[str]:
    """The leaves of the original that are not in the rebuilt document, stamp and QR code left aside."""
    ignored = ("UBLExtensions", r"AdditionalDocumentReference\[QR\]")
    options = [part for pattern in ignored for part in ("--ignore", pattern)]
    script = str(SHARED / "oracle" / "leaf_diff.py")
    run = subprocess.run(
        [sys.executable, script, *options, str(original), str(rebuilt)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [] if run.returncode == 0 else run.stdout.splitlines() or [run.stderr]
