"""What the ordinary suite goes through by shares, gone through as a whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED_OUT = (
    "tests/onboarding/test_kills.py",
    "tests/flows/test_act_crashes.py",
    "tests/unit/rules/test_pointers.py",
)


@pytest.mark.parametrize("file", SHARED_OUT)
def test_every_case_of_a_shared_list_holds(file: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", file],
        cwd=ROOT, env={**os.environ, "SUITE_THOROUGH": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(done.stdout[-200:])
    assert done.returncode == 0, done.stdout[-3000:]
