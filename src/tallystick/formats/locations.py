"""Places in XML documents as validators name them, found again without evaluating anything they say.

Every tool spells the way to an element in its own fashion: prefixes, `*:Name` with the namespace in a
predicate, `Q{uri}Name`, `*[local-name()='Name']`, a position for each step or for none. All of them are read
here as names and positions. A location is text from outside: no XPath of it is ever run.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from lxml import etree
from msgspec import Struct

__all__ = ["Found", "found_at"]

_LONGEST: Final = 4_000
_DEEPEST: Final = 60
_MOST: Final = 1_000  # places that one step leads to, at most: what more of them have in common is no more
_LOOKED_AT: Final = 20_000  # elements below another one that a step without a name looks at, at most

_CONDITION: Final = r"""\[(?:[^\[\]'"]|'[^']*'|"[^"]*")*\]"""
_STEP: Final = re.compile(
    rf"""/(?P<any>/?)(?:
        (?P<attribute>@)(?:Q?\{{[^{{}}]*\}}|[\w.-]+:|\*:)?(?P<attribute_name>[\w.-]+)
        |(?P<test>text|node|comment)\(\)
        |(?:Q?\{{(?P<uri>[^{{}}]*)\}}|[\w.-]*:|\*:)?(?P<name>[\w.-]+|\*)
        )(?P<conditions>(?:{_CONDITION})*)""",
    re.VERBOSE,
)
_NAME: Final = re.compile(r"[\w.-]+").fullmatch
_POSITION: Final = re.compile(r"\[\s*(?:position\(\)\s*=\s*)?([0-9]{1,6})\s*\]").fullmatch
_LOCAL_NAME: Final = re.compile(r"""local-name\((?:\.|self::\*)?\)\s*(?:=|eq)\s*(?:'([^']*)'|"([^"]*)")""")
_NAMESPACE: Final = re.compile(r"""namespace-uri\((?:\.|self::\*)?\)\s*(?:=|eq)\s*(?:'([^']*)'|"([^"]*)")""")


class Found(Struct, frozen=True):
    """What a location leads to: the elements at its end, or as far as there are any; an attribute's name."""

    elements: tuple[Any, ...]
    attribute: str = ""


class _Step(Struct, frozen=True):
    name: str
    namespace: str | None
    position: int | None
    anywhere: bool

    @property
    def tag(self) -> str:
        """The elements it may be, as lxml finds them by itself."""
        return f"{{*}}{self.name}" if _NAME(self.name) else "*"

    def fits(self, element: Any) -> bool:
        if not isinstance(element.tag, str):
            return False
        name = etree.QName(element)
        right = self.namespace is None or (name.namespace or "") == self.namespace
        return right and self.name in ("*", name.localname)


def found_at(root: Any, location: str) -> Found | None:
    """The elements below `root` (lxml) that a location names, the first thousand of them; None if it does not
    lead into this document.

    Steps above the root, such as those of an envelope, are passed over. A step that leads to nothing ends
    the way at the elements before it, since validators also name what is missing.
    """
    if len(location) > _LONGEST:
        return None
    steps, attribute = _read(location.strip())
    elements, rest = _begun(root, steps)
    if not elements:
        return None
    for step in rest:
        further = list(islice(_once(_taken(elements, step)), _MOST))
        if not further:
            return Found(tuple(elements))
        elements = further
    return Found(tuple(elements), attribute)


def _read(location: str) -> tuple[list[_Step], str]:
    """The steps of a location as far as it can be read, and the attribute at its end."""
    steps: list[_Step] = []
    at, text = 0, location if location.startswith("/") else f"/{location}"
    while len(steps) < _DEEPEST and (found := _STEP.match(text, at)) is not None:
        at = found.end()
        if found["attribute"]:
            return steps, found["attribute_name"]
        if found["test"]:
            break
        steps.append(_step(found))
    return steps, ""


def _step(found: re.Match[str]) -> _Step:
    conditions = found["conditions"] or ""
    position = None
    for condition in re.findall(_CONDITION, conditions):
        number = _POSITION(condition)
        position = int(number[1]) if number else position
    return _Step(
        name=_said(_LOCAL_NAME, conditions) or found["name"],
        namespace=found["uri"] if found["uri"] is not None else _said(_NAMESPACE, conditions),
        position=position,
        anywhere=bool(found["any"]),
    )


def _said(what: re.Pattern[str], conditions: str) -> str | None:
    found = what.search(conditions)
    return None if found is None else found[1] if found[1] is not None else found[2]


def _begun(root: Any, steps: list[_Step]) -> tuple[list[Any], list[_Step]]:
    """Where the way begins, and the steps from there: the root, or what `//` finds anywhere."""
    for place, step in enumerate(steps):
        if step.name != "*" and step.fits(root):
            return [root], steps[place + 1 :]
    if steps and steps[0].anywhere:
        return list(islice(_placed(_looked_at(root.iter(steps[0].tag), steps[0]), steps[0]), _MOST)), steps[
            1:
        ]
    return [], []


def _taken(elements: list[Any], step: _Step) -> Iterator[Any]:
    for element in elements:
        below = element.iterdescendants if step.anywhere else element.iterchildren
        yield from _placed(_looked_at(below(step.tag), step), step)


def _looked_at(candidates: Iterable[Any], step: _Step) -> Iterator[Any]:
    """As many as a step may look at: those of a name are few, or found soon."""
    return islice(candidates, _LOOKED_AT if step.tag == "*" else None)


def _once(elements: Iterable[Any]) -> Iterator[Any]:
    """Each of them once: elements within each other have the same ones below."""
    seen = set()
    for element in elements:
        if element not in seen:
            seen.add(element)
            yield element


def _placed(candidates: Iterable[Any], step: _Step) -> Iterator[Any]:
    """Those of a step's name, or the one at its position among them."""
    fitting = (one for one in candidates if step.fits(one))
    if step.position is None:
        yield from fitting
        return
    for place, one in enumerate(fitting, 1):
        if place == step.position:
            yield one
            return
