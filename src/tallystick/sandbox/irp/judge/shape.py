"""The document against the schema: what must be there, of which kind, within which limits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tallystick.sandbox.irp.judge.fields import ROOT, Block, Leaf
from tallystick.sandbox.irp.judge.finding import SCHEMA, Finding

__all__ = ["ABSENT", "MOST_ITEMS", "breaches", "misshapen"]

MOST_ITEMS = 1000
ABSENT = "is mandatory"
_OWN_CODES = {
    "TranDtls.RegRev": "2159",
    "TranDtls.IgstOnIntra": "2263",
    "DocDtls.Typ": "2161",
    "DocDtls.Dt": "2225",
}
"""Fields whose wrong value has a code of its own."""
_ABSENT_CODES = {"SellerDtls.Gstin": "2155", "BuyerDtls.Gstin": "2214"}


def misshapen(document: dict[str, Any]) -> Iterator[Finding]:
    """Every breach of the schema."""
    if "Irn" in document:
        yield Finding(SCHEMA, "Irn", "the number is given by the portal and must not be sent")
    yield from _object(document, ROOT, "")
    if isinstance(document.get("Version"), str) and document["Version"] != "1.1":
        yield Finding(SCHEMA, "Version", "must be 1.1")


def breaches(given: dict[str, Any], shape: Block) -> Iterator[Finding]:
    """Every breach of another block's schema."""
    yield from _object(given, shape, "")


def _object(given: Any, shape: Block, path: str) -> Iterator[Finding]:
    if not isinstance(given, dict):
        yield Finding(SCHEMA, path, "must be an object")
        return
    for name, inner in shape.inside.items():
        where = f"{path}.{name}" if path else name
        if name not in given:
            if inner.mandatory:
                yield Finding(_ABSENT_CODES.get(where, SCHEMA), where, ABSENT)
        elif isinstance(inner, Leaf):
            yield from _leaf(given[name], inner, where)
        elif inner.many:
            yield from _list(given[name], inner, where)
        else:
            yield from _object(given[name], inner, where)


def _list(given: Any, shape: Block, path: str) -> Iterator[Finding]:
    if not isinstance(given, list):
        yield Finding(SCHEMA, path, "must be a list")
        return
    if shape.mandatory and not given:
        yield Finding("2228", path, "must not be empty")
    if shape.mandatory and len(given) > MOST_ITEMS:
        yield Finding("2173", path, f"must not hold more than {MOST_ITEMS} items")
        return
    for place, one in enumerate(given):
        yield from _object(one, shape, f"{path}[{place}]")


def _leaf(given: Any, shape: Leaf, path: str) -> Iterator[Finding]:
    code = _OWN_CODES.get(path, SCHEMA)
    if shape.kind == "number":
        yield from _amount(given, shape, path)
    elif not isinstance(given, str):
        yield Finding(code, path, "must be a text")
    elif not shape.shortest <= len(given) <= shape.longest:
        yield Finding(code, path, f"must have {shape.shortest} to {shape.longest} characters")
    elif shape.pattern is not None and not shape.pattern.fullmatch(given):
        yield Finding(code, path, "has a value that is not allowed")


def _amount(given: Any, shape: Leaf, path: str) -> Iterator[Finding]:
    if not isinstance(given, Decimal):
        yield Finding(SCHEMA, path, "must be a number")
    elif not shape.low <= given <= shape.high:
        yield Finding(SCHEMA, path, f"must lie between {shape.low} and {shape.high}")
    elif given != round(given, shape.decimals):
        yield Finding(SCHEMA, path, f"must have at most {shape.decimals} decimals")
