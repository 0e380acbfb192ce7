"""Peppol identifiers and the Standard Business Document around a business document."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from tallystick.sandbox.judge import Addressing
from tallystick.sandbox.judge.paper import CROSS_INDUSTRY_INVOICE, Unreadable, parse

SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
PARTICIPANT_SCHEME = "iso6523-actorid-upis"
DOC_TYPE_SCHEMES = ("busdox-docid-qns", "peppol-doctype-wildcard")
PROCESS_SCHEME = "cenbii-procid-ubl"

_NS = {"s": SBDH}
_HEADER = "s:StandardBusinessDocumentHeader"


class BadIdentifier(Exception):
    """An identifier in the path is no identifier; `what` names which, `value` is what was sent."""

    def __init__(self, what: str, value: str) -> None:
        super().__init__(f"Failed to parse the {what} '{value}'")


@dataclass(frozen=True, slots=True)
class Envelope:
    """An opened Standard Business Document.

    `document`: the business document exactly as its bytes lie inside the envelope.
    """

    instance_id: str
    addressing: Addressing
    document: bytes


def without_scheme(value: str, *schemes: str) -> str:
    """The identifier without its scheme; one without a known scheme is in the default scheme already."""
    scheme, found, rest = value.partition("::")
    return rest if found and scheme in schemes else value


def addressing(sender: str, receiver: str, doc_type: str, process: str, country: str) -> Addressing:
    """Identifiers as they stand in a path. Raises `BadIdentifier` for an empty or overlong one."""
    read = (
        ("sending participant ID", without_scheme(sender, PARTICIPANT_SCHEME), 135),
        ("receiving participant ID", without_scheme(receiver, PARTICIPANT_SCHEME), 135),
        ("document type ID", without_scheme(doc_type, *DOC_TYPE_SCHEMES), 500),
        ("process ID", without_scheme(process, PROCESS_SCHEME), 200),
    )
    for what, value, limit in read:
        if not value.strip() or len(value) > limit:
            raise BadIdentifier(what, value[:80])
    return Addressing(read[0][1], read[1][1], read[2][1], read[3][1], country)


def opened(body: bytes) -> Envelope:
    """The envelope's header and the document inside. Raises `Unreadable` with a rule SBDH-…"""
    root = parse(body).element
    if root.tag != f"{{{SBDH}}}StandardBusinessDocument" or root.find(_HEADER, _NS) is None:
        raise Unreadable("SBDH-MISSING-SBDH", "The 'StandardBusinessDocumentHeader' element is not present.")
    header = root.find(_HEADER, _NS)
    instance_id = _text(header, "s:DocumentIdentification/s:InstanceIdentifier")
    if not instance_id:
        raise Unreadable("SBDH-INVALID-INSTANCE-IDENTIFIER", "The instance identifier is missing.")
    if _text(header, "s:HeaderVersion") != "1.0":
        raise Unreadable("SBDH-INVALID-HEADER-VERSION", "The 'HeaderVersion' element must be 1.0.")
    business = [child for child in root.iterchildren("*") if child is not header]
    if len(business) != 1:
        raise Unreadable(
            "SBDH-INVALID-BUSINESS-MESSAGE", f"{len(business)} business messages in the envelope."
        )
    _agree(header, business[0])
    scopes = _scopes(header)
    return Envelope(
        instance_id,
        Addressing(
            sender=_partner(header, "Sender"),
            receiver=_partner(header, "Receiver"),
            doc_type=scopes["DOCUMENTID"],
            process=scopes["PROCESSID"],
            country=scopes["COUNTRY_C1"],
        ),
        _slice(body, business[0]),
    )


def _text(element: etree._Element, path: str) -> str:
    found = element.find(path, _NS)
    return "" if found is None else (found.text or "").strip()


def _partner(header: etree._Element, role: str) -> str:
    found = header.findall(f"s:{role}/s:Identifier", _NS)
    if len(found) != 1 or not (found[0].text or "").strip():
        raise Unreadable(
            f"SBDH-INVALID-{role.upper()}-COUNT", f"Not exactly one '{role}' element is present."
        )
    if found[0].get("Authority") != PARTICIPANT_SCHEME:
        raise Unreadable(f"SBDH-INVALID-{role.upper()}-AUTHORITY", f"'{role}' has the wrong Authority.")
    return str(found[0].text).strip()


def _scopes(header: etree._Element) -> dict[str, str]:
    found = {
        _text(scope, "s:Type"): _text(scope, "s:InstanceIdentifier")
        for scope in header.findall("s:BusinessScope/s:Scope", _NS)
    }
    for kind, rule in (
        ("DOCUMENTID", "SBDH-MISSING-DOCUMENT-TYPE-IDENTIFIER"),
        ("PROCESSID", "SBDH-MISSING-PROCESS-IDENTIFIER"),
        ("COUNTRY_C1", "SBDH-MISSING-COUNTRY-C1"),
    ):
        if not found.get(kind):
            raise Unreadable(rule, f"The business scope {kind} is missing.")
    return found


def _agree(header: etree._Element, business: etree._Element) -> None:
    """The header's document identification must describe the business message."""
    name = etree.QName(business)
    stated = "s:DocumentIdentification/s:"
    if _text(header, f"{stated}Standard") != name.namespace:
        raise Unreadable("SBDH-INVALID-STANDARD", "'Standard' must be the namespace of the business message.")
    if _text(header, f"{stated}Type") != name.localname:
        raise Unreadable("SBDH-INVALID-TYPE", "'Type' must be the local name of the business message.")
    version = "D16B" if name.namespace == CROSS_INDUSTRY_INVOICE else "2.1"
    if _text(header, f"{stated}TypeVersion") != version:
        raise Unreadable("SBDH-INVALID-TYPE-VERSION", f"'TypeVersion' must be {version}.")
    if "T" not in _text(header, f"{stated}CreationDateAndTime"):
        raise Unreadable("SBDH-INVALID-CREATION-DATE-TIME", "'CreationDateAndTime' must be a date with time.")


def _slice(body: bytes, business: etree._Element) -> bytes:
    """The business document's own bytes; re-serialised when it leans on the envelope's namespaces."""
    tag = business.tag.rpartition("}")[2]
    name = f"{business.prefix}:{tag}" if business.prefix else tag
    start = body.find(f"<{name}".encode(), body.find(b"StandardBusinessDocumentHeader>") + 1)
    closing = f"</{name}>".encode()
    end = body.rfind(closing)
    if start >= 0 and end > start:
        piece = body[start : end + len(closing)]
        try:
            parse(piece)
        except Unreadable:
            pass
        else:
            return piece
    return bytes(etree.tostring(business, encoding="UTF-8", with_tail=False))
