"""What a unit hands in with a document: three texts in JSON, and the document itself."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass

import msgspec

from tallystick.sandbox.fatoora.hashing import invoice_hash, is_reference
from tallystick.sandbox.judge.paper import Part, Unreadable, parse

_MOST_ATTRIBUTES, _MOST_DECLARATIONS = 50, 1000


class BadForm(Exception):
    """The body is not the JSON that belongs here."""


class _Body(msgspec.Struct):
    invoiceHash: str  # noqa: N815 -- the authority's word
    uuid: str
    invoice: str


@dataclass(frozen=True, slots=True)
class Form:
    """A document handed in. `root` is None when it cannot be read, and `trouble` then says why.

    digest: 32 bytes, our own hash of it (empty when unreadable); wire_sha256: of the request body, in
    hexadecimal; size: bytes of the request body.
    """

    claimed_hash: str
    uuid: str
    document: bytes
    wire_sha256: str
    size: int
    root: Part | None
    digest: bytes = b""
    trouble: str = ""

    @property
    def hash(self) -> str:
        """Our own hash of the document in base64, empty when it cannot be read."""
        return b64encode(self.digest).decode() if self.digest else ""

    def text(self, path: str) -> str:
        """Text at a path of the document, empty when there is none."""
        return "" if self.root is None else self.root.text(path)

    @property
    def number(self) -> str:
        """The document's own number."""
        return self.text("cbc:ID")

    @property
    def kind(self) -> tuple[str, str]:
        """First two places of the type's name (`01` standard, `02` simplified), and the type code."""
        code = None if self.root is None else self.root.one("cbc:InvoiceTypeCode")
        return ("", "") if code is None else (code.attribute("name")[:2], code.words)

    @property
    def icv(self) -> str:
        """The counter, as it is written."""
        return self._reference("ICV", "cbc:UUID")

    @property
    def pih(self) -> str:
        """The predecessor's hash, as it is written."""
        return self._reference("PIH", "cac:Attachment/cbc:EmbeddedDocumentBinaryObject")

    def _reference(self, kind: str, path: str) -> str:
        if self.root is None:
            return ""
        for child in self.root.element:
            if is_reference(child, kind):
                return Part(child).text(path)
        return ""


def _reasonable(root: Part, document: bytes) -> Part:
    """The root, unless canonical form would take for ever: names and declarations are sorted in it."""
    most = max(len(element.attrib) for element in root.element.iter("*"))
    if most > _MOST_ATTRIBUTES or document.count(b"xmlns") > _MOST_DECLARATIONS:
        raise Unreadable("SANDBOX-SIZE", "more attributes or declarations than any invoice has")
    return root


def read_form(body: bytes) -> Form:
    """The form in a request body. Raises `BadForm` when it is no JSON object with the three texts."""
    try:
        said = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadForm(str(error)) from None
    document, root, digest, trouble = b"", None, b"", ""
    try:
        document = b64decode(said.invoice, validate=True)
        root = _reasonable(parse(document), document)
        digest = invoice_hash(root.element)
    except (Base64Error, ValueError) as error:
        trouble = f"the invoice is no base64: {error}"
    except Unreadable as error:
        trouble = error.text
    return Form(
        claimed_hash=said.invoiceHash,
        uuid=said.uuid,
        document=document,
        wire_sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        root=root,
        digest=digest,
        trouble=trouble,
    )
