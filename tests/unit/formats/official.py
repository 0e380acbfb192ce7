"""The publishers' own judges, run in this process: one SaxonC processor is all a process may have."""

import importlib
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from lxml import etree

SHARED = (Path(__file__).parents[3] / "../shared").resolve()
ABSENT = not (SHARED / "oracle" / "validate.py").is_file()
WHY_ABSENT = "no ../shared beside this checkout: the official rules cannot judge here"


@cache
def tool(name: str) -> ModuleType:
    """A script of the shelf as a module."""
    folder = str(SHARED / "oracle")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)


@cache
def oracle() -> Any:
    """XSD and Schematron of every profile, as their publishers run them."""
    return tool("validate").Oracle(as_published=True)


def fatal(profile: str, path: Path) -> list[str]:
    """The rules that make the document invalid under the profile."""
    findings = oracle().check(profile, str(path))
    return [f"{one.rule} {one.message}" for one in findings if one.flag in ("fatal", "evaluation-error")]


@cache
def _schema(root: str) -> etree.XMLSchema:
    path = SHARED / "official" / "xsd" / "ubl21" / "maindoc" / f"UBL-{root}-2.1.xsd"
    return etree.XMLSchema(file=str(path))


def schema_errors(body: bytes) -> list[str]:
    """What the UBL 2.1 schema has against the document."""
    tree = etree.fromstring(body)
    schema = _schema(etree.QName(tree).localname)
    schema.validate(tree)
    return [error.message for error in schema.error_log]
