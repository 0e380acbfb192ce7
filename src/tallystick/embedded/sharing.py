"""Where the database and the queue are: as given, embedded, or embedded in a run that is under way.

Commands in several terminals share one pair of servers: the first starts them and leaves a note of their
addresses in the data folder, the others join it for as long as it lasts.
"""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tallystick.embedded import binaries, places, postgres, running, valkey
from tallystick.embedded.running import Servers, servers

_NOTE = "addresses.json"


@dataclass(frozen=True)
class Addresses:
    """Where the database and the queue are; a role's address is None where the given URL serves it too."""

    database_url: str
    redis_url: str
    app_database_url: str | None = None
    worker_database_url: str | None = None


@contextlib.contextmanager
def addresses(
    database_url: str | None, redis_url: str | None, *, data_dir: Path | None = None, fsync: bool = True
) -> Iterator[Addresses]:
    """The given addresses, and embedded servers in the place of those that are not given.

    An address that is given always wins: no server is started for it. With a `data_dir` in which another
    run keeps its servers, those are used, and end with that run. Raises EmbeddedError as `servers` does.
    """
    if database_url and redis_url:
        yield Addresses(database_url, redis_url)
        return
    home = places.data_home(data_dir) if data_dir else None
    if home and (found := _of_another_run(home)):
        yield _merged(found, database_url, redis_url)
        return
    wanted = {"with_postgres": not database_url, "with_valkey": not redis_url}
    with servers(data_dir, fsync, **wanted) as started, _noted(home, _addresses_of(started)) as own:
        yield _merged(own, database_url, redis_url)


def _addresses_of(started: Servers) -> Addresses:
    roles = started.app_database_url, started.worker_database_url
    return Addresses(started.database_url, started.redis_url, *roles)


def _merged(found: Addresses, database_url: str | None, redis_url: str | None) -> Addresses:
    if database_url:
        return Addresses(database_url, redis_url or found.redis_url)
    return Addresses(**{**asdict(found), "redis_url": redis_url or found.redis_url})


@contextlib.contextmanager
def _noted(home: Path | None, own: Addresses) -> Iterator[Addresses]:
    """Leave a note for other runs while the servers last; only we can read it."""
    if home is None:
        yield own
        return
    note = home / _NOTE
    new = note.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(asdict(own)), encoding="utf-8")
    new.rename(note)
    try:
        yield own
    finally:
        note.unlink(missing_ok=True)


def _of_another_run(home: Path) -> Addresses | None:
    """The servers of a run under way; None when there is none, or when it ends or fails while we wait."""
    deadline = time.monotonic() + running.BUDGET_SECONDS / 2
    while (lock := running.try_lock(home)) is None:
        with contextlib.suppress(OSError, LookupError, TypeError, ValueError):
            found = Addresses(**json.loads((home / _NOTE).read_text(encoding="utf-8")))
            if _answers(found):
                return found
        if time.monotonic() > deadline:
            return None
        time.sleep(0.1)
    lock.close()
    return None


def _answers(found: Addresses) -> bool:
    """Whether both servers of a note answer: a note may outlive its run."""
    sockets = Path(parse_qs(urlsplit(found.database_url).query)["host"][0])
    queue = Path(unquote(urlsplit(found.redis_url).path)).parent
    return postgres.answers(binaries.in_wheels().postgres, sockets) and valkey.answers(queue)
