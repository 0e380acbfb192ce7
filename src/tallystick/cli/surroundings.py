"""What a command that needs servers runs in: settings, database, queue, and an orderly end."""

import contextlib
import dataclasses
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Final

from tallystick.cli.printing import Failure, say

if TYPE_CHECKING:
    from tallystick.settings import Settings

__all__ = ["at_head", "end_with_standard_input", "orderly", "servers"]

FAREWELL_SECONDS: Final = 15.0


@contextlib.contextmanager
def servers() -> "Iterator[Settings]":
    """The settings, with embedded servers in the place of addresses that are not given.

    Commands in several terminals share one pair of embedded servers. Raises SettingsError, EmbeddedError.
    """
    from tallystick import embedded
    from tallystick.settings import load

    settings = load()
    given = settings.database_url, settings.redis_url
    with orderly(), embedded.addresses(*given, data_dir=settings.data_directory) as found:
        yield settings.with_addresses(**dataclasses.asdict(found))


@contextlib.contextmanager
def orderly() -> Iterator[None]:
    """A request to end (SIGTERM, SIGINT) leaves every context in order, and without a traceback."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def at_head(settings: "Settings") -> None:
    """See that the database is at the newest migration: brought there in development, refused in production.

    Raises Failure, also when the database does not answer.
    """
    from tallystick.store import migrate
    from tallystick.store.retry import reason

    url = settings.database_url or ""
    try:
        found, wanted = migrate.current(url), migrate.head()
        if found == wanted:
            return
        if settings.environment == "production":
            raise Failure(
                f"the database is at migration {found or 'none'}, this version wants {wanted}: "
                "run `tallystick migrate` first"
            )
        say(f"migrating the database from {found or 'nothing'} to {wanted}")
        migrate.upgrade(url)
    except Exception as error:
        why = reason(error)
        if why is None:
            raise
        raise Failure(f"the database does not answer ({why})") from error


def end_with_standard_input() -> None:
    """End this process, in order, when its standard input closes: its parent is gone then."""

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(0, 4096):
                pass
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(FAREWELL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="watch standard input").start()
