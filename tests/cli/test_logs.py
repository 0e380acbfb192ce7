"""The worker's log: JSON lines on standard error, without the text of an exception."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from tallystick.cli.logs import log_to_standard_error


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Leave the process's logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def test_every_line_is_json_and_no_exception_is_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_standard_error("info")
    try:
        raise ValueError("row (42, secret)")
    except ValueError:
        structlog.get_logger("x").exception("loop.failed", loop="look")
        logging.getLogger("library").exception("it failed")
    structlog.get_logger("x").debug("too small")
    logging.getLogger("library").info("too small")
    said = capsys.readouterr()
    assert said.out == ""
    ours, theirs = map(json.loads, said.err.splitlines())
    assert (ours["event"], ours["level"], ours["loop"], ours["error"]) == (
        "loop.failed",
        "error",
        "look",
        "ValueError",
    )
    assert (theirs["event"], theirs["logger"], theirs["error"]) == ("it failed", "library", "ValueError")
    assert any("test_logs.py" in place for place in ours["where"])
    assert "secret" not in said.err
