"""schemathesis reads the OpenAPI document and tries what it promises, over real HTTP: nothing undocumented,
no 5xx.

Documented examples and every positive and negative edge case are tried, and a few random ones; `tests/prove`
goes on for longer.
"""

import secrets
from pathlib import Path

import pytest

from api.contract import contract
from api.serving import served
from tallystick.settings import Settings


@pytest.mark.timeout(400)
def test_what_is_documented_is_what_happens(settings: Settings, tmp_path: Path) -> None:
    seed = secrets.randbelow(2**31)
    with served(settings) as running:
        code, said = contract(running, tmp_path, 1, "examples,coverage,fuzzing", seed)
    assert code == 0, f"seed {seed}\n{said}"
