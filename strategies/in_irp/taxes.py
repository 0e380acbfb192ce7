"""The taxes of one item: the two halves or the integrated tax, and what comes on top (cess).

What the line states as components is taken; what it does not state is computed, half up to the paisa, both
halves from half the rate, so that they are equal by construction.
"""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from tallystick.canonical import Line, TaxComponent, rounded

from .folding import Folded
from .supply import Supply

CENTRAL: Final = "CGST"
STATE: Final = "SGST"
INTEGRATED: Final = "IGST"
CESS: Final = "CESS"
CESS_SPECIFIC: Final = "CESS_SPECIFIC"
STATE_CESS: Final = "STATE_CESS"
STATE_CESS_SPECIFIC: Final = "STATE_CESS_SPECIFIC"
PARTS: Final = frozenset({CENTRAL, STATE, INTEGRATED})
ON_TOP: Final = frozenset({CESS, CESS_SPECIFIC, STATE_CESS, STATE_CESS_SPECIFIC})
CODES: Final = PARTS | ON_TOP

ZERO: Final = Decimal(0)


class Taxes(Struct, frozen=True, kw_only=True):
    """Rates in percent and amounts in rupees. `totalled` is what of them is in the item's total."""

    rate: Decimal
    integrated: Decimal
    central: Decimal
    state: Decimal
    cess_rate: Decimal
    cess: Decimal
    cess_specific: Decimal
    state_cess_rate: Decimal
    state_cess: Decimal
    state_cess_specific: Decimal
    totalled: Decimal


def taxes_of(item: Folded, supply: Supply) -> Taxes:
    """The taxes of an item. Where the line has no rate, what components say is shown, not added."""
    line = item.line
    rate = goods_rate(line)
    central, state, integrated = _parts(item, rate, supply)
    cess_rate, cess = _by_value(item, CESS, supply)
    state_rate, state_cess = _by_value(item, STATE_CESS, supply)
    specific = _stated(line, CESS_SPECIFIC, supply) or ZERO
    state_specific = _stated(line, STATE_CESS_SPECIFIC, supply) or ZERO
    on_top = {
        CESS: cess,
        CESS_SPECIFIC: specific,
        STATE_CESS: state_cess,
        STATE_CESS_SPECIFIC: state_specific,
    }
    added = sum((amount for code, amount in on_top.items() if _is_added(line, code)), ZERO)
    return Taxes(
        rate=rate,
        integrated=integrated,
        central=central,
        state=state,
        cess_rate=cess_rate,
        cess=cess,
        cess_specific=specific,
        state_cess_rate=state_rate,
        state_cess=state_cess,
        state_cess_specific=state_specific,
        totalled=added + (central + state + integrated if line.tax.rate else ZERO),
    )


def goods_rate(line: Line) -> Decimal:
    """The whole rate: the line's own, or where that is zero the one its components name."""
    if line.tax.rate:
        return line.tax.rate
    found = {code: component_of(line, code) for code in PARTS}
    rates = {code: component.rate or ZERO for code, component in found.items() if component}
    return rates.get(INTEGRATED) or rates.get(CENTRAL, ZERO) + rates.get(STATE, ZERO)


def component_of(line: Line, code: str) -> TaxComponent | None:
    """The line's first component of that code."""
    return next((component for component in line.tax.components if component.code == code), None)


def half(value: Decimal, rate: Decimal) -> Decimal:
    """What each of the two halves comes to."""
    return rounded(value * rate / 200, 2)


def whole(value: Decimal, rate: Decimal) -> Decimal:
    """What a tax of that rate comes to."""
    return rounded(value * rate / 100, 2)


def _parts(item: Folded, rate: Decimal, supply: Supply) -> tuple[Decimal, Decimal, Decimal]:
    """Central, state and integrated tax."""
    line = item.line
    stated = [_stated(line, code, supply) for code in (CENTRAL, STATE, INTEGRATED)]
    if not item.changed and any(amount is not None for amount in stated):
        central, state, integrated = (amount or ZERO for amount in stated)
        return central, state, integrated
    if supply.igst:
        return ZERO, ZERO, whole(item.value, rate)
    each = half(item.value, rate)
    return each, each, ZERO


def _by_value(item: Folded, code: str, supply: Supply) -> tuple[Decimal, Decimal]:
    """Rate and amount of a tax that is taken of the value."""
    component = component_of(item.line, code)
    if component is None:
        return ZERO, ZERO
    rate = component.rate or ZERO
    stated = _stated(item.line, code, supply)
    if stated is None or (item.changed and rate):
        return rate, whole(item.value, rate)
    return rate, stated


def _stated(line: Line, code: str, supply: Supply) -> Decimal | None:
    """The amount that the line's components of that code state together; None where none states one."""
    amounts = [one.amount for one in line.tax.components if one.code == code and one.amount is not None]
    return supply.rupees(sum(amounts, ZERO)) if amounts else None


def _is_added(line: Line, code: str) -> bool:
    return any(one.additional for one in line.tax.components if one.code == code)
