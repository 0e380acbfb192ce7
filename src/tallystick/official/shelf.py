"""The shelf: the sets of an installation, each under its name, its files under their digest.

    DIRECTORY/sets/NAME.json         what is recorded of a set
    DIRECTORY/files/DIGEST/…         its files as they were brought, read-only
    DIRECTORY/lock                   held by whoever changes anything of it

A set appears and goes in one step: whoever reads meanwhile sees the one or the other. Several processes read
the same shelf; what changes on it is seen at the next look. One at a time changes it, and sweeps away first
what one that died in the middle of it left.
"""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec
from msgspec import structs

from tallystick.official.artefacts import Artefacts, Filed, listed
from tallystick.official.errors import Unusable
from tallystick.official.gathering import Gathered
from tallystick.official.locking import alone, alone_at_once, made

__all__ = ["Shelf", "shelf_of"]

PLACE: Final = "artefacts"
COMING: Final = "coming-"  # how what is not yet there is called
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Shelf:
    """The sets below a directory, which need not be there yet."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._sets = directory / "sets"
        self._files = directory / "files"
        self._read: tuple[tuple[tuple[str, int, int], ...], tuple[Artefacts, ...]] = ((), ())

    def all(self) -> tuple[Artefacts, ...]:
        """Every set, by name. Raises Unusable where they, or the record of one, cannot be read."""
        marks = tuple(sorted(_marks(self._sets)))
        if marks != self._read[0]:
            self._read = marks, tuple(self._records(name for name, *_ in marks))
        return self._read[1]

    def of(self, strategy: str) -> tuple[Artefacts, ...]:
        """The sets that judge documents of a strategy. Raises Unusable."""
        return tuple(each for each in self.all() if each.strategy == strategy)

    def named(self, profile: str) -> Artefacts:
        """One set. Raises Unusable when there is none of that name."""
        for each in self.all():
            if each.profile == profile:
                return each
        raise Unusable(f"there are no artefacts called {profile}")

    def home(self, artefacts: Artefacts) -> Path:
        """The folder that holds a set's files."""
        return self._files / artefacts.digest

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Hold the shelf's lock, as `keep`, `put` and `forget` ask for. Raises Unusable, OSError."""
        return alone(self.directory)

    def keep(self, gathered: Gathered) -> tuple[str, tuple[Filed, ...]]:
        """Copy the files in; their digest, and the list of them. Doing it twice changes nothing, except files
        that are no longer what was brought. Only while the lock is held.
        """
        self._sweep()
        made(self._files)
        room = Path(tempfile.mkdtemp(prefix=COMING, dir=self._files))
        try:
            filed = tuple(_written(body, room, name) for name, body in sorted(gathered.files.items()))
            digest = hashlib.sha256(listed(filed)).hexdigest()
            home = self._files / digest
            if home.exists() and any(_differing(home, filed)):
                home.rename(room.with_name(f"{room.name}-gone"))
            if not home.exists():
                room.rename(home)
        finally:
            shutil.rmtree(room, ignore_errors=True)
            shutil.rmtree(room.with_name(f"{room.name}-gone"), ignore_errors=True)
        return digest, filed

    def _sweep(self) -> None:
        """Delete what those who died left: while we hold the lock, nobody else is at it."""
        left = [*self._sets.glob(f"{COMING}*"), *self._files.glob(f"{COMING}*")]
        with contextlib.suppress(Unusable):  # what cannot be read may have any files
            known = {each.digest for each in self.all()}
            left += [
                path
                for path in self._files.glob("*")
                if DIGEST.fullmatch(path.name) and path.name not in known
            ]
        for path in left:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def put(self, artefacts: Artefacts, *, replace: bool = False) -> Artefacts:
        """Let a set judge from now on; the record of it, which is the old one where that says the same. Only
        while the lock is held. Raises Unusable for a name that is taken by another set, or is none.
        """
        if not NAME.fullmatch(artefacts.profile):
            raise Unusable("a name is of a-z, 0-9, dots, dashes and underscores, 64 at most")
        before = [each for each in self.all() if each.profile == artefacts.profile]
        if before and structs.replace(artefacts, added_at=before[0].added_at) == before[0]:
            return before[0]
        if before and not replace:
            raise Unusable(
                f"there are artefacts called {artefacts.profile} already: --replace puts these in their place"
            )
        made(self._sets)
        handle, name = tempfile.mkstemp(prefix=COMING, dir=self._sets)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(artefacts), indent=1))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(self._sets / f"{artefacts.profile}.json")
        for each in before:
            self.forget(each.digest)
        return artefacts

    def remove(self, profile: str) -> None:
        """Let a set judge no more. Raises Unusable when there is none of that name, OSError."""
        self.named(profile)
        with alone_at_once(self.directory):
            gone = self.named(profile)
            (self._sets / f"{profile}.json").unlink(missing_ok=True)
            self.forget(gone.digest)
            self._sweep()

    def forget(self, digest: str) -> None:
        """Delete files that no set has. Only while the lock is held."""
        if not any(each.digest == digest for each in self.all()):
            shutil.rmtree(self._files / digest, ignore_errors=True)

    def marks(self, artefacts: Artefacts) -> tuple[tuple[int, int, int], ...]:
        """What the system says of a set's files and of the folders they stand in: as long as it is the same
        they are what they were.
        """
        home = os.fspath(self.home(artefacts))
        folders = dict.fromkeys(each.path.rpartition("/")[0] for each in artefacts.files)
        return tuple(
            _mark(f"{home}/{place}") for place in (*folders, *(each.path for each in artefacts.files))
        )

    def faults(self, artefacts: Artefacts) -> Iterator[str]:
        """How a set's files differ from what was recorded of them."""
        yield from _differing(self.home(artefacts), artefacts.files)
        if hashlib.sha256(listed(artefacts.files)).hexdigest() != artefacts.digest:
            yield "the list of files does not give the digest"

    def _records(self, names: Iterable[str]) -> Iterator[Artefacts]:
        """The records of these names; one that is taken away meanwhile is none."""
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                yield self._record(name)

    def _record(self, name: str) -> Artefacts:
        try:
            found = msgspec.json.decode((self._sets / name).read_bytes(), type=Artefacts)
        except FileNotFoundError:
            raise
        except (OSError, msgspec.MsgspecError) as error:
            raise Unusable(f"the record {name} cannot be read: {error}") from None
        if f"{found.profile}.json" != name or not DIGEST.fullmatch(found.digest):
            raise Unusable(f"the record {name} is not of the set of that name")
        return found


def shelf_of(data_directory: Path) -> Shelf:
    """The shelf of the installation that keeps its data there."""
    return Shelf(data_directory / PLACE)


def _marks(folder: Path) -> Iterator[tuple[str, int, int]]:
    """The records in a folder, when each was written, and its place on the disk. One that goes meanwhile
    hides no other.
    """
    try:
        for path in [*folder.iterdir()] if folder.exists() else []:
            with contextlib.suppress(FileNotFoundError):
                if path.suffix == ".json":
                    found = path.stat()
                    yield path.name, found.st_mtime_ns, found.st_ino
    except OSError as error:
        raise Unusable(f"the sets cannot be looked for: {error.strerror}") from None


def _mark(path: str) -> tuple[int, int, int]:
    """When a file was changed, how long it is, and which; of one that is not there nothing."""
    try:
        found = os.stat(path)  # noqa: PTH116 -- with every judgement, and there are many files
    except OSError:
        return 0, 0, 0
    return found.st_ctime_ns, found.st_size, found.st_ino


def _differing(home: Path, files: Sequence[Filed]) -> Iterator[str]:
    """How the files in a folder differ from those of a list."""
    recorded: Mapping[str, Filed] = {each.path: each for each in files}
    there = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    for path in sorted(recorded.keys() - there):
        yield f"{path} is missing"
    for path in sorted(there - recorded.keys()):
        yield f"{path} was not brought"
    for path in sorted(there & recorded.keys()):
        try:
            body = (home / path).read_bytes()
        except OSError as error:
            yield f"{path} cannot be read: {error.strerror}"
            continue
        if hashlib.sha256(body).hexdigest() != recorded[path].sha256:
            yield f"{path} is not the file that was brought"


def _written(body: bytes, room: Path, name: str) -> Filed:
    """Write a file for good, for everyone to read and nobody to change; what it is."""
    target = room / name
    target.parent.mkdir(parents=True, exist_ok=True)
    for folder in PurePosixPath(name).parents:
        (room / folder).chmod(0o755)
    with target.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    target.chmod(0o444)
    return Filed(name, hashlib.sha256(body).hexdigest(), len(body))
