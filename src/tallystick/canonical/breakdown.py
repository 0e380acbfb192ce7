"""BG-23: the tax of each category and rate, computed from lines, allowances and charges.

A given breakdown may be partial in one way only: entries without amounts, which say why no tax is charged.
"""

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from tallystick.canonical.amounts import TaxBreakdown
from tallystick.canonical.arithmetic import ZERO
from tallystick.canonical.fault import Fault, RuleRef
from tallystick.canonical.invoice import Invoice
from tallystick.canonical.line import Line
from tallystick.canonical.numbers import Amount, Percent, plain
from tallystick.canonical.reckoning import EDITION, EN16931, Reckoning, Sum

_RULES: Final = {
    "S": "BR-S",
    "Z": "BR-Z",
    "E": "BR-E",
    "AE": "BR-AE",
    "K": "BR-IC",
    "G": "BR-G",
    "O": "BR-O",
    "L": "BR-AF",
    "M": "BR-AG",
}
"""EN 16931's rules of each category, by their common beginning."""

_CHARGED_ELSEWHERE: Final = frozenset({"AE", "N"})
"""Reverse charge and margin schemes: a rate may be stated, but this invoice charges no tax."""

_TAXED: Final = frozenset({"S", "L", "M", "B"})
_UNTAXED: Final = frozenset(_RULES) - _TAXED
_ONE: Final = Decimal(1)
_HUNDREDTH: Final = Decimal("0.01")


Key = tuple[str, Decimal]
"""What an entry of the breakdown stands for: a category, and a rate (none counts as zero)."""


class Taxable:
    """What one entry's tax is taken of, part by part; `rate` as it was first written."""

    def __init__(self, key: Key, rate: Percent | None) -> None:
        self.key = key
        self.rate = rate
        self.parts: list[Decimal] = []


def _taxables(invoice: Invoice, lines: tuple[Line, ...]) -> dict[Key, Taxable]:
    """What tax is taken of per category and rate, in the order they first occur. Lines have net amounts."""
    groups: dict[Key, Taxable] = {}
    for line in lines:
        tax = line.tax
        category, rate = tax.category_code, tax.rate
        group = groups.get((category, rate or ZERO)) or _opened(groups, category, rate)
        group.parts.append(line.net_amount or ZERO)
    for allowance in invoice.allowances:
        category, rate = allowance.tax_category_code, allowance.tax_rate
        group = groups.get((category, rate or ZERO)) or _opened(groups, category, rate)
        group.parts.append(-allowance.amount)
    for charge in invoice.charges:
        category, rate = charge.tax_category_code, charge.tax_rate
        group = groups.get((category, rate or ZERO)) or _opened(groups, category, rate)
        group.parts.append(charge.amount)
    return groups


def _opened(groups: dict[Key, Taxable], category: str, rate: Percent | None) -> Taxable:
    key = (category, rate or ZERO)
    groups[key] = group = Taxable(key, rate)
    return group


def tax_breakdown(
    invoice: Invoice, lines: tuple[Line, ...], reckoning: Reckoning
) -> tuple[TaxBreakdown, ...]:
    """The complete breakdown: given entries checked and completed, absent ones computed."""
    groups = _taxables(invoice, lines)
    if invoice.tax_breakdown:
        return _checked(invoice.tax_breakdown, groups, reckoning)
    return tuple([_computed(index, group, reckoning) for index, group in enumerate(groups.values())])


def _checked(
    given: tuple[TaxBreakdown, ...], groups: dict[Key, Taxable], reckoning: Reckoning
) -> tuple[TaxBreakdown, ...]:
    places: dict[Key, list[int]] = {}
    for index, entry in enumerate(given):
        places.setdefault(_key(entry), []).append(index)
    entries = [
        _settled(index, entry, groups.get(_key(entry)), reckoning)
        if len(places[_key(entry)]) == 1
        else _shared(index, entry, reckoning)
        for index, entry in enumerate(given)
    ]
    _check_shared(given, places, groups, reckoning)
    absent = [group for key, group in groups.items() if key not in places]
    if absent and any(entry.tax_category_taxable_amount is not None for entry in given):
        reckoning.faults += [_absent(group) for group in absent if sum(group.parts)]
    else:
        entries += [_computed(len(given) + place, group, reckoning) for place, group in enumerate(absent)]
    return tuple(entries)


def _key(entry: TaxBreakdown) -> Key:
    return entry.tax_category_code, entry.tax_category_rate or ZERO


def _tax(category: str, rate: Decimal, taxable: Decimal, reckoning: Reckoning) -> Decimal:
    if category in _CHARGED_ELSEWHERE:
        return ZERO.quantize(reckoning.smallest)
    return (taxable * rate * _HUNDREDTH).quantize(reckoning.smallest)


def _computed(index: int, group: Taxable, reckoning: Reckoning) -> TaxBreakdown:
    pointer = f"/tax_breakdown/{index}"
    reckoning.computed.append(pointer)
    category, rate = group.key
    taxable = reckoning.part(group.parts)
    tax = _tax(category, rate, taxable, reckoning)
    return TaxBreakdown(
        tax_category_taxable_amount=reckoning.fitting(
            pointer, "BT-116", taxable, "tax_category_taxable_amount"
        ),
        tax_category_tax_amount=reckoning.fitting(pointer, "BT-117", tax, "tax_category_tax_amount"),
        tax_category_code=category,
        tax_category_rate=group.rate,
    )


def _settled(index: int, entry: TaxBreakdown, group: Taxable | None, reckoning: Reckoning) -> TaxBreakdown:
    """The entry of a category and rate that no other entry shares."""
    if group is None and entry.tax_category_taxable_amount is None:
        reckoning.faults.append(_unmatched(index, entry))
        return entry
    parts = group.parts if group else []
    taxable, expected = entry.tax_category_taxable_amount, reckoning.part(parts)
    if taxable is None or taxable != expected:
        taxable = reckoning.settle(
            _taxable_sum(index, entry.tax_category_code),
            taxable,
            expected,
            parts,
            ZERO if entry.tax_category_code in _UNTAXED else _ONE,
        )
    return _taxed(index, entry, taxable, reckoning)


def _taxed(index: int, entry: TaxBreakdown, taxable: Amount, reckoning: Reckoning) -> TaxBreakdown:
    """The entry with its tax, which EN 16931 wants within one unit, or exactly zero where none is due."""
    category, rate = _key(entry)
    tax, expected = entry.tax_category_tax_amount, _tax(category, rate, taxable, reckoning)
    known = category in _TAXED or category in _UNTAXED
    if tax is None or (known and tax != expected):
        nothing = category in _UNTAXED and (rate == 0 or category in _CHARGED_ELSEWHERE)
        slack = ZERO if nothing else _ONE
        tax = reckoning.settle(_tax_sum(index, category), tax, expected, (taxable, rate), slack)
    return replace(entry, tax_category_taxable_amount=taxable, tax_category_tax_amount=tax)


def _shared(index: int, entry: TaxBreakdown, reckoning: Reckoning) -> TaxBreakdown:
    """One of several entries of the same category and rate: nobody can tell how they divide."""
    taxable = entry.tax_category_taxable_amount
    if taxable is not None:
        return _taxed(index, entry, taxable, reckoning)
    fault = Fault(
        code="invoice/ambiguous-tax-breakdown",
        pointer=f"/tax_breakdown/{index}/tax_category_taxable_amount",
        message="Several entries have this category and rate, so each needs its taxable amount.",
        term="BT-116",
    )
    reckoning.faults.append(fault)
    return entry


def _check_shared(
    given: tuple[TaxBreakdown, ...],
    places: dict[Key, list[int]],
    groups: dict[Key, Taxable],
    reckoning: Reckoning,
) -> None:
    """Entries that share a category and rate have to add up to it together."""
    for key, sharing in places.items():
        category = key[0]
        if len(sharing) == 1:
            continue
        amounts = [given[index].tax_category_taxable_amount for index in sharing]
        known = [amount for amount in amounts if amount is not None]
        parts = groups[key].parts if key in groups else []
        if len(known) == len(amounts):
            reckoning.settle(
                _taxable_sum(sharing[-1], category),
                Amount(sum(known, ZERO)),
                sum(parts, ZERO),
                parts,
                ZERO if category in _UNTAXED else _ONE,
            )


def _taxable_sum(index: int, category: str) -> Sum:
    rules = _RULES.get(category)
    return Sum(
        f"/tax_breakdown/{index}/tax_category_taxable_amount",
        "BT-116",
        f"{rules}-08" if rules else "",
        "the sum of lines less allowances plus charges of the category and rate",
    )


def _tax_sum(index: int, category: str) -> Sum:
    rules = _RULES.get(category)
    return Sum(
        f"/tax_breakdown/{index}/tax_category_tax_amount",
        "BT-117",
        f"{rules}-09" if rules and category in _UNTAXED else "BR-CO-17",
        "the taxable amount times the rate, rounded",
    )


def _named(category: str, rate: Decimal) -> str:
    return f"category {category} at {plain(rate)} %"


def _absent(group: Taxable) -> Fault:
    category, rate = group.key
    rules = _RULES.get(category)
    return Fault(
        code="invoice/incomplete-tax-breakdown",
        pointer="/tax_breakdown",
        message=f"The tax breakdown has no entry for {_named(category, rate)}.",
        rule=RuleRef(EN16931, f"{rules}-01", EDITION) if rules else None,
        term="BG-23",
        expected=f"an entry with a taxable amount of {plain(sum(group.parts, ZERO))}",
        hint="Add the entry, or leave all amounts of the tax breakdown out to have them computed.",
    )


def _unmatched(index: int, entry: TaxBreakdown) -> Fault:
    named = _named(entry.tax_category_code, entry.tax_category_rate or ZERO)
    return Fault(
        code="invoice/unmatched-tax-breakdown",
        pointer=f"/tax_breakdown/{index}",
        message=f"No line, allowance or charge has {named}, so there is nothing to take the tax of.",
        term="BG-23",
    )
