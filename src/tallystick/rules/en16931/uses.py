"""Where each tax category is used, and what its amounts come to."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

from tallystick.canonical import Invoice, Line
from tallystick.rules.en16931.case import NOTHING
from tallystick.rules.lexical import normal

__all__ = ["Parts", "Uses", "first_uses"]

_Amounts: TypeAlias = dict[str, dict[Decimal | None, list[Decimal]]]
_Sums: TypeAlias = dict[str, dict[Decimal | None, Decimal]]


class Uses:
    """What the amounts of each category come to: one pass over lines and adjustments.

    `sums` are exact, per category and rate; a category is used when it is among them. What only a wrong entry
    of the breakdown asks for, `parts` and what adjustments come to without lines, is gathered once it does.
    """

    __slots__ = ("_adjusted", "_invoice", "_parts", "_totals", "sums")

    def __init__(self, invoice: Invoice) -> None:
        self._invoice = invoice
        self._parts: Parts | None = None
        self._adjusted: _Sums | None = None
        self._totals: dict[str, Decimal] | None = None
        self.sums = _sums(invoice)

    def at(self, category: str, rate: Decimal | None) -> Decimal | None:
        """What a category comes to at this rate; None where it is not used so."""
        rates = self.sums.get(category)
        return None if rates is None else rates.get(rate)

    def total(self, category: str) -> Decimal | None:
        """What a category comes to; None where it is not used. Asked of many entries, it is added up once."""
        if self._totals is None:
            self._totals = {name: sum(rates.values(), NOTHING) for name, rates in self.sums.items()}
        return self._totals.get(category)

    def adjusted(self, category: str, rate: Decimal | None) -> Decimal | None:
        """What allowances and charges come to without the lines; None where there are none."""
        if self._adjusted is None:
            amounts: _Amounts = {}
            _gather_adjustments(self._invoice, amounts)
            self._adjusted = _summed(amounts)
        return self._adjusted.get(category, {}).get(rate)

    @property
    def parts(self) -> "Parts":
        """What the sums add up."""
        if self._parts is None:
            self._parts = Parts(self._invoice)
        return self._parts


def _sums(invoice: Invoice) -> _Sums:
    lines, adjusted = invoice.lines, bool(invoice.allowances or invoice.charges)
    if len(lines) == 1 and not adjusted:
        tax = lines[0].tax
        return {normal(tax.category_code): {tax.rate: lines[0].net_amount or NOTHING}}
    amounts: _Amounts = {}
    _gather_lines(lines, amounts)
    if adjusted:
        _gather_adjustments(invoice, amounts)
    return _summed(amounts)


def _gather_lines(lines: tuple[Line, ...], amounts: _Amounts) -> None:
    """Lines are many and their taxes few: the category is looked up where it is another than before."""
    before = None
    rates: dict[Decimal | None, list[Decimal]] = {}
    for line in lines:
        tax = line.tax
        if tax.category_code != before:
            before = tax.category_code
            rates = amounts.setdefault(normal(before), {})
        try:
            rates[tax.rate].append(line.net_amount or NOTHING)
        except KeyError:
            rates[tax.rate] = [line.net_amount or NOTHING]


def _gather_adjustments(invoice: Invoice, amounts: _Amounts) -> None:
    for less in invoice.allowances:
        rates = amounts.setdefault(normal(less.tax_category_code), {})
        rates.setdefault(less.tax_rate, []).append(-less.amount)
    for more in invoice.charges:
        rates = amounts.setdefault(normal(more.tax_category_code), {})
        rates.setdefault(more.tax_rate, []).append(more.amount)


def _summed(amounts: _Amounts) -> _Sums:
    sums: _Sums = {}
    for category, rates in amounts.items():
        summed = sums[category] = {}
        for rate, parts in rates.items():
            summed[rate] = sum(parts, NOTHING)
    return sums


def first_uses(invoice: Invoice) -> dict[str, dict[str, str]]:
    """Per category and group (`line`, `allowance`, `charge`) the pointer of its first use, in their order."""
    first: dict[str, dict[str, str]] = defaultdict(dict)
    for place, line in enumerate(invoice.lines):
        first[normal(line.tax.category_code)].setdefault("line", f"/lines/{place}/tax")
    for place, less in enumerate(invoice.allowances):
        first[normal(less.tax_category_code)].setdefault("allowance", f"/allowances/{place}")
    for place, more in enumerate(invoice.charges):
        first[normal(more.tax_category_code)].setdefault("charge", f"/charges/{place}")
    return first


class Parts:
    """What the sum of a category (and rate) is made of: lines, less allowances, plus charges.

    Told of every entry that is wrong, so it is gathered once, when it is first asked for: as many entries as
    there are lines take no longer than the lines.
    """

    __slots__ = ("_by_category", "_by_rate", "_invoice")

    def __init__(self, invoice: Invoice) -> None:
        self._invoice: Invoice | None = invoice
        self._by_category: dict[str, list[Decimal]] = defaultdict(list)
        self._by_rate: dict[tuple[str, Decimal | None], list[Decimal]] = defaultdict(list)

    def of(self, category: str, rate: Decimal | None, *, any_rate: bool) -> Sequence[Decimal]:
        """The parts of a category, at this rate or `any_rate`; `category` has no blanks around it."""
        if self._invoice is not None:
            self._gather(self._invoice)
            self._invoice = None
        found = self._by_category.get(category) if any_rate else self._by_rate.get((category, rate))
        return found or ()

    def _gather(self, invoice: Invoice) -> None:
        for line in invoice.lines:
            self._add(line.tax.category_code, line.tax.rate, line.net_amount or NOTHING)
        for less in invoice.allowances:
            self._add(less.tax_category_code, less.tax_rate, -less.amount)
        for more in invoice.charges:
            self._add(more.tax_category_code, more.tax_rate, more.amount)

    def _add(self, written: str, rate: Decimal | None, amount: Decimal) -> None:
        category = normal(written)
        self._by_category[category].append(amount)
        self._by_rate[category, rate].append(amount)
