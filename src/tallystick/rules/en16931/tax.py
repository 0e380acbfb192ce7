"""Tax: every category of the document against the table of `categories`, and the breakdown's arithmetic."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from tallystick.canonical import Line, TaxBreakdown
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.case import NOTHING, EuropeanCase, Faults, is_too_fine, too_fine
from tallystick.rules.en16931.categories import (
    CATEGORIES,
    INTRA_COMMUNITY,
    NOT_SUBJECT,
    SPLIT_PAYMENT,
    SPLIT_PAYMENT_LANDS,
    STANDARD,
    Category,
)
from tallystick.rules.en16931.totals import step
from tallystick.rules.lexical import cents, normal, shown, within_one

_HALF: Final = Decimal("0.5")


class Uses:
    """Where each category is used, and what its amounts come to. One pass over lines and adjustments.

    `first` holds per category and group (`line`, `allowance`, `charge`) the pointer of its first use; sums
    are exact, per category and per category and rate; `adjusted` leaves the lines out.
    """

    __slots__ = ("adjusted", "by_category", "by_rate", "first")

    def __init__(self, case: EuropeanCase) -> None:
        self.first: dict[str, dict[str, str]] = defaultdict(dict)
        self.by_category: dict[str, Decimal] = defaultdict(Decimal)
        self.by_rate: dict[tuple[str, Decimal | None], Decimal] = defaultdict(Decimal)
        self.adjusted: dict[tuple[str, Decimal | None], Decimal] = defaultdict(Decimal)
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


def tax(case: EuropeanCase) -> Faults:
    """Rules on BG-23 and on the tax of lines, allowances and charges."""
    uses = Uses(case)
    if not all(_rated(category, rate) for category, rate in uses.by_rate):
        yield from _rates(case)
    yield from _parties(case, uses)
    if case.completed:
        yield from _entries(case, uses)
        yield from _breakdown(case, uses)
    names = [normal(entry.tax_category_code) for entry in case.invoice.tax_breakdown]
    if INTRA_COMMUNITY in names:
        yield from _intra_community(case)
    if NOT_SUBJECT in names:
        yield from _not_subject_alone(case, uses, names)
    if SPLIT_PAYMENT in names or SPLIT_PAYMENT in uses.first:
        yield from _split_payment(case, uses)


def _taxed(case: EuropeanCase) -> Iterator[tuple[str, str, str, Decimal | None, str, str]]:
    """Each place that names a category: pointer, names of code and rate, rate, category, rate rule."""
    for place, line in enumerate(case.invoice.lines):
        yield f"/lines/{place}/tax", "category_code", "rate", line.tax.rate, line.tax.category_code, "05"
    for place, low in enumerate(case.invoice.allowances):
        yield (
            f"/allowances/{place}",
            "tax_category_code",
            "tax_rate",
            low.tax_rate,
            low.tax_category_code,
            "06",
        )
    for place, high in enumerate(case.invoice.charges):
        yield (
            f"/charges/{place}",
            "tax_category_code",
            "tax_rate",
            high.tax_rate,
            high.tax_category_code,
            "07",
        )


_TERMS: Final = {"05": ("BT-151", "BT-152"), "06": ("BT-95", "BT-96"), "07": ("BT-102", "BT-103")}


def _rated(name: str, rate: Decimal | None) -> bool:
    """Whether a category is known and bears this rate."""
    category = CATEGORIES.get(name)
    return name in codes.TAX_CATEGORIES and (category is None or category.rate(rate))


def _rates(case: EuropeanCase) -> Faults:
    """Every place whose category is unknown or does not bear its rate."""
    for at, code, member, rate, written, number in _taxed(case):
        name = normal(written)
        category = CATEGORIES.get(name)
        code_term, rate_term = _TERMS[number]
        if name not in codes.TAX_CATEGORIES:
            listed = "BR-CL-18" if number == "05" else "BR-CL-17"
            yield from case.broken(listed, f"{at}/{code}", actual=name, term=code_term)
        elif category is not None and not category.rate(rate):
            yield from case.broken(
                f"{category.family}-{number}",
                f"{at}/{member}",
                expected=category.rate_wanted,
                actual=shown(rate),
                term=rate_term,
            )


_USES: Final = (("line", "02"), ("allowance", "03"), ("charge", "04"))


def _parties(case: EuropeanCase, uses: Uses) -> Faults:
    """Who must be known by which identifier, once for each group that uses the category."""
    for name, places in uses.first.items():
        category = CATEGORIES.get(name)
        if category is None:
            continue
        for group, number in _USES:
            at = next(_wanting(case, category, name), None) if group in places else None
            if at is not None:
                yield from case.broken(f"{category.family}-{number}", at, actual=name)


def _wanting(case: EuropeanCase, category: Category, name: str) -> Iterator[str]:
    """Pointers of the identifiers that the category misses, or that it does not bear."""
    seller, representative = case.seller, case.invoice.seller_tax_representative
    if name == NOT_SUBJECT:
        if seller.tax_identifier is not None:
            yield "/seller/tax_identifier"
        if representative is not None:
            yield "/seller_tax_representative/tax_identifier"
        if case.buyer.tax_identifier is not None:
            yield "/buyer/tax_identifier"
        return
    registered = category.seller_registered and seller.tax_registration_identifier is not None
    if seller.tax_identifier is None and representative is None and not registered:
        yield "/seller/tax_identifier"
    if category.buyer_named is not None and not category.buyer_named(case):
        yield "/buyer/tax_identifier"


def _entries(case: EuropeanCase, uses: Uses) -> Faults:
    """Whether each used category has its place in the breakdown."""
    breakdown = case.invoice.tax_breakdown
    counts: dict[str, int] = defaultdict(int)
    for entry in breakdown:
        counts[normal(entry.tax_category_code)] += 1
    for name, category in CATEGORIES.items():
        used, count = name in uses.first, counts.get(name, 0)
        if not (used or count):
            continue
        wrong = count > 1 if category.single else count > 0 and not used
        if wrong or (used and count == 0):
            yield from case.broken(
                f"{category.family}-01",
                "/tax_breakdown",
                expected=_wanted(category, name, used),
                actual=f"{count} entries",
            )


def _wanted(category: Category, name: str, used: bool) -> str:
    if category.single:
        return f"one entry of category {name}"
    return f"an entry of category {name}" if used else f"no entry of category {name}"


def _breakdown(case: EuropeanCase, uses: Uses) -> Faults:
    amounts = []
    for place, entry in enumerate(case.invoice.tax_breakdown):
        at = f"/tax_breakdown/{place}"
        yield from _entry(case, entry, at)
        yield from _amounts(case, entry, at, uses)
        if not _reasoned(entry):
            yield from _reason(case, entry, at)
        amounts.append(entry.tax_category_tax_amount or NOTHING)
    if not amounts:
        yield from case.broken("BR-CO-18", "/tax_breakdown")
    total, expected = case.totals.total_tax_amount, cents(sum(amounts, NOTHING))
    if total is not None and amounts and total != expected:
        yield from case.broken(
            "BR-CO-14",
            "/document_totals/total_tax_amount",
            expected=shown(expected),
            actual=shown(total),
            calculation=(step("sum of BT-117", amounts, expected),),
        )


def _entry(case: EuropeanCase, entry: TaxBreakdown, at: str) -> Faults:
    """What every entry needs, whatever its category."""
    name = normal(entry.tax_category_code)
    if name not in codes.TAX_CATEGORIES:
        yield from case.broken(
            "BR-CL-17", f"{at}/tax_category_code", actual=entry.tax_category_code, term="BT-118"
        )
    if entry.tax_category_rate is None and name != NOT_SUBJECT:
        yield from case.broken("BR-48", f"{at}/tax_category_rate")
    base, amount = entry.tax_category_taxable_amount, entry.tax_category_tax_amount
    if is_too_fine(base):
        yield from too_fine(case, base, f"{at}/tax_category_taxable_amount", "BR-DEC-19")
    if is_too_fine(amount):
        yield from too_fine(case, amount, f"{at}/tax_category_tax_amount", "BR-DEC-20")


def _amounts(case: EuropeanCase, entry: TaxBreakdown, at: str, uses: Uses) -> Faults:
    stated, amount = entry.tax_category_taxable_amount, entry.tax_category_tax_amount
    name, rate = normal(entry.tax_category_code), entry.tax_category_rate
    category = CATEGORIES.get(name)
    if category is not None and stated is not None:
        known = uses.by_rate.get((name, rate)) if category.by_rate else uses.by_category.get(name)
        if known is None or known != stated:
            yield from _base(case, entry, category, stated, at, uses)
    if amount is None:
        return
    base: Decimal = stated or NOTHING
    product = cents((abs(base) * (rate or NOTHING)).scaleb(-2))
    numbers = _not_charged(category, rate, amount, abs(amount) - product)
    expected = product.copy_sign(base)
    for number in numbers:
        yield from case.broken(
            number,
            f"{at}/tax_category_tax_amount",
            expected=shown(expected),
            actual=shown(amount),
            calculation=(step("BT-116 × BT-119 ÷ 100", (base, rate or NOTHING), expected),),
            term="BT-117",
        )


def _not_charged(
    category: Category | None, rate: Decimal | None, amount: Decimal, apart: Decimal
) -> tuple[str, ...]:
    """The rules on a tax that is `apart` from what the rate makes of the base: those that it breaks."""
    near = rate is not None and (not apart or apart.adjusted() < 0)
    own = category is not None and (not near if category.by_rate else bool(amount))
    rated = rate is not None and not -_HALF <= rate < _HALF
    follows = near if rated else -_HALF <= amount < _HALF
    if follows and not own:
        return ()
    numbers = (f"{category.family}-09",) if category is not None and own else ()
    return numbers if follows else (*numbers, "BR-CO-17")


def _base(
    case: EuropeanCase, entry: TaxBreakdown, category: Category, base: Decimal, at: str, uses: Uses
) -> Faults:
    name, rate = normal(entry.tax_category_code), entry.tax_category_rate
    if category.by_rate:
        if rate is None:
            return
        known = uses.by_rate.get((name, rate))
        expected = NOTHING if known is None else known
        fits = (known is not None or not category.in_use) and within_one(base, expected)
        alone = uses.adjusted.get((name, rate)) if category.in_use else None
        if alone is not None and within_one(base, alone):
            fits = True  # as published: the lines of the other kind of document, of which there are none
    else:
        expected = uses.by_category.get(name, NOTHING)
        fits = base == expected
    if not fits:
        at_rate = f" at {shown(rate)} %" if category.by_rate else ""
        yield from case.broken(
            f"{category.family}-08",
            f"{at}/tax_category_taxable_amount",
            expected=shown(expected),
            actual=shown(base),
            calculation=(step(f"BT-131 - BT-92 + BT-99 in category {name}{at_rate}", (), expected),),
            term="BT-116",
        )


def _reasoned(entry: TaxBreakdown) -> bool:
    """Whether the entry has no reason against its tax, and its category wants none."""
    category = CATEGORIES.get(normal(entry.tax_category_code))
    silent = entry.exemption_reason_code is None and entry.exemption_reason_text is None
    return silent and (category is None or not category.reason)


def _reason(case: EuropeanCase, entry: TaxBreakdown, at: str) -> Faults:
    code, text = entry.exemption_reason_code, entry.exemption_reason_text
    category = CATEGORIES.get(normal(entry.tax_category_code))
    stated = code is not None or text is not None
    if category is not None and stated is not category.reason:
        member = "exemption_reason_text" if code is None else "exemption_reason_code"
        yield from case.broken(
            f"{category.family}-10",
            f"{at}/{member}",
            expected="a reason" if category.reason else "no reason",
            actual=code or text or "",
        )
    if code is None:
        return
    if normal(code.upper()) not in codes.EXEMPTION_REASONS:
        yield from case.broken("BR-CL-22", f"{at}/exemption_reason_code", actual=code)


def _intra_community(case: EuropeanCase) -> Faults:
    """Intra-community supply: when, or for which time, and to which country it was delivered."""
    delivery, period = case.invoice.delivery, case.invoice.invoicing_period
    timed = case.invoice.tax_point_date_code is not None or (
        period is not None and (period.start_date is not None or period.end_date is not None)
    )
    if not timed and (delivery is None or delivery.actual_delivery_date is None):
        yield from case.broken("BR-IC-11", "/delivery/actual_delivery_date")
    if delivery is None or delivery.deliver_to_address is None:
        yield from case.broken("BR-IC-12", "/delivery/deliver_to_address")


def _not_subject_alone(case: EuropeanCase, uses: Uses, names: list[str]) -> Faults:
    """A document with anything outside the scope of tax has nothing inside it."""
    other = next((place for place, name in enumerate(names) if name != NOT_SUBJECT), None)
    if other is not None:
        at = f"/tax_breakdown/{other}/tax_category_code"
        yield from case.broken("BR-O-11", at, expected=NOT_SUBJECT, actual=names[other])
    numbers = (
        ("line", "BR-O-12", "category_code"),
        ("allowance", "BR-O-13", "tax_category_code"),
        ("charge", "BR-O-14", "tax_category_code"),
    )
    for group, number, member in numbers:
        used = [(at[group], name) for name, at in uses.first.items() if name != NOT_SUBJECT and group in at]
        if used:
            at, name = used[0]
            yield from case.broken(number, f"{at}/{member}", expected=NOT_SUBJECT, actual=name)


def _split_payment(case: EuropeanCase, uses: Uses) -> Faults:
    """Some categories belong to certain countries and do not mix with standard rated supplies."""
    named = {entry.tax_category_code for entry in case.invoice.tax_breakdown} | uses.first.keys()
    if SPLIT_PAYMENT not in named:
        return
    if STANDARD in named:
        yield from case.broken("BR-B-02", "/tax_breakdown")
    invoice = case.invoice
    lands = {case.seller_land, case.buyer_land} - {""}
    lands |= {line.item.country_of_origin for line in invoice.lines if line.item.country_of_origin}
    if invoice.seller_tax_representative is not None:
        lands.add(invoice.seller_tax_representative.postal_address.country_code)
    if invoice.delivery is not None and invoice.delivery.deliver_to_address is not None:
        lands.add(invoice.delivery.deliver_to_address.country_code)
    if not lands <= SPLIT_PAYMENT_LANDS:
        expected, actual = " or ".join(sorted(SPLIT_PAYMENT_LANDS)), " ".join(sorted(lands))
        yield from case.broken("BR-B-01", "/tax_breakdown", expected=expected, actual=actual)
