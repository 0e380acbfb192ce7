"""`./dev` on machines that are not as it would like them."""

import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def checkout(tmp_path: Path, root: Path) -> Path:
    """Just enough of a checkout, in a folder with a space."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in ("dev", "pyproject.toml", "requirements.lock"):
        shutil.copy(root / name, folder)
    return folder


def dev(
    checkout: Path, *words: str, python: tuple[int, int] | None = None, **environment: str
) -> tuple[int, str]:
    """Exit status and standard error of `./dev WORDS`, told that its Python has the given version."""
    pretend = f"sys.version_info = {(*python, 0)};" if python else ""
    code = f"import sys, runpy; {pretend} sys.argv = {['dev', *words]}; "
    code += "runpy.run_path('dev', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=checkout,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("version", [(3, 10), (3, 15)])
def test_a_python_that_does_not_fit_is_named(checkout: Path, version: tuple[int, int]) -> None:
    status, said = dev(checkout, "demo", python=version, PATH="")
    assert status == 1
    assert f"needs Python 3.11 to 3.14, this is 3.{version[1]}.0" in said


def test_another_python_on_path_takes_over(checkout: Path, tmp_path: Path) -> None:
    other = tmp_path / "bin" / "python3.12"
    other.parent.mkdir()
    other.write_text('#!/bin/sh\necho "taken over: $2 $3" >&2\n')
    other.chmod(0o755)
    assert dev(checkout, "test", "-x", python=(3, 9), PATH=str(other.parent)) == (0, "taken over: test -x\n")


def test_an_environment_that_is_not_ours_is_not_touched(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "precious").touch()
    status, said = dev(checkout, "demo")
    assert (status, "was not made by ./dev" in said) == (1, True)
    assert (checkout / ".venv" / "precious").exists()


def test_without_pip_and_uv_it_says_what_is_missing(checkout: Path) -> None:
    code = "import runpy; found = runpy.run_path('dev'); found['subprocess'].run = lambda *a, **k: False_()"
    code += "\nclass False_: returncode = 1\nfound['VENV'].mkdir(); found['install']('a==1')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": ""},
    )
    assert done.returncode == 1
    assert "Needed: pip 22.3 or newer" in done.stderr


def test_settings_that_would_lead_pip_astray_are_overridden(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PYTHONPATH", "UV_PYTHON"):
        monkeypatch.setenv(name, "1")
    found = runpy.run_path(str(root / "dev"))["clean_environment"]()
    assert (found["PIP_USER"], found["PIP_REQUIRE_VIRTUALENV"]) == ("0", "0")
    assert found["UV_PYTHON_DOWNLOADS"] == "never"
    assert found.keys().isdisjoint({"PIP_TARGET", "PYTHONPATH", "UV_PYTHON"})


def test_the_stamp_knows_lock_requirements_python_and_place(checkout: Path, tmp_path: Path) -> None:
    def marks(folder: Path) -> dict[str, str]:
        found: dict[str, str] = runpy.run_path(str(folder / "dev"))["marks"]()
        return found

    first = marks(checkout)
    assert marks(checkout) == first
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert marks(checkout)["packages"] != first["packages"]
    assert marks(checkout)["base"] == first["base"]
    moved = checkout.rename(tmp_path / "moved")
    assert marks(moved)["base"] != first["base"]


@pytest.mark.parametrize(
    ("scope", "asked", "ready"),
    [("all", "run", True), ("all", "all", True), ("run", "run", True), ("run", "all", False)],
)
def test_an_environment_with_everything_serves_the_product_too(
    checkout: Path, scope: str, asked: str, ready: bool
) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").touch()
    found = runpy.run_path(str(checkout / "dev"))
    found["STAMP"].write_text(json.dumps({**found["marks"](), "scope": scope}))
    assert found["is_ready"](asked) is ready


def test_a_read_only_home_turns_uvs_cache_off(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_writable = runpy.run_path(str(root / "dev"))["uv_cache_is_writable"]
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    assert is_writable()
    monkeypatch.setenv("UV_CACHE_DIR", "/proc/nowhere/cache")
    assert not is_writable()
