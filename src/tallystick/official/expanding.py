"""A Schematron schema with everything written out: includes, abstract patterns and rules, one phase.

Follows ISO/IEC 19757-3:2016 as far as publishers of invoices use it. Files are read from the set alone: an
include that leads outside, or to a network, is refused.
"""

import copy
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

from lxml import etree

from tallystick.official.errors import Unusable

__all__ = ["SCH", "expanded", "parsed", "parsed_text", "tag"]

SCH: Final = "http://purl.oclc.org/dsdl/schematron"
DEEPEST: Final = 20
MOST_RULES: Final = 20_000  # that extending writes out
MOST_PARTS: Final = 2000  # that the includes of a schema put in, one within another or not
MOST_ELEMENTS: Final = 200_000  # that the instances of abstract patterns have
BINDINGS: Final = frozenset({"", "xslt", "xslt2", "xslt3", "xpath2", "xpath3"})


def tag(name: str) -> str:
    """The name of a Schematron element as lxml spells it."""
    return f"{{{SCH}}}{name}"


def parsed(path: Path) -> Any:
    """The root element of a file (see `parsed_text`). Raises Unusable."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path.name} cannot be read: {error.strerror}") from None
    return parsed_text(body, path.name)


def parsed_text(body: bytes, name: str) -> Any:
    """The root element of what stands in a file of that name, without comments; no entity is resolved, no
    network asked. Raises Unusable.
    """
    parser = etree.XMLParser(
        remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Unusable(f"{name} cannot be read: {error}") from None


def expanded(path: Path, home: Path, phase: str = "") -> Any:
    """The schema of a file below `home` with nothing abstract left; `phase` instead of its default one.

    Raises Unusable.
    """
    schema = parsed(path)
    if schema.tag != tag("schema"):
        raise Unusable(f"{path.name} is no Schematron schema")
    binding = (schema.get("queryBinding") or "").lower()
    if binding not in BINDINGS:
        raise Unusable(f"{path.name} is bound to {binding}, which is no XPath of ours")
    _include(schema, path, home, count(1), 0)
    _instances(schema)
    _extensions(schema)
    _keep_phase(schema, phase or schema.get("defaultPhase") or "")
    return schema


def _include(node: Any, path: Path, home: Path, parts: Iterator[int], depth: int) -> None:
    """Put the included parts in the place of their includes; `parts` counts them."""
    if depth > DEEPEST:
        raise Unusable(f"{path.name} includes itself")
    for include in list(node.iter(tag("include"))):
        if next(parts) > MOST_PARTS:
            raise Unusable(f"{path.name} includes more than {MOST_PARTS} parts")
        name, _, fragment = (include.get("href") or "").partition("#")
        target = (path.parent / name).resolve()
        if not target.is_relative_to(home.resolve()) or not target.is_file():
            raise Unusable(f"{path.name} includes {name}, which is not among the files")
        part = parsed(target)
        if fragment:
            part = _fragment(part, fragment, target)
        _include(part, target, home, parts, depth + 1)
        _put(include, part)


def _fragment(part: Any, fragment: str, target: Path) -> Any:
    for element in part.iter(etree.Element):
        if element.get("id") == fragment:
            return element
    raise Unusable(f"{target.name} has no part {fragment}")


def _put(include: Any, part: Any) -> None:
    """Replace an include; of a whole schema only what it says counts, not its title."""
    parent = include.getparent()
    if part.tag != tag("schema"):
        part.tail = include.tail
        parent.replace(include, part)
        return
    known = {each.get("prefix") for each in parent.iter(tag("ns"))}
    for child in list(part):
        skipped = child.tag in (tag("title"), tag("p"))
        if not skipped and not (child.tag == tag("ns") and child.get("prefix") in known):
            include.addprevious(child)
    parent.remove(include)


def _instances(schema: Any) -> None:
    """Write patterns out that are instances of abstract ones; drop the abstract ones."""
    abstract = {each.get("id"): each for each in schema.iter(tag("pattern")) if _is_abstract(each)}
    sizes = {name: sum(1 for _ in model.iter()) for name, model in abstract.items()}
    elements = 0
    for pattern in [each for each in schema.iter(tag("pattern")) if each.get("is-a")]:
        model = abstract.get(pattern.get("is-a"))
        if model is None:
            raise Unusable(f"there is no abstract pattern {pattern.get('is-a')}")
        elements += sizes[pattern.get("is-a")]
        if elements > MOST_ELEMENTS:
            raise Unusable(f"written out, the abstract patterns have more than {MOST_ELEMENTS} elements")
        written = copy.deepcopy(model)
        del written.attrib["abstract"]
        if pattern.get("id"):
            written.set("id", pattern.get("id"))
        given = {each.get("name"): each.get("value") or "" for each in pattern.findall(tag("param"))}
        _fill(written, given)
        for child in pattern:
            if child.tag != tag("param"):
                written.append(copy.deepcopy(child))
        pattern.getparent().replace(pattern, written)
    for pattern in abstract.values():
        pattern.getparent().remove(pattern)


def _fill(pattern: Any, given: dict[str, str]) -> None:
    """Put parameters in the place of their names; once, the longest name first."""
    if not given:
        return
    names = "|".join(re.escape(name) for name in sorted(given, key=len, reverse=True))
    sought = re.compile(rf"\$({names})(?![\w.-])")
    for element in pattern.iter(etree.Element):
        for name, value in element.attrib.items():
            if "$" in value:
                element.set(name, sought.sub(lambda found: given[found[1]], value))


def _extensions(schema: Any) -> None:
    """Write out what rules extend; drop the abstract ones."""
    abstract = {each.get("id"): each for each in schema.iter(tag("rule")) if _is_abstract(each)}
    written = count(1)
    for rule in [each for each in schema.iter(tag("rule")) if not _is_abstract(each)]:
        _extend(rule, abstract, (), written)
    for rule in abstract.values():
        rule.getparent().remove(rule)


def _extend(rule: Any, abstract: dict[str, Any], above: tuple[str, ...], written: Iterator[int]) -> None:
    """Put what a rule extends in the place of its wish; `written` counts them."""
    for extends in rule.findall(tag("extends")):
        name = extends.get("rule")
        if name not in abstract or name in above:
            raise Unusable(f"a rule extends {name or 'a file'}, which cannot be")
        if next(written) > MOST_RULES:
            raise Unusable(f"rules extend others more than {MOST_RULES} times")
        model = copy.deepcopy(abstract[name])
        _extend(model, abstract, (*above, name), written)
        for child in list(model):
            if child.tag in (tag("assert"), tag("report")) and not child.get("id"):
                child.set("id", name)  # what has no number of its own goes by its rule's
            extends.addprevious(child)
        rule.remove(extends)


def _is_abstract(element: Any) -> bool:
    return bool(element.get("abstract") == "true")


def _keep_phase(schema: Any, phase: str) -> None:
    """Drop the patterns that the phase does not run; `#ALL`, or no phase, runs them all."""
    if phase in ("", "#ALL", "#DEFAULT"):
        return
    found = [each for each in schema.findall(tag("phase")) if each.get("id") == phase]
    if not found:
        raise Unusable(f"there is no phase {phase}")
    active = {each.get("pattern") for each in found[0].findall(tag("active"))}
    for pattern in list(schema.iter(tag("pattern"))):
        if pattern.get("id") not in active:
            pattern.getparent().remove(pattern)
    for let in found[0].findall(tag("let")):
        schema.insert(0, let)
