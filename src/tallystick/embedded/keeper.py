"""The keeper: a small process that owns the embedded servers and never outlives its task.

It is started as `python -I -S keeper.py REMOVE_DIR` and knows nothing but the standard library. Orders come
as JSON lines on standard input, each is answered by one JSON line on standard output:

    {"do": "start", "name": N, "argv": […], "cwd": D, "log": F, "uid": U, "gid": G, "farewell": SIGNAL}
    {"do": "run",   "argv": […], "cwd": D, "log": F, "uid": U, "gid": G, "seconds": S}
    {"do": "kill",  "name": N}
    {"do": "state", "name": N}

Guarantees. When standard input ends — the parent closed it, or was killed in any way — every server is told
to stop, is waited for, and REMOVE_DIR is deleted. Dead servers are reaped here, also where process 1 reaps
nobody, so a dead server is never mistaken for a running one. If the keeper itself is killed, Linux kills the
servers with it.
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
STOP_SECONDS = 15.0
SERVER_ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _prctl(option: int, value: int) -> None:
    if _libc is not None:
        _libc.prctl(option, value, 0, 0, 0)


def _die_with_the_keeper() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Keeper:
    """The servers of one parent, by name."""

    def __init__(self) -> None:
        self._servers: dict[str, tuple[subprocess.Popen[bytes], int]] = {}

    def start(self, name: str, farewell: int, **how: Any) -> dict[str, Any]:
        """Start a server; refuses when one of that name still runs."""
        if self.state(name)["alive"]:
            return {"error": f"{name} is already running"}
        process = self._spawn(**how)
        self._servers[name] = process, farewell
        return {"pid": process.pid}

    def run(self, seconds: float, **how: Any) -> dict[str, Any]:
        """Run a program to its end and report its exit status."""
        process = self._spawn(**how)
        try:
            return {"status": process.wait(seconds)}
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return {"error": f"{how['argv'][0]} did not end within {seconds:.0f} s"}

    def kill(self, name: str) -> dict[str, Any]:
        """Kill a server at once and reap it."""
        if name in self._servers:
            process, _ = self._servers.pop(name)
            process.kill()
            process.wait()
        return {}

    def state(self, name: str) -> dict[str, Any]:
        """Whether the server of that name runs."""
        self.reap()
        process, _ = self._servers.get(name, (None, 0))
        return {"alive": process is not None and process.poll() is None}

    def reap(self) -> None:
        """Collect dead servers, and the orphans which they left to us (Linux hands them over)."""
        for process, _ in self._servers.values():
            process.poll()
        known = {process.pid for process, _ in self._servers.values() if process.returncode is None}
        with contextlib.suppress(ChildProcessError, AttributeError):
            while (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                if dead.si_pid in known:  # it died just now; the next round collects it
                    return
                os.waitpid(dead.si_pid, os.WNOHANG)

    def stop_all(self) -> None:
        """Ask every server to stop, wait, and kill what does not."""
        running = [entry for entry in self._servers.values() if entry[0].poll() is None]
        for process, farewell in running:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(farewell)
        deadline = time.monotonic() + STOP_SECONDS
        for process, _ in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._servers.clear()
        self.reap()

    def _spawn(self, argv: list[str], cwd: str, log: str, uid: int | None, gid: int | None) -> Any:
        account: dict[str, Any] = {} if uid is None else {"user": uid, "group": gid, "extra_groups": []}
        with Path(log).open("ab") as output:
            return subprocess.Popen(
                argv,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=SERVER_ENVIRONMENT,
                umask=0o077,
                preexec_fn=_die_with_the_keeper,  # noqa: PLW1509 -- the keeper has one thread
                **account,
            )


def _orders(keeper: Keeper) -> Iterator[bytes]:
    """The lines of standard input as they come; between them the dead are reaped."""
    pending = b""
    while True:
        if not select.select([0], [], [], 0.5)[0]:
            keeper.reap()
            continue
        data = os.read(0, 65536)
        if not data:
            return
        *lines, pending = (pending + data).split(b"\n")
        yield from lines


def _obey(keeper: Keeper, line: bytes) -> dict[str, Any]:
    order = json.loads(line)
    try:
        return getattr(keeper, order.pop("do"))(**order)  # type: ignore[no-any-return]
    except (OSError, subprocess.SubprocessError) as error:
        return {"error": str(error)}


def sweep(directory: Path) -> None:
    """Remove a run's folder, and the System V segment of a killed PostgreSQL (postmaster.pid has its id)."""
    for note in directory.glob("*/postmaster.pid"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            segment = int(note.read_text().splitlines()[6].split()[1])
            if _libc is not None:
                _libc.shmctl(segment, 0, None)
    shutil.rmtree(directory, ignore_errors=True)


def main(remove: str) -> None:
    """Serve until the parent is gone, then leave nothing behind."""
    for name in (signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    keeper = Keeper()
    try:
        for line in _orders(keeper):
            with contextlib.suppress(BrokenPipeError):
                os.write(1, json.dumps(_obey(keeper, line)).encode() + b"\n")
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        keeper.stop_all()
        sweep(Path(remove))


if __name__ == "__main__":
    main(sys.argv[1])
