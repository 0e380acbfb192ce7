"""From what the operator names on his disk to a set: which files belong to it, and which of them judge.

A folder is taken whole; a file with everything it refers to, and with nothing else. What no other file
includes is what judges: a schema for the document elements it declares, a rule file for every document.
Nothing is fetched, and nothing is taken from outside the folder: a file that refers to a network, or out of
it, or to a file that is not there, is refused.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from lxml import etree
from msgspec import Struct

from tallystick.official.artefacts import Layer
from tallystick.official.errors import Unusable
from tallystick.official.expanding import SCH
from tallystick.official.referring import READ, SCHEMA, XSL, Part, Reading, within

__all__ = ["Gathered", "gathered"]

TAKEN: Final = READ | {".xml", ".gc", ".dtd", ".ent", ".mod", ".txt", ".csv", ".json"}


class Gathered(Struct, frozen=True):
    """The files' bytes by their path in the set, and the layers that judge."""

    files: dict[str, bytes]
    layers: tuple[Layer, ...]


def gathered(
    sources: Sequence[Path], roots: Sequence[str] = (), phase: str = "", bounds: Sequence[Path] = ()
) -> Gathered:
    """What these folders and files make. `roots` are the local names of the document elements wanted; they
    may be left out where the schemas have few. A file may refer to what stands in that of `bounds` which
    holds it; where none does, to what stands in its own folder. Raises Unusable.
    """
    reading = Reading()
    parts: dict[str, Part] = {}
    folders: dict[Path, str] = {}
    for source in sources:
        base, found = _taken(reading, source, bounds)
        folder = folders.setdefault(base, _free(base.name or "files", parts))
        parts |= {f"{folder}/{path.relative_to(base).as_posix()}": part for path, part in found.items()}
    included = {target.resolve() for part in parts.values() for target in part.targets}
    doors = {
        name: part.tree
        for name, part in parts.items()
        if part.tree is not None and part.path.resolve() not in included
    }
    layers = (*_schemas(doors, roots), *_rules(doors, phase))
    if not layers:
        raise Unusable("there is neither a schema (.xsd) nor a rule file (.sch, .xsl, .xslt) among the files")
    return Gathered({name: part.body for name, part in parts.items()}, tuple(layers))


def _taken(reading: Reading, source: Path, bounds: Sequence[Path]) -> tuple[Path, dict[Path, Part]]:
    """The folder under which a source's files are kept, and those files."""
    if source.is_dir():
        base = source.resolve()
        return base, reading.followed(_standing(base), base)
    if not source.is_file():
        raise Unusable(f"{source} is neither a folder nor a file")
    if source.suffix.lower() not in READ:
        raise Unusable(f"{source.name} is neither a schema (.xsd) nor a rule file (.sch, .xsl, .xslt)")
    start = source.resolve()
    holding = (folder.resolve() for folder in bounds if start.is_relative_to(folder.resolve()))
    fence = min(holding, key=lambda each: len(each.parts), default=start.parent)
    found = reading.followed([start], fence)
    return Path(os.path.commonpath([path.parent for path in found])), found


def _standing(base: Path) -> Iterator[Path]:
    """The files of a folder that a set may need, hidden ones left aside. Raises Unusable."""
    for path in sorted(base.rglob("*")):
        place = path.relative_to(base)
        if any(part.startswith(".") for part in place.parts):
            continue
        if path.is_symlink() and not within(path, base):
            raise Unusable(f"a link in {base} leads out of it: {place}")
        if path.suffix.lower() in TAKEN and path.is_file():
            yield path


def _free(name: str, files: Iterable[str]) -> str:
    """The name, or the name with a number, under which nothing is kept yet."""
    taken = {path.partition("/")[0] for path in files}
    return next(each for each in (name, *(f"{name}-{n}" for n in range(2, 1000))) if each not in taken)


def _schemas(doors: dict[str, Any], roots: Sequence[str]) -> Iterator[Layer]:
    """The schemas that judge, each for the elements it declares. Raises Unusable."""
    schemas = {name: tree for name, tree in doors.items() if tree.tag == f"{SCHEMA}schema"}
    declared: dict[str, list[str]] = {}
    for name, tree in schemas.items():
        for element in tree.findall(f"{SCHEMA}element"):
            if not roots or element.get("name") in roots:
                root = f"{{{tree.get('targetNamespace') or ''}}}{element.get('name')}"
                declared.setdefault(root, []).append(name)
    unknown = sorted({*roots} - {etree.QName(root).localname for root in declared})
    if schemas and unknown:
        raise Unusable(f"no schema among the files declares {unknown[0]}")
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
