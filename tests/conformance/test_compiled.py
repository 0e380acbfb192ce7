"""The compiled wheel is the product too: it says and writes what the source says and writes."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Final

import pytest

import packing
from agreeing.saying import PROFILES
from tallystick.strategies import load
from thorough import THOROUGH

pytestmark = [
    pytest.mark.skipif(bool(packing.WHY_NOT_COMPILED), reason=packing.WHY_NOT_COMPILED),
    pytest.mark.timeout(900),
]

MUTANTS: Final = 5000 if THOROUGH else 400
SEED: Final = 20261120
HOOK: Final = ("tool", "hatch", "build", "targets", "wheel", "hooks", "mypyc")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled wheel in it, as an installer would lay it out."""
    place = tmp_path_factory.mktemp("compiled")
    with zipfile.ZipFile(packing.built(place, compiled=True)) as packed:
        packed.extractall(place / "site")
    return place / "site"


def listed(root: Path) -> list[str]:
    """The modules that are to be compiled, as paths without their suffix."""
    node = tomllib.loads((root / "pyproject.toml").read_text())
    for name in HOOK:
        node = node[name]
    return [re.sub(r"^/src/|[.]py$", "", path) for path in node["include"]]


def said(source: Path, names: list[str]) -> list[str]:
    """What the product in `source` says and writes of mutants and fixtures, and where it stands."""
    script = Path(__file__).parents[1] / "agreeing" / "saying.py"
    command = [sys.executable, "-P", str(script), str(source), str(SEED), str(MUTANTS), *names]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def derived(source: Path) -> None:
    """A strategy of somebody else derives a case of its own, as some of ours do."""
    cases = "case import Case", "en16931 import EuropeanCase", "cii import Case", "pint.case import PintCase"
    script = f"import sys; sys.path.insert(0, {str(source)!r})\n"
    for case in cases:
        script += f"from tallystick.rules.{case} as Given\nclass Own(Given):\n    pass\n"
    subprocess.run([sys.executable, "-P", "-c", script], check=True)


def test_the_compiled_wheel_says_and_writes_what_the_source_does(root: Path, site: Path) -> None:
    modules = listed(root)
    assert len(modules) > 20
    assert [name for name in modules if not Path(site, name + EXTENSION_SUFFIXES[0]).is_file()] == []
    derived(site)
    registry = load()
    strategies = sorted(path.name for path in (root / "fixtures").iterdir() if path.name in registry)
    assert len(strategies) > 4
    names = [*sorted(PROFILES), *strategies]
    *plain, where = said(root / "src", names)
    *compiled, elsewhere = said(site, names)
    assert where.endswith(".py") and elsewhere.endswith(EXTENSION_SUFFIXES[0])
    assert len(plain) > MUTANTS * len(PROFILES)
    assert [pair for pair in zip(plain, compiled, strict=True) if pair[0] != pair[1]] == []
