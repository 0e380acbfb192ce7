"""Tax categories as most countries' versions of PINT judge them, under numbers that differ by their ends.

A rule is `aligned-ibrp-<category>-<place>` with the country's ending; one that the country does not have is
not in its table, so nothing comes of it.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

from tallystick.canonical import Step, TaxBreakdown
from tallystick.rules.case import halves_up, normal, shown
from tallystick.rules.pint.case import Faults, PintCase

__all__ = ["ANY", "NONE", "POSITIVE", "ZERO", "Categories", "based", "categories", "taxed"]

POSITIVE: Final = "more than 0"
ZERO: Final = "0"
NONE: Final = "no rate"
ANY: Final = "a rate"

_STANDARD: Final = "S"
_OUTSIDE: Final = "O"
_MOST_SHOWN: Final = 40
_REASONS: Final = ("exemption_reason_code", "exemption_reason_text")


class Categories(Struct, frozen=True, kw_only=True):
    """How a country uses tax categories.

    `endings` are its categories, each with what the numbers of its rules end with, `listed` the number of the
    rule that names them. `once` have exactly one entry in the breakdown, as soon as they are used; `rateless`
    need no rate there, which the rule `rated` asks of all others. `of_lines` says what rate a line has where
    that is not what an allowance has: S more than zero, O none, all others zero. `slack` is how far an entry
    of S may be off, inclusively. `spelled` are numbers that the publisher spelled against his own habit.
    """

    endings: Mapping[str, str]
    listed: str
    once: tuple[str, ...]
    rated: str
    rateless: frozenset[str]
    of_lines: Mapping[str, str]
    slack: Decimal
    spelled: Mapping[str, str] = {}

    def number(self, code: str, place: str) -> str:
        """The number of a category's rule."""
        usual = f"aligned-ibrp-{code.lower()}-{place}{self.endings[code]}"
        return self.spelled.get(usual, usual)


def categories(case: PintCase, kinds: Categories) -> Faults:
    """All of it: codes, rates of lines, allowances and charges, and the breakdown's entries."""
    for pointer, code in case.category_places():
        if normal(code) not in kinds.endings:
            expected = " or ".join(sorted(kinds.endings))
            yield from case.broken(kinds.listed, pointer, expected=expected, actual=code)
    yield from _rates(case, kinds)
    yield from _counts(case, kinds)
    for index, entry in enumerate(case.invoice.tax_breakdown):
        yield from _entry(case, kinds, f"/tax_breakdown/{index}", entry)


def _rates(case: PintCase, kinds: Categories) -> Faults:
    for index, line in enumerate(case.invoice.lines):
        code = normal(line.tax.category_code)
        wanted = kinds.of_lines.get(code) or _usual(code)
        yield from _rate(case, kinds, code, "05", f"/lines/{index}/tax/rate", line.tax.rate, wanted)
    for pointer, one in case.documents():
        code = normal(one.tax_category_code)
        place = "06" if pointer.startswith("/allowances") else "07"
        yield from _rate(case, kinds, code, place, f"{pointer}/tax_rate", one.tax_rate, _usual(code))


def _usual(code: str) -> str:
    return {_STANDARD: POSITIVE, _OUTSIDE: NONE}.get(code, ZERO)


def _rate(
    case: PintCase,
    kinds: Categories,
    code: str,
    place: str,
    pointer: str,
    rate: Decimal | None,
    wanted: str,
) -> Faults:
    """A rate that is not there, or that is zero where none should be, has one mend only."""
    if code not in kinds.endings or _fits(rate, wanted):
        return
    fix: tuple[dict[str, str], ...] = ()
    if rate is None and wanted == ZERO:
        fix = ({"op": "add", "path": pointer, "value": ZERO},)
    if rate == 0 and wanted == NONE:
        fix = ({"op": "remove", "path": pointer},)
    number = kinds.number(code, place)
    yield from case.broken(number, pointer, expected=wanted, actual=shown(rate), fix=fix)


def _fits(rate: Decimal | None, wanted: str) -> bool:
    if wanted == NONE or rate is None:
        return wanted == NONE and rate is None
    return wanted == ANY or (rate > 0 if wanted == POSITIVE else rate == 0)


def _counts(case: PintCase, kinds: Categories) -> Faults:
    used, stated = case.used, case.broken_down
    for code in kinds.once:
        if (code in used or code in stated) and stated.count(code) != 1:
            yield from _entries(case, kinds.number(code, "01"), code, "one entry")
    if _STANDARD in kinds.endings and (_STANDARD in used) != (_STANDARD in stated):
        yield from _entries(case, kinds.number(_STANDARD, "01"), _STANDARD, "entries where it is used")
    if _OUTSIDE in kinds.endings and _OUTSIDE in stated:
        yield from _alone(case, kinds)


def _entries(case: PintCase, number: str, code: str, expected: str) -> Faults:
    actual = f"{case.broken_down.count(code)} of category {code}"
    yield from case.broken(number, "/tax_breakdown", expected=expected, actual=actual)


def _alone(case: PintCase, kinds: Categories) -> Faults:
    """What is outside the tax's scope shares no document with anything inside, where a country says so."""
    told: set[str] = set()
    for pointer, raw in case.category_places():
        place = {"tax_breakdown": "11", "lines": "12", "allowances": "13", "charges": "14"}[
            pointer.split("/")[1]
        ]
        if normal(raw) != _OUTSIDE and place not in told:
            told.add(place)
            number = kinds.number(_OUTSIDE, place)
            yield from case.broken(number, pointer, expected=_OUTSIDE, actual=raw)


def _entry(case: PintCase, kinds: Categories, pointer: str, entry: TaxBreakdown) -> Faults:
    code, rate = normal(entry.tax_category_code), entry.tax_category_rate
    if rate is None and code not in kinds.rateless:
        yield from case.broken(kinds.rated, f"{pointer}/tax_category_rate")
    if code not in kinds.endings:
        return
    given = [name for name in _REASONS if getattr(entry, name) is not None]
    if given:
        fix = tuple({"op": "remove", "path": f"{pointer}/{name}"} for name in given)
        yield from case.broken(kinds.number(code, "10"), f"{pointer}/{given[0]}", fix=fix)
    taxable, charged = entry.tax_category_taxable_amount, entry.tax_category_tax_amount
    if taxable is None or charged is None:
        return
    if code == _STANDARD:
        yield from _standard(case, kinds, pointer, rate, taxable, charged)
        return
    sold = case.sold(code).total
    if taxable != sold:
        yield from based(case, kinds.number(code, "08"), pointer, taxable, code)
    if charged != 0:
        due, number = f"{pointer}/tax_category_tax_amount", kinds.number(code, "09")
        fix = ({"op": "replace", "path": due, "value": ZERO},)
        yield from case.broken(number, due, expected=ZERO, actual=shown(charged), fix=fix)


def _standard(
    case: PintCase, kinds: Categories, pointer: str, rate: Decimal | None, taxable: Decimal, charged: Decimal
) -> Faults:
    """Both within the slack; with allowances or charges of the rate the base may also be these alone."""
    sold, slack = case.sold(_STANDARD, rate), kinds.slack
    fits = [abs(taxable - sold.total) <= slack] if sold.of_lines or sold.of_document else []
    if sold.of_document:
        fits.append(abs(taxable - sold.adjusted) <= slack)
    if rate is None or not any(fits):
        yield from based(case, kinds.number(_STANDARD, "08"), pointer, taxable, _STANDARD, rate)
    expected = halves_up(abs(taxable) * (rate or 0) / 100)
    if rate is None or abs(abs(charged) - expected) > slack:
        number = kinds.number(_STANDARD, "09")
        yield from taxed(case, number, pointer, taxable, rate, charged, expected)


def taxed(
    case: PintCase,
    number: str,
    pointer: str,
    taxable: Decimal,
    rate: Decimal | None,
    charged: Decimal,
    expected: Decimal,
) -> Faults:
    """The tax of an entry does not follow from its taxable amount, whose sign it has."""
    where = f"{pointer}/tax_category_tax_amount"
    right = shown(-expected if taxable < 0 and expected else expected)
    how = "BT-116 times BT-119 / 100, without its sign rounded to cents"
    step = Step(how, (shown(taxable), shown(rate)), right)
    fix = () if rate is None else ({"op": "replace", "path": where, "value": right},)
    yield from case.broken(number, where, expected=right, actual=shown(charged), calculation=(step,), fix=fix)


def based(
    case: PintCase,
    number: str,
    pointer: str,
    taxable: Decimal,
    code: str,
    rate: Decimal | None = None,
    *,
    lines_only: bool = False,
) -> Faults:
    """The taxable amount of an entry is not what was sold of its category (and rate).

    Where nothing was sold no amount would be right, so none is offered.
    """
    sold = case.sold(code, rate) if rate is not None or code != _STANDARD else None
    right = Decimal(0) if sold is None else sold.lines if lines_only else sold.total
    sums = [] if sold is None else sold.parts
    parts = [shown(part) for part in sums[:_MOST_SHOWN]]
    if len(sums) > _MOST_SHOWN:
        parts.append(f"… and {len(sums) - _MOST_SHOWN} more")
    how = "BT-131" if lines_only else "BT-131 + BT-99 - BT-92"
    at = "" if rate is None else f" at {shown(rate)} %"
    step = Step(f"the sum of {how} of category {code}{at}", tuple(parts), shown(right))
    where, some = f"{pointer}/tax_category_taxable_amount", bool(sold and sold.of_lines)
    fix = ({"op": "replace", "path": where, "value": shown(right)},) if some else ()
    yield from case.broken(
        number, where, expected=shown(right), actual=shown(taxable), calculation=(step,), fix=fix
    )
