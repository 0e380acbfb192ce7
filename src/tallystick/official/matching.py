"""Which sets judge a document: by its element, the specification that it names, and the day of its issue."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from lxml import etree
from msgspec import Struct

from tallystick.official.artefacts import Artefacts

__all__ = ["matching"]

CBC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
RAM: Final = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
SPECIFICATION: Final = (f"{{{CBC}}}CustomizationID", f"{{{RAM}}}GuidelineSpecifiedDocumentContextParameter")
ISSUE: Final = (f"{{{CBC}}}IssueDate", f"{{{RAM}}}IssueDateTime")


class Told(Struct):
    """What a document tells of itself: its element's local name, its specification, its day as digits."""

    root: str = ""
    specification: str = ""
    day: str = ""


def matching(sets: Sequence[Artefacts], body: bytes) -> tuple[Artefacts, ...]:
    """The sets that judge this document; those that name no specification judge what no other set names."""
    if not sets:
        return ()
    told = _told(body)
    fit = [each for each in sets if (not each.roots or told.root in each.roots) and _in_force(each, told.day)]
    exact = tuple(each for each in fit if told.specification in each.customizations)
    return exact or tuple(each for each in fit if not each.customizations)


def _in_force(each: Artefacts, day: str) -> bool:
    """Whether a set is for documents of that day; one that tells none is every set's."""
    since, until = each.since.replace("-", ""), each.until.replace("-", "")
    return not day or ((not since or since <= day) and (not until or day <= until))


def _told(body: bytes) -> Told:
    """The document's own words, as far as it can be read; they stand at its beginning."""
    told = Told()
    try:
        for event, element in etree.iterparse(
            BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
        ):
            told.root = told.root or str(etree.QName(element).localname)
            if event == "end" and element.tag in SPECIFICATION and not told.specification:
                told.specification = _text(element)
            elif event == "end" and element.tag in ISSUE:
                told.day = _text(element).replace("-", "")[:8]
                break
    except etree.XMLSyntaxError:
        return told
    return told


def _text(element: Any) -> str:
    return "".join("".join(element.itertext()).split())
