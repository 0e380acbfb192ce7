"""The moves that CII has beyond those of `formats.ubl.steps`: names, days, indicators, party identifiers."""

import re
from typing import Any, Final

from tallystick.formats.cii.names import DAY_FORMAT
from tallystick.formats.namespaces import QDT_NAMESPACE, RAM_NAMESPACE, RSM_NAMESPACE, UDT_NAMESPACE
from tallystick.formats.ubl.leftovers import ONLY_ONE
from tallystick.formats.ubl.steps import Json, Page, Step, code, fixed, items, peek

__all__ = ["FALSE", "adjustment", "coded", "day", "ram", "rsm", "udt", "unschemed"]

FALSE: Final = ("false", "0")
TRUE: Final = ("true", "1")
GLOBAL: Final = "read as a global identifier, as one with a scheme is"

_DAY: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII).fullmatch


def ram(name: str) -> str:
    """The name of a term as the parser spells it."""
    return f"{{{RAM_NAMESPACE}}}{name}"


def rsm(name: str) -> str:
    """The name of one of the document's parts."""
    return f"{{{RSM_NAMESPACE}}}{name}"


def udt(name: str) -> str:
    """The name of an unqualified data type's element."""
    return f"{{{UDT_NAMESPACE}}}{name}"


def qdt(name: str) -> str:
    """The name of a qualified data type's element."""
    return f"{{{QDT_NAMESPACE}}}{name}"


_STRINGS: Final = (udt("DateTimeString"), udt("DateString"), qdt("DateTimeString"))


def day(key: str) -> Step:
    """A day in the form YYYYMMDD inside its container. Another form is left."""

    def step(page: Page, element: Any, into: Json) -> None:
        if key in into:
            page.leftovers.tree(element, ONLY_ONE)
            return
        said = next((child for child in element if child.tag in _STRINGS), None)
        found = _DAY((said.text or "").strip()) if said is not None else None
        if said is None or found is None or said.get("format") != DAY_FORMAT:
            page.leftovers.tree(element, "no day of the form YYYYMMDD")
            return
        page.enter(element)
        page.walk(element, {said.tag: _taken}, into)
        into[key] = f"{found[1]}-{found[2]}-{found[3]}"

    return step


def _taken(page: Page, element: Any, into: Json) -> None:
    """A text that was read already: its form is known."""
    for name in element.attrib:
        if name != "format":
            page.leftovers.attribute(element, name)


def unschemed(taken: Step) -> Step:
    """An identifier without a scheme. One that has a scheme is of the global kind: it is carried as that one,
    and its scheme is named, since it will stand elsewhere in the document.
    """

    def step(page: Page, element: Any, into: Json) -> None:
        taken(page, element, into)
        if element.get("schemeID") is not None:
            page.leftovers.attribute(element, "schemeID", GLOBAL)

    return step


def adjustment(table: dict[str, Step]) -> Step:
    """An allowance or a charge, as its indicator says; without one it is left."""
    indicator = ram("ChargeIndicator")
    whole = {**table, indicator: _indicated}
    charge, allowance = items("charges", whole), items("allowances", whole)

    def step(page: Page, element: Any, into: Json) -> None:
        said = peek(element, indicator, udt("Indicator"))
        if said in TRUE:
            charge(page, element, into)
        elif said in FALSE:
            allowance(page, element, into)
        else:
            page.leftovers.tree(element, "neither an allowance nor a charge")

    return step


def _indicated(page: Page, element: Any, into: Json) -> None:
    page.enter(element)
    page.walk(element, {udt("Indicator"): fixed(*TRUE, *FALSE)}, into)


def coded(key: str, codes: dict[str, str]) -> Step:
    """A code of another list than the model's: translated, one that is not in the table as it stands."""
    plain = code(key)

    def step(page: Page, element: Any, into: Json) -> None:
        known = key in into
        plain(page, element, into)
        if not known and key in into:
            into[key] = codes.get(into[key], into[key])

    return step
