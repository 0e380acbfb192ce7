"""Tax categories: those rules about them that no other country has."""

from decimal import Decimal
from typing import Final

from tallystick.canonical import TaxBreakdown
from tallystick.rules.case import normal, shown
from tallystick.rules.pint.case import Faults
from tallystick.rules.pint.categories import ANY, NONE, Categories, based

from .case import AeCase, is_nothing

__all__ = ["KINDS", "tax"]

_OUT_OF_SCOPE: Final = frozenset({"E", "O", "Z"})
_UNTAXED: Final = frozenset({"E", "O"})
_STANDARD_RATE: Final = Decimal(5)
_SLACK: Final = Decimal("0.02")

KINDS: Final = Categories(
    endings={"S": "", "E": "", "O": "", "AE": "-ae", "Z": "", "N": "-ae"},
    listed="ibr-139-ae",
    once=("E", "O", "Z"),
    rated="aligned-ibrp-048",
    rateless=_UNTAXED,
    of_lines={"E": NONE, "AE": ANY, "N": ANY},
    slack=_SLACK,
    spelled={f"aligned-ibrp-ae-{place}-ae": f"aligned-ibrp-ae-{place}" for place in ("06", "07")},
)


def tax(case: AeCase) -> Faults:
    """All of the country's own rules about categories and the breakdown."""
    yield from _broken_down(case)
    yield from _kinds(case)
    for index, entry in enumerate(case.invoice.tax_breakdown):
        pointer = f"/tax_breakdown/{index}"
        yield from _rate(case, pointer, entry)
        if normal(entry.tax_category_code) == "N":
            yield from _margin(case, pointer, entry)


def _broken_down(case: AeCase) -> Faults:
    stated = case.broken_down
    if "AE" in case.used and "AE" not in stated:
        yield from _entries(case, "aligned-ibrp-ae-01-ae", "AE", "an entry")
    documents = [normal(one.tax_category_code) for _, one in case.documents()]
    exactly = [entry.tax_category_code for entry in case.invoice.tax_breakdown].count("N")
    if "N" in (*documents, *stated) and exactly != 1:
        yield from _entries(case, "ibr-105-ae", "N", "one entry")


def _entries(case: AeCase, number: str, category: str, expected: str) -> Faults:
    actual = f"{case.broken_down.count(category)} of category {category}"
    yield from case.broken(number, "/tax_breakdown", expected=expected, actual=actual)


def _kinds(case: AeCase) -> Faults:
    codes = [normal(code) for _, code in case.category_places()]
    if case.commercial and not _OUT_OF_SCOPE.issuperset(codes):
        actual = ", ".join(sorted(set(codes) - _OUT_OF_SCOPE))
        yield from case.broken("ibr-122-ae", "/tax_breakdown", expected="E, O or Z", actual=actual)
    if case.block.margin_scheme and any(code != "N" for code in codes):
        actual = ", ".join(sorted(set(codes) - {"N"}))
        yield from case.broken("ibr-116-ae", "/tax_breakdown", expected="N", actual=actual)
    lines = [normal(line.tax.category_code) for line in case.invoice.lines]
    if case.invoice.type_code in ("380", "381") and _UNTAXED.issuperset(lines):
        yield from case.broken("ibr-151-ae", "/lines/0/tax/category_code", actual=lines[0])
    yield from _standard_rate(case)


def _standard_rate(case: AeCase) -> Faults:
    """5 %, wherever the breakdown, an allowance or a charge says S. One finding for all of them."""
    invoice = case.invoice
    rates = [
        (f"/tax_breakdown/{i}/tax_category_rate", one.tax_category_code, one.tax_category_rate)
        for i, one in enumerate(invoice.tax_breakdown)
    ]
    for where, one in case.documents():
        rates.append((f"{where}/tax_rate", one.tax_category_code, one.tax_rate))
    for pointer, code, rate in rates:
        if code == "S" and rate is not None and rate != _STANDARD_RATE:
            yield from case.broken("ibr-190-ae", pointer, expected="5", actual=shown(rate))
            return


def _rate(case: AeCase, pointer: str, entry: TaxBreakdown) -> Faults:
    raw, code, rate = entry.tax_category_code, normal(entry.tax_category_code), entry.tax_category_rate
    where, given = f"{pointer}/tax_category_rate", shown(rate)
    if (rate is None) != (raw in _UNTAXED):
        yield from case.broken("ibr-119-ae", where, actual=given)
    if rate is not None and code in _UNTAXED:
        number = "ibr-121-ae" if code == "E" else "aligned-ibrp-o-11-ae"
        yield from case.broken(number, where, expected="no rate", actual=given)
    if code == "Z" and not is_nothing(rate):
        yield from case.broken("ibr-120-ae", where, expected="0", actual=given)


def _margin(case: AeCase, pointer: str, entry: TaxBreakdown) -> Faults:
    taxable, charged = entry.tax_category_taxable_amount, entry.tax_category_tax_amount
    rate = entry.tax_category_rate
    if taxable is None or charged is None:
        return
    sold = case.sold("N", rate)
    if rate is None or not sold.of_lines or abs(taxable - sold.lines) > _SLACK:
        yield from based(case, "ibr-102-ae", pointer, taxable, "N", rate, lines_only=True)
    if not is_nothing(charged):
        due = f"{pointer}/tax_category_tax_amount"
        fix = ({"op": "replace", "path": due, "value": "0"},)
        yield from case.broken("ibr-108-ae", due, expected="0", actual=shown(charged), fix=fix)
