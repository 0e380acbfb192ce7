"""What the files of a set refer to, and where that lies: never outside the folder they were brought from.

Files are read once: what was looked at is what is kept. In a set there are no links, so a reference is
followed by its letters, and one that a link would lead elsewhere is refused.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from lxml import etree
from msgspec import Struct

from tallystick.official.errors import Unusable
from tallystick.official.expanding import SCH, parsed_text

__all__ = ["READ", "RULES", "SCHEMA", "SCHEMAS", "SHEETS", "XSL", "Part", "Reading", "within"]

SCHEMA: Final = "{http://www.w3.org/2001/XMLSchema}"
XSL: Final = "{http://www.w3.org/1999/XSL/Transform}"
XINCLUDE: Final = "{http://www.w3.org/2001/XInclude}"
SCHEMAS, RULES, SHEETS = frozenset({".xsd"}), frozenset({".sch"}), frozenset({".xsl", ".xslt"})
READ: Final = SCHEMAS | RULES | SHEETS
NOTHING: Final = "refers-to-nothing"
OPENS: Final = re.compile(r"""\b(?:document|doc|unparsed-text|unparsed-text-lines)\s*\(\s*['"]([^'"#]+)""")
MOST_FILES: Final = 2000
MOST_BYTES: Final = 128 * 1024 * 1024
REFERENCES: Final = {
    **{f"{SCHEMA}{name}": "schemaLocation" for name in ("import", "include", "redefine", "override")},
    **{f"{{{SCH}}}{name}": "href" for name in ("include", "extends")},
    **{f"{XSL}{name}": "href" for name in ("import", "include")},
    f"{XINCLUDE}include": "href",
}


class Part(Struct, frozen=True):
    """A file: where it stands on the user's disk, its bytes, its root element if it is one that is read, and
    the files that it refers to.
    """

    path: Path
    body: bytes
    tree: Any
    targets: frozenset[Path]


class Reading:
    """Files read once each, and no more of them than a set may have."""

    def __init__(self) -> None:
        self._read: dict[Path, bytes] = {}
        self._size = 0

    def followed(self, starts: Iterable[Path], bounds: Path) -> dict[Path, Part]:
        """These files of the folder `bounds` and all that they refer to, directly or not. Raises Unusable
        for what cannot be read, and for a reference that leads to a network, out of the folder or nowhere.
        """
        found: dict[Path, Part] = {}
        waiting = list(starts)
        while waiting:
            path = waiting.pop()
            if path not in found:
                found[path] = self._part(path, bounds)
                waiting += found[path].targets
        return dict(sorted(found.items()))

    def _part(self, path: Path, bounds: Path) -> Part:
        body = self._bytes(path)
        if path.suffix.lower() not in READ:
            return Part(path, body, None, frozenset())
        tree = parsed_text(body, path.name)
        if path.suffix.lower() in SHEETS and _declares_files(tree):
            raise Unusable(f"{path.name} declares entities or a document type of other files")
        return Part(path, body, tree, frozenset(_target(path, place, bounds) for place in _places(tree)))

    def _bytes(self, path: Path) -> bytes:
        if path not in self._read:
            try:
                with path.open("rb") as file:
                    self._read[path] = file.read(MOST_BYTES - self._size + 1)
            except OSError as error:
                raise Unusable(f"{path.name} cannot be read: {error.strerror}") from None
            self._size += len(self._read[path])
            if len(self._read) > MOST_FILES or self._size > MOST_BYTES:
                raise Unusable(f"at most {MOST_FILES} files and {MOST_BYTES >> 20} MB make a set")
        return self._read[path]


def _declares_files(tree: Any) -> bool:
    """Whether reading this with its entities would read other files."""
    said = tree.getroottree().docinfo
    if said.internalDTD is None:
        return False
    return bool(said.system_url) or any(each.system_url for each in said.internalDTD.iterentities())


def within(path: Path, bounds: Path) -> bool:
    """Whether a path, with every link followed, stays in a folder. A circle of links leads nowhere."""
    try:
        return path.resolve().is_relative_to(bounds)
    except (OSError, RuntimeError, ValueError):
        return False


def _target(path: Path, place: str, bounds: Path) -> Path:
    """The file that a file refers to. Raises Unusable."""
    said = f"{path.name} refers to {place}"
    try:
        parts = urlsplit(place)
    except ValueError:
        raise Unusable(f"{said}, which is no place") from None
    if parts.scheme or parts.netloc:
        raise Unusable(f"{said}: nothing is fetched, bring that file and refer to it")
    name = unquote(parts.path)
    if name.startswith(("/", "\\")):
        raise Unusable(f"{said}, a place on one machine: refer to it from where {path.name} stands")
    if "\0" in name:
        raise Unusable(f"{said}, which is not there")
    target = Path(os.path.normpath(path.parent / name))
    if not target.is_relative_to(bounds):
        raise Unusable(
            f"{said}, which lies outside {bounds}: bring the folder that holds both, or name it by --within"
        )
    if not within(target, bounds):
        raise Unusable(f"{said}: a link leads out of {bounds}")
    if not target.is_file():
        raise Unusable(f"{said}, which is not there")
    if (path.parent / name).resolve() != target.resolve():
        raise Unusable(f"{said} by way of a link, which a set cannot keep")
    return target


def _places(tree: Any) -> Iterator[str]:
    """What a file refers to, as it is written: parts to include, and documents that its expressions open."""
    for element in tree.iter(etree.Element):
        given = (element.get(REFERENCES.get(element.tag, NOTHING)) or "").partition("#")[0]
        opened = (OPENS.findall(value) for value in element.attrib.values() if "(" in value)
        yield from filter(None, (given, *(place for places in opened for place in places)))
