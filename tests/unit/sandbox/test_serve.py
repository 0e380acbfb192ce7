"""The sandbox as a process of its own: it names its address, survives kill -9, remembers."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tallystick.sandbox import Running

PROGRAM = """
import sys
from pathlib import Path
from tallystick.sandbox import serve
serve("127.0.0.1", 0, Path(sys.argv[1]), "secret", ready=lambda url: print(url, flush=True))
"""


def started(journal: Path) -> tuple[subprocess.Popen[str], str]:
    """A sandbox process and its base URL."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(journal)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def stopped(process: subprocess.Popen[str], number: int) -> int:
    """End the process with a signal and give its exit status."""
    process.send_signal(number)
    status = process.wait(20)
    assert process.stdout is not None
    process.stdout.close()
    return status


def test_what_was_answered_is_remembered_after_kill_9(journal: Path, sender_of: Callable[..., Any]) -> None:
    process, url = started(journal)
    try:
        client = sender_of(Running(url, None, None), "secret")  # type: ignore[arg-type]
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
        assert client.submit(instance_id="kept").status_code == 200
    finally:
        stopped(process, signal.SIGKILL)
    process, url = started(journal)
    try:
        client = sender_of(Running(url, None, None), "secret")  # type: ignore[arg-type]
        assert client.status("kept").json()["status"] == "sent"
    finally:
        assert stopped(process, signal.SIGTERM) in (0, -signal.SIGTERM)
