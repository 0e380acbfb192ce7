"""Canonical XML of a parsed document, and of one from which some elements are left out.

Canonical XML 1.1 without comments. It differs from 1.0, which libxml2 writes, in nothing but `xml:id` and
`xml:base` on parts of documents; here it is always the whole document.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from lxml import etree

__all__ = ["canonical", "leave_out", "standing_alone"]


def canonical(root: Any) -> bytes:
    """The canonical form of the document."""
    written: bytes = etree.tostring(root, method="c14n", with_comments=False)
    return written


def leave_out(elements: Iterable[Any]) -> None:
    """Take elements out of their document. The text that follows each stays where it was."""
    for element in elements:
        parent, tail = element.getparent(), element.tail
        if parent is None:
            continue
        before = element.getprevious() if tail else None
        if before is not None:
            before.tail = (before.tail or "") + tail
        elif tail:
            parent.text = (parent.text or "") + tail
        parent.remove(element)


def standing_alone(element: Any) -> str:
    """The element's text as if it were a document of its own: not canonical, but what some authorities hash.

    Every element declares the prefix of its own name, and no other, unless an element around it does; the
    declaration stands before the attributes; an element without content closes itself.
    """
    pieces: list[str] = []
    _alone(element, {}, pieces)
    return "".join(pieces).replace("\r", "")


def _alone(element: Any, declared: dict[str | None, str], pieces: list[str]) -> None:
    prefix, (namespace, name) = element.prefix, _split(element.tag)
    tag = f"{prefix}:{name}" if prefix else name
    pieces.append(f"<{tag}")
    if declared.get(prefix) != namespace:
        declared = {**declared, prefix: namespace}
        pieces.append(f' xmlns:{prefix}="{namespace}"' if prefix else f' xmlns="{namespace}"')
    for attribute, value in element.items():
        pieces.append(f' {_split(attribute)[1]}="{_in_quotes(value)}"')
    text, empty = element.text, not len(element)
    if empty and not text:
        pieces.append("/>")
        return
    pieces.append(f">{_in_text(text)}" if text else ">")
    for child in () if empty else element:
        if isinstance(child.tag, str):
            _alone(child, declared, pieces)
        if child.tail:
            pieces.append(_in_text(child.tail))
    pieces.append(f"</{tag}>")


@lru_cache(maxsize=256)
def _split(name: str) -> tuple[str, str]:
    """Namespace and local name, as the parser spells them."""
    namespace, _, local = name.rpartition("}")
    return namespace[1:], local


def _in_text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _in_quotes(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
