"""Tax: every category of the document against the table of `categories`, and the breakdown's arithmetic."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

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
from tallystick.rules.en16931.uses import Uses
from tallystick.rules.lexical import normal, shown


def tax(case: EuropeanCase) -> Faults:
    """Rules on BG-23 and on the tax of lines, allowances and charges."""
    uses = Uses(case)
    if not all(_rated(category, rate) for category, rate in uses.by_rate):
        yield from _rates(case)
    yield from _parties(case, uses)
    if case.completed:
        yield from _entries(case, uses)
        yield from breakdown(case, uses)
    names = [normal(entry.tax_category_code) for entry in case.invoice.tax_breakdown]
    if INTRA_COMMUNITY in names:
        yield from _intra_community(case)
    if NOT_SUBJECT in names:
        yield from _not_subject_alone(case, uses, names)
    if SPLIT_PAYMENT in names or SPLIT_PAYMENT in uses.first:
        yield from _split_payment(case)


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
                fix=right_rate(category, f"{at}/{member}", rate),
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
            if at is not None and not (group == "charge" and _only_blank(case, name)):
                yield from case.broken(f"{category.family}-{number}", at, actual=name)


def _only_blank(case: EuropeanCase, name: str) -> bool:
    """As published: no charge with blanks around this one code is looked at."""
    return name == BLANK_CHARGES and all(charge.tax_category_code != name for charge in case.invoice.charges)


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
        if used and category.verbatim:
            count = sum(entry.tax_category_code == name for entry in breakdown)
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
