"""One run, all figures: accepting beside its ceiling, its database and the usual way; building beside lxml.

    ./dev bench [--seconds N] [--connections N] [--only accept|build]

Every figure is a ratio to something measured in the same run on the same machine. Absolute figures differ by
machine and prove nothing; the load generator, the servers and PostgreSQL share the processors.
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a folder, this is not yet a package

from bench import building
from bench.gatehouse import Gatehouse, prepared

HERE = Path(__file__).parent
TARGETS = {"usual": 5.0, "pgbench": 0.35, "build": 1.5}


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(script: str, port: int, environment: dict[str, str]) -> Iterator[None]:
    """A server process, up when this begins and gone when it ends."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / script), str(port)], env={**os.environ, **environment}
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(30)


def loaded(port: int, house: Gatehouse, arguments: argparse.Namespace) -> dict[str, Any]:
    """What the load client measured."""
    command = [
        sys.executable,
        str(HERE / "load.py"),
        "127.0.0.1",
        str(port),
        str(arguments.connections),
        str(arguments.seconds),
        house.key,
        str(house.template),
        "/v1/invoices",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def accepting(arguments: argparse.Namespace) -> None:
    """Accepted invoices a second, four ways."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, prepared(Path(folder)) as house:
        results: dict[str, dict[str, Any]] = {}
        for name, script in (("ceiling", "ceiling.py"), ("gateway", "gateway.py"), ("usual", "usual.py")):
            port = free_port()
            with served(script, port, house.environment(port)):
                results[name] = loaded(port, house, arguments)
        results["pgbench"] = house.pgbench(arguments.connections, arguments.seconds)
    wrong = {n: r["statuses"] for n, r in results.items() if set(r["statuses"]) - {"201"}}
    print(f"\nAccepting a 10-line invoice, {arguments.connections} connections, one server process")
    print(f"{'':34}{'per second':>12}{'p50 ms':>9}{'p99 ms':>9}")
    words = {
        "ceiling": "bare Litestar handler, no database",
        "pgbench": "the same statement by pgbench",
        "gateway": "Tallystick, rules checked, committed",
        "usual": "FastAPI + SQLAlchemy ORM, no rules",
    }
    for name, word in words.items():
        r = results[name]
        print(f"{word:34}{r['rate']:>12,.0f}{r['p50']:>9.1f}{r['p99']:>9.1f}")
    gateway = results["gateway"]["rate"]
    for name, target in (("usual", TARGETS["usual"]), ("pgbench", TARGETS["pgbench"])):
        ratio = gateway / results[name]["rate"]
        print(f"gateway / {name}: {ratio:.2f} (target {target})")
    print(f"gateway p99 / p50: {results['gateway']['p99'] / results['gateway']['p50']:.2f}")
    if wrong:
        raise SystemExit(f"not every answer was 201: {wrong}")


def constructing() -> None:
    """Microseconds to build, by number of lines."""
    print("\nBuilding a Peppol UBL invoice, microseconds, best of a second's runs")
    print(
        f"{'lines':>6}{'check':>10}{'build':>10}{'lxml':>10}{'build/lxml':>12}{'drafthorse':>12}{'times':>8}"
    )
    for lines, f in building.main().items():
        ratio, times = f["build"] / f["lxml"], f["drafthorse"] / f["build"]
        print(
            f"{lines:>6}{f['check']:>10.0f}{f['build']:>10.0f}{f['lxml']:>10.0f}{ratio:>12.2f}"
            f"{f['drafthorse']:>12.0f}{times:>8.0f}"
        )
    print(f"target: build/lxml at most {TARGETS['build']}")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--only", choices=("accept", "build"))
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    if arguments.only != "accept":
        constructing()
    if arguments.only != "build":
        accepting(arguments)


if __name__ == "__main__":
    main()
