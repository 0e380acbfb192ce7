"""Which sets judge a document: by its element, and by the specification that it names."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from lxml import etree

from tallystick.official.artefacts import Artefacts

__all__ = ["matching"]

CBC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
RAM: Final = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
CUSTOMIZATION: Final = (f"{{{CBC}}}CustomizationID", f"{{{RAM}}}GuidelineSpecifiedDocumentContextParameter")


def matching(sets: Sequence[Artefacts], body: bytes) -> tuple[Artefacts, ...]:
    """The sets that judge this document; those that name no specification judge what no other set names."""
    if not sets:
        return ()
    root, named = _of(body)
    fit = [each for each in sets if not each.roots or root in each.roots]
    exact = tuple(each for each in fit if named in each.customizations)
    return exact or tuple(each for each in fit if not each.customizations)


def _of(body: bytes) -> tuple[str, str]:
    """The local name of a document's element, and the specification it names ("" where it names none)."""
    root, named = "", ""
    try:
        for event, element in etree.iterparse(
            BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
        ):
            root = root or str(etree.QName(element).localname)
            if event == "end" and element.tag in CUSTOMIZATION:
                named = _text(element)
                break
    except etree.XMLSyntaxError:
        return root, named
    return root, named


def _text(element: Any) -> str:
    return "".join("".join(element.itertext()).split())
