"""Tax categories: which may be used, how their breakdown follows, what rates they have."""

from decimal import Decimal
from typing import Final

from tallystick.canonical import Step, TaxBreakdown
from tallystick.rules.case import halves_up, normal, shown
from tallystick.rules.pint.case import Faults

from .case import AeCase, is_nothing

__all__ = ["tax"]

_CATEGORIES: Final = frozenset({"S", "E", "O", "AE", "Z", "N"})
_OUT_OF_SCOPE: Final = frozenset({"E", "O", "Z"})
_UNTAXED: Final = frozenset({"E", "O"})
_STANDARD_RATE: Final = Decimal(5)
_SLACK: Final = Decimal("0.02")
_ONCE: Final = (("E", "aligned-ibrp-e-01"), ("O", "aligned-ibrp-o-01"), ("Z", "aligned-ibrp-z-01"))
_REASONS: Final = ("exemption_reason_code", "exemption_reason_text")
_EXACT: Final = {
    "E": ("aligned-ibrp-e-08", "aligned-ibrp-e-09"),
    "Z": ("aligned-ibrp-z-08", "aligned-ibrp-z-09"),
    "O": ("aligned-ibrp-o-08", "aligned-ibrp-o-09"),
    "AE": ("aligned-ibrp-ae-08-ae", "aligned-ibrp-ae-09-ae"),
}


def tax(case: AeCase) -> Faults:
    """All rules about categories and the breakdown."""
    yield from _known(case)
    yield from _broken_down(case)
    yield from _kinds(case)
    for index, entry in enumerate(case.invoice.tax_breakdown):
        pointer = f"/tax_breakdown/{index}"
        yield from _rate(case, pointer, entry)
        yield from _amounts(case, pointer, entry)


def _known(case: AeCase) -> Faults:
    for pointer, code in _places(case):
        if normal(code) not in _CATEGORIES:
            expected = " or ".join(sorted(_CATEGORIES))
            yield from case.broken("ibr-139-ae", pointer, expected=expected, actual=code)


def _places(case: AeCase) -> list[tuple[str, str]]:
    """Pointer and code of every category that is written."""
    invoice = case.invoice
    places = [(f"/lines/{i}/tax/category_code", one.tax.category_code) for i, one in enumerate(invoice.lines)]
    places += [(f"{pointer}/tax_category_code", one.tax_category_code) for pointer, one in case.documents()]
    entries = enumerate(invoice.tax_breakdown)
    return places + [(f"/tax_breakdown/{i}/tax_category_code", one.tax_category_code) for i, one in entries]


def _broken_down(case: AeCase) -> Faults:
    used, stated = [normal(one) for one in case.used], [normal(one) for one in case.broken_down]
    for category, number in _ONCE:
        if category in (*used, *stated) and stated.count(category) != 1:
            yield from _entries(case, number, category, stated, "one entry")
    if ("S" in used) != ("S" in stated):
        yield from _entries(case, "aligned-ibrp-s-01", "S", stated, "entries where there are lines")
    if "AE" in used and "AE" not in stated:
        yield from _entries(case, "aligned-ibrp-ae-01-ae", "AE", stated, "an entry")
    documents = [normal(one.tax_category_code) for _, one in case.documents()]
    if "N" in (*documents, *stated) and case.broken_down.count("N") != 1:
        yield from _entries(case, "ibr-105-ae", "N", stated, "one entry")


def _entries(case: AeCase, number: str, category: str, stated: list[str], expected: str) -> Faults:
    actual = f"{stated.count(category)} of category {category}"
    yield from case.broken(number, "/tax_breakdown", expected=expected, actual=actual)


def _kinds(case: AeCase) -> Faults:
    codes = [normal(code) for _, code in _places(case)]
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
    if rate is None and code not in _UNTAXED:
        yield from case.broken("aligned-ibrp-048", where)
    if (rate is None) != (raw in _UNTAXED):
        yield from case.broken("ibr-119-ae", where, actual=given)
    if rate is not None and code in _UNTAXED:
        number = "ibr-121-ae" if code == "E" else "aligned-ibrp-o-11-ae"
        yield from case.broken(number, where, expected="no rate", actual=given)
    if code == "Z" and not is_nothing(rate):
        yield from case.broken("ibr-120-ae", where, expected="0", actual=given)


def _amounts(case: AeCase, pointer: str, entry: TaxBreakdown) -> Faults:
    code = normal(entry.tax_category_code)
    taxable, charged = entry.tax_category_taxable_amount, entry.tax_category_tax_amount
    if taxable is None or charged is None:
        return
    base, due = f"{pointer}/tax_category_taxable_amount", f"{pointer}/tax_category_tax_amount"
    if code in _EXACT:
        of_base, of_tax = _EXACT[code]
        sold = case.taxable(code)
        if taxable != sold:
            yield from _base(case, of_base, base, taxable, sold)
        if charged != 0:
            yield from case.broken(of_tax, due, expected="0", actual=shown(charged))
    elif code == "S":
        yield from _standard(case, pointer, entry, taxable, charged)
    elif code == "N":
        rate = entry.tax_category_rate
        sold = case.taxable("N", rate, lines_only=True) if rate is not None else Decimal(0)
        if not case.sells("N", rate, lines_only=True) or abs(taxable - sold) > _SLACK:
            yield from _base(case, "ibr-102-ae", base, taxable, sold)
        if not is_nothing(charged):
            yield from case.broken("ibr-108-ae", due, expected="0", actual=shown(charged))


def _standard(case: AeCase, pointer: str, entry: TaxBreakdown, taxable: Decimal, charged: Decimal) -> Faults:
    rate = entry.tax_category_rate
    base, due = f"{pointer}/tax_category_taxable_amount", f"{pointer}/tax_category_tax_amount"
    sold = case.taxable("S", rate) if rate is not None else Decimal(0)
    # of a category with document allowances or charges the rule also accepts these without any lines
    amounts = [sold, case.adjusted("S", rate)] if case.adjusts("S", rate) else [sold]
    if not case.sells("S", rate) or all(abs(taxable - amount) > _SLACK for amount in amounts):
        yield from _base(case, "aligned-ibrp-s-08", base, taxable, sold)
    expected = halves_up(abs(taxable) * (rate or 0) / 100)
    if rate is None or abs(abs(charged) - expected) > _SLACK:
        step = Step(
            "taxable amount times rate, rounded to cents", (shown(taxable), shown(rate)), shown(expected)
        )
        yield from case.broken(
            "aligned-ibrp-s-09", due, expected=shown(expected), actual=shown(charged), calculation=(step,)
        )
    if entry.exemption_reason_text is not None or entry.exemption_reason_code is not None:
        given = [name for name in _REASONS if getattr(entry, name) is not None]
        fix = tuple({"op": "remove", "path": f"{pointer}/{name}"} for name in given)
        yield from case.broken("aligned-ibrp-s-10", f"{pointer}/{given[0]}", fix=fix)


def _base(case: AeCase, number: str, pointer: str, taxable: Decimal, sold: Decimal) -> Faults:
    step = Step("lines plus charges less allowances of the category", (), shown(sold))
    given = shown(taxable)
    yield from case.broken(number, pointer, expected=shown(sold), actual=given, calculation=(step,))
