"""A new country is one file and one folder: dropped into a copy of the tree, kit and dispatch pick it up."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

COUNTRY = '''"""Fiji, as if it had asked: https://example.org/specification."""

from collections.abc import Iterator

from tallystick.canonical import Fault, Invoice, encode
from tallystick.strategy import Conversation, Document, Enrolment, Outcome, Strategy, Verdict


class Fiji:
    """Keeps what it is given."""

    name = "fj_vms"
    countries = frozenset({"FJ"})
    edition = "1"

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterator[Fault]:
        yield from ()

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        return Document(media_type="application/json", body=encode(invoice))

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        yield from ()
        return Outcome(verdict=Verdict.NOT_REQUIRED)

    inquire = submit


strategy: Strategy = Fiji()
'''

ASK = (
    "from tallystick.strategies import load; r = load(); c = r.dispatch('FJ'); "
    "print(c.strategy.name, '|', c.reason, '|', r.home('fj_vms').__name__, '|', r.home('fj_vms').__file__)"
)


@pytest.fixture
def tree(tmp_path: Path, root: Path) -> Path:
    """A copy of what the kit needs of the checkout, with the country's file in it."""
    for folder in ("src", "strategies", "schemas", "fixtures"):
        shutil.copytree(root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    for page in ("README.md", "LICENSE"):
        (tmp_path / page).write_text((root / page).read_text() if (root / page).is_file() else page)
    (tmp_path / "strategies" / "fj_vms.py").write_text(COUNTRY)
    return tmp_path


def add_case(tree: Path) -> None:
    """The one fixture: an invoice."""
    folder = tree / "fixtures/fj_vms/standard"
    folder.mkdir(parents=True)
    shutil.copy(tree / "fixtures/default/standard/invoice.json", folder)


def kit(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (tree / "kit.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tallystick.conformance.plugin", "-c", "kit.ini"]
    command += [
        "-p",
        "no:cacheprovider",
        "--pyargs",
        "tallystick.conformance",
        "--cases",
        "fixtures",
        *options,
    ]
    return python(tree, *command)


def python(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = {
        "PYTHONPATH": os.pathsep.join([str(tree / "src"), os.environ.get("PYTHONPATH", "")]),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        command,
        cwd=tree,
        env={**os.environ, **path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def digests(tree: Path) -> dict[str, str]:
    """Every file but the new country's, with its digest."""
    return {
        str(path.relative_to(tree)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tree.rglob("*")
        if path.is_file()
        and "fj_vms" not in str(path)
        and path.name != "kit.ini"
        and ".hypothesis" not in path.parts
    }


def test_a_country_dropped_in_with_one_fixture_is_served_and_tried(tree: Path) -> None:
    add_case(tree)
    before = digests(tree)

    golden = kit(tree, "-k", "fj_vms", "--update")
    tried = kit(tree, "-k", "fj_vms")
    asked = python(tree, sys.executable, "-c", ASK)

    assert golden.returncode == 0, golden.stdout
    assert tried.returncode == 0, tried.stdout
    assert "passed" in tried.stdout
    file = tree / "strategies/fj_vms.py"
    assert asked.stdout.strip() == f"fj_vms | country FJ | tallystick.strategies.fj_vms | {file}", (
        asked.stderr
    )
    assert digests(tree) == before


def test_a_country_without_a_fixture_fails_and_says_so(tree: Path) -> None:
    tried = kit(tree, "-k", "fj_vms")

    assert tried.returncode == 1
    where = tree / "fixtures/fj_vms/standard/invoice.json"
    assert f"fj_vms has no case: put one at {where}" in tried.stdout


def test_two_files_for_one_country_stop_the_gateway(tree: Path) -> None:
    (tree / "strategies/fj_two.py").write_text(COUNTRY.replace("fj_vms", "fj_two"))

    asked = python(tree, sys.executable, "-c", ASK)

    assert asked.returncode == 1
    assert "StrategyConflict: country FJ is claimed twice: by fj_two" in asked.stderr


@pytest.mark.slow
def test_a_wheel_and_an_sdist_carry_the_country_along(tree: Path) -> None:
    """In the wheel the modules lie beside the door: the same name, without a checkout."""
    pytest.importorskip("hatchling", reason="hatchling, the build backend, is not installed")
    build = "import hatchling.build as b; print(b.build_sdist('dist')); print(b.build_wheel('dist'))"
    built = python(tree, sys.executable, "-c", build)
    assert built.returncode == 0, built.stderr
    wheel = next((tree / "dist").glob("*.whl"))
    site = tree / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)

    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=site,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.stdout.strip() == (
        f"fj_vms | country FJ | tallystick.strategies.fj_vms | {site}/tallystick/strategies/fj_vms.py"
    ), asked.stderr
    assert (site / "tallystick/schemas/rules/default.toml").is_file()
    assert list((tree / "dist").glob("*.tar.gz"))
