"""Tax: every category of the document against the table of `categories`, and the breakdown's arithmetic."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from tallystick.canonical import Fault
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.breakdown import breakdown
from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.en16931.categories import (
    BLANK_CHARGES,
    CATEGORIES,
    INTRA_COMMUNITY,
    NOT_SUBJECT,
    SPLIT_PAYMENT,
    SPLIT_PAYMENT_LANDS,
    STANDARD,
    Category,
    right_rate,
)
from tallystick.rules.en16931.uses import Uses, first_uses
from tallystick.rules.lexical import normal, shown


def tax(case: EuropeanCase) -> list[Fault]:
    """Rules on BG-23 and on the tax of lines, allowances and charges."""
    invoice = case.invoice
    uses = Uses(invoice)
    names = [normal(entry.tax_category_code) for entry in invoice.tax_breakdown]
    faults: list[Fault] = []
    if not _is_usual(case, names, uses):
        faults.extend(_rates(case))
        faults.extend(_parties(case))
        if case.completed:
            faults.extend(_entries(case, names, uses))
    if case.completed:
        faults.extend(breakdown(case, uses))
    if INTRA_COMMUNITY in names:
        faults.extend(_intra_community(case))
    if NOT_SUBJECT in names:
        faults.extend(_not_subject_alone(case, names))
    if SPLIT_PAYMENT in names or SPLIT_PAYMENT in uses.sums:
        faults.extend(_split_payment(case))
    return faults


def _is_usual(case: EuropeanCase, names: list[str], uses: Uses) -> bool:
    """Whether nothing can be wrong with the places that name a category; `names` are those of the breakdown.

    What is not usual may still be right.
    """
    for name, rates in uses.sums.items():
        category = CATEGORIES.get(name)
        if category is None:
            if name not in codes.TAX_CATEGORIES:
                return False
            continue
        if _misplaced(category, True, _count(case, category, names, name)):
            return False
        if _wanting(case, category, name) is not None:
            return False
        for rate in rates:
            if not category.rate(rate):
                return False
    for name in names:
        unused = name not in uses.sums
        if unused:
            return False
    return True


def _taxed(case: EuropeanCase) -> Iterator[tuple[str, str, str, Decimal | None, str, str]]:
    """Each place that names a category: pointer, names of code and rate, rate, category, rate rule."""
    for place, line in enumerate(case.invoice.lines):
        yield f"/lines/{place}/tax", "category_code", "rate", line.tax.rate, line.tax.category_code, "05"
    code, member = "tax_category_code", "tax_rate"
    for place, less in enumerate(case.invoice.allowances):
        yield f"/allowances/{place}", code, member, less.tax_rate, less.tax_category_code, "06"
    for place, more in enumerate(case.invoice.charges):
        yield f"/charges/{place}", code, member, more.tax_rate, more.tax_category_code, "07"


_TERMS: Final = {"05": ("BT-151", "BT-152"), "06": ("BT-95", "BT-96"), "07": ("BT-102", "BT-103")}


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
                fix=right_rate(category, f"{at}/{member}", rate),
            )


_USES: Final = (("line", "02"), ("allowance", "03"), ("charge", "04"))


def _parties(case: EuropeanCase) -> Faults:
    """Who must be known by which identifier, once for each group that uses the category."""
    for name, places in first_uses(case.invoice).items():
        category = CATEGORIES.get(name)
        if category is None:
            continue
        for group, number in _USES:
            at = _wanting(case, category, name) if group in places else None
            if at is not None and not (group == "charge" and _only_blank(case, name)):
                yield from case.broken(f"{category.family}-{number}", at, actual=name)


def _only_blank(case: EuropeanCase, name: str) -> bool:
    """As published: no charge with blanks around this one code is looked at."""
    return name == BLANK_CHARGES and all(charge.tax_category_code != name for charge in case.invoice.charges)


def _wanting(case: EuropeanCase, category: Category, name: str) -> str | None:
    """Pointer of the first identifier that the category misses, or that it does not bear."""
    if name == NOT_SUBJECT:
        return _taxed_party(case)
    seller = case.seller
    if seller.tax_identifier is None and case.invoice.seller_tax_representative is None:
        registered = category.seller_registered and seller.tax_registration_identifier is not None
        if not registered:
            return "/seller/tax_identifier"
    if category.buyer_named is not None and not category.buyer_named(case):
        return "/buyer/tax_identifier"
    return None


def _taxed_party(case: EuropeanCase) -> str | None:
    """Pointer of the first identifier that somebody is taxed by."""
    if case.seller.tax_identifier is not None:
        return "/seller/tax_identifier"
    if case.invoice.seller_tax_representative is not None:
        return "/seller_tax_representative/tax_identifier"
    return None if case.buyer.tax_identifier is None else "/buyer/tax_identifier"


def _entries(case: EuropeanCase, names: list[str], uses: Uses) -> Faults:
    """Whether each used category has its place in the breakdown."""
    for name, category in CATEGORIES.items():
        used = name in uses.sums
        count = _count(case, category, names, name) if used else names.count(name)
        if _misplaced(category, used, count):
            yield from case.broken(
                f"{category.family}-01",
                "/tax_breakdown",
                expected=_wanted(category, name, used),
                actual=f"{count} entries",
            )


def _count(case: EuropeanCase, category: Category, names: list[str], name: str) -> int:
    """How many entries of the breakdown, whose categories are `names`, are those of one that is used."""
    if category.verbatim:
        return [entry.tax_category_code for entry in case.invoice.tax_breakdown].count(name)
    return names.count(name)


def _misplaced(category: Category, used: bool, count: int) -> bool:
    """Whether a category has other entries than its use wants."""
    wrong = count > 1 if category.single else count > 0 and not used
    return wrong or (used and count == 0)


def _wanted(category: Category, name: str, used: bool) -> str:
    if category.single:
        return f"one entry of category {name}"
    return f"an entry of category {name}" if used else f"no entry of category {name}"


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


def _not_subject_alone(case: EuropeanCase, names: list[str]) -> Faults:
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
    first = first_uses(case.invoice)
    for group, number, member in numbers:
        used = [(at[group], name) for name, at in first.items() if name != NOT_SUBJECT and group in at]
        if used:
            at, name = used[0]
            yield from case.broken(number, f"{at}/{member}", expected=NOT_SUBJECT, actual=name)


def _split_payment(case: EuropeanCase) -> Faults:
    """Some categories belong to certain countries and do not mix with standard rated supplies."""
    invoice = case.invoice
    named = {entry.tax_category_code for entry in invoice.tax_breakdown}
    named.update(line.tax.category_code for line in invoice.lines)
    named.update(less.tax_category_code for less in invoice.allowances)
    named.update(more.tax_category_code for more in invoice.charges)
    if SPLIT_PAYMENT not in named:
        return  # blanks around it make it another code
    if STANDARD in named:
        yield from case.broken("BR-B-02", "/tax_breakdown")
    lands = {case.seller_land, case.buyer_land} - {""}
    lands |= {line.item.country_of_origin for line in invoice.lines if line.item.country_of_origin}
    if invoice.seller_tax_representative is not None:
        lands.add(invoice.seller_tax_representative.postal_address.country_code)
    if invoice.delivery is not None and invoice.delivery.deliver_to_address is not None:
        lands.add(invoice.delivery.deliver_to_address.country_code)
    if not lands <= SPLIT_PAYMENT_LANDS:
        expected, actual = " or ".join(sorted(SPLIT_PAYMENT_LANDS)), " ".join(sorted(lands))
        yield from case.broken("BR-B-01", "/tax_breakdown", expected=expected, actual=actual)
