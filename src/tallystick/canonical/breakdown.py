"""BG-23: the tax of each category and rate, computed from lines, allowances and charges.

A given breakdown may be partial in one way only: entries without amounts, which say why no tax is charged.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple

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


class Key(NamedTuple):
    """What an entry of the breakdown stands for: a category, and a rate (none counts as zero)."""

    category: str
    rate: Decimal


class Taxable:
    """What one entry's tax is taken of, part by part; `rate` as it was first written."""

    __slots__ = ("parts", "rate")

    def __init__(self, rate: Percent | None) -> None:
        self.rate = rate
        self.parts: list[Decimal] = []


def _parts(invoice: Invoice, lines: Iterable[Line]) -> Iterator[tuple[str, Percent | None, Decimal]]:
    """Category, rate and signed amount of everything that tax is taken of."""
    for line in lines:
        yield line.tax.category_code, line.tax.rate, line.net_amount or ZERO
    for allowance in invoice.allowances:
        yield allowance.tax_category_code, allowance.tax_rate, -allowance.amount
    for charge in invoice.charges:
        yield charge.tax_category_code, charge.tax_rate, charge.amount


def taxables(invoice: Invoice, lines: Iterable[Line]) -> dict[Key, Taxable]:
    """What tax is taken of per category and rate, in the order they first occur. Lines have net amounts."""
    groups: dict[Any, Taxable] = {}  # a plain tuple finds what its named twin does, and is made sooner
    for category, rate, amount in _parts(invoice, lines):
        group = groups.get((category, rate or ZERO))
        if group is None:
            group = groups[Key(category, rate or ZERO)] = Taxable(rate)
        group.parts.append(amount)
    return groups


def tax_breakdown(invoice: Invoice, lines: Iterable[Line], reckoning: Reckoning) -> tuple[TaxBreakdown, ...]:
    """The complete breakdown: given entries checked and completed, absent ones computed."""
    groups = taxables(invoice, lines)
    given = invoice.tax_breakdown
    keys = [_key(entry) for entry in given]
    count = Counter(keys)
    entries = [
        _shared(index, entry, reckoning)
        if count[key] > 1
        else _settled(index, entry, groups.get(key), reckoning)
        for index, (entry, key) in enumerate(zip(given, keys, strict=True))
    ]
    _check_shared(given, keys, groups, reckoning)
    absent = [key for key in groups if key not in count]
    if any(entry.tax_category_taxable_amount is not None for entry in given):
        reckoning.faults.extend(_absent(key, groups[key]) for key in absent if sum(groups[key].parts))
    else:
        for key in absent:
            entries.append(_computed(f"/tax_breakdown/{len(entries)}", key, groups[key], reckoning))
    return tuple(entries)


def _key(entry: TaxBreakdown) -> Key:
    return Key(entry.tax_category_code, entry.tax_category_rate or ZERO)


def _tax(key: Key, taxable: Decimal, reckoning: Reckoning) -> Decimal:
    if key.category in _CHARGED_ELSEWHERE:
        return ZERO.quantize(reckoning.smallest)
    return (taxable * key.rate).scaleb(-2).quantize(reckoning.smallest)


def _computed(pointer: str, key: Key, group: Taxable, reckoning: Reckoning) -> TaxBreakdown:
    reckoning.computed.append(pointer)
    taxable = reckoning.part(sum(group.parts, ZERO))
    tax = _tax(key, taxable, reckoning)
    return TaxBreakdown(
        tax_category_taxable_amount=reckoning.fitting(
            f"{pointer}/tax_category_taxable_amount", "BT-116", taxable
        ),
        tax_category_tax_amount=reckoning.fitting(f"{pointer}/tax_category_tax_amount", "BT-117", tax),
        tax_category_code=key.category,
        tax_category_rate=group.rate,
    )


def _settled(index: int, entry: TaxBreakdown, group: Taxable | None, reckoning: Reckoning) -> TaxBreakdown:
    """The entry of a category and rate that no other entry shares."""
    if group is None and entry.tax_category_taxable_amount is None:
        reckoning.faults.append(_unmatched(index, entry))
        return entry
    parts = group.parts if group else []
    taxable = reckoning.settle(
        _taxable_sum(index, entry.tax_category_code),
        entry.tax_category_taxable_amount,
        reckoning.part(sum(parts, ZERO)),
        parts,
        ZERO if entry.tax_category_code in _UNTAXED else _ONE,
    )
    return _taxed(index, entry, taxable, reckoning)


def _taxed(index: int, entry: TaxBreakdown, taxable: Amount, reckoning: Reckoning) -> TaxBreakdown:
    """The entry with its tax, which EN 16931 wants within one unit, or exactly zero where none is due."""
    key = _key(entry)
    expected = _tax(key, taxable, reckoning)
    known = key.category in _TAXED or key.category in _UNTAXED
    charged = key.category not in _CHARGED_ELSEWHERE
    given = entry.tax_category_tax_amount
    tax = given if given is not None and not known else None
    if tax is None:
        tax = reckoning.settle(
            _tax_sum(index, key.category),
            given,
            expected,
            (taxable, key.rate),
            ZERO if key.category in _UNTAXED and (key.rate == 0 or not charged) else _ONE,
        )
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
    given: tuple[TaxBreakdown, ...], keys: list[Key], groups: dict[Key, Taxable], reckoning: Reckoning
) -> None:
    """Entries that share a category and rate have to add up to it together."""
    sharing: dict[Key, list[int]] = {}
    for index, key in enumerate(keys):
        sharing.setdefault(key, []).append(index)
    for key, places in sharing.items():
        if len(places) == 1:
            continue
        amounts = [given[index].tax_category_taxable_amount for index in places]
        known = [amount for amount in amounts if amount is not None]
        parts = groups[key].parts if key in groups else []
        if len(known) == len(amounts):
            reckoning.settle(
                _taxable_sum(places[-1], key.category),
                Amount(sum(known, ZERO)),
                sum(parts, ZERO),
                parts,
                ZERO if key.category in _UNTAXED else _ONE,
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


def _absent(key: Key, group: Taxable) -> Fault:
    rules = _RULES.get(key.category)
    return Fault(
        code="invoice/incomplete-tax-breakdown",
        pointer="/tax_breakdown",
        message=f"The tax breakdown has no entry for {_named(key.category, key.rate)}.",
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
