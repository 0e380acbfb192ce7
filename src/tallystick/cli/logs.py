"""The worker's log: one JSON line per event on standard error.

An exception is told by its type and the places it came through, never by its text: errors of a database quote
what stood in the row.
"""

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final

import structlog

__all__ = ["log_to_standard_error"]

PLACES: Final = 8


def log_to_standard_error(level: str) -> None:
    """Send every log of this process there, from `level` on; those of libraries from warning on."""
    handler = ToStandardError()
    handler.setFormatter(JsonLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            failure,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: Lines(),
    )


class Lines:
    """Writes lines to whatever standard error is at that moment: who redirects or closes one harms nobody."""

    def msg(self, line: str) -> None:
        """One line."""
        sys.stderr.write(line + "\n")

    debug = info = warning = error = critical = exception = fatal = log = msg


class ToStandardError(logging.Handler):
    """Writes records to whatever standard error is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """One record, as a line."""
        sys.stderr.write(self.format(record) + "\n")


class JsonLine(logging.Formatter):
    """A record of the standard library's logging in the same form."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[1]:
            line |= told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def failure(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An event with its exception, if it has one, as type and places."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event.update(told(error))
    return event


def told(error: BaseException) -> dict[str, Any]:
    """An exception as its type and the places it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-PLACES:]
    places = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__qualname__, "where": places}
