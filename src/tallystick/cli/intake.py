"""Files named on the command line, standard input among them, and the files that results go to."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tallystick.cli.printing import USAGE, Failure

__all__ = ["STANDARD_INPUT", "Outlet", "Source", "body_of", "place", "sources_of"]

STANDARD_INPUT: Final = Path("-")
FAULTS: Final = ".faults.json"


class Source:
    """One input: its name as the user wrote it, and its bytes on demand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = "standard input" if path == STANDARD_INPUT else str(path)
        self.stem = "stdin" if path == STANDARD_INPUT else path.stem

    def read(self) -> bytes:
        """The bytes. Raises Failure (wrong usage) when there is no such readable file."""
        return body_of(self.path)


class Outlet:
    """Where results go: a folder with one file for each input, one file, or standard output."""

    def __init__(
        self, sources: Sequence[Source], suffix: str, folder: Path | None, file: Path | None = None
    ) -> None:
        """`suffix` is what this command's results are usually called. Raises Failure when results would
        overwrite an input or each other.
        """
        if folder is not None and file is not None:
            raise Failure("give a folder (--out) or a file (-o), not both", USAGE)
        if len(sources) > 1 and file is not None:
            raise Failure("several inputs do not go into one file: give a folder with --out", USAGE)
        stems = [source.stem for source in sources]
        twins = sorted({stem for stem in stems if stems.count(stem) > 1})
        if folder is not None and twins:
            raise Failure(f"several inputs are called {', '.join(twins)}: their results would meet", USAGE)
        self.folder = folder
        self.file = None if file == STANDARD_INPUT else file
        self._suffix = suffix
        self._inputs = {source.path.resolve() for source in sources}

    @property
    def is_file(self) -> bool:
        """Whether results go to files, not to standard output."""
        return self.folder is not None or self.file is not None

    def keep(self, source: Source, suffix: str, body: bytes) -> Path:
        """Write the good result of an input (`suffix` such as `.xml`); where. Its old faults go."""
        self._forget(self._path(source, FAULTS))
        return self._write(self._path(source, suffix), body)

    def keep_faults(self, source: Source, body: bytes) -> Path:
        """Write why an input has no result; where. An older result of it goes: it would contradict."""
        self._forget(self._path(source, self._suffix))
        return self._write(self._path(source, FAULTS), body)

    def _path(self, source: Source, suffix: str) -> Path:
        if self.folder is not None:
            return self.folder / f"{source.stem}{suffix}"
        assert self.file is not None
        return self.file.with_suffix(FAULTS) if suffix == FAULTS else self.file

    def _write(self, path: Path, body: bytes) -> Path:
        if path.resolve() in self._inputs:
            raise Failure(f"{path} is an input: choose another place for the results", USAGE)
        place(path, body)
        return path

    def _forget(self, path: Path) -> None:
        if path.resolve() not in self._inputs:
            path.unlink(missing_ok=True)


def sources_of(paths: Sequence[Path]) -> list[Source]:
    """The inputs, all readable. Raises Failure (wrong usage) naming those that are not."""
    missing = [str(path) for path in paths if path != STANDARD_INPUT and not path.is_file()]
    if missing:
        raise Failure(f"no such file: {', '.join(missing)}", USAGE)
    if paths.count(STANDARD_INPUT) > 1:
        raise Failure("standard input can be read once", USAGE)
    return [Source(path) for path in paths]


def body_of(path: Path) -> bytes:
    """The bytes of a file, or of standard input for `-`. Raises Failure (wrong usage)."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}", USAGE) from None


def place(path: Path, body: bytes) -> None:
    """Write a file, with its folder. Raises Failure when that is not possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}") from None
