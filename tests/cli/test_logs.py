"""The worker's log outlives the stream it was set up on."""

import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog

from tallystick.cli.logs import log_to_standard_error


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_closed_standard_error_is_left_for_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    log = structlog.get_logger("tallystick.worker")
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    log_to_standard_error("info")
    log.info("first")
    monkeypatch.setattr(sys, "stderr", second)
    first.close()

    log.warning("second", number=2)
    try:
        raise LookupError("a secret of the row")
    except LookupError:
        log.exception("third")

    lines = [json.loads(line) for line in second.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["second", "third"]
    assert lines[1]["error"] == "LookupError"
    assert "secret of the row" not in second.getvalue()
