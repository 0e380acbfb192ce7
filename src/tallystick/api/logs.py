"""One JSON line per event on standard error, from a short list of fields.

Bodies, headers, query strings and keys are never handed to a logger; the last processor drops every field
that is not on the list, so that a careless call elsewhere cannot leak one either. An exception is told by
type and place, not by its text, because database errors quote row values.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import PurePath
from typing import Any, Final

import structlog
from msgspec import json

__all__ = ["Forward", "heard", "least", "logger"]

FIELDS: Final = frozenset(
    {
        "at",
        "level",
        "logger",
        "event",
        "request_id",
        "trace_id",
        "method",
        "route",
        "status",
        "code",
        "duration_ms",
        "key",
        "error",
        "where",
        "host",
        "port",
        "pid",
        "version",
        "reasons",
    }
)
NUMBERS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
Fields = MutableMapping[str, Any]


def only_known(_: Any, __: str, event: Fields) -> Fields:
    """Drop every field that is not on the list."""
    return {name: value for name, value in event.items() if name in FIELDS}


def failure(_: Any, __: str, event: Fields) -> Fields:
    """An exception as its type and the places it came through, without its text."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["error"] = type(error).__qualname__
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        event["where"] = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def to_json(_: Any, __: str, event: Fields) -> str:
    """One line of JSON."""
    return json.encode(event, enc_hook=str).decode()


def enough(_: Any, level: str, event: Fields) -> Fields:
    """Drop what is below the least level."""
    if not heard(level):
        raise structlog.DropEvent
    return event


class Threshold:
    """The least level that is written, for the whole process."""

    least: int = logging.INFO


def least(level: str) -> None:
    """Write from this level on: debug, info, warning, error."""
    Threshold.least = NUMBERS[level]


def heard(level: str) -> bool:
    """Whether what is logged at this level is written: asked where even making the line costs time."""
    return NUMBERS[level] >= Threshold.least


class Forward(logging.Handler):
    """Hands what libraries log through the standard library's logging on to our lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """One record, an exception by type and place only."""
        error = record.exc_info[1] if record.exc_info else None
        level = record.levelname.lower() if record.levelname.lower() in NUMBERS else "error"
        logger.log(NUMBERS[level], record.getMessage(), logger=record.name, exc_info=error)


class Lines:
    """Writes lines to whatever standard error is now (it may be redirected after start)."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")

    debug = info = warning = error = critical = log = msg


logger: Final[structlog.typing.FilteringBoundLogger] = structlog.wrap_logger(
    Lines(),
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        enough,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        failure,
        only_known,
        to_json,
    ],
    wrapper_class=structlog.make_filtering_bound_logger("debug"),
    cache_logger_on_first_use=True,
)
