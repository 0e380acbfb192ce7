"""The door to the top-level schemas folder: a name in, a path out; nothing is parsed here.

In a checkout the files lie in `schemas/` beside `src/`, in a wheel they lie beside this module.
"""

from pathlib import Path, PurePosixPath

_ROOT = Path(__file__).parents[3]
_SHELF = _ROOT / "schemas" if (_ROOT / "pyproject.toml").is_file() else Path(__file__).parent


def path(name: str) -> Path:
    """Where the schema file called `name` lies, for example `rules/default.toml`.

    Raises FileNotFoundError when there is none, and for a name that would lead out of the folder.
    """
    parts = PurePosixPath(name).parts
    found = _SHELF.joinpath(*parts)
    if not parts or ".." in parts or PurePosixPath(name).is_absolute() or not found.is_file():
        raise FileNotFoundError(name)
    return found


def names(folder: str = "", suffix: str = "") -> tuple[str, ...]:
    """The names of the files below a folder that end in `suffix`, sorted; each one opens with `path`."""
    found = (
        file.relative_to(_SHELF).as_posix()
        for file in (_SHELF / folder).rglob(f"*{suffix}")
        if file.is_file()
    )
    return tuple(sorted(name for name in found if not name.endswith((".py", ".pyc"))))
