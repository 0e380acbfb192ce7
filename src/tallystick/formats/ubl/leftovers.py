"""What a document says and the canonical model cannot carry: collected, then named by XPath."""

from typing import Any, Final

from lxml import etree
from msgspec import Struct

from tallystick.formats.namespaces import CII_PREFIXES
from tallystick.formats.ubl.names import (
    CAC_NAMESPACE,
    CBC_NAMESPACE,
    CREDIT_NOTE_NAMESPACE,
    EXT_NAMESPACE,
    INVOICE_NAMESPACE,
)
from tallystick.formats.xml_in import Unreadable

__all__ = ["Claimed", "Leftovers", "Reading", "Unread"]

MAX_LEFTOVERS: Final = 10_000

NO_TERM: Final = "EN 16931 has no term for it"
ONLY_ONE: Final = "EN 16931 has room for one only"
NO_ATTRIBUTE: Final = "EN 16931 has no term for this attribute"
EMPTY: Final = "the element is empty"
LOOSE_TEXT: Final = "text between elements"

_PREFIXES: Final = {
    CAC_NAMESPACE: "cac:",
    CBC_NAMESPACE: "cbc:",
    EXT_NAMESPACE: "ext:",
    INVOICE_NAMESPACE: "",
    CREDIT_NOTE_NAMESPACE: "",
    **CII_PREFIXES,
}
_LOOSE_TEXT: Final = etree.XPath("descendant-or-self::*[*]/text()[normalize-space()]")


class Unread(Struct, frozen=True):
    """One text or attribute of a document that its canonical form does not hold.

    `path` is an XPath with the usual prefixes of its syntax and a UBL root's own name without one.
    """

    path: str
    value: str
    reason: str = ""


class Reading(Struct, frozen=True):
    """A document as canonical JSON (not yet checked), and everything that is not in there."""

    invoice: bytes
    unread: tuple[Unread, ...] = ()


class Claimed:
    """What a profile reads by itself: elements with all that is in them, and single attributes."""

    def __init__(self) -> None:
        self.elements: set[Any] = set()
        self.attributes: set[tuple[Any, str]] = set()

    def element(self, element: Any) -> str:
        """Claim an element; its stripped text."""
        self.elements.add(element)
        return (element.text or "").strip()

    def attribute(self, element: Any, name: str) -> str:
        """Claim an attribute; its value."""
        self.attributes.add((element, name))
        return str(element.get(name, ""))


class Leftovers:
    """Collects what is not carried. Raises `Unreadable` when it is so much that this is no invoice."""

    def __init__(self, claimed: "Claimed") -> None:
        self._claimed = claimed
        self._found: list[tuple[Any, str, str, str]] = []
        self._positions: dict[Any, dict[Any, str]] = {}

    def value(self, element: Any, value: str, reason: str) -> None:
        """Leave one text."""
        self._add(element, "", value, reason)

    def attribute(self, element: Any, name: str, reason: str = NO_ATTRIBUTE) -> None:
        """Leave one attribute, unless it is claimed."""
        if (element, name) in self._claimed.attributes:
            return
        self._add(element, name, element.get(name), reason)

    def tree(self, element: Any, reason: str = NO_TERM) -> None:
        """Leave an element with every text and attribute in it."""
        before = len(self._found)
        for node in element.iter("*"):
            if next(node.iterchildren("*"), None) is None:
                text = node.text or ""
                if text.strip():
                    self._add(node, "", text, reason)
            for name, text in node.items():
                self._add(node, name, text, reason)
        if len(self._found) == before:
            self._add(element, "", "", reason)

    def loose_text(self, root: Any) -> None:
        """Leave every text that stands beside elements, wherever it is."""
        for text in _LOOSE_TEXT(root):
            holder = text.getparent().getparent() if text.is_tail else text.getparent()
            self._add(holder, "", str(text).strip(), LOOSE_TEXT)

    def named(self) -> tuple[Unread, ...]:
        """Everything left, by XPath, in the order it was met."""
        return tuple(
            Unread(self.path(element) + _attribute_step(element, name), value, reason)
            for element, name, value, reason in self._found
        )

    def _add(self, element: Any, name: str, value: str, reason: str) -> None:
        if len(self._found) >= MAX_LEFTOVERS:
            raise Unreadable("too_foreign", f"more than {MAX_LEFTOVERS} values have no place in an invoice")
        self._found.append((element, name, value, reason))

    def path(self, element: Any) -> str:
        """The XPath of an element, with positions where there are several of a name."""
        steps = []
        parent = element.getparent()
        while parent is not None:
            steps.append(_step(element) + self._position(parent, element))
            element, parent = parent, parent.getparent()
        steps.append(_step(element))
        return "/" + "/".join(reversed(steps))

    def _position(self, parent: Any, element: Any) -> str:
        """`[n]` among the siblings of the same name; nothing for an only one."""
        positions = self._positions.get(parent)
        if positions is None:
            by_name: dict[str, list[Any]] = {}
            for child in parent.iterchildren("*"):
                by_name.setdefault(child.tag, []).append(child)
            positions = self._positions[parent] = {
                child: f"[{number}]" if len(same) > 1 else ""
                for same in by_name.values()
                for number, child in enumerate(same, 1)
            }
        return positions[element]


def _step(element: Any) -> str:
    name = etree.QName(element)
    prefix = _PREFIXES.get(name.namespace)
    return f'*[local-name()="{name.localname}"]' if prefix is None else prefix + name.localname


def _attribute_step(element: Any, name: str) -> str:
    if not name:
        return ""
    qualified = etree.QName(name)
    if qualified.namespace is None:
        return f"/@{name}"
    prefix = next((key for key, uri in element.nsmap.items() if uri == qualified.namespace and key), "xml")
    return f"/@{prefix}:{qualified.localname}"
