"""One run, all figures: accepting beside its ceiling, its database and the usual way; building beside lxml,
judging beside the publishers' own files.

    ./dev bench [--seconds N] [--rounds N] [--connections N] [--only accept|build|rules|stamp|start|chain]

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
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a folder, this is not yet a package

from bench import building, chain, judging, stamping, till
from bench.gatehouse import Gatehouse, prepared

HERE = Path(__file__).parent
TARGETS = {"usual": 5.0, "pgbench": 0.35, "tail": 2.5, "build": 1.5, "start": 2.5}
VARIANTS = {
    "ceiling": "bare Litestar handler, no database",
    "pgbench": "the same statement by pgbench",
    "gateway": "Tallystick, rules checked, committed",
    "usual": "FastAPI + SQLAlchemy ORM, no rules",
}


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(script: str, port: int, environment: dict[str, str]) -> Iterator[int]:
    """A server process, up when this begins and gone when it ends: its number."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / script), str(port)], env={**os.environ, **environment}
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def worked(process: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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


def measured(name: str, house: Gatehouse, arguments: argparse.Namespace) -> dict[str, Any]:
    """One variant on a database of its own."""
    with house.fresh(f"bench_{name}") as place:
        if name == "pgbench":
            return house.pgbench(
                place.app, arguments.connections, "-T", str(max(1, round(arguments.seconds)))
            )
        port = free_port()
        with served(f"{name}.py", port, house.environment(place, port)) as process:
            before = worked(process)
            found = loaded(port, house, arguments)
            return found | {"cpu": (worked(process) - before) * 1e6 / max(1, found["all"])}


def accepting(arguments: argparse.Namespace) -> None:
    """Accepted invoices a second, four ways, one after the other and over again."""
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in VARIANTS}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, prepared(Path(folder)) as house:
        for _ in range(arguments.rounds):
            for name, found in rounds.items():
                found.append(measured(name, house, arguments))
    print(f"\nAccepting a 10-line invoice, {arguments.connections} connections, one server process,")
    print(f"medians of {arguments.rounds} rounds of {arguments.seconds:g} s, lowest and highest in brackets")
    print(f"{'':36}{'per second':>24}{'p50 ms':>9}{'p99 ms':>9}{'p99/p50':>9}{'CPU us':>9}")
    for name, word in VARIANTS.items():
        rate, p50, p99 = ([one[key] for one in rounds[name]] for key in ("rate", "p50", "p99"))
        spread = f"{median(rate):,.0f} ({min(rate):,.0f}–{max(rate):,.0f})"
        tail = median([high / low for high, low in zip(p99, p50, strict=True)])
        work = f"{median([one['cpu'] for one in rounds[name]]):,.0f}" if "cpu" in rounds[name][0] else ""
        print(f"{word:36}{spread:>24}{median(p50):>9.1f}{median(p99):>9.1f}{tail:>9.2f}{work:>9}")
    print("CPU: microseconds of the server process per answered request, whatever else the machine does")
    for name in ("usual", "pgbench"):
        pairs = zip(rounds["gateway"], rounds[name], strict=True)
        ratios = sorted(ours["rate"] / theirs["rate"] for ours, theirs in pairs)
        spread = f"{median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"
        print(f"gateway / {name}: {spread}, at least {TARGETS[name]}")
    print(f"gateway p99 / p50: as above, at most {TARGETS['tail']}")
    wrong = {
        n: one["statuses"] for n, found in rounds.items() for one in found if set(one["statuses"]) - {"201"}
    }
    if wrong:
        raise SystemExit(f"not every answer was 201: {wrong}")


def constructing() -> None:
    """Microseconds to build, by number of lines."""
    print("\nBuilding a Peppol UBL invoice, microseconds, best of a second's runs")
    print(
        f"{'lines':>10}{'bytes':>9}{'check':>10}{'build':>10}{'lxml':>10}{'build/lxml':>12}{'drafthorse':>12}"
    )
    for name, f in building.main().items():
        ratio, other = f["build"] / f["lxml"], f.get("drafthorse")
        times = f"{other:>12.0f} = {other / f['build']:.0f} times" if other else ""
        print(
            f"{name:>10}{f['bytes']:>9}{f['check']:>10.0f}{f['build']:>10.0f}{f['lxml']:>10.0f}{ratio:>12.2f}{times}"
        )
    print(f"build/lxml: at most {TARGETS['build']}")


def starting() -> None:
    """Seconds of processor that importing the API takes, beside importing Litestar alone."""
    look = "import time; began = time.process_time(); import {}; print(time.process_time() - began)"
    seconds = {
        module: min(
            float(subprocess.check_output([sys.executable, "-c", look.format(module)])) for _ in range(5)
        )
        for module in ("litestar", "tallystick.api")
    }
    ours, theirs = seconds["tallystick.api"], seconds["litestar"]
    print("\nStarting, seconds of processor, best of 5")
    print(f"import tallystick.api {ours:.2f} / import litestar {theirs:.2f} = {ours / theirs:.2f}", end="")
    print(f", at most {TARGETS['start']}")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--only", choices=("accept", "build", "rules", "stamp", "start", "chain"))
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    if os.getloadavg()[0] > 1:
        print(
            "Others are at work here. The database has many processes and the gateway one, so it gets less."
        )
    if arguments.only in (None, "build"):
        constructing()
    if arguments.only in (None, "rules"):
        judging.main()
    if arguments.only in (None, "stamp"):
        stamping.main()
    if arguments.only in (None, "start"):
        starting()
    if arguments.only in (None, "chain"):
        chain.main(arguments.rounds)
        till.main()
    if arguments.only in (None, "accept"):
        accepting(arguments)


if __name__ == "__main__":
    main()
