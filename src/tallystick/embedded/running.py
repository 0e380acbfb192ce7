"""Both servers as one context: started, prepared, watched, restarted, gone."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from tallystick.embedded import binaries, keeper, places, postgres, valkey
from tallystick.embedded.errors import EmbeddedError, last_lines

BUDGET_SECONDS = 60.0
_FAREWELL_SECONDS = 20.0


class _Orders:
    """The line to the keeper process. Closing it stops every server."""

    def __init__(self, remove: Path, held: tuple[int, ...]) -> None:
        self._lock = threading.Lock()
        self._remove = remove
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(keeper.__file__)), str(remove)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            pass_fds=held,
            cwd="/",
        )

    def __call__(self, do: str, **order: Any) -> dict[str, Any]:
        """Give one order and return the answer; an error of the keeper is ours."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._lock:
            try:
                self._process.stdin.write(json.dumps({"do": do, **order}).encode() + b"\n")
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except (BrokenPipeError, ValueError):
                line = b""
        if not line:
            raise EmbeddedError("the process that keeps the embedded servers has ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise EmbeddedError(answer["error"])
        return answer

    def close(self) -> None:
        """Let the keeper end, and wait until nothing is left."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        if self._remove.exists():  # the keeper was killed: its last duty falls to us
            keeper.sweep(self._remove)


class Servers:
    """A running PostgreSQL and Valkey, reachable over Unix sockets in a folder that only we may enter.

    The roles are those of production: `database_url` is the owner's (migrations), `app_database_url` and
    `worker_database_url` belong to roles that are no superuser and do not bypass row-level security.
    """

    def __init__(
        self, orders: _Orders, runtime: Path, data: Path, account: places.Account, fsync: bool
    ) -> None:
        self._orders = orders
        self._runtime = runtime
        self._account = account
        self._fsync = fsync
        self._cluster = data / "postgres"
        self._valkey_data = data / "valkey"
        self._programs = binaries.for_account(account.reaches, runtime)
        self._client_programs = binaries.in_wheels().postgres
        self._pids: dict[str, int] = {}

    @property
    def database_url(self) -> str:
        """Address of the database for its owner."""
        return postgres.url(self._runtime, postgres.OWNER)

    @property
    def app_database_url(self) -> str:
        """Address of the database for the API's role."""
        return postgres.url(self._runtime, postgres.APP)

    @property
    def worker_database_url(self) -> str:
        """Address of the database for the worker's role."""
        return postgres.url(self._runtime, postgres.WORKER)

    @property
    def redis_url(self) -> str:
        """Address of Valkey for redis clients."""
        return valkey.url(self._runtime)

    @property
    def postgres_pid(self) -> int:
        """Process id of the PostgreSQL postmaster that was started last."""
        return self._pids["postgres"]

    @property
    def valkey_pid(self) -> int:
        """Process id of the Valkey server that was started last."""
        return self._pids["valkey"]

    @property
    def client_programs(self) -> Path:
        """Folder with psql, pg_dump and pgbench of the same version."""
        return self._client_programs

    @property
    def log_folder(self) -> Path:
        """Folder with postgres.log and valkey.log of this run."""
        return self._runtime

    def restart_postgres(self) -> None:
        """Kill PostgreSQL if it still runs and start it again: same data, same socket."""
        self._orders("kill", name="postgres")
        self._start_postgres()

    def restart_valkey(self) -> None:
        """Kill Valkey if it still runs and start it again: same data, same socket."""
        self._orders("kill", name="valkey")
        self._start_valkey()

    def start(self, *, with_postgres: bool, with_valkey: bool) -> None:
        """Start the servers that are wanted; Valkey comes up while PostgreSQL is prepared."""
        if with_valkey:
            places.account_folder(self._account, self._valkey_data)
            self._start_valkey(wait=False)
        if with_postgres:
            self._prepare_postgres()
        if with_valkey:
            self._await("valkey", lambda: valkey.answers(self._runtime))

    def _prepare_postgres(self) -> None:
        """Make the cluster if there is none, start it, create what is missing of roles and database."""
        if not self._cluster.is_dir():
            self._make_cluster()
        places.account_folder(self._account, self._cluster)
        if (found := (self._cluster / "PG_VERSION").read_text().strip()) != postgres.MAJOR:
            raise EmbeddedError(
                f"the data in {self._cluster} was written by PostgreSQL {found}, this is {postgres.MAJOR}: "
                "dump it with the old release and load it here, or choose another folder"
            )
        self._start_postgres()
        trouble = postgres.prepare(self._client_programs, self._runtime)
        if trouble:
            raise EmbeddedError(f"the embedded database could not be prepared: {trouble}")

    def _make_cluster(self) -> None:
        """Make the cluster beside its place and move it in: an interrupted start leaves no half cluster."""
        new = self._cluster.with_name("postgres.new")
        places.discard(new)
        places.account_folder(self._account, new)
        command = postgres.initdb(self._programs.postgres, new, sync=self._fsync)
        ended = self._orders("run", argv=command, seconds=BUDGET_SECONDS, **self._how("initdb"))
        if ended["status"] != 0:
            raise EmbeddedError(self._told("initdb failed", "initdb"))
        new.rename(self._cluster)

    def _start_postgres(self) -> None:
        """Start PostgreSQL; a killed predecessor's last children may hold its memory for a moment longer."""
        command = postgres.server(self._programs.postgres, self._cluster, self._runtime, fsync=self._fsync)
        deadline = time.monotonic() + BUDGET_SECONDS
        while True:
            self._start("postgres", command, signal.SIGINT)
            try:
                self._await("postgres", lambda: postgres.answers(self._client_programs, self._runtime))
                return
            except EmbeddedError as error:
                if "still in use" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _start_valkey(self, *, wait: bool = True) -> None:
        command = valkey.server(self._programs.valkey, self._valkey_data, self._runtime, fsync=self._fsync)
        self._start("valkey", command, signal.SIGTERM)
        if wait:
            self._await("valkey", lambda: valkey.answers(self._runtime))

    def _start(self, name: str, command: list[str], farewell: signal.Signals) -> None:
        started = self._orders("start", name=name, argv=command, farewell=int(farewell), **self._how(name))
        self._pids[name] = started["pid"]

    def _how(self, name: str) -> dict[str, Any]:
        folder = str(self._runtime)
        return {
            "cwd": folder,
            "log": str(self._log(name)),
            "uid": self._account.uid,
            "gid": self._account.gid,
        }

    def _log(self, name: str) -> Path:
        return self._runtime / f"{name}.log"

    def _await(self, name: str, answers: Callable[[], bool]) -> None:
        """Wait until the server answers; a server that died or is silent for too long is an error."""
        deadline = time.monotonic() + BUDGET_SECONDS
        while not answers():
            if not self._orders("state", name=name)["alive"]:
                raise EmbeddedError(self._told(f"the embedded {name} did not start", name))
            if time.monotonic() > deadline:
                raise EmbeddedError(self._told(f"{name} did not answer within {BUDGET_SECONDS:.0f} s", name))
            time.sleep(0.02)

    def _told(self, what: str, name: str) -> str:
        return f"{what}; the end of its log:\n{last_lines(self._log(name))}"


def try_lock(home: Path) -> IO[bytes] | None:
    """Hold the data folder if nobody does; a killed run holds it until its servers have stopped."""
    lock = (home / "lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _locked(home: Path) -> IO[bytes]:
    """Hold the data folder; waits for an earlier run that is just ending."""
    deadline = time.monotonic() + BUDGET_SECONDS / 2
    while (lock := try_lock(home)) is None:
        if time.monotonic() > deadline:
            raise EmbeddedError(f"another run uses the data in {home}: end it first")
        time.sleep(0.1)
    return lock


def _temporary_folders() -> tuple[str, ...]:
    """Where a runtime folder may be made, best first (the first one honours TMPDIR)."""
    return tempfile.gettempdir(), f"/run/user/{os.geteuid()}", "/tmp", "/var/tmp"  # noqa: S108 -- mkdtemp


@contextlib.contextmanager
def servers(
    data_dir: Path | None = None,
    fsync: bool = True,
    *,
    with_postgres: bool = True,
    with_valkey: bool = True,
) -> Iterator[Servers]:
    """Run PostgreSQL and Valkey for the time of the context, as our own child processes.

    data_dir -- where the data lasts; without it the data lives in the temporary folder and goes with it
    fsync    -- False only where data may be lost with the machine (tests); a killed server loses nothing
                either way

    When the context ends, or this process is killed in any way, both servers stop and the temporary
    folder is removed. Raises EmbeddedError with the end of the server's log when one does not start
    within 60 s.
    """
    with contextlib.ExitStack() as stack:
        held: tuple[int, ...] = ()
        home: Path | None = None
        if data_dir is not None:
            home = places.data_home(data_dir)
            held = (stack.enter_context(_locked(home)).fileno(),)
        account = places.account_for(home / "postgres" if home else None)
        runtime = places.runtime_folder(account, _temporary_folders())
        orders = _Orders(runtime, held)
        stack.callback(orders.close)
        running = Servers(orders, runtime, home or runtime, account, fsync)
        running.start(with_postgres=with_postgres, with_valkey=with_valkey)
        yield running
