"""The invoice hash as the authority computes it: three blocks taken out, the rest in canonical form."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from copy import deepcopy
from typing import Any

from lxml import etree

from tallystick.sandbox.judge.paper import CAC, CBC

EXT = "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"
FIRST_PIH = b64encode(hashlib.sha256(b"0").hexdigest().encode()).decode()
"""What the first document of a chain names as its predecessor."""


def is_reference(element: Any, kind: str) -> bool:
    """Whether this is the AdditionalDocumentReference of that id, such as QR."""
    if element.tag != f"{{{CAC}}}AdditionalDocumentReference":
        return False
    return (element.findtext(f"{{{CBC}}}ID") or "").strip() == kind


def excluded(root: Any) -> list[Any]:
    """The root's children that the hash leaves out: extensions, the QR reference, the signature."""
    gone = (f"{{{EXT}}}UBLExtensions", f"{{{CAC}}}Signature")
    return [child for child in root if child.tag in gone or is_reference(child, "QR")]


def invoice_hash(root: Any) -> bytes:
    """32 bytes. White space around what is taken out stays. The document itself is left as it is."""
    bare = deepcopy(root)
    for child in excluded(bare):
        _take_out(bare, child)
    return hashlib.sha256(etree.tostring(bare, method="c14n", with_comments=False)).digest()


def _take_out(parent: Any, child: Any) -> None:
    kept, before = child.tail or "", child.getprevious()
    child.tail = None
    parent.remove(child)
    if before is None:
        parent.text = (parent.text or "") + kept
    else:
        before.tail = (before.tail or "") + kept
