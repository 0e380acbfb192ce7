"""From Schematron to XSLT 3.0: a stylesheet whose result lists what was found.

As the publishers' own builds judge: every pattern on its own, in it the first rule that matches an element
wins; elements are visited and nothing else, so a context that is an attribute is never met. Variables of
schema and pattern are global, those of a rule belong to the element it looks at. A rule that cannot be
computed ends the run, unless the stylesheet is `patient`: then it is itself a finding.

Result: `<findings><finding rule flag role location failed?>message</finding>…</findings>`.
"""

import copy
from pathlib import Path
from typing import Any, Final

from lxml import etree

from tallystick.official.expanding import SCH, expanded, tag

__all__ = ["FAILED", "rules_of", "stylesheet"]

XSL: Final = "http://www.w3.org/1999/XSL/Transform"
X: Final = f"{{{XSL}}}"
FAILED: Final = "failed"
_FIRST: Final = 1_000_000  # priority of a pattern's first rule; later ones have less
_TOP: Final = frozenset({"function", "key", "import", "include", "decimal-format"})
_KNOWN: Final = {
    "xs": "http://www.w3.org/2001/XMLSchema",
    "xsd": "http://www.w3.org/2001/XMLSchema",
    "fn": "http://www.w3.org/2005/xpath-functions",
    "err": "http://www.w3.org/2005/xqt-errors",
}


def stylesheet(path: Path, home: Path, phase: str = "", *, patient: bool = False) -> str:
    """The stylesheet of a schema below `home`. Raises Unusable."""
    schema = expanded(path, home, phase)
    root = etree.Element(f"{X}stylesheet", nsmap=_namespaces(schema))
    root.set("version", "3.0")
    root.set("exclude-result-prefixes", "#all")
    root.set("{http://www.w3.org/XML/1998/namespace}base", path.resolve().as_uri())
    _add(root, "output", method="xml", **{"omit-xml-declaration": "yes"})
    _globals(schema, root)
    start = _add(root, "template", match="/")
    findings = etree.SubElement(start, "findings")
    for number, pattern in enumerate(schema.iter(tag("pattern"))):
        _pattern(root, findings, pattern, f"pattern-{number}", patient)
    return str(etree.tostring(root, encoding="unicode"))


def rules_of(path: Path, home: Path, phase: str = "") -> set[str]:
    """The numbers that a schema can say. Raises Unusable."""
    schema = expanded(path, home, phase)
    return {each.get("id") for each in schema.iter(tag("assert"), tag("report")) if each.get("id")}


def _namespaces(schema: Any) -> dict[str, str]:
    """Every prefix that an expression of the schema may use."""
    found = {"xsl": XSL}
    for element in schema.iter(etree.Element):
        for prefix, uri in element.nsmap.items():
            if prefix and uri != SCH:
                found.setdefault(prefix, uri)
    found |= {each.get("prefix"): each.get("uri") for each in schema.iter(tag("ns"))}
    return {**_KNOWN, **found}


def _globals(schema: Any, root: Any) -> None:
    """Functions, keys and variables that all patterns see. One name that is said twice alike is said once."""
    said: set[tuple[str | None, bytes]] = set()
    for holder in (schema, *schema.iter(tag("pattern"))):
        for child in holder:
            if _is_xsl(child) and etree.QName(child).localname in _TOP:
                root.append(_copied(child))
            elif child.tag == tag("let") and (key := _said(child)) not in said:
                said.add(key)
                _variable(root, child)


def _said(let: Any) -> tuple[str | None, bytes]:
    """A variable's name and what it says, wherever it stands."""
    return let.get("name"), etree.tostring(let, with_tail=False)


def _pattern(root: Any, findings: Any, pattern: Any, mode: str, patient: bool) -> None:
    """One pattern as a mode of its own."""
    _add(findings, "apply-templates", select=".", mode=mode)
    for match in ("document-node()", "*"):
        _descend(_add(root, "template", match=match, mode=mode, priority="-1"), mode)
    _add(root, "template", match="@*|text()", mode=mode, priority="-1")
    for number, rule in enumerate(pattern.findall(tag("rule"))):
        _rule(root, rule, mode, str(_FIRST - number), patient)


def _rule(root: Any, rule: Any, mode: str, priority: str, patient: bool) -> None:
    """One rule: its variables and tests in their order, then on to the elements below."""
    template = _add(root, "template", match=rule.get("context"), mode=mode, priority=priority)
    for child in rule:
        if child.tag == tag("let"):
            _variable(template, child)
        elif child.tag in (tag("assert"), tag("report")):
            _test(template, rule, child, patient)
        elif _is_xsl(child):
            template.append(_copied(child))
    _descend(template, mode)


def _descend(template: Any, mode: str) -> None:
    _add(template, "apply-templates", select="*", mode=mode)


def _test(template: Any, rule: Any, test: Any, patient: bool) -> None:
    """A test, and what is said when it does not come out as it should."""
    holder = _add(template, "try") if patient else template
    wrong = f"not({test.get('test')})" if test.tag == tag("assert") else test.get("test")
    finding = _finding(_add(holder, "if", test=wrong), rule, test)
    _message(finding, test)
    if patient:
        caught = _finding(_add(holder, "catch"), rule, test)
        caught.set(FAILED, "yes")
        _add(caught, "value-of", select="$err:description")


def _finding(parent: Any, rule: Any, test: Any) -> Any:
    finding = etree.SubElement(parent, "finding")
    for name in ("flag", "role"):
        finding.set(name, _literal(test.get(name) or rule.get(name) or ""))
    finding.set("rule", _literal(test.get("id") or ""))
    finding.set("location", "{path(.)}")
    return finding


def _literal(text: str) -> str:
    """Text that an attribute of the result shall hold as it is."""
    return text.replace("{", "{{").replace("}", "}}")


def _message(parent: Any, source: Any) -> None:
    """The words of a test, with what they quote from the document."""
    _text(parent, source.text)
    for child in source:
        if child.tag == tag("value-of"):
            _add(parent, "value-of", select=child.get("select"))
        elif child.tag == tag("name"):
            _add(parent, "value-of", select=f"name({child.get('path') or '.'})")
        elif _is_xsl(child):
            parent.append(_copied(child))
        else:
            _message(parent, child)
        _text(parent, child.tail)


def _text(parent: Any, text: str | None) -> None:
    if text:
        _add(parent, "text").text = text


def _variable(parent: Any, let: Any) -> None:
    variable = _add(parent, "variable", name=let.get("name"))
    if let.get("as"):
        variable.set("as", let.get("as"))
    if let.get("value") is not None:
        variable.set("select", let.get("value"))
        return
    variable.text = let.text
    for child in let:
        variable.append(_copied(child))


def _add(parent: Any, kind: str, /, **attributes: str) -> Any:
    element = etree.SubElement(parent, f"{X}{kind}")
    for attribute, value in attributes.items():
        element.set(attribute, value)
    return element


def _copied(element: Any) -> Any:
    """A copy without what follows it."""
    found = copy.deepcopy(element)
    found.tail = None
    return found


def _is_xsl(element: Any) -> bool:
    return bool(etree.QName(element).namespace == XSL)
