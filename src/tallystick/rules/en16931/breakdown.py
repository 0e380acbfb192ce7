"""The tax breakdown's entries (BG-23): what each needs, its arithmetic, its reason, and their sum."""

from decimal import Decimal
from typing import Final

from tallystick.canonical import Fault, TaxBreakdown
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.case import NOTHING, EuropeanCase, Faults, too_fine
from tallystick.rules.en16931.categories import CATEGORIES, NOT_SUBJECT, Category, right_rate
from tallystick.rules.en16931.steps import Patch, off, put, rounded, step
from tallystick.rules.en16931.uses import Uses
from tallystick.rules.lexical import cents, is_too_fine, normal, shown, within_one

__all__ = ["breakdown"]

_HALF: Final = Decimal("0.5")
_HUNDRED: Final = Decimal(100)
_NEARLY: Final = Decimal(99)
"""Less than so many hundredths from the exact tax is less than one unit of currency from the rounded one."""
_EXACT_DIGITS: Final = 11
"""Beyond so many digits equal amounts need not be equal to the publishers' processor."""


def breakdown(case: EuropeanCase, uses: Uses) -> list[Fault]:
    """Rules on the entries of the breakdown, once all sums are there."""
    faults: list[Fault] = []
    exact = NOTHING
    for place, entry in enumerate(case.invoice.tax_breakdown):
        if not _is_plain(entry, uses):
            faults.extend(_entry(case, entry, f"/tax_breakdown/{place}", uses))
        exact += entry.tax_category_tax_amount or NOTHING
    if not case.invoice.tax_breakdown:
        faults.extend(case.broken("BR-CO-18", "/tax_breakdown"))
        return faults
    total = case.totals.total_tax_amount
    if total is not None and total != cents(exact):
        faults.extend(_total(case, total, exact))
    return faults


def _is_plain(entry: TaxBreakdown, uses: Uses) -> bool:
    """Whether the entry taxes at a rate, says nothing against that, and no rule can find anything in it."""
    name, rate = entry.tax_category_code, entry.tax_category_rate
    base, amount = entry.tax_category_taxable_amount, entry.tax_category_tax_amount
    category = CATEGORIES.get(name)
    if category is None or not category.by_rate or category.reason or rate is None or rate < _HALF:
        return False
    if base is None or amount is None or is_too_fine(base) or is_too_fine(amount):
        return False
    if entry.exemption_reason_code is not None or entry.exemption_reason_text is not None:
        return False
    return _is_its_sum(base, uses.at(name, rate)) and abs(amount * _HUNDRED - base * rate) < _NEARLY


def _is_its_sum(base: Decimal, known: Decimal | None) -> bool:
    """Whether the taxable amount is what is `known` of its category, to every processor."""
    return known is not None and known == base and base.adjusted() <= _EXACT_DIGITS


def _total(case: EuropeanCase, total: Decimal, exact: Decimal) -> Faults:
    """The total is not what the entries' taxes come to."""
    amounts = [entry.tax_category_tax_amount or NOTHING for entry in case.invoice.tax_breakdown]
    at, expected = "/document_totals/total_tax_amount", cents(exact)
    yield from case.broken(
        "BR-CO-14",
        at,
        expected=shown(expected),
        actual=shown(total),
        calculation=rounded("sum of BT-117", amounts, exact, expected),
        fix=put(at, expected),
    )


def _entry(case: EuropeanCase, entry: TaxBreakdown, at: str, uses: Uses) -> Faults:
    """All rules on one entry."""
    yield from _terms(case, entry, at)
    yield from _amounts(case, entry, at, uses)
    yield from _reason(case, entry, at)


def _terms(case: EuropeanCase, entry: TaxBreakdown, at: str) -> Faults:
    """What every entry needs, whatever its category."""
    name = normal(entry.tax_category_code)
    if name not in codes.TAX_CATEGORIES:
        yield from case.broken(
            "BR-CL-17", f"{at}/tax_category_code", actual=entry.tax_category_code, term="BT-118"
        )
    if entry.tax_category_rate is None and name != NOT_SUBJECT:
        rate_at, category = f"{at}/tax_category_rate", CATEGORIES.get(name)
        fix = right_rate(category, rate_at, None) if category is not None else ()
        yield from case.broken("BR-48", rate_at, fix=fix)
    base, amount = entry.tax_category_taxable_amount, entry.tax_category_tax_amount
    if is_too_fine(base):
        yield from too_fine(case, base, f"{at}/tax_category_taxable_amount", "BR-DEC-19")
    if is_too_fine(amount):
        yield from too_fine(case, amount, f"{at}/tax_category_tax_amount", "BR-DEC-20")


def _amounts(case: EuropeanCase, entry: TaxBreakdown, at: str, uses: Uses) -> Faults:
    """The taxable amount is that of its category, and the tax that of the taxable amount."""
    base, amount = entry.tax_category_taxable_amount, entry.tax_category_tax_amount
    name, rate = normal(entry.tax_category_code), entry.tax_category_rate
    category = CATEGORIES.get(name)
    if category is not None and base is not None:
        known = uses.at(name, rate) if category.by_rate else uses.total(name)
        if not _is_its_sum(base, known):
            yield from _base(case, entry, category, base, at, uses)
    if amount is None:
        return
    exact = (abs(base or NOTHING) * (rate or NOTHING)).scaleb(-2)
    product = cents(exact)
    apart = abs(amount) - product
    near = rate is not None and (not apart or apart.adjusted() < 0)
    if category is not None and category.by_rate:
        if not near:
            yield from _tax(case, f"{category.family}-09", entry, at, exact, product)
    elif category is not None and amount:
        yield from _no_tax(case, f"{category.family}-09", at, amount)
    if rate is not None and not -_HALF <= rate < _HALF:
        if not near:
            yield from _tax(case, "BR-CO-17", entry, at, exact, product)
    elif not -_HALF <= amount < _HALF:
        yield from _no_tax(case, "BR-CO-17", at, amount)


def _tax(
    case: EuropeanCase, number: str, entry: TaxBreakdown, at: str, exact: Decimal, product: Decimal
) -> Faults:
    """The tax is not what rate and taxable amount make of it.

    Without their signs, as published: at a rate below zero no tax is right.
    """
    base, amount = entry.tax_category_taxable_amount or NOTHING, entry.tax_category_tax_amount or NOTHING
    rate = entry.tax_category_rate
    sign, at = -1 if base < 0 else 1, f"{at}/tax_category_tax_amount"
    expected = product * sign
    steps = rounded("BT-116 × BT-119 ÷ 100", (base, rate or NOTHING), exact * sign, expected)
    yield from case.broken(
        number,
        at,
        expected=shown(expected),
        actual=shown(amount),
        calculation=steps if rate is None else (*steps, off(abs(amount), product, "less than 1")),
        term="BT-117",
        fix=() if rate is None or rate < 0 else put(at, expected),
    )


def _no_tax(case: EuropeanCase, number: str, at: str, amount: Decimal) -> Faults:
    at = f"{at}/tax_category_tax_amount"
    steps = (step("no tax in this category, or at this rate", (), NOTHING),)
    fix = put(at, NOTHING)
    actual = shown(amount)
    yield from case.broken(number, at, expected="0", actual=actual, calculation=steps, term="BT-117", fix=fix)


def _base(
    case: EuropeanCase, entry: TaxBreakdown, category: Category, base: Decimal, at: str, uses: Uses
) -> Faults:
    name, rate = normal(entry.tax_category_code), entry.tax_category_rate
    known = uses.at(name, rate) if category.by_rate else uses.total(name)
    expected = NOTHING if known is None else known
    if not category.by_rate:
        if base != expected:
            yield from _base_wrong(case, entry, category, at, uses, expected)
        return
    if rate is None:
        return
    fits = (known is not None or not category.in_use) and within_one(base, expected)
    alone = uses.adjusted(name, rate) if category.in_use else None
    if alone is not None and within_one(base, alone):
        fits = True  # as published: the lines of the other kind of document, of which there are none
    if not fits:
        mends = known is not None or not category.in_use
        yield from _base_wrong(case, entry, category, at, uses, expected, mends=mends)


def _base_wrong(
    case: EuropeanCase,
    entry: TaxBreakdown,
    category: Category,
    at: str,
    uses: Uses,
    expected: Decimal,
    *,
    mends: bool = True,
) -> Faults:
    """The taxable amount is not what lines, allowances and charges of the category come to."""
    name, rate = normal(entry.tax_category_code), entry.tax_category_rate
    base, at = entry.tax_category_taxable_amount or NOTHING, f"{at}/tax_category_taxable_amount"
    at_rate = f" at {shown(rate)} %" if category.by_rate else ""
    operands = uses.parts.of(name, rate, any_rate=not category.by_rate)
    steps = [step(f"BT-131 - BT-92 + BT-99 in category {name}{at_rate}", operands, expected)]
    steps += [off(base, expected, "less than 1")] if category.by_rate else []
    fix: Patch = put(at, expected) if mends else ()
    yield from case.broken(
        f"{category.family}-08",
        at,
        expected=shown(expected),
        actual=shown(base),
        calculation=tuple(steps),
        term="BT-116",
        fix=fix,
    )


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
            fix=_without_reason(entry, at) if stated else (),
        )
    if code is None:
        return
    if normal(code.upper()) not in codes.EXEMPTION_REASONS:
        yield from case.broken("BR-CL-22", f"{at}/exemption_reason_code", actual=code)


def _without_reason(entry: TaxBreakdown, at: str) -> Patch:
    """What taxes as usual has no reason not to: it goes."""
    members = {"exemption_reason_code": entry.exemption_reason_code}
    members["exemption_reason_text"] = entry.exemption_reason_text
    return tuple(
        {"op": "remove", "path": f"{at}/{name}"} for name, value in members.items() if value is not None
    )
