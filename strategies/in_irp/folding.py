"""What the portal's items cannot say is folded into them: negative lines, deductions and additions.

No amount of an item may be negative, and deductions and additions of the whole document that are taxed
change what the tax is taken of. So a negative line, a document's allowance and a document's charge are spread
over the items of the same tax category and rate, in proportion to their value, exact to the paisa.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from tallystick.canonical import DocumentAllowance, DocumentCharge, Invoice, Line, rounded

from .blocks import REGIME, Adjustment
from .codes import EXEMPT
from .supply import Supply, is_exempt

ZERO: Final = Decimal(0)

Key = tuple[str, Decimal]


class Folded(Struct, frozen=True, kw_only=True):
    """An item to be: its line (and which one), its value before discounts, its discount. All in rupees.

    `changed`: something was folded in, so that the tax the line states is not the item's.
    """

    line: Line
    index: int
    gross: Decimal
    discount: Decimal
    changed: bool

    @property
    def value(self) -> Decimal:
        """What the tax is taken of."""
        return self.gross - self.discount


class Loose(Struct, frozen=True):
    """An amount that no item can take up: where it stands, and how much is left."""

    pointer: str
    amount: Decimal


class Folding(Struct, frozen=True, kw_only=True):
    """The items; what stays with the document as a whole, untaxed; what has no place at all."""

    items: tuple[Folded, ...]
    off: Decimal
    on: Decimal
    loose: tuple[Loose, ...]


class _Part(Struct, frozen=True):
    """Something to be spread: positive is added, negative is taken off."""

    pointer: str
    key: Key
    amount: Decimal


def folded(invoice: Invoice, supply: Supply) -> Folding:
    """The items of the invoice. Its lines have net amounts."""
    parts = list(_parts(invoice, supply))
    items = [_item(index, line, supply) for index, line in enumerate(invoice.lines) if _is_item(line)]
    taken: list[Folded] = []
    loose: list[Loose] = []
    places: dict[Key, list[Folded]] = {}
    for item in items:
        places.setdefault(_key(item.line), []).append(item)
    for key, group in places.items():
        changed, left = _spread([part for part in parts if part.key == key], group)
        taken += changed
        loose += left
    rest = [part for part in parts if part.key not in places]
    untaxed = [part for part in rest if not part.key[1]]
    loose += [Loose(part.pointer, part.amount) for part in rest if part.key[1]]
    return Folding(
        items=tuple(sorted(taken, key=lambda item: item.index)),
        off=-sum((part.amount for part in untaxed if part.amount < 0), ZERO),
        on=sum((part.amount for part in untaxed if part.amount > 0), ZERO),
        loose=tuple(loose),
    )


def shares(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """The amount in parts of whole paise, in proportion to the weights; they add up to it exactly.

    No part exceeds its weight where the amount does not exceed their sum. All zero: the first takes all.
    """
    whole = sum(weights, ZERO)
    if not whole:
        return [amount, *(ZERO for _ in weights[1:])]
    found, so_far, given = [], ZERO, ZERO
    for weight in weights:
        so_far += weight
        until = rounded(amount * so_far / whole, 2)
        found.append(until - given)
        given = until
    return found


def _net(line: Line, supply: Supply) -> Decimal:
    return supply.rupees(line.net_amount or ZERO)


def _is_item(line: Line) -> bool:
    return not is_exempt(line) and (line.net_amount or ZERO) >= 0


def _key(line: Line) -> Key:
    return line.tax.category_code, line.tax.rate or ZERO


def _item(index: int, line: Line, supply: Supply) -> Folded:
    discount = supply.rupees(sum((allowance.amount for allowance in line.allowances), ZERO))
    net = _net(line, supply)
    if discount < 0:
        return Folded(line=line, index=index, gross=net, discount=ZERO, changed=False)
    return Folded(line=line, index=index, gross=net + discount, discount=discount, changed=False)


def _parts(invoice: Invoice, supply: Supply) -> Iterator[_Part]:
    for index, line in enumerate(invoice.lines):
        if not _is_item(line):
            key = ("", ZERO) if is_exempt(line) else _key(line)
            yield _Part(f"/lines/{index}/net_amount", key, _net(line, supply))
    for index, allowance in enumerate(invoice.allowances):
        yield _Part(f"/allowances/{index}/amount", _adjusted(allowance), -supply.rupees(allowance.amount))
    for index, charge in enumerate(invoice.charges):
        if line_of(charge) is None:
            yield _Part(f"/charges/{index}/amount", _adjusted(charge), supply.rupees(charge.amount))


def _adjusted(part: DocumentAllowance | DocumentCharge) -> Key:
    if part.tax_category_code in EXEMPT:
        return "", ZERO
    return part.tax_category_code, part.tax_rate or ZERO


def line_of(charge: DocumentCharge) -> str | None:
    """The identifier of the line that an untaxed charge belongs to; None for one of the whole document."""
    block = charge.regime_data.get(REGIME)
    return block.line if isinstance(block, Adjustment) and charge.tax_category_code in EXEMPT else None


def _spread(parts: list[_Part], items: list[Folded]) -> tuple[list[Folded], list[Loose]]:
    """The items with all parts of their category and rate: additions first, so that deductions find room."""
    if not parts:
        return items, []
    added = sum((part.amount for part in parts if part.amount > 0), ZERO)
    items = _with(items, shares(added, [item.value for item in items]), on=True)
    room = sum((item.value for item in items), ZERO)
    loose = []
    for part in parts:
        if part.amount < 0 and -part.amount <= room:
            items = _with(items, shares(-part.amount, [item.value for item in items]), on=False)
            room += part.amount
        elif part.amount < 0:
            loose.append(Loose(part.pointer, part.amount))
    return items, loose


def _with(items: list[Folded], amounts: list[Decimal], *, on: bool) -> list[Folded]:
    return [
        Folded(
            line=item.line,
            index=item.index,
            gross=item.gross + (amount if on else ZERO),
            discount=item.discount + (ZERO if on else amount),
            changed=item.changed or amount != 0,
        )
        for item, amount in zip(items, amounts, strict=True)
    ]
