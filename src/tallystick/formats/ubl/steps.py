"""How one element becomes one term: the moves from which the reading tables are made.

A step takes an element and the JSON object it belongs into. It carries over every text and attribute it
knows and leaves all others to the page's leftovers: what no step takes cannot get lost.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from tallystick.formats.ubl.leftovers import EMPTY, LOOSE_TEXT, NO_TERM, ONLY_ONE, Claimed, Leftovers
from tallystick.formats.ubl.names import CAC_NAMESPACE, CBC_NAMESPACE
from tallystick.formats.ubl.profile import Profile

Json: TypeAlias = dict[str, Any]

_PLAIN_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?").fullmatch
_DECIMAL: Final = re.compile(r"([+-]?)([0-9]*)\.?([0-9]*)").fullmatch
_MOST_DECIMALS: Final = 12
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_ZONED_DAY: Final = re.compile(r"(-?[0-9]{4,}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})").fullmatch


class Page:
    """The document being read: its currencies and tax schemes, its root, and what could not be carried."""

    __slots__ = (
        "claimed",
        "currency",
        "is_credit_note",
        "leftovers",
        "registration_scheme",
        "tax_currency",
        "tax_scheme",
    )

    def __init__(
        self,
        currency: str,
        tax_currency: str,
        claimed: Claimed,
        profile: Profile,
        *,
        is_credit_note: bool,
    ) -> None:
        self.currency = currency
        self.tax_currency = tax_currency
        self.tax_scheme = profile.tax_scheme
        self.registration_scheme = profile.tax_registration_scheme
        self.is_credit_note = is_credit_note
        self.claimed = claimed.elements
        self.leftovers = Leftovers(claimed)

    def walk(self, element: Any, table: "Table", into: Json) -> None:
        """Hand each child to the table's step for it; leave the children no step is for and nobody claims."""
        for child in element:
            if child in self.claimed:
                continue
            step = table.get(child.tag)
            if step is not None:
                step(self, child, into)
            elif isinstance(child.tag, str):  # neither a comment nor an instruction
                self.leftovers.tree(child)

    def took(self, element: Any, holder: Json, key: str = "") -> None:
        """Where an element's content went, for a page that traces it: where that shows in no other way."""

    def enter(self, element: Any) -> None:
        """Leave what a container must not have: attributes, and a text of its own."""
        self.attributes(element)
        text = element.text
        if text and not len(element) and not text.isspace():  # beside elements: see `Leftovers.loose_text`
            self.leftovers.value(element, text, LOOSE_TEXT)

    def attributes(self, element: Any) -> None:
        """Leave every attribute of an element whose attributes mean nothing here."""
        for name in element.attrib:
            self.leftovers.attribute(element, name)


Step: TypeAlias = Callable[[Page, Any, Json], None]
Table: TypeAlias = Mapping[str, Step]


def cbc(name: str) -> str:
    """A leaf element's name as the parser spells it."""
    return f"{{{CBC_NAMESPACE}}}{name}"


def cac(name: str) -> str:
    """A container's name as the parser spells it."""
    return f"{{{CAC_NAMESPACE}}}{name}"


def peek(element: Any, *names: str) -> str:
    """The stripped text of a descendant by its path; "" if there is none. Takes nothing over."""
    text = element.findtext("/".join(names))
    return text.strip() if text else ""


def again(page: Page, element: Any) -> bool:
    """Whether an element of this name stood here before; then this one is left."""
    if next(element.itersiblings(element.tag, preceding=True), None) is None:
        return False
    page.leftovers.tree(element, ONLY_ONE)
    return True


def _value(page: Page, element: Any) -> str | None:
    """The text of a leaf. An element that holds elements, or nothing, is left."""
    value: str | None = element.text
    if value and not len(element) and not value.isspace():
        return value
    holds_elements = next(element.iterchildren("*"), None) is not None
    page.leftovers.tree(element, NO_TERM if holds_elements else EMPTY)
    return None


def leaf(
    key: str, convert: Callable[[str], str] | None = None, attributes: Mapping[str, str] = _NONE
) -> Step:
    """A text under `key`, and each of the named attributes under a key of its own."""

    def step(page: Page, element: Any, into: Json) -> None:
        if key in into:
            page.leftovers.tree(element, ONLY_ONE)
            return
        value = _value(page, element)
        if value is None:
            return
        into[key] = value if convert is None else convert(value)
        for name, text in element.items():
            if name in attributes and not text.isspace() and text:
                into[attributes[name]] = text
            else:
                page.leftovers.attribute(element, name)

    return step


def code(key: str, attributes: Mapping[str, str] = _NONE) -> Step:
    """A code: blanks around it mean nothing."""
    return leaf(key, str.strip, attributes)


def number(key: str, attributes: Mapping[str, str] = _NONE) -> Step:
    """A number in the canonical spelling, with the digits it was given."""
    return leaf(key, _digits, attributes)


def _digits(value: str) -> str:
    """Drops a plus sign, blanks, and zeros beyond the decimals a number may have; puts a 0 before a bare
    point. What is no decimal is not touched.
    """
    if _PLAIN_NUMBER(value):
        return value if len(value) <= _MOST_DECIMALS else _without_needless_zeros(value)
    value = value.strip()
    decimal = _DECIMAL(value)
    if decimal is None or not (decimal[2] or decimal[3]):
        return value
    sign, whole, fraction = decimal.groups()
    return ("-" if sign == "-" else "") + (whole or "0") + (f".{fraction}" if fraction else "")


def _without_needless_zeros(value: str) -> str:
    whole, point, fraction = value.partition(".")
    kept = fraction[:_MOST_DECIMALS]
    return f"{whole}{point}{kept}" if not fraction[_MOST_DECIMALS:].strip("0") else value


def amount(key: str, *, accounting: bool = False) -> Step:
    """An amount in the document's (or the accounting) currency. A currency that differs is left."""

    def step(page: Page, element: Any, into: Json) -> None:
        if key in into:
            page.leftovers.tree(element, ONLY_ONE)
            return
        value = _value(page, element)
        if value is None:
            return
        into[key] = _digits(value)
        currency = page.tax_currency if accounting else page.currency
        for name, text in element.items():
            if name != "currencyID" or text != currency:
                page.leftovers.attribute(element, name)

    return step


def day(key: str) -> Step:
    """A date. Its time zone, which the model does not know, is left."""

    def step(page: Page, element: Any, into: Json) -> None:
        taken: Json = {}
        plain(page, element, into if key in into else taken)
        if key not in taken:
            return
        zoned = _ZONED_DAY(taken[key])
        if zoned:
            page.leftovers.value(element, zoned[2], NO_TERM)
        into[key] = zoned[1] if zoned else taken[key]

    plain = code(key)
    return step


def identifier(key: str) -> Step:
    """An identifier with its scheme."""

    def step(page: Page, element: Any, into: Json) -> None:
        if key in into:
            page.leftovers.tree(element, ONLY_ONE)
            return
        taken: Json = {}
        parts(page, element, taken)
        if taken:
            into[key] = taken

    parts = leaf("value", None, {"schemeID": "scheme"})
    return step


def identifiers(key: str) -> Step:
    """One more identifier with its scheme."""

    def step(page: Page, element: Any, into: Json) -> None:
        taken: Json = {}
        parts(page, element, taken)
        if taken:
            into.setdefault(key, []).append(taken)

    parts = leaf("value", None, {"schemeID": "scheme"})
    return step


def fixed(*texts: str) -> Step:
    """A value that the table was chosen by, or that the writer puts there by itself; another one is left."""

    def step(page: Page, element: Any, into: Json) -> None:
        if again(page, element):
            return
        value = _value(page, element)
        if value is None:
            return
        if value.strip() not in texts:
            page.leftovers.value(element, value, f"always written as {texts[0]}")
        page.attributes(element)

    return step


def flat(table: Table) -> Step:
    """A container whose terms belong to the surrounding group."""

    def step(page: Page, element: Any, into: Json) -> None:
        if not again(page, element):
            page.enter(element)
            page.walk(element, table, into)

    return step


def each(table: Table) -> Step:
    """A container that may stand several times, its terms belonging to the surrounding group."""

    def step(page: Page, element: Any, into: Json) -> None:
        page.enter(element)
        page.walk(element, table, into)

    return step


def group(key: str, table: Table, *, needless: bool = False) -> Step:
    """A group of its own. One that says nothing is dropped if `needless`, else it stays for its absence."""

    def step(page: Page, element: Any, into: Json) -> None:
        if key in into:
            page.leftovers.tree(element, ONLY_ONE)
            return
        page.enter(element)
        taken: Json = {}
        into[key] = taken
        page.walk(element, table, taken)
        if needless and not taken:
            del into[key]

    return step


def shared(key: str, table: Table) -> Step:
    """A container whose terms belong to a group that other containers share."""

    def step(page: Page, element: Any, into: Json) -> None:
        if not again(page, element):
            page.enter(element)
            page.walk(element, table, into.setdefault(key, {}))

    return step


def items(key: str, table: Table) -> Step:
    """One more group of a list."""

    def step(page: Page, element: Any, into: Json) -> None:
        page.enter(element)
        taken: Json = {}
        page.walk(element, table, taken)
        into.setdefault(key, []).append(taken)

    return step
