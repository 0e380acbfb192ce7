"""A terminal in which commands run as a user types them: own folder, own ports, own servers."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Terminal:
    """A folder in which the README's commands run: this checkout's code, other ports, other servers."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.api, self.sandbox = free_port(), free_port()
        self.environment = os.environ | environment | {"TALLYSTICK_PORT": str(self.api)}
        (folder / "fixtures").symlink_to(ROOT / "fixtures")
        shim = folder / "dev"
        shim.write_text(f'#!/bin/sh\nshift\nexec {sys.executable} -P -m tallystick "$@"\n')
        shim.chmod(0o755)

    def here(self, commands: str) -> str:
        """The commands with this terminal's ports."""
        ported = commands.replace("8080", str(self.api)).replace("8090", str(self.sandbox))
        return ported.replace("run sandbox", f"run sandbox --port {self.sandbox}")

    @contextmanager
    def background(self, commands: str) -> Iterator[None]:
        """The commands in a terminal of their own, until the block ends with Ctrl-C."""
        process = subprocess.Popen(
            ["bash", "-c", self.here(commands)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / f"{abs(hash(commands))}.log").open("wb"),
            start_new_session=True,
        )
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            process.wait(30)

    def run(self, commands: str) -> str:
        """What the commands print; each must succeed."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.here(commands)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def await_readiness(self) -> None:
        """Wait for the API and the sandbox."""
        deadline = time.monotonic() + 60
        for url in (f"http://127.0.0.1:{self.api}/readyz", f"http://127.0.0.1:{self.sandbox}/healthz"):
            while time.monotonic() < deadline:
                with suppress(httpx.HTTPError):
                    if httpx.get(url).status_code == 200:
                        break
                time.sleep(0.1)
            else:
                logs = "".join(path.read_text() for path in self.folder.glob("*.log"))
                pytest.fail(f"{url} does not answer: {logs}")
