"""Running a set over a document, in this process: schemas by libxml2, rules by SaxonC.

A rule that cannot be computed on a document is a finding. What the processor cannot do for want of memory, or
by a fault of its own, is none: it is raised, and the process is done for.

One processor to a process, used from one thread. Stylesheets may read files and nothing else: no network, no
extension functions, no writing. Compiled once, kept as long as the set does not change.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from lxml import etree

from tallystick.official.artefacts import SCHEMA_RULE, Artefacts, Finding, Layer, Opinion, level_of
from tallystick.official.errors import NotInstalled, Unusable
from tallystick.official.expanding import parsed
from tallystick.official.numbering import UNNUMBERED, number_of
from tallystick.official.schematron import FAILED, stylesheet
from tallystick.official.shelf import Shelf

__all__ = ["Judge", "rules_in", "told"]

SVRL: Final = "{http://purl.oclc.org/dsdl/svrl}"
FEATURE: Final = "http://saxon.sf.net/feature/"
LIMITS: Final = {"allowedProtocols": "file", "allow-external-functions": "false"}
MOST_TOLD: Final = 2000  # findings of one document
LONGEST: Final = 1000  # characters of one message
CODE: Final = re.compile(
    r"\b(?!SXLM)[A-Z]{4}\d{4}\b"
)  # of an error of XPath, XSLT; SXLM: the processor's limits


class Judge:
    """The sets of a shelf, compiled as they are wanted. Raises NotInstalled without SaxonC."""

    def __init__(self, shelf: Shelf) -> None:
        try:
            from saxonche import PySaxonProcessor
        except ImportError:
            raise NotInstalled from None
        self._shelf = shelf
        self._saxon = PySaxonProcessor(license=False)
        for name, value in LIMITS.items():
            self._saxon.set_configuration_property(FEATURE + name, value)
        self._compiler = self._saxon.new_xslt30_processor()
        self._sound: dict[str, object] = {}
        self._compiled: dict[tuple[str, str, str, bool], Any] = {}

    def prepare(self, artefacts: Artefacts) -> None:
        """See that every layer can be used. Raises Unusable."""
        self._verify(artefacts)
        for layer in artefacts.layers:
            if layer.kind == "xsd":
                self._schema(artefacts, layer)
            else:
                self._rules(artefacts, layer, patient=False)

    def opinion(self, artefacts: Artefacts, body: bytes) -> Opinion:
        """What the set says of a document. Raises Unusable for a set that cannot be used, or is not what was
        brought any more.
        """
        self._verify(artefacts)
        tree = _tree(body)
        if isinstance(tree, Finding):
            return Opinion(profile=artefacts.profile, digest=artefacts.digest, findings=(tree,))
        findings: list[Finding] = []
        errors = 0
        node = self._saxon.parse_xml(xml_text=etree.tostring(tree, encoding="unicode"))
        for layer in artefacts.layers:
            if layer.kind == "xsd":
                findings += self._against_schema(artefacts, layer, tree)
            else:
                found, failed = self._by_rules(artefacts, layer, node)
                findings += found
                errors += failed
        if errors:  # files that went meanwhile are no fault of the document's
            self._verify(artefacts)
        heard = [_levelled(artefacts, each) for each in findings if each.rule not in artefacts.ignored]
        return Opinion(
            profile=artefacts.profile, digest=artefacts.digest, findings=told(heard, MOST_TOLD), errors=errors
        )

    def _verify(self, artefacts: Artefacts) -> None:
        """See that a set is what was brought: rules open files while they judge. Raises Unusable."""
        marks = self._shelf.marks(artefacts)
        if self._sound.get(artefacts.digest) == marks:
            return
        for fault in self._shelf.faults(artefacts):
            raise Unusable(f"{artefacts.profile}: {fault}")
        self._sound[artefacts.digest] = marks

    def _path(self, artefacts: Artefacts, layer: Layer) -> Path:
        return self._shelf.home(artefacts) / layer.path

    def _schema(self, artefacts: Artefacts, layer: Layer) -> Any:
        key = artefacts.digest, layer.path, "", False
        if key not in self._compiled:
            path = self._path(artefacts, layer)
            try:
                self._compiled[key] = etree.XMLSchema(etree.parse(str(path), _parser()))
            except (etree.XMLSchemaParseError, etree.XMLSyntaxError, OSError) as error:
                raise Unusable(f"{layer.path}: {error}") from None
        return self._compiled[key]

    def _rules(self, artefacts: Artefacts, layer: Layer, *, patient: bool) -> Any:
        key = artefacts.digest, layer.path, layer.phase, patient
        if key not in self._compiled:
            path, home = self._path(artefacts, layer), self._shelf.home(artefacts)
            try:
                if layer.kind == "xslt":
                    found = self._compiler.compile_stylesheet(stylesheet_file=str(path.resolve()))
                else:
                    text = stylesheet(path, home, layer.phase, patient=patient)
                    found = self._compiler.compile_stylesheet(stylesheet_text=text)
            except Unusable:
                raise
            except Exception as error:  # noqa: BLE001 -- the processor has one exception for everything
                raise Unusable(f"{layer.path} does not compile: {_short(error)}") from None
            self._compiled[key] = found
        return self._compiled[key]

    def _against_schema(self, artefacts: Artefacts, layer: Layer, tree: Any) -> Iterator[Finding]:
        if tree.getroot().tag not in layer.roots:
            return
        schema = self._schema(artefacts, layer)
        if schema.validate(tree) or schema.validate(_collapsed(tree)):
            return
        for error in schema.error_log:
            yield Finding(SCHEMA_RULE, "fatal", f"line {error.line}", error.message[:LONGEST], layer.path)

    def _by_rules(self, artefacts: Artefacts, layer: Layer, node: Any) -> tuple[list[Finding], int]:
        """The findings of a rule file, and how many of them are rules that could not be computed."""
        sheet = self._rules(artefacts, layer, patient=False)
        try:
            return _findings(layer, sheet.transform_to_string(xdm_node=node))
        except Exception as error:
            if not CODE.search(str(error)):
                raise
            if layer.kind == "xslt":
                return [_uncomputed(layer, error)], 1
        sheet = self._rules(artefacts, layer, patient=True)
        try:
            return _findings(layer, sheet.transform_to_string(xdm_node=node))
        except Exception as error:  # outside any rule: a variable of the schema
            if not CODE.search(str(error)):
                raise
            return [_uncomputed(layer, error)], 1


def _uncomputed(layer: Layer, error: Exception) -> Finding:
    return Finding(UNNUMBERED, "fatal", "", _short(error), layer.path)


def rules_in(artefacts: Artefacts, home: Path) -> set[str]:
    """The numbers that the stylesheets of a set can say, as far as they stand in them."""
    found: set[str] = set()
    for each in artefacts.files:
        if Path(each.path).suffix.lower() not in (".xsl", ".xslt"):
            continue
        for said in parsed(home / each.path).iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
            names = [said.get("id"), *(child.text for child in said if child.get("name") == "id")]
            found |= {name.strip() for name in names if name and "{" not in name}
    return found


def _parser(*, huge: bool = False) -> Any:
    """`huge` lets one text be longer than ten megabytes, as an enclosed document may be."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge)


def _tree(body: bytes) -> Any:
    """The document, or the finding that it is none. Raises MemoryError."""
    try:
        tree = etree.ElementTree(etree.fromstring(body, _parser(huge=True)))
    except etree.XMLSyntaxError as error:
        if not error.lineno:  # no place in the document is at fault
            raise MemoryError from None
        return Finding("XML", "fatal", "", str(error)[:LONGEST], "")
    if tree.docinfo.doctype:
        return Finding("XML", "fatal", "", "a document type is declared", "")
    return tree


def _collapsed(tree: Any) -> Any:
    """The document without white space around values: a schema's dates and numbers allow it, libxml2 does
    not.
    """
    copy = etree.ElementTree(etree.fromstring(etree.tostring(tree), _parser(huge=True)))
    for element in copy.iter(etree.Element):
        if not len(element) and element.text and element.text != element.text.strip():
            element.text = element.text.strip()
    return copy


def _findings(layer: Layer, result: str | None) -> tuple[list[Finding], int]:
    """What a run listed: our own list, or the report of a ready-made stylesheet."""
    if not result:
        return [], 0
    found: list[Finding] = []
    failed = 0
    names = (
        ("finding",) if layer.kind == "schematron" else (f"{SVRL}failed-assert", f"{SVRL}successful-report")
    )
    for each in etree.fromstring(
        result.encode(), etree.XMLParser(huge_tree=True, resolve_entities=False)
    ).iter(*names):
        text = " ".join("".join(each.itertext()).split())
        given = each.get("rule") if layer.kind == "schematron" else each.get("id")
        broken = each.get(FAILED) == "yes"
        failed += broken
        level = "fatal" if broken else level_of(each.get("flag"), each.get("role"))
        rule = (given or number_of(text))[:LONGEST]
        location = (each.get("location") or "")[:LONGEST]
        found.append(Finding(rule, level, location, text[:LONGEST], layer.path))
    return found, failed


def told(findings: list[Finding], most: int) -> tuple[Finding, ...]:
    """At most so many findings, in their order. What decides stays: the first of every number and level, of
    those and of the rest fatal ones before others.
    """
    if len(findings) <= most:
        return tuple(findings)
    seen: set[tuple[str, str]] = set()
    ranked: list[tuple[bool, bool, int]] = []
    for place, each in enumerate(findings):
        kind = each.rule, each.level
        ranked.append((kind in seen, each.level != "fatal", place))
        seen.add(kind)
    return tuple(findings[place] for place in sorted(place for *_, place in sorted(ranked)[:most]))


def _levelled(artefacts: Artefacts, finding: Finding) -> Finding:
    """The finding with the severity that the set's own configuration gives its number."""
    level = artefacts.levels.get(finding.rule, finding.level)
    return finding if level == finding.level else Finding(finding.rule, level, *_rest(finding))


def _rest(finding: Finding) -> tuple[str, str, str]:
    return finding.location, finding.text, finding.file


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:LONGEST]
