"""The import contracts: they hold here, and each one is broken on purpose in a tree of empty rooms."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOMS = (
    *("api", "canonical", "cli", "conformance", "embedded", "flows", "formats", "keys", "ledger", "network"),
    *("official", "rules", "sandbox", "schemas", "store", "strategies", "webhooks", "worker"),
)
BREACHES = [
    ("rooms", "src/tallystick/canonical/a.py", "import tallystick.flows"),
    ("rooms", "src/tallystick/api/a.py", "import tallystick.worker"),
    ("rooms", "src/tallystick/flows/a.py", "from tallystick.api import b"),
    ("rooms", "src/tallystick/store/a.py", "import tallystick.strategies"),
    ("strategy", "strategies/xx_one.py", "import tallystick.store"),
    ("strategy", "strategies/xx_one.py", "from tallystick import settings"),
    ("strategy", "strategies/xx_one.py", "import sqlalchemy"),
    ("strangers", "strategies/xx_one.py", "import strategies.yy_two"),
    ("by_name", "src/tallystick/flows/a.py", "import strategies.xx_one"),
    ("canonical", "src/tallystick/canonical/a.py", "import lxml"),
    ("canonical", "src/tallystick/canonical/a.py", "import tallystick.keys"),
    ("rules", "src/tallystick/rules/a.py", "import tallystick.formats"),
    ("rules", "src/tallystick/rules/a.py", "import tallystick.strategy"),
    ("xml", "src/tallystick/rules/a.py", "import lxml"),
    ("xml", "src/tallystick/worker/a.py", "from lxml import etree"),
    ("sql", "src/tallystick/flows/a.py", "import sqlalchemy"),
    ("web", "src/tallystick/flows/a.py", "import litestar"),
    ("pure", "src/tallystick/ledger/a.py", "import socket"),
    ("formats", "src/tallystick/flows/a.py", "import tallystick.formats"),
    ("store", "src/tallystick/api/a.py", "import tallystick.store"),
    ("sandbox", "src/tallystick/sandbox/a.py", "import tallystick.formats"),
    ("sandbox", "src/tallystick/sandbox/a.py", "import tallystick.canonical"),
    ("embedded", "src/tallystick/embedded/a.py", "import tallystick.settings"),
    ("official", "src/tallystick/api/a.py", "import tallystick.official"),
    ("official", "strategies/xx_one.py", "from tallystick import official"),
    ("second_judge", "src/tallystick/official/a.py", "import tallystick.formats"),
    ("second_judge", "src/tallystick/official/a.py", "from tallystick import settings"),
    ("saxon", "src/tallystick/formats/a.py", "import saxonche"),
]


def linted(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a tree with the contracts of its pyproject.toml."""
    command = "from importlinter.cli import lint_imports_command as check; check()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", *options],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def empty_house(tmp_path: Path, root: Path) -> Path:
    """All rooms, empty, under the contracts of this repository."""
    (tmp_path / "pyproject.toml").write_text((root / "pyproject.toml").read_text())
    (tmp_path / "strategies").mkdir()
    for name in ("xx_one", "yy_two"):
        (tmp_path / "strategies" / f"{name}.py").write_text("")
    for room in ROOMS:
        (tmp_path / "src/tallystick" / room).mkdir(parents=True)
        (tmp_path / "src/tallystick" / room / "__init__.py").write_text("")
    for module in ("__init__", "__main__", "settings", "strategy"):
        (tmp_path / f"src/tallystick/{module}.py").write_text("")
    return tmp_path


def contracts_of(root: Path) -> list[str]:
    settings = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    return [contract["id"] for contract in settings["contracts"]]


def test_the_contracts_hold_here(root: Path) -> None:
    found = linted(root)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_contracts_hold_in_an_empty_house(empty_house: Path) -> None:
    found = linted(empty_house)
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_contract_is_tried(root: Path) -> None:
    assert {contract for contract, _, _ in BREACHES} == set(contracts_of(root))


@pytest.mark.parametrize(("contract", "module", "line"), BREACHES)
def test_a_breach_is_caught(empty_house: Path, contract: str, module: str, line: str) -> None:
    (empty_house / module).write_text(f"{line}\n")
    found = linted(empty_house, "--contract", contract)
    assert found.returncode == 1
    assert "BROKEN" in found.stdout, found.stdout + found.stderr


def test_every_room_has_a_door(root: Path) -> None:
    rooms = [path.parent for path in (root / "src/tallystick").glob("*/*.py")]
    assert [room.name for room in rooms if not (room / "__init__.py").exists()] == []
