"""Tax in the syntax: what each category wants of the places that name it, and of the breakdown."""

from collections import Counter, defaultdict
from decimal import Decimal
from math import floor
from typing import Final

from tallystick.canonical import TaxBreakdown
from tallystick.rules.case import decimals, halves_up, normal, shown
from tallystick.rules.cii.case import NOTHING, Case, Faults
from tallystick.rules.cii.categories import CATEGORIES, NOT_SUBJECT, Category
from tallystick.rules.cii.taxed import Taxed
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.steps import put, rounded, step
from tallystick.rules.en16931.uses import Parts
from tallystick.rules.lexical import units, within_one

__all__ = ["tax"]

_JUDGED_ELSEWHERE: Final = frozenset({"L", "M", NOT_SUBJECT})
"""As published: what every entry of the breakdown needs is not asked of these."""

_NUMBERS: Final = {"line": ("02", "05"), "allowance": ("03", "06"), "charge": ("04", "07")}
_TERMS: Final = {
    "line": ("BT-151", "BT-152"),
    "allowance": ("BT-95", "BT-96"),
    "charge": ("BT-102", "BT-103"),
}


class Uses:
    """Where each category is used and what its amounts come to: one pass over lines and adjustments.

    `count` per category and whether on lines; sums per category (rate None) and per category and rate, each
    of lines, allowances and charges. `foreign` and `foreign_adjusting` are the first places that name another
    category than the one outside the scope of tax, as (pointer, code). `parts` are what the sums add up.
    """

    __slots__ = ("_sums", "count", "foreign", "foreign_adjusting", "parts")

    def __init__(self, case: Case) -> None:
        self.parts = Parts(case.invoice)
        self.count: Counter[tuple[str, bool]] = Counter()
        self._sums: dict[tuple[str, Decimal | None], dict[str, Decimal]] = defaultdict(
            lambda: {"line": NOTHING, "allowance": NOTHING, "charge": NOTHING}
        )
        entries = enumerate(case.invoice.tax_breakdown)
        taxed = [(f"/tax_breakdown/{n}/tax_category_code", one.tax_category_code) for n, one in entries]
        adjusting: list[tuple[str, str]] = []
        for one in case.taxed:
            self.count[one.code, one.group == "line"] += 1
            for rate in {None, one.rate}:
                self._sums[one.code, rate][one.group] += one.amount
            (taxed if one.group == "line" else adjusting).append((one.code_at, one.code))
        self.foreign = next((place for place in taxed if place[1] != NOT_SUBJECT), None)
        self.foreign_adjusting = next((place for place in adjusting if place[1] != NOT_SUBJECT), None)

    def amount(self, code: str, rate: Decimal | None) -> Decimal:
        """The taxable amount of a category, of all rates where `rate` is None: each group in cents."""
        sums = self._sums.get((code, rate))
        if sums is None:
            return NOTHING
        return halves_up(sums["line"]) + halves_up(sums["charge"]) - halves_up(sums["allowance"])


def tax(case: Case) -> Faults:
    """Rules on BG-23 and on the tax of lines, allowances and charges."""
    for one in case.taxed:
        yield from _place(case, one)
    yield from _split_payment(case)
    if not case.completed:
        return
    uses = Uses(case)
    yield from _entries(case, uses)
    for place, entry in enumerate(case.invoice.tax_breakdown):
        at = f"/tax_breakdown/{place}"
        if normal(entry.tax_category_code) not in codes.TAX_CATEGORIES:
            yield from case.broken(
                "BR-CL-18", f"{at}/tax_category_code", actual=entry.tax_category_code, term="BT-118"
            )
        if entry.tax_category_code not in _JUDGED_ELSEWHERE:
            yield from _entry(case, entry, at)
        category = CATEGORIES.get(entry.tax_category_code)
        if category is not None:
            yield from _categorised(case, uses, entry, category, at)
    if not case.invoice.tax_breakdown:
        for _ in case.invoice.lines:
            yield from case.broken("BR-CO-18", "/tax_breakdown")


def _place(case: Case, one: Taxed) -> Faults:
    """A line, allowance or charge: its category, who must be known, its rate."""
    code_term, rate_term = _TERMS[one.group]
    if normal(one.code) not in codes.TAX_CATEGORIES:
        listed = "BR-CL-18" if one.group == "line" else "BR-CL-17"
        yield from case.broken(listed, one.code_at, actual=one.code, term=code_term)
    category = CATEGORIES.get(one.code)
    if category is None:
        return
    known, rated = _NUMBERS[one.group]
    at = next(category.wanting(case), None)
    if at is not None:
        yield from case.broken(f"{category.family}-{known}", at, actual=one.code)
    if not category.rate(one.rate):
        yield from case.broken(
            f"{category.family}-{rated}",
            one.rate_at,
            expected=category.wanted,
            actual=shown(one.rate),
            term=rate_term,
        )


def _entries(case: Case, uses: Uses) -> Faults:
    """Whether each used category has its place in the breakdown."""
    said = Counter(entry.tax_category_code for entry in case.invoice.tax_breakdown)
    for code, category in CATEGORIES.items():
        on_lines, adjusting, count = uses.count[code, True], uses.count[code, False], said[code]
        used = on_lines + adjusting > 0
        if not category.single:
            wrong = count == 0 and 1 in (on_lines, adjusting)  # as published: two uses vouch for each other
        elif code == NOT_SUBJECT:
            wrong = count > 1 or (count == 1 and not used)
        else:
            wrong = (count > 0 or used) and (count != 1 or not used)
        if wrong:
            wanted = f"an entry of category {code}" if used else f"no entry of category {code}"
            yield from case.broken(
                f"{category.family}-01", "/tax_breakdown", expected=wanted, actual=f"{count} entries"
            )


def _entry(case: Case, entry: TaxBreakdown, at: str) -> Faults:
    """What every entry needs, whatever its category."""
    base, amount = entry.tax_category_taxable_amount, entry.tax_category_tax_amount
    rate = entry.tax_category_rate
    if rate is None:
        yield from case.broken("BR-48", f"{at}/tax_category_rate")
    for number, member, value in (
        ("BR-DEC-19", "tax_category_taxable_amount", base),
        ("BR-DEC-20", "tax_category_tax_amount", amount),
    ):
        if value is not None and decimals(value) > 2:
            yield from case.broken(number, f"{at}/{member}", actual=shown(value))
    if base is None or amount is None:
        return
    if rate is None or units(rate) == 0:
        if units(amount) != 0:
            yield from _no_tax(case, "BR-CO-17", entry, at)
    elif abs(abs(amount) - halves_up(abs(base) * rate / 100)) > 1:
        yield from _wrong_tax(case, "BR-CO-17", entry, at)


def _wrong_tax(case: Case, number: str, entry: TaxBreakdown, at: str) -> Faults:
    """The tax is not what rate and taxable amount make of it; at a rate below zero no tax is right."""
    base, rate = entry.tax_category_taxable_amount or NOTHING, entry.tax_category_rate
    exact = base * (rate or NOTHING) / 100
    expected, at = halves_up(exact), f"{at}/tax_category_tax_amount"
    yield from case.broken(
        number,
        at,
        expected=shown(expected),
        actual=shown(entry.tax_category_tax_amount),
        calculation=rounded("BT-116 × BT-119 ÷ 100", (base, rate or NOTHING), exact, expected),
        term="BT-117",
        fix=() if rate is None or rate < 0 or entry.tax_category_tax_amount is None else put(at, expected),
    )


def _no_tax(case: Case, number: str, entry: TaxBreakdown, at: str) -> Faults:
    at = f"{at}/tax_category_tax_amount"
    yield from case.broken(
        number,
        at,
        expected="0",
        actual=shown(entry.tax_category_tax_amount),
        calculation=(step("no tax in this category, or at this rate", (), NOTHING),),
        term="BT-117",
        fix=() if entry.tax_category_tax_amount is None else put(at, NOTHING),
    )


def _categorised(case: Case, uses: Uses, entry: TaxBreakdown, category: Category, at: str) -> Faults:
    """What an entry of a known category needs."""
    base, amount = entry.tax_category_taxable_amount, entry.tax_category_tax_amount
    family = category.family
    expected = _taxable(entry, uses)
    if base is not None and not _base_follows(entry.tax_category_code, base, expected):
        yield from _wrong_base(case, uses, entry, category, expected or NOTHING, at)
    if entry.tax_category_code == "S":
        if not _tax_follows(entry):
            yield from _wrong_tax(case, "BR-S-09", entry, at)
    elif category.single and amount != 0:
        yield from _no_tax(case, f"{family}-09", entry, at)
    yield from _reason(case, entry, category, at)
    if entry.tax_category_code == "K":
        yield from _intra_community(case)
    if entry.tax_category_code == NOT_SUBJECT:
        yield from _not_subject_alone(case, uses)


def _wrong_base(
    case: Case, uses: Uses, entry: TaxBreakdown, category: Category, expected: Decimal, at: str
) -> Faults:
    at, code = f"{at}/tax_category_taxable_amount", entry.tax_category_code
    at_rate = f" at {shown(entry.tax_category_rate)} %" if code == "S" else ""
    operation = f"BT-131 - BT-92 + BT-99 in category {code}{at_rate}"
    rate = entry.tax_category_rate
    operands = uses.parts.of(code, rate, any_rate=code != "S")
    yield from case.broken(
        f"{category.family}-08",
        at,
        expected=shown(expected),
        actual=shown(entry.tax_category_taxable_amount),
        calculation=(step(operation, operands, expected),),
        term="BT-116",
        fix=put(at, expected),
    )


def _taxable(entry: TaxBreakdown, uses: Uses) -> Decimal | None:
    """What is taxed in the entry's category, at its rate where there are several; None for any amount."""
    code, rate = entry.tax_category_code, entry.tax_category_rate
    if code in ("L", "M") or (code == "S" and rate is None):
        return None
    return uses.amount(code, rate if code == "S" else None)


def _base_follows(code: str, base: Decimal, expected: Decimal | None) -> bool:
    if expected is None:
        return True
    if code in ("S", NOT_SUBJECT):
        return float(base) == float(expected)
    return within_one(base, expected)


def _tax_follows(entry: TaxBreakdown) -> bool:
    """Whether the tax is the base's at its rate, less than one unit of currency apart, as published."""
    base, rate, amount = (
        entry.tax_category_taxable_amount,
        entry.tax_category_rate,
        entry.tax_category_tax_amount,
    )
    if base is None or rate is None or amount is None:
        return False
    product = floor(float(abs(base)) * float(rate) + 0.5) / 100
    return float(abs(amount) - 1) < product < float(abs(amount) + 1)


def _reason(case: Case, entry: TaxBreakdown, category: Category, at: str) -> Faults:
    code, text = entry.exemption_reason_code, entry.exemption_reason_text
    if (code is not None or text is not None) is not category.reason:
        yield from case.broken(
            f"{category.family}-10",
            f"{at}/{'exemption_reason_text' if code is None else 'exemption_reason_code'}",
            expected="a reason" if category.reason else "no reason",
            actual=code or text or "",
        )


def _intra_community(case: Case) -> Faults:
    """Intra-community supply: when, or for which time, and to which country it was delivered."""
    delivery, period = case.invoice.delivery, case.invoice.invoicing_period
    timed = period is not None and (period.start_date is not None or period.end_date is not None)
    if not timed and (delivery is None or delivery.actual_delivery_date is None):
        yield from case.broken("BR-IC-11", "/delivery/actual_delivery_date")
    if delivery is None or delivery.deliver_to_address is None:
        yield from case.broken("BR-IC-12", "/delivery/deliver_to_address")


def _not_subject_alone(case: Case, uses: Uses) -> Faults:
    """A document with anything outside the scope of tax has nothing inside it."""
    for numbers, other in (
        (("BR-O-11", "BR-O-12"), uses.foreign),
        (("BR-O-13", "BR-O-14"), uses.foreign_adjusting),
    ):
        if other is not None:
            for number in numbers:
                yield from case.broken(number, other[0], expected=NOT_SUBJECT, actual=other[1])


def _split_payment(case: Case) -> Faults:
    """Category B belongs to one country and does not mix with standard rated supplies."""
    named = {one.code for one in case.taxed}
    named |= {entry.tax_category_code for entry in case.invoice.tax_breakdown}
    if "B" not in named:
        return
    if "S" in named:
        yield from case.broken("BR-B-02", "/tax_breakdown")
    lands = {code for _, _, code in case.countries}
    if lands != {"IT"}:
        yield from case.broken("BR-B-01", "/tax_breakdown", expected="IT", actual=" ".join(sorted(lands)))
