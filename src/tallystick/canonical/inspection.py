"""The thorough reader: every fault of a document, each at its place, none twice.

It walks the raw JSON tree beside the shapes of the structs. It is only asked when the fast decoder has
refused a document or cannot be sure of it, so it is written to explain, not to be fast; its time and memory
stay linear in the size of the document.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, time
from difflib import get_close_matches
from typing import Any, Final

import msgspec

from tallystick.canonical.fault import Fault
from tallystick.canonical.invoice import Invoice
from tallystick.canonical.line import Price
from tallystick.canonical.numbers import is_number, read_number
from tallystick.canonical.presence import rule_on
from tallystick.canonical.regime import RegimeBlocks
from tallystick.canonical.shape import FieldShape, Kind, Shape, shape_of
from tallystick.canonical.text import forbidden_character
from tallystick.canonical.tree import Number, Repeating, explained, native, printable, shown, step

MAX_FAULTS: Final = 10_000
"""How many faults of one document are told."""

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100

_SUGGESTIONS: Final = 200
_LONGEST_NAME: Final = 60
_EXPECTED: Final[dict[Kind, str]] = {
    "struct": "an object",
    "array": "an array",
    "map": "an object",
    "regime": "an object",
    "number": 'a decimal number as a string, such as "100.00"',
    "date": 'a date, such as "2026-01-31"',
    "time": 'a time of day, such as "09:30:00"',
    "text": "a string",
    "flag": "true or false",
}
_ABSENCES: Final = frozenset({"invoice/missing-term", "invoice/too-few", "invoice/blank-text"})
"""Faults of a term that is not there, by which a rule on its presence is broken."""

_is_date: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_is_time: Final = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}").fullmatch


class _EnoughError(Exception):
    """So many faults are noted that more would help nobody."""


class Inspection:
    """One walk over one document. `faults` has everything found, in document order."""

    def __init__(self, blocks: Mapping[str, RegimeBlocks]) -> None:
        self.faults: list[Fault] = []
        self._blocks = blocks
        self._suggestions: dict[tuple[str, frozenset[str]], str] = {}
        self._judges: dict[Kind, Callable[[Any, Shape, str], None]] = {
            "struct": self._struct,
            "array": self._array,
            "map": self._map,
            "number": self._number,
            "date": self._date,
            "time": self._time,
            "text": self._text,
            "flag": self._flag,
            "choice": self._choice,
            "other": self._other,
        }

    def invoice(self, root: dict[str, Any]) -> None:
        """Judge a whole document."""
        with suppress(_EnoughError):
            self._members(root, shape_of(Invoice), "", "", level=Invoice.level)
            if root.get("transaction_type") != "b2c":
                self._buyer(root.get("buyer"))

    def _buyer(self, buyer: Any) -> None:
        """What EN 16931 wants of every sale but those to consumers."""
        fields = shape_of(Invoice)
        if buyer is None:
            self._missing("/buyer", fields["buyer"].shape)
        elif isinstance(buyer, dict) and (struct := fields["buyer"].shape.struct):
            for name in ("name", "postal_address"):
                if buyer.get(name) is None:
                    self._missing(f"/buyer/{name}", shape_of(struct)[name].shape)

    def add(
        self,
        code: str,
        pointer: str,
        message: str,
        term: str = "",
        *,
        expected: str = "",
        actual: str = "",
        hint: str = "",
    ) -> None:
        """Note a fault. Ends the walk when there are `MAX_FAULTS`."""
        if len(self.faults) == MAX_FAULTS:
            told = f"The document has more than {MAX_FAULTS} faults; the rest is not told."
            self.faults.append(Fault(code="request/too-many-faults", pointer="", message=told))
            raise _EnoughError
        fault = Fault(
            code=code,
            pointer=pointer,
            message=message,
            rule=rule_on(term) if code in _ABSENCES else None,
            term=term,
            expected=expected,
            actual=actual,
            hint=hint,
        )
        self.faults.append(fault)

    def _missing(self, pointer: str, shape: Shape) -> None:
        name = pointer.rpartition("/")[2]
        expected = _EXPECTED.get(shape.kind, "a value")
        self.add("invoice/missing-term", pointer, f"{name} is required.", shape.term, expected=expected)

    def _wrong(self, node: Any, shape: Shape, pointer: str) -> None:
        expected = _EXPECTED[shape.kind]
        message = f"Expected {expected}."
        self.add("invoice/wrong-type", pointer, message, shape.term, expected=expected, actual=shown(node))

    def _members(
        self, node: dict[str, Any], fields: Mapping[str, FieldShape], pointer: str, term: str, level: str
    ) -> None:
        self._repeats(node, pointer, term)
        for name, value in node.items():
            place = step(pointer, name)
            known = fields.get(name)
            if known is None:
                self._unknown(name, place, frozenset(fields))
            elif value is None and known.required:
                self._missing(place, known.shape)
            elif known.shape.kind == "regime":
                self._regimes(value, known.shape, place, level)
            else:
                self._judge(value, known.shape, place, term)
        for name, known in fields.items():
            if known.required and name not in node:
                self._missing(step(pointer, name), known.shape)

    def _judge(self, node: Any, shape: Shape, pointer: str, term: str) -> None:
        if node is None and shape.optional:
            return
        if not shape.term and term:
            shape = msgspec.structs.replace(shape, term=term)
        self._judges[shape.kind](node, shape, pointer)

    def _repeats(self, node: dict[str, Any], pointer: str, term: str) -> None:
        for name in node.repeated if type(node) is Repeating else ():
            message = f"{printable(name)} is given more than once."
            self.add("request/duplicate-key", step(pointer, name), message, term, expected="each name once")

    def _unknown(self, name: str, pointer: str, names: frozenset[str]) -> None:
        near = self._nearest(name, names)
        some = ", ".join(sorted(names)) if len(names) <= 8 else ""
        hint = f"Did you mean {near}?" if near else f"Known here: {some}." if some else ""
        message = f"There is no term {shown(name)} here."
        self.add("invoice/unknown-field", pointer, message, hint=hint)

    def _nearest(self, name: str, names: frozenset[str]) -> str:
        """The known name that looks most like `name`; looking stops after many different questions."""
        if len(name) > _LONGEST_NAME:
            return ""
        if (name, names) not in self._suggestions:
            if len(self._suggestions) >= _SUGGESTIONS:
                return ""
            near = get_close_matches(name.lower(), names, 1)
            self._suggestions[name, names] = near[0] if near else ""
        return self._suggestions[name, names]

    def _regimes(self, node: Any, shape: Shape, pointer: str, level: str) -> None:
        if not isinstance(node, dict):
            return self._wrong(node, shape, pointer)
        self._repeats(node, pointer, "")
        for code, block in node.items():
            place = step(pointer, code)
            blocks = self._blocks.get(code)
            struct: type[msgspec.Struct] | None = getattr(blocks, level, None)
            if blocks is None:
                known = ", ".join(sorted(self._blocks)) or "none"
                message = f"No regime {shown(code)} brings data."
                self.add("invoice/unknown-regime", place, message, hint=f"Known here: {known}.")
            elif struct is None:
                message = f"The regime {code} has no data at {level} level."
                self.add("invoice/regime-level", place, message)
            else:
                self._block(block, struct, place)
        return None

    def _block(self, node: Any, struct: type[msgspec.Struct], pointer: str) -> None:
        shape = Shape(kind="struct", annotation=struct, struct=struct)
        before = len(self.faults)
        self._struct(node, shape, pointer)
        if len(self.faults) == before:  # its parts are right: the struct may still refuse the whole
            self._converts(node, shape, pointer)

    def _struct(self, node: Any, shape: Shape, pointer: str) -> None:
        struct = shape.struct
        if not isinstance(node, dict) or struct is None:
            return self._wrong(node, shape, pointer)
        # an identifier's value and scheme belong to the identifier's own term
        term = shape.term if shape.term.startswith("BT") else ""
        self._members(node, shape_of(struct), pointer, term, getattr(struct, "level", ""))
        if struct is Price and "item_net_price" not in node and node.get("item_price_with_tax") is None:
            self._missing(f"{pointer}/item_net_price", shape_of(Price)["item_net_price"].shape)
        return None

    def _array(self, node: Any, shape: Shape, pointer: str) -> None:
        if not isinstance(node, list) or shape.item is None:
            return self._wrong(node, shape, pointer)
        if len(node) < shape.least:
            expected = f"at least {shape.least}"
            self.add("invoice/too-few", pointer, f"Expected {expected}.", shape.term, expected=expected)
        for index, item in enumerate(node):
            self._judge(item, shape.item, f"{pointer}/{index}", shape.term)
        return None

    def _map(self, node: Any, shape: Shape, pointer: str) -> None:
        if not isinstance(node, dict) or shape.item is None or shape.key is None:
            return self._wrong(node, shape, pointer)
        self._repeats(node, pointer, shape.term)
        for name, value in node.items():
            place = step(pointer, name)
            self._text(name, shape.key, place)
            if shape.item.kind == "text" and type(value) is str and not value.strip():
                self._clean(value, shape.item, place)  # the caller's own notes may be blank
            else:
                self._judge(value, shape.item, place, shape.term)
        return None

    def _number(self, node: Any, shape: Shape, pointer: str) -> None:
        if type(node) is Number:
            hint = f'Send "{node}".' if is_number(node) else ""
            message = "Numbers are sent as strings, so that no digit is lost on the way."
            self._bad("request/float-money", node, shape, pointer, message, hint)
        elif type(node) is not str:
            self._wrong(node, shape, pointer)
        elif not is_number(node):
            message = "A number is up to 18 digits, then perhaps a point and up to 12 more; nothing else."
            self._bad("invoice/bad-number", node, shape, pointer, message)

    def _bad(self, code: str, node: Any, shape: Shape, pointer: str, message: str, hint: str = "") -> None:
        expected = _EXPECTED[shape.kind]
        self.add(code, pointer, message, shape.term, expected=expected, actual=shown(node), hint=hint)

    def _date(self, node: Any, shape: Shape, pointer: str) -> None:
        if type(node) is not str:
            return self._wrong(node, shape, pointer)
        try:
            day = date.fromisoformat(node) if _is_date(node) else None
        except ValueError:
            day = None
        if day is None:
            message = "A date is a real day, written YYYY-MM-DD."
            self._bad("invoice/bad-date", node, shape, pointer, message)
        elif not FIRST_YEAR <= day.year <= LAST_YEAR:
            message = f"A date lies between the years {FIRST_YEAR} and {LAST_YEAR}."
            self._bad("invoice/date-out-of-range", node, shape, pointer, message)
        return None

    def _time(self, node: Any, shape: Shape, pointer: str) -> None:
        if type(node) is not str:
            return self._wrong(node, shape, pointer)
        try:
            right = _is_time(node) is not None and time.fromisoformat(node) is not None
        except ValueError:
            right = False
        if not right:
            message = "A time is written HH:MM:SS, without a zone or fractions."
            self._bad("invoice/bad-time", node, shape, pointer, message)
        return None

    def _text(self, node: Any, shape: Shape, pointer: str) -> None:
        if type(node) is not str:
            return self._wrong(node, shape, pointer)
        if not self._clean(node, shape, pointer):
            return None
        if not node.strip():
            message = "A text that is given has something in it."
            return self._bad("invoice/blank-text", node, shape, pointer, message, "Leave the term out.")
        try:
            msgspec.convert(node, shape.annotation)
        except msgspec.ValidationError as error:
            message = "The text does not have the form its term wants."
            expected = f"a string matching {shape.pattern}" if shape.pattern else str(error)
            self.add("invoice/bad-text", pointer, message, shape.term, expected=expected, actual=shown(node))
        return None

    def _clean(self, text: str, shape: Shape, pointer: str) -> bool:
        found = forbidden_character(text)
        if found is None:
            return True
        message = "The text holds a character that no document may hold."
        actual = f"U+{ord(found[0]):04X} at offset {found.start()}"
        self.add("request/forbidden-character", pointer, message, shape.term, actual=actual)
        return False

    def _flag(self, node: Any, shape: Shape, pointer: str) -> None:
        if not isinstance(node, bool):
            self._wrong(node, shape, pointer)

    def _choice(self, node: Any, shape: Shape, pointer: str) -> None:
        if type(node) is not str or node not in shape.choices:
            expected = f"one of {', '.join(shape.choices)}"
            near = self._nearest(node, frozenset(shape.choices)) if type(node) is str else ""
            hint = f"Did you mean {near}?" if near else ""
            message = f"Expected {expected}."
            more = {"expected": expected, "actual": shown(node), "hint": hint}
            self.add("invoice/unknown-value", pointer, message, shape.term, **more)

    def _other(self, node: Any, shape: Shape, pointer: str) -> None:
        """A type of which only msgspec knows what it takes: bytes, and whatever a regime's block may use."""
        before = len(self.faults)
        self._rummage(node, shape, pointer)
        if len(self.faults) == before:
            self._converts(node, shape, pointer)

    def _converts(self, node: Any, shape: Shape, pointer: str) -> None:
        try:
            msgspec.convert(native(node), shape.annotation, dec_hook=read_number)
        except (msgspec.ValidationError, ValueError, OverflowError) as error:
            text, place = explained(error)
            more = {"expected": text, "actual": shown(node)}
            self.add(
                "invoice/bad-value", pointer + place, "The value is not of its type.", shape.term, **more
            )

    def _rummage(self, node: Any, shape: Shape, pointer: str) -> None:
        """Repeated names and unclean texts anywhere inside a value."""
        if isinstance(node, dict):
            self._repeats(node, pointer, shape.term)
            for name, value in node.items():
                self._clean(name, shape, step(pointer, name))
                self._rummage(value, shape, step(pointer, name))
        elif isinstance(node, list):
            for index, item in enumerate(node):
                self._rummage(item, shape, f"{pointer}/{index}")
        elif type(node) is str:
            self._clean(node, shape, pointer)
