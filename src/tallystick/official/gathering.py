"""From what the operator names on his disk to a set: which files belong to it, and which of them judge.

A folder is taken whole; a file with everything it refers to. What no other file includes is what judges: a
schema for the document elements it declares, a rule file for every document. Nothing is fetched: a file that
refers to a network, or to a file that is not there, is refused.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from lxml import etree
from msgspec import Struct

from tallystick.official.artefacts import Layer
from tallystick.official.errors import Unusable
from tallystick.official.expanding import SCH, parsed

__all__ = ["Gathered", "gathered"]

SCHEMA: Final = "{http://www.w3.org/2001/XMLSchema}"
XSL: Final = "{http://www.w3.org/1999/XSL/Transform}"
XINCLUDE: Final = "{http://www.w3.org/2001/XInclude}"
SCHEMAS, RULES, SHEETS = frozenset({".xsd"}), frozenset({".sch"}), frozenset({".xsl", ".xslt"})
READ: Final = SCHEMAS | RULES | SHEETS
TAKEN: Final = READ | {".xml", ".gc", ".dtd", ".ent", ".mod", ".txt", ".csv", ".json"}
NOTHING: Final = "refers-to-nothing"
OPENS: Final = re.compile(r"""\b(?:document|doc|unparsed-text)\(\s*['"]([^'"#]+)""")
MOST_FILES: Final = 2000
MOST_BYTES: Final = 128 * 1024 * 1024
REFERENCES: Final = {
    **{f"{SCHEMA}{name}": "schemaLocation" for name in ("import", "include", "redefine", "override")},
    **{f"{{{SCH}}}{name}": "href" for name in ("include", "extends")},
    **{f"{XSL}{name}": "href" for name in ("import", "include")},
    f"{XINCLUDE}include": "href",
}


class Gathered(Struct, frozen=True):
    """The files by their path in the set, and the layers that judge."""

    files: dict[str, Path]
    layers: tuple[Layer, ...]


def gathered(sources: Sequence[Path], roots: Sequence[str] = (), phase: str = "") -> Gathered:
    """What these folders and files make. `roots` are the local names of the document elements wanted; they
    may be left out where the schemas have few. Raises Unusable.
    """
    files: dict[str, Path] = {}
    folders: dict[Path, str] = {}
    for source in sources:
        base, found = _taken(source)
        folder = folders.setdefault(base, _free(base.name or "files", files))
        files |= {f"{folder}/{path.relative_to(base).as_posix()}": path for path in found}
    if len(files) > MOST_FILES or sum(path.stat().st_size for path in files.values()) > MOST_BYTES:
        raise Unusable(f"at most {MOST_FILES} files and {MOST_BYTES >> 20} MB make a set")
    trees = {path: parsed(path) for path in files.values() if path.suffix.lower() in READ}
    included = {target for path, tree in trees.items() for target in _targets(path, tree)}
    stray = included - {path.resolve() for path in files.values()}
    if stray:
        raise Unusable(f"{min(stray).name} is referred to and not among the files: bring it too")
    doors = {
        name: trees[path] for name, path in files.items() if path in trees and path.resolve() not in included
    }
    layers = (*_schemas(doors, roots), *_rules(doors, phase))
    if not layers:
        raise Unusable("there is neither a schema (.xsd) nor a rule file (.sch, .xsl, .xslt) among the files")
    return Gathered(files, tuple(layers))


def _taken(source: Path) -> tuple[Path, list[Path]]:
    """The folder under which a source's files are kept, and those files."""
    if source.is_dir():
        base = source.resolve()
        found = sorted(path for path in base.rglob("*") if path.suffix.lower() in TAKEN and path.is_file())
        if any(not path.resolve().is_relative_to(base) for path in found):
            raise Unusable(f"a link in {source} leads out of it")
        return base, [
            path for path in found if not any(part.startswith(".") for part in path.relative_to(base).parts)
        ]
    if not source.is_file():
        raise Unusable(f"{source} is neither a folder nor a file")
    if source.suffix.lower() not in READ:
        raise Unusable(f"{source.name} is neither a schema (.xsd) nor a rule file (.sch, .xsl, .xslt)")
    found = sorted(_closure(source.resolve()))
    return Path(os.path.commonpath([path.parent for path in found])), found


def _closure(start: Path) -> set[Path]:
    """A file and everything that it refers to, directly or not."""
    found, waiting = {start}, [start]
    while waiting and len(found) <= MOST_FILES:
        path = waiting.pop()
        if path.suffix.lower() not in READ:
            continue
        fresh = _targets(path, parsed(path)) - found
        found |= fresh
        waiting += fresh
    return found


def _targets(path: Path, tree: Any) -> set[Path]:
    """The files that a file refers to. Raises Unusable for a network, or for what is not there."""
    found = set()
    for place in _places(tree):
        parts = urlsplit(place)
        if parts.scheme or parts.netloc:
            raise Unusable(
                f"{path.name} refers to {place}: nothing is fetched, bring that file and refer to it"
            )
        target = (path.parent / unquote(parts.path)).resolve()
        if not target.is_file():
            raise Unusable(f"{path.name} refers to {place}, which is not there")
        found.add(target)
    return found


def _places(tree: Any) -> Iterator[str]:
    """What a file refers to, as it is written: parts to include, and documents that its expressions open."""
    for element in tree.iter(etree.Element):
        given = (element.get(REFERENCES.get(element.tag, NOTHING)) or "").partition("#")[0]
        opened = (OPENS.findall(value) for value in element.attrib.values() if "(" in value)
        yield from filter(None, (given, *(place for places in opened for place in places)))


def _free(name: str, files: Iterable[str]) -> str:
    """The name, or the name with a number, under which nothing is kept yet."""
    taken = {path.partition("/")[0] for path in files}
    return next(each for each in (name, *(f"{name}-{n}" for n in range(2, 1000))) if each not in taken)


def _schemas(doors: dict[str, Any], roots: Sequence[str]) -> Iterator[Layer]:
    """The schemas that judge, each for the elements it declares."""
    declared: dict[str, list[str]] = {}
    for name, tree in doors.items():
        if tree.tag != f"{SCHEMA}schema":
            continue
        for element in tree.findall(f"{SCHEMA}element"):
            if not roots or element.get("name") in roots:
                root = f"{{{tree.get('targetNamespace') or ''}}}{element.get('name')}"
                declared.setdefault(root, []).append(name)
    twice = next((root for root, names in declared.items() if len(names) > 1), None)
    if twice is not None:
        raise Unusable(
            f"{' and '.join(declared[twice])} both declare {etree.QName(twice).localname}: bring one"
        )
    if not roots and len(declared) > 1:
        names = sorted({etree.QName(root).localname for root in declared})
        shown = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
        raise Unusable(
            f"the schemas declare {len(names)} elements ({shown}): say with --root which documents are judged"
        )
    by_file: dict[str, list[str]] = {}
    for root, (name,) in declared.items():
        by_file.setdefault(name, []).append(root)
    for name, found in sorted(by_file.items()):
        yield Layer(kind="xsd", path=name, roots=tuple(sorted(found)))


def _rules(doors: dict[str, Any], phase: str) -> Iterator[Layer]:
    """The rule files that judge. Where a publisher gives a schema and its stylesheet, the stylesheet does."""
    sheets = {name for name, tree in doors.items() if tree.tag in (f"{XSL}stylesheet", f"{XSL}transform")}
    compiled = {Path(name).stem for name in sheets}
    phases = {each.get("id") for tree in doors.values() for each in tree.findall(f"{{{SCH}}}phase")}
    if phase and not phase.startswith("#") and phase not in phases:
        raise Unusable(f"there is no phase {phase}")
    for name, tree in doors.items():
        if name in sheets:
            yield Layer(kind="xslt", path=name)
        elif tree.tag == f"{{{SCH}}}schema" and Path(name).stem not in compiled:
            known = {each.get("id") for each in tree.findall(f"{{{SCH}}}phase")}
            yield Layer(
                kind="schematron", path=name, phase=phase if phase in known or phase == "#ALL" else ""
            )
