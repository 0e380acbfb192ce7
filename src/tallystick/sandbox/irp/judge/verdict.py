"""All checks, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tallystick.sandbox.irp.judge.customs import Customs
from tallystick.sandbox.irp.judge.finding import SCHEMA, Finding
from tallystick.sandbox.irp.judge.lines import lines
from tallystick.sandbox.irp.judge.papers import dated, exports, registered, transaction
from tallystick.sandbox.irp.judge.parties import parties
from tallystick.sandbox.irp.judge.shape import ABSENT, misshapen
from tallystick.sandbox.irp.judge.sums import totals
from tallystick.sandbox.irp.judge.supply import supply_of

__all__ = ["Customs", "judged"]

_FRAME = ("TranDtls", "DocDtls", "SellerDtls", "BuyerDtls", "ItemList", "ValDtls")
_MOST = 50


def judged(document: dict[str, Any], customs: Customs) -> list[Finding]:
    """What is wrong with a bound document, at most fifty findings; none when it may be registered.

    The rules are asked unless the schema misses a whole block of the frame; they say nothing of a field that
    is not there.
    """
    found = list(misshapen(document))
    framed = not any(one.path in _FRAME and one.code in (SCHEMA, "2173", "2228") for one in found)
    absent = {one.path for one in found if one.text == ABSENT}
    if framed:
        found.extend(one for one in _ruled(document, customs) if one.path not in absent)
    return list(dict.fromkeys(found))[:_MOST]


def _ruled(document: dict[str, Any], customs: Customs) -> Iterator[Finding]:
    supply = supply_of(document)
    yield from parties(document, supply, customs)
    yield from transaction(document, supply)
    yield from dated(document, customs)
    yield from lines(document, supply, customs)
    yield from totals(document, supply)
    yield from exports(document)
    yield from registered(document, supply, customs)
