"""The code lists among the schemas, as they are shown: where each is from, and its codes."""

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from tallystick import schemas
from tallystick.flows.regimes.views import Code, CodeList

__all__ = ["list_of"]

HEADINGS: Final = "headings"
NO_CODE: Final = "~"


class Source(Struct, frozen=True, kw_only=True):
    """Where a list is from. `form` says how its file is written."""

    title: str = ""
    source: str = ""
    date: dt.date | None = None
    form: str = ""


def list_of(name: str, root: str) -> CodeList | None:
    """The list of that name, under the regime's `root`; None where there is no such list."""
    source = _sources().get(name)
    path = _file(name)
    if source is None or path is None:
        return None
    codes = [Code(code=code, name=text) for code, text in _codes(path, source.form).items()]
    return CodeList(
        name=name,
        title=source.title,
        source=source.source,
        date=source.date,
        count=len(codes),
        href=f"{root}/code-lists/{name}",
        codes=codes,
    )


@cache
def _sources() -> Mapping[str, Source]:
    text = schemas.path("codelists/SOURCE.toml").read_bytes()
    return msgspec.toml.decode(text, type=dict[str, Source])


def _file(name: str) -> Path | None:
    for suffix in ("txt", "toml"):
        try:
            return schemas.path(f"codelists/{name}.{suffix}")
        except FileNotFoundError:
            continue
    return None


def _codes(path: Path, form: str) -> dict[str, str]:
    """Each code with its name, if it has one, in the order of the file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return {code: _name(entry) for code, entry in tomllib.loads(text).items()}
    found = _under_headings(text) if form == HEADINGS else iter(text.split())
    return dict.fromkeys(found, "")


def _name(entry: Any) -> str:
    return str(entry.get("name", "")) if isinstance(entry, dict) else ""


def _under_headings(text: str) -> Iterator[str]:
    for row in text.splitlines():
        heading, *rest = row.split() or [NO_CODE]
        if not heading.startswith(NO_CODE):
            yield heading
        yield from (heading.lstrip(NO_CODE) + one for one in rest)
