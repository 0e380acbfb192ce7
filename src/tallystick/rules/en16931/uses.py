"""Where each tax category is used, and what its amounts come to."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from tallystick.canonical import Invoice, Line
from tallystick.rules.en16931.case import NOTHING, EuropeanCase
from tallystick.rules.lexical import normal

__all__ = ["Parts", "Uses"]


class Uses:
    """Where each category is used, and what its amounts come to. One pass over lines and adjustments.

    `first` holds per category and group (`line`, `allowance`, `charge`) the pointer of its first use; sums
    are exact, per category and per category and rate; `adjusted` leaves the lines out.
    `parts` are what they add up.
    """

    __slots__ = ("adjusted", "by_category", "by_rate", "first", "parts")

    def __init__(self, case: EuropeanCase) -> None:
        self.first: dict[str, dict[str, str]] = defaultdict(dict)
        self.by_category: dict[str, Decimal] = defaultdict(Decimal)
        self.by_rate: dict[tuple[str, Decimal | None], Decimal] = defaultdict(Decimal)
        self.adjusted: dict[tuple[str, Decimal | None], Decimal] = defaultdict(Decimal)
        self.parts = Parts(case.invoice)
        self._lines(case.invoice.lines)
        for place, allowance in enumerate(case.invoice.allowances):
            category = normal(allowance.tax_category_code)
            self.first[category].setdefault("allowance", f"/allowances/{place}")
            self._adjust(category, allowance.tax_rate, -allowance.amount)
        for place, charge in enumerate(case.invoice.charges):
            category = normal(charge.tax_category_code)
            self.first[category].setdefault("charge", f"/charges/{place}")
            self._adjust(category, charge.tax_rate, charge.amount)
        for (category, _), amount in self.by_rate.items():
            self.by_category[category] += amount

    def _lines(self, lines: tuple[Line, ...]) -> None:
        """Lines are many and their taxes few: a line joins those that bear the very same code and rate."""
        groups: dict[tuple[str, int], tuple[Decimal | None, list[Decimal]]] = {}
        for place, line in enumerate(lines):
            tax = line.tax
            group = groups.get((tax.category_code, id(tax.rate)))
            if group is None:
                group = groups[tax.category_code, id(tax.rate)] = (tax.rate, [])
                self.first[normal(tax.category_code)].setdefault("line", f"/lines/{place}/tax")
            group[1].append(line.net_amount or NOTHING)
        for (written, _), (rate, amounts) in groups.items():
            self._add(normal(written), rate, sum(amounts, NOTHING))

    def _adjust(self, category: str, rate: Decimal | None, amount: Decimal) -> None:
        self.adjusted[category, rate] += amount
        self._add(category, rate, amount)

    def _add(self, category: str, rate: Decimal | None, amount: Decimal) -> None:
        self.by_rate[category, rate] += amount


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
