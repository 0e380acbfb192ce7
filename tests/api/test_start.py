"""What importing the API loads: everything else waits until it is used, so that a process starts fast."""

import subprocess
import sys

LATER = ("alembic", "arq", "httpx._main", "jinja2", "lxml", "redis", "typer", "uvicorn")


def test_importing_the_api_loads_nothing_that_only_some_processes_use() -> None:
    look = "import tallystick.api, sys; print(*(name for name in sys.argv[1:] if sys.modules.get(name)))"
    done = subprocess.run([sys.executable, "-c", look, *LATER], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_server_comes_along_when_it_is_asked_for() -> None:
    look = "from tallystick.api import serve; import sys; print('uvicorn' in sys.modules, callable(serve))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
