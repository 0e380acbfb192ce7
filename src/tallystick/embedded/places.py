"""Under which account the servers run, and in which folders.

An ordinary user's servers run as himself. Root's run as `nobody`, or as the owner of an existing cluster.
No folder that stood before is ever opened wider than it was.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tallystick.embedded.errors import EmbeddedError

# A socket's path may have 107 bytes on Linux and 103 on macOS; the longest name below the runtime folder
# is `.s.PGSQL.5432`.
_LONGEST_BASE = 68
_SYSTEM_DATA = Path("/var/lib/tallystick")


@dataclass(frozen=True)
class Account:
    """Whom the servers run as; uid is None when they run as the caller."""

    uid: int | None
    gid: int | None

    def reaches(self, folder: Path) -> bool:
        """Whether this account may enter the folder and run a program there."""
        if self.uid is None:
            return os.access(folder, os.X_OK)
        entered = subprocess.run(
            ["/bin/sh", "-c", 'cd -- "$1" 2>/dev/null', "sh", str(folder)],
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        )
        return entered.returncode == 0

    def own(self, folder: Path) -> None:
        """Hand a folder that we just made over to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


def account_for(cluster: Path | None) -> Account:
    """Who runs the servers of this cluster (a folder that may not exist yet, or None)."""
    if os.geteuid() != 0:
        return Account(None, None)
    if cluster is not None and cluster.is_dir() and cluster.stat().st_uid != 0:
        return Account(cluster.stat().st_uid, cluster.stat().st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise EmbeddedError(
            "PostgreSQL refuses to run as root and this machine has no account `nobody`: "
            "run as an ordinary user, or set DATABASE_URL and REDIS_URL"
        ) from error
    return Account(nobody.pw_uid, nobody.pw_gid)


def runtime_folder(account: Account, candidates: tuple[str, ...]) -> Path:
    """A new folder of mode 0700 for sockets and logs, owned by the account, with a path short enough.

    candidates -- where it may be made, best first; those that are missing, too long, closed to us or to
                  the account are passed over
    """
    for candidate in candidates:
        base = Path(candidate)
        if not base.is_absolute() or len(os.fsencode(base)) > _LONGEST_BASE:
            continue
        if base.is_dir() and os.access(base, os.W_OK | os.X_OK) and account.reaches(base):
            folder = Path(tempfile.mkdtemp(prefix="tallystick-", dir=base))
            account.own(folder)
            return folder
    raise EmbeddedError("no folder for sockets: set TMPDIR to a writable folder with a path below 68 bytes")


def data_home(data_dir: Path) -> Path:
    """The folder under which the lasting data of `data_dir` lies; made when missing.

    It is `data_dir` itself, unless root's servers, which run under another account, cannot enter it: then
    it is a folder below /var/lib/tallystick and `data_dir/data` is a link that shows where.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    home = data_dir / "data"
    if not home.is_dir():
        account = account_for(None)
        if not account.reaches(data_dir.resolve()):
            digest = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
            elsewhere = _SYSTEM_DATA / digest
            elsewhere.mkdir(parents=True, exist_ok=True)
            home.unlink(missing_ok=True)
            home.symlink_to(elsewhere)
        home.mkdir(exist_ok=True)
        home.chmod(0o755)
    return home.resolve()


def account_folder(account: Account, folder: Path) -> Path:
    """A folder of mode 0700 that belongs to the account; made when missing."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        account.own(folder)
    if os.geteuid() != 0 and folder.stat().st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to another user: run as that user, or choose another folder")
    return folder


def discard(folder: Path) -> None:
    """Remove what an interrupted start left."""
    shutil.rmtree(folder, ignore_errors=True)
