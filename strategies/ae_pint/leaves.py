"""One leaf and nothing else: what can be claimed without losing anything."""

from typing import Any

__all__ = ["single"]


def single(element: Any, path: list[str], attributes: dict[str, str] | None = None) -> str | None:
    """The text of the one leaf below an element, if that and the attributes are all there is in it."""
    for tag in path:
        children = list(element.iterchildren("*"))
        if element.attrib or [child.tag for child in children] != [tag]:
            return None
        element = children[0]
    if dict(element.attrib) != (attributes or {}):
        return None
    return (element.text or "").strip() or None
