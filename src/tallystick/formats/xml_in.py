"""XML from outside: bytes in, an element tree out, or one clear refusal.

Nothing is trusted. Before the parser sees a byte its size, its encoding, the absence of a document type
declaration and the amount of markup are known, so that neither time nor memory depends on the sender's
good will. After it, no element that carries a value holds a comment, a processing instruction or an entity:
what a program reads and what a person sees are the same text.
"""

import re
from typing import Any

from lxml import etree

__all__ = ["MAX_BYTES", "MAX_MARKUP", "Unreadable", "parse"]

MAX_BYTES = 10_000_000
# Opening angle brackets plus quotation marks: bounds elements, comments and attributes together. An invoice
# line takes some 70 to 110 of them.
MAX_MARKUP = 400_000

_BLANK = re.compile(rb"[ \t\r\n]*")
_UTF8_BOM = b"\xef\xbb\xbf"
_FOREIGN_BOMS = (b"\xff\xfe", b"\xfe\xff", b"+/v")
_DECLARED = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s{0,20}=\s{0,20}[\"']([^\"'>]{0,60})[\"']")
_INTERRUPTED = etree.XPath("descendant-or-self::*[not(*)][comment() or processing-instruction()]")
_TEXT = etree.XPath("string()")


class Unreadable(ValueError):
    """Bytes that are not an acceptable document. `code` is stable, `message` is for people.

    Codes: `too_large`, `encoding`, `nul`, `not_xml`, `doctype`, `too_much_markup`, `too_deep`,
    `interrupted_value`, `wrong_root`, `too_foreign`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def parse(
    body: bytes, *, max_bytes: int = MAX_BYTES, max_markup: int = MAX_MARKUP, blanks: bool = False
) -> Any:
    """The root element (lxml) of a UTF-8 document of at most `max_bytes` bytes. Raises `Unreadable`.

    Blanks between elements are dropped unless `blanks` asks for them: a digest may cover them.
    """
    body = _utf8(body, max_bytes)
    if len(body) > max_markup and _markup(body) > max_markup:
        raise Unreadable("too_much_markup", f"more than {max_markup} angle brackets and quotation marks")
    declares = b"!" in body and b"<!" in body  # a document type, a comment, or character data
    if declares:
        _refuse_doctype(body)
    root = _tree(body, blanks=blanks)
    if declares and root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("doctype", "document type declarations and entities are refused")
    if declares or _instructs(body):
        _refuse_interrupted_values(root)
    return root


def _instructs(body: bytes) -> bool:
    """Whether there is a processing instruction; an XML declaration has two question marks of its own."""
    own = 2 if body.startswith(b"<?xml") else 0
    return body.count(b"?") > own and body.find(b"<?", len(b"<?xml") if own else 0) >= 0


def _markup(body: bytes) -> int:
    return body.count(b"<") + body.count(b'"') + body.count(b"'")


def _utf8(body: bytes, max_bytes: int) -> bytes:
    """The bytes without byte order mark, known to be small enough, UTF-8, and free of NUL."""
    if len(body) > max_bytes:
        raise Unreadable("too_large", f"{len(body)} bytes; at most {max_bytes} are read")
    if body.startswith(_FOREIGN_BOMS) or b"\x00" in body[:4]:
        raise Unreadable("encoding", "only UTF-8 is read")
    if b"\x00" in body:
        raise Unreadable("nul", f"a NUL byte at offset {body.index(0)}")
    body = body.removeprefix(_UTF8_BOM)
    if body.startswith(_UTF8_BOM):  # the parser would skip it, and with it our look for a document type
        raise Unreadable("encoding", "more than one byte order mark")
    declared = _DECLARED.match(body)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
        raise Unreadable(
            "encoding", f"declared as {declared[1].decode('ascii', 'replace')}; only UTF-8 is read"
        )
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("encoding", f"not UTF-8 at offset {error.start}") from None
    return body


def _refuse_doctype(body: bytes) -> None:
    """A document type declaration can stand only before the root element: look there, in linear time."""
    at, closed_by = 0, b""
    while at >= 0:
        at = _BLANK.match(body, at + len(closed_by)).end()  # type: ignore[union-attr]  # matches nothing, too
        if body.startswith(b"<?", at):
            closed_by = b"?>"
        elif body.startswith(b"<!--", at):
            closed_by = b"-->"
        elif body.startswith(b"<!", at):
            raise Unreadable("doctype", "document type declarations and entities are refused")
        else:
            return
        at = body.find(closed_by, at + 2)


def _tree(body: bytes, *, blanks: bool) -> Any:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_blank_text=not blanks,
        remove_comments=False,
        remove_pis=False,
        recover=False,
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        text = str(error)[:200]
        if "Excessive depth" in text:
            raise Unreadable("too_deep", "elements are nested too deeply") from None
        raise Unreadable("not_xml", f"not well-formed XML: {text}") from None


def _refuse_interrupted_values(root: Any) -> None:
    """Comments and instructions stand between elements: `1<!-- -->00` must read neither as 1 nor as 100."""
    for leaf in _INTERRUPTED(root):
        if _TEXT(leaf).strip():
            raise Unreadable(
                "interrupted_value",
                f"a comment or processing instruction inside the value of {etree.QName(leaf).localname}",
            )
