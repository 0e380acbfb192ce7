"""The official samples beside the repository: where they lie, and why a test is skipped without them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

_SHARED: Final = Path(__file__).parents[5] / "shared"
INDIA: Final = _SHARED / "official/india"
ORACLE: Final = _SHARED / "oracle"
ABSENT: Final = not INDIA.is_dir()
WHY_ABSENT: Final = "the official samples are not there (../shared/official/india)"


def vectors(name: str) -> Any:
    """A vector file; nothing where it is not there."""
    return [] if ABSENT else json.loads((INDIA / "vectors" / name).read_bytes())


def files(folder: str, pattern: str) -> list[Path]:
    """The files of a folder; none where it is not there."""
    return [] if ABSENT else sorted((INDIA / folder).glob(pattern))


def oracle(document: Path, profile: str) -> dict[str, Any]:
    """What the independent judge says of a document: `ok`, `irn`, `findings`."""
    return oracles([document], profile)[0]


def oracles(documents: list[Path], profile: str) -> list[dict[str, Any]]:
    """The same of many documents at once."""
    command = [sys.executable, str(ORACLE / "check_inv01.py"), "--json", "--profile", profile]
    run = subprocess.run([*command, *map(str, documents)], capture_output=True, text=True, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()]


def lost(original: Path, rebuilt: Path) -> str:
    """What the independent comparison finds lost or changed; empty if nothing is."""
    command = [sys.executable, str(ORACLE / "leaf_diff.py"), "--fold", "--allow-added"]
    run = subprocess.run([*command, str(original), str(rebuilt)], capture_output=True, text=True, check=False)
    return run.stdout if run.returncode else ""
