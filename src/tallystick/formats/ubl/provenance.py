"""From which member of the invoice each place of a wire document is, and back.

The document is read once more, and every step of the reading is watched: what a member of the JSON object
it was handed has gained, its element brought. So whatever the reading tables learn to read is traced without
another table. What no step reads belongs to the nearest element around it that one does.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from tallystick.formats.locations import found_at
from tallystick.formats.ubl.leftovers import Claimed, Leftovers
from tallystick.formats.ubl.profile import Profile
from tallystick.formats.ubl.read import PLAIN, Claim, fill, opened
from tallystick.formats.ubl.steps import Json, Page, Step, Table

__all__ = ["Provenance", "Traced", "provenance"]

_OWN_TEXT: Final = ("value", "content")
_CURRENCY: Final = "currencyID"
_IN_ACCOUNTING: Final = "_in_accounting_currency"


class _Place(Struct, frozen=True):
    """A member of a JSON object, or (`key` "") the object itself; `more` are what its attributes became."""

    holder: Any
    key: str = ""
    value: Any = None
    more: tuple[str, ...] = ()


class Traced(Page):
    """A page that remembers which element brought which member."""

    __slots__ = ("places", "told")

    places: dict[Any, _Place]
    told: set[Any]

    def __init__(self, *facts: Any, **named: Any) -> None:
        super().__init__(*facts, **named)
        self.places = {}
        self.told = set()

    def walk(self, element: Any, table: Table, into: Json) -> None:
        """As every page, with an eye on each step."""
        super().walk(element, _Watched(self, table), into)

    def took(self, element: Any, holder: Json, key: str = "") -> None:
        """What a reading step itself says of an element goes before what is seen of it."""
        self.places[element] = _Place(holder, key, holder.get(key))
        self.told.add(element)

    def saw(self, element: Any, into: Json, before: Mapping[str, Any]) -> None:
        """Remember what an element brought: one member or group, else the group it brought them into."""
        if element in self.told:
            return
        gained = list(_gained(into, before))
        if len(gained) > 1 and len(element) > 0:
            holders = {id(one.holder) for one in gained}
            self.places[element] = _Place(gained[0].holder if len(holders) == 1 else into)
        elif gained:
            first, rest = gained[0], tuple(one.key for one in gained[1:])
            self.places[element] = _Place(first.holder, first.key, first.value, rest)


class _Watched(dict[str, Step]):
    """A reading table whose steps are watched."""

    def __init__(self, page: Traced, table: Table) -> None:
        super().__init__(table)
        self._page = page

    def get(self, tag: str, default: Any = None) -> Any:
        """The step for an element of this name, if there is one."""
        step = super().get(tag, default)
        return default if step is None else self._watching(step)

    def _watching(self, step: Step) -> Step:
        traced = self._page

        def watched(page: Page, element: Any, into: Json) -> None:
            before = {key: _size(value) for key, value in into.items()}
            step(page, element, into)
            traced.saw(element, into, before)

        return watched


def _size(value: Any) -> Any:
    return tuple(value) if isinstance(value, dict) else len(value) if isinstance(value, list) else 0


def _gained(into: Json, before: Mapping[str, Any]) -> Iterator[_Place]:
    for key, value in into.items():
        known = before.get(key)
        if isinstance(value, list):
            if len(value) > (known or 0) and isinstance(value[-1], dict):
                yield _Place(value[-1])
        elif known is None:
            yield _Place(value) if isinstance(value, dict) else _Place(into, key, value)
        elif isinstance(value, dict):
            yield from (_Place(value, name, value[name]) for name in value if name not in known)


class Provenance:
    """Which member of an invoice each place of its document is from. Never raises for any location."""

    def __init__(self, root: Any, places: Mapping[Any, _Place], invoice: Json) -> None:
        self._root = root
        self._places = places
        self._invoice = invoice  # keeps every object alive that is known by its identity
        self._objects: dict[int, str] = {}
        self._values: dict[tuple[str, str], str] = {}
        self._leftovers = Leftovers(Claimed())
        self._note(invoice, "")
        self._origins: dict[str, tuple[Any, str]] = {}
        for element in places:
            self._origins.setdefault(self._pointer(element) or "", (element, ""))
        for element in places:
            for name in element.attrib if len(element) == 0 else ():
                self._origins.setdefault(self._within(element, name), (element, f"/@{name}"))

    def pointer(self, location: str) -> str | None:
        """The JSON Pointer of what an XPath leads to, or of the nearest place around it; None if it does not
        lead into the document. Where it leads to several, the pointer is of what they have in common.
        """
        found = found_at(self._root, location)
        if found is None:
            return None
        if len(found.elements) == 1:
            return self._within(found.elements[0], found.attribute)
        pointers = [self._around(element).split("/") for element in found.elements]
        shared = []
        for tokens in zip(*pointers, strict=False):
            if len(set(tokens)) > 1:
                break
            shared.append(tokens[0])
        return "/".join(shared)

    def location(self, pointer: str) -> str:
        """The XPath of the element or attribute a member is from, or of the nearest element around it."""
        while pointer and pointer not in self._origins:
            pointer = pointer.rpartition("/")[0]
        element, attribute = self._origins[pointer] if pointer else (self._root, "")
        return self._leftovers.path(element) + attribute

    def _note(self, node: Any, pointer: str) -> None:
        """Where each object stands, and each text under its name: a value that was moved keeps its name."""
        if isinstance(node, dict):
            self._objects[id(node)] = pointer
            for name, value in node.items():
                if isinstance(value, str):
                    self._values.setdefault((name, value), f"{pointer}/{name}")
                else:
                    self._note(value, f"{pointer}/{name}")
        elif isinstance(node, list):
            for index, value in enumerate(node):
                self._note(value, f"{pointer}/{index}")

    def _within(self, element: Any, attribute: str) -> str:
        pointer = self._around(element)
        if attribute == _CURRENCY:
            return "/tax_currency_code" if pointer.endswith(_IN_ACCOUNTING) else "/currency_code"
        place = self._places.get(element)
        if not attribute or place is None or attribute not in element.attrib:
            return pointer
        return self._of_attribute(place, element.get(attribute)) or pointer

    def _of_attribute(self, place: _Place, text: str) -> str:
        """Where an attribute of a leaf went: beside its value, or into the same object under another name."""
        at, said = self._objects.get(id(place.holder), ""), place.holder
        names = place.more if place.key else (name for name in said if name not in _OWN_TEXT)
        return next((f"{at}/{name}" for name in names if said.get(name) == text), "")

    def _around(self, element: Any) -> str:
        """The pointer of an element, or of the nearest one around it."""
        while element is not None:
            pointer = self._pointer(element)
            if pointer is not None:
                return pointer
            element = element.getparent()
        return ""

    def _pointer(self, element: Any) -> str | None:
        place = self._places.get(element)
        if place is None:
            return None
        holder = self._objects.get(id(place.holder))
        if place.key and (holder is None or place.key not in place.holder):
            return self._values.get((place.key, place.value)) if isinstance(place.value, str) else None
        if place.key or holder is None:
            return None if holder is None else f"{holder}/{place.key}"
        if len(element) == 0:
            return next((f"{holder}/{name}" for name in _OWN_TEXT if name in place.holder), holder)
        return holder


def provenance(body: bytes, *, profile: Profile = PLAIN, claim: Claim | None = None) -> Provenance:
    """Where the members of a UBL document are from: as `read` reads it. Raises `Unreadable`, nothing else."""
    root = opened(body)
    page, invoice = fill(root, profile, claim, Traced)
    return Provenance(root, page.places, invoice)
