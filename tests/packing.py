"""The product as a wheel, plain or compiled: made from a copy, so that the checkout stays as it is.

`python tests/packing.py [--plain] [FOLDER]`

Compiled by mypyc: the modules that `pyproject.toml` lists for it, from the very same source. That needs a C
compiler and Python's headers; without them the product runs as plain Python, with the same results.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

__all__ = ["WHY_NOT_COMPILED", "built"]

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("LICENSE", "README.md", "pyproject.toml", "schemas", "src", "strategies")
LEFT = re.compile(r"\.|__pycache__$|.*(\.so|\.pyc|~)$").match
"""Names of what is no part of the product."""

SWITCH = "HATCH_BUILD_HOOK_ENABLE_MYPYC"


def _why_not_compiled() -> str:
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"there is no C compiler ({compiler}) on this machine"
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        return "Python's headers (Python.h) are not on this machine"
    return ""


WHY_NOT_COMPILED = _why_not_compiled()
"""Why nothing can be compiled here; empty where it can."""


def built(folder: Path, *, compiled: bool) -> Path:
    """The wheel of this checkout, written into `folder`.

    Raises SystemExit with the compiler's or the build's own words where it cannot be made.
    """
    if compiled and WHY_NOT_COMPILED:
        raise SystemExit(f"cannot compile: {WHY_NOT_COMPILED}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"cannot write {folder}: {error.strerror}") from None
    with tempfile.TemporaryDirectory(prefix="wheel-") as place:
        for part in PARTS:
            _copied(ROOT / part, Path(place, part))
        environment = {name: value for name, value in os.environ.items() if name != SWITCH}
        environment |= {"MYPYPATH": "src", "PYTHONHASHSEED": "0"} | ({SWITCH: "1"} if compiled else {})
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", "dist"]
        done = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        (wheel,) = Path(place, "dist").glob("*.whl")
        return Path(shutil.copy(wheel, folder))


def _copied(source: Path, target: Path) -> None:
    """A copy that can be written, also of what cannot be, without what editors and Python leave."""
    if source.is_dir():
        target.mkdir()
        for each in source.iterdir():
            if not LEFT(each.name):
                _copied(each, target / each.name)
    else:
        shutil.copyfile(source, target)


def main() -> None:
    """Write the wheel and say where."""
    parser = argparse.ArgumentParser(prog="./dev wheel", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist")
    parser.add_argument("--plain", action="store_true", help="without compiling anything")
    given = parser.parse_args()
    print(built(given.folder, compiled=not given.plain))


if __name__ == "__main__":
    main()
