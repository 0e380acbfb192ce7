"""The plain wheel is the whole product: it runs wherever it is laid out, and holds nothing else."""

import json
import os
import re
import stat
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import packing

PLACES = {
    "src/tallystick": "tallystick",
    "strategies": "tallystick/strategies",
    "schemas": "tallystick/schemas",
}
"""Folders of a checkout, and where they stand in the wheel."""

LEFT = ("__pycache__/a.cpython-311.pyc", "rules/engine.so", ".DS_Store", "rules/.engine.py.swp", "cli/a.py~")
"""What lies about where somebody works."""


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Iterator[Path]:
    """A checkout in which somebody has worked, and in which nobody may write."""
    place = tmp_path / "checkout"
    place.mkdir()
    for part in packing.PARTS:
        packing._copied(root / part, place / part)
    for name in LEFT:
        path = place / "src/tallystick" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("left")
    paths = (place, *place.rglob("*"))
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)
    yield place
    for path in paths:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)


@pytest.fixture
def site(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel of that checkout, as an installer would lay it out."""
    monkeypatch.setattr(packing, "ROOT", checkout)
    with zipfile.ZipFile(packing.built(tmp_path / "out", compiled=False)) as packed:
        packed.extractall(tmp_path / "site")
    return tmp_path / "site"


def files(place: Path) -> set[str]:
    """Every file below a folder."""
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}


def test_a_wheel_holds_the_product_and_nothing_that_lies_about(root: Path, site: Path) -> None:
    lying_about = re.compile(r"(^|/)(\.|__pycache__/)|(\.so|~)$").search
    assert all(lying_about(name) for name in LEFT)
    expected = {
        f"{to}/{name}" for of, to in PLACES.items() for name in files(root / of) if not lying_about(name)
    }

    assert len(expected) > 500
    assert {name for name in files(site) if ".dist-info/" not in name} == expected


def test_the_wheel_judges_where_no_checkout_is(root: Path, site: Path, tmp_path: Path) -> None:
    """Without the environment's own folder on its path, which leads to the checkout."""
    packages = os.pathsep.join(dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))))
    python = [sys.executable, "-S", "-P"]
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{packages}"}

    def answer(*words: str) -> str:
        done = subprocess.run(
            [*python, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    where = answer("-c", "import tallystick; print(tallystick.__file__)")
    assert Path(where.strip()).is_relative_to(site)
    said = answer("-m", "tallystick", "check", "--json", str(root / "fixtures/peppol/standard/invoice.json"))
    assert json.loads(said)["faults"] == []


def test_what_is_compiled_of_a_checkout_that_cannot_be_written_is_a_copy_that_can(
    checkout: Path, tmp_path: Path
) -> None:
    packing._copied(checkout / "src", tmp_path / "copy")

    assert all(path.stat().st_mode & stat.S_IWUSR for path in (tmp_path / "copy").rglob("*"))


@pytest.mark.parametrize("compiler", ["/nonexistent/cc", "no-such-compiler -m64"])
def test_a_compiler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, compiler: str) -> None:
    monkeypatch.setenv("CC", compiler)

    assert (
        packing._why_not_compiled()
        == f"there is no C compiler ({compiler.split(maxsplit=1)[0]}) on this machine"
    )


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SystemExit, match=r"cannot write .*/file/dist: Not a directory"):
        packing.built(tmp_path / "file" / "dist", compiled=False)
