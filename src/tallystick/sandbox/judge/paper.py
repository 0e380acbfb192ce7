"""Reading a business document for judgement: safe parse, then plain look-ups by path.

This is the sandbox's own reading of UBL and CII; it shares nothing with the room that writes the documents,
so that one mistake cannot be made twice.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lxml import etree

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"

CROSS_INDUSTRY_INVOICE = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"

_PREFIXES = {"cac": CAC, "cbc": CBC, "rsm": CROSS_INDUSTRY_INVOICE, "ram": RAM}
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


_MOST_MARKUP = 400_000
"""Angle brackets and quotation marks that are read: memory and time do not hang on the sender's good will."""


class Unreadable(Exception):
    """The bytes cannot be judged at all; `rule` names why, `text` says it to a person."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(text)
        self.rule = rule
        self.text = text


@lru_cache(maxsize=512)
def _full(path: str) -> str:
    """`cac:Party/cbc:Name` in lxml's own notation."""
    steps = (step.split(":", 1) for step in path.split("/"))
    return "/".join(f"{{{_PREFIXES[prefix]}}}{name}" for prefix, name in steps)


def _words(element: Any) -> str:
    """The element's own text with white space collapsed, as the published rules compare it."""
    return " ".join((element.text or "").split())


class Part:
    """One element of a document and what can be asked of it. Paths are child steps with a prefix."""

    __slots__ = ("element",)

    def __init__(self, element: Any) -> None:
        self.element = element

    @property
    def name(self) -> str:
        """Local name of the element."""
        return str(etree.QName(self.element).localname)

    @property
    def place(self) -> str:
        """The way to the element as an XPath whose steps each say their namespace and position."""
        steps = []
        element = self.element
        while element is not None:
            name = etree.QName(element)
            before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
            steps.append(f"*:{name.localname}[namespace-uri()='{name.namespace}'][{before + 1}]")
            element = element.getparent()
        return "/" + "/".join(reversed(steps))

    @property
    def words(self) -> str:
        """Text of the element itself, white space collapsed."""
        return _words(self.element)

    @property
    def value(self) -> Decimal:
        """Number the element itself holds. Raises `Unreadable` for what is no xs:decimal."""
        return number_in(self.element)

    def has(self, path: str) -> bool:
        """Whether an element stands at the path, empty or not."""
        return self.element.find(_full(path)) is not None

    def one(self, path: str) -> Part | None:
        """First element at the path."""
        found = self.element.find(_full(path))
        return None if found is None else Part(found)

    def all(self, path: str) -> list[Part]:
        """Every element at the path, in document order."""
        return [Part(found) for found in self.element.findall(_full(path))]

    def text(self, path: str) -> str:
        """Text of the first element at the path; empty when there is none."""
        found = self.element.find(_full(path))
        return "" if found is None else _words(found)

    def number(self, path: str) -> Decimal | None:
        """Number at the path, None when absent. Raises `Unreadable` for what is no xs:decimal."""
        found = self.element.find(_full(path))
        return None if found is None else number_in(found)

    def amount(self, path: str) -> Decimal:
        """Number at the path, zero when absent."""
        return self.number(path) or Decimal(0)

    def attribute(self, name: str) -> str:
        """Attribute of the element itself, empty when absent."""
        return str(self.element.get(name, ""))

    def date(self, path: str) -> date | None:
        """Date at the path; None when absent or not written YYYY-MM-DD (another rule names that)."""
        return date_in(self.text(path))


def number_in(element: Any) -> Decimal:
    """The element's number. Raises `Unreadable` with rule SANDBOX-NUMBER when it holds something else."""
    text = (element.text or "").strip()
    if not _DECIMAL.fullmatch(text) or len(text) > 100:
        name = etree.QName(element).localname
        raise Unreadable("SANDBOX-NUMBER", f"{name} must be a decimal number, found {text[:40]!r}")
    return Decimal(text)


def date_in(text: str) -> date | None:
    """A date written exactly YYYY-MM-DD, else None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse(body: bytes) -> Part:
    """The root of a well-formed document.

    Refused with `Unreadable`: not well-formed, any document type declaration, a comment or processing
    instruction inside a value (a reader that stops at it would see another value than the next one).
    """
    if sum(map(body.count, (b"<", b'"', b"'"))) > _MOST_MARKUP:
        raise Unreadable("SANDBOX-SIZE", "more markup than an invoice of several thousand lines has")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("SANDBOX-XML", f"the document is not well-formed XML: {str(error)[:200]}") from None
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("SANDBOX-DTD", "a document type declaration is not allowed")
    for aside in root.iter(etree.Comment, etree.ProcessingInstruction, etree.Entity):
        holder = aside.getparent()
        if holder is not None and str(etree.QName(holder).namespace) in (CBC, RAM):
            raise Unreadable(
                "SANDBOX-XML", f"a comment or instruction inside {etree.QName(holder).localname}"
            )
    return Part(root)
