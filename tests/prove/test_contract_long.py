"""The long run of schemathesis: many random cases per operation, and calls that follow from each other."""

import secrets
from pathlib import Path

import pytest

from api.conftest import settings  # noqa: F401 -- a fixture
from api.contract import contract
from api.serving import served
from tallystick.settings import Settings

EXAMPLES = 60


@pytest.mark.timeout(3600)
def test_the_contract_holds_for_many_random_cases(settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    seed = secrets.randbelow(2**31)
    print(f"schemathesis: seed {seed}, {EXAMPLES} examples per operation")
    with served(settings) as running:
        code, said = contract(running, tmp_path, EXAMPLES, "examples,coverage,fuzzing,stateful", seed)
    print(said[-1500:])
    assert code == 0, f"seed {seed}\n{said}"
