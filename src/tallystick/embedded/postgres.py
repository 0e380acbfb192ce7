"""PostgreSQL's own words: how to make a cluster, how to start it, how to ask it, which roles it gets."""

import subprocess
from pathlib import Path
from urllib.parse import quote

SUPERUSER = "postgres"
DATABASE = "tallystick"
MAJOR = "18"
OWNER, APP, WORKER = "tallystick_owner", "tallystick_app", "tallystick_worker"

_ROLES = f"""
SELECT 'CREATE ROLE {OWNER} LOGIN CREATEROLE CREATEDB'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') \\gexec
SELECT format('CREATE ROLE %I LOGIN', name)
  FROM unnest(ARRAY['{APP}', '{WORKER}']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \\gexec
SELECT format('GRANT %I TO {OWNER} WITH ADMIN OPTION', name)
  FROM unnest(ARRAY['{APP}', '{WORKER}']) AS name
 WHERE NOT pg_has_role('{OWNER}', name, 'MEMBER') \\gexec
SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
"""  # noqa: S608 -- our own constants


def initdb(programs: Path, cluster: Path, *, sync: bool) -> list[str]:
    """The command that makes a cluster; C locale, so text sorts by code point on every machine."""
    command = [str(programs / "initdb"), "-D", str(cluster), "-U", SUPERUSER, "-A", "trust"]
    return [*command, "--no-locale", "-E", "UTF8", "--no-instructions", *([] if sync else ["--no-sync"])]


def server(programs: Path, cluster: Path, sockets: Path, *, fsync: bool) -> list[str]:
    """The command that starts a server which listens on a Unix socket only."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": '"' + str(sockets).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": "64MB",
        "dynamic_shared_memory_type": "mmap",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "jit": "off",
        "fsync": "on" if fsync else "off",
        "full_page_writes": "on" if fsync else "off",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [str(programs / "postgres"), "-D", str(cluster), *options]


def _psql(programs: Path, sockets: Path, script: str, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(programs / "psql"), "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER]
        + ["-h", str(sockets), "-d", "postgres"],
        input=script,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env={"LC_ALL": "C", "PGCONNECT_TIMEOUT": "5"},
    )


def answers(programs: Path, sockets: Path) -> bool:
    """Whether the server answers a query (a live process alone proves nothing)."""
    if not (sockets / ".s.PGSQL.5432").exists():
        return False
    try:
        return _psql(programs, sockets, "SELECT 1;", 5).stdout.strip() == "1"
    except subprocess.TimeoutExpired:
        return False


def prepare(programs: Path, sockets: Path) -> str:
    """Create what is missing of roles and database; returns the error text, empty when all is well."""
    return _psql(programs, sockets, _ROLES, 30).stderr.strip()


def url(sockets: Path, role: str, database: str = DATABASE) -> str:
    """The address under which `role` reaches a database of this server."""
    return f"postgresql://{role}@/{database}?host={quote(str(sockets), safe='/')}"
