"""Prices that include the tax, as tills show them.

The price without tax is derived per line, and from there on the ordinary formulas rule: taxes are computed
per category and rate, not per line. What then is between their total and what the till showed, some halala or
cents, is BT-114, so that what is to be paid is what was shown.
"""

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from tallystick.canonical.arithmetic import ZERO, rounded
from tallystick.canonical.components import additional_amounts
from tallystick.canonical.fault import Fault, Step
from tallystick.canonical.invoice import Invoice
from tallystick.canonical.line import UNPRICED, Line
from tallystick.canonical.numbers import Amount, Percent, UnitPrice, plain
from tallystick.canonical.reckoning import Reckoning

PRICE_DECIMALS: Final = 8
"""With how many decimals a price is derived; zeros behind the second one are left out."""

_FEWEST_DECIMALS: Final = 2
_ROUNDING: Final = "/document_totals/rounding_amount"
_NOTHING_LEFT: Final = Percent(-100)


def with_net_prices(lines: tuple[Line, ...], reckoning: Reckoning) -> tuple[Line, ...]:
    """The lines with a price without tax wherever there is one with tax; one that is given is checked."""
    if all(line.price.item_price_with_tax is None for line in lines):
        return lines
    return tuple([_priced(line, index, reckoning) for index, line in enumerate(lines)])


def remainder(
    invoice: Invoice, lines: tuple[Line, ...], with_tax: Amount, reckoning: Reckoning
) -> Amount | None:
    """BT-114: what was shown less the total with tax; None if no price includes the tax or nothing is left.

    What has no price with tax (other lines, allowances, charges) was shown with its tax, each rounded.
    """
    if all(line.price.item_price_with_tax is None for line in lines):
        return None
    decimals = reckoning.decimals
    shown = sum((_shown(line, decimals) for line in lines), ZERO) + sum(additional_amounts(lines), ZERO)
    for charge in invoice.charges:
        shown += rounded(charge.amount * _factor(charge.tax_rate), decimals)
    for allowance in invoice.allowances:
        shown -= rounded(allowance.amount * _factor(allowance.tax_rate), decimals)
    left = rounded(shown - with_tax, decimals)
    if not left:
        return None
    reckoning.computed.append(_ROUNDING)
    return reckoning.fitting(_ROUNDING, "BT-114", left)


def _factor(rate: Percent | None) -> Decimal:
    return 1 + (rate or ZERO) / 100


def _shown(line: Line, decimals: int) -> Decimal:
    """The line's amount with tax, as it was shown."""
    price, factor = line.price.item_price_with_tax, _factor(line.tax.rate)
    if price is None:
        return rounded((line.net_amount or ZERO) * factor, decimals)
    value = line.invoiced_quantity * price / (line.price.base_quantity or 1)
    more = sum((charge.amount for charge in line.charges), ZERO)
    less = sum((allowance.amount for allowance in line.allowances), ZERO)
    return rounded(value, decimals) + rounded((more - less) * factor, decimals)


def _priced(line: Line, index: int, reckoning: Reckoning) -> Line:
    price = line.price
    if price.item_price_with_tax is None:
        return line
    pointer = f"/lines/{index}/price/item_net_price"
    on_top = any(component.additional for component in line.tax.components)
    if on_top or (line.tax.rate or ZERO) <= _NOTHING_LEFT:
        reckoning.faults.append(_underivable(f"/lines/{index}/price/item_price_with_tax", on_top=on_top))
        return line
    exact = price.item_price_with_tax / _factor(line.tax.rate)
    if price.item_net_price is UNPRICED:
        reckoning.computed.append(pointer)
        derived = UnitPrice(reckoning.fitting(pointer, "BT-146", _short(rounded(exact, PRICE_DECIMALS))))
        return replace(line, price=replace(price, item_net_price=derived))
    exponent = price.item_net_price.as_tuple().exponent
    expected = rounded(exact, max(-exponent, 0) if isinstance(exponent, int) else 0)
    if price.item_net_price != expected:
        reckoning.faults.append(_mismatch(pointer, line, expected))
    return line


def _short(price: Decimal) -> Decimal:
    """The price without the zeros at its end, but those of the first two decimals."""
    two = rounded(price, _FEWEST_DECIMALS)
    return two if two == price else price.normalize()


def _underivable(pointer: str, *, on_top: bool) -> Fault:
    why = "another tax comes on top" if on_top else "the rate leaves nothing of it"
    return Fault(
        code="invoice/underivable-price",
        pointer=pointer,
        message=f"No price without tax follows from this one: {why}.",
        hint="Send item_net_price instead.",
    )


def _mismatch(pointer: str, line: Line, expected: Decimal) -> Fault:
    right, given = plain(expected), plain(line.price.item_net_price)
    operands = (plain(line.price.item_price_with_tax or ZERO), plain(line.tax.rate or ZERO))
    return Fault(
        code="invoice/arithmetic",
        pointer=pointer,
        message=f"BT-146 is {given}, but the price with tax is {right} without.",
        term="BT-146",
        expected=right,
        actual=given,
        calculation=(Step("the price with tax, divided by one plus the rate", operands, right),),
        hint="Send one of the two prices only.",
        fix=({"op": "replace", "path": pointer, "value": right},),
    )
