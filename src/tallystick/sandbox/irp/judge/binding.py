"""From bytes to a document in the schema's spelling, as the portal's own binding is known to do it.

Keys bind whatever their case, nulls vanish, numbers in quotation marks become numbers, what the schema does
not know is dropped. Numbers keep the scale they were written with.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from tallystick.sandbox.irp.judge.fields import ROOT, Block, Leaf

__all__ = ["MOST_BYTES", "Unbound", "bound", "bound_block", "plain_object"]

MOST_BYTES = 2 * 1024 * 1024
_LONGEST_NUMBER = 40
_WIDEST_EXPONENT = 20


class Unbound(ValueError):
    """No document can be made of the bytes."""


def _number(written: str) -> Decimal:
    if len(written) > _LONGEST_NUMBER:
        raise Unbound("a number is too long")
    made = Decimal(written)
    exponent = made.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _WIDEST_EXPONENT:
        raise Unbound("a number is out of all range")
    return made


def _constant(_: str) -> Decimal:
    raise Unbound("a number is no number")


def plain_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in the bytes, numbers as Decimal. Raises Unbound."""
    try:
        made = json.loads(
            raw.decode("utf-8-sig"), parse_float=_number, parse_int=_number, parse_constant=_constant
        )
    except RecursionError as error:
        raise Unbound("nested beyond all sense") from error
    except ValueError as error:
        raise Unbound("no JSON") from error
    if not isinstance(made, dict):
        raise Unbound("no JSON object")
    return made


def bound(raw: bytes) -> dict[str, Any]:
    """The document in the schema's spelling. Raises Unbound."""
    if len(raw) > MOST_BYTES:
        raise Unbound("larger than 2 MB")
    return bound_block(raw, ROOT)


def bound_block(raw: bytes, shape: Block) -> dict[str, Any]:
    """The same for any block. Raises Unbound."""
    return _block(plain_object(raw), shape)


def _block(given: dict[str, Any], shape: Block) -> dict[str, Any]:
    spelling = {name.lower(): name for name in shape.inside}
    made: dict[str, Any] = {}
    for key, value in given.items():
        name = spelling.get(key.lower())
        if name is not None and value is not None:
            made[name] = _value(value, shape.inside[name])
    return {name: made[name] for name in shape.inside if name in made}


def _value(given: Any, shape: Leaf | Block) -> Any:
    if isinstance(shape, Leaf):
        return _quoted(given) if shape.kind == "number" and isinstance(given, str) else given
    if isinstance(given, dict):
        return _block(given, shape)
    if isinstance(given, list) and shape.many:
        return [_block(one, shape) if isinstance(one, dict) else one for one in given]
    return given


def _quoted(given: str) -> Any:
    try:
        return _number(given.strip()) if given.isascii() else given
    except (InvalidOperation, Unbound):
        return given
