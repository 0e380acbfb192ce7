"""What was sold and what tax is due on it: codes, units, rates, and the parts of the tax that were stated."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from tallystick import schemas
from tallystick.canonical import Fault, Step

from .case import ZERO, Case
from .codes import OTHER_UNIT, SPECIAL_ZONES, UNITS, WITHOUT_PAYMENT
from .rules import hard
from .tree import Tree

__all__ = ["goods", "tax"]

WITHIN: Final = Decimal(1)
SIX: Final = 6
_TAXES: Final = (
    *("IgstAmt", "CgstAmt", "SgstAmt"),
    *("CesAmt", "CesNonAdvlAmt", "StateCesAmt", "StateCesNonAdvlAmt"),
)
_ON_VALUE: Final = (("2266", "CesAmt", "CesRt"), ("2267", "StateCesAmt", "StateCesRt"))


def _hsn_codes() -> frozenset[str]:
    """The list is written by headings: `0101 21 2100`; a heading that is no code itself stands behind `~`."""
    codes: set[str] = set()
    for row in schemas.path("codelists/in-hsn.txt").read_text(encoding="ascii").splitlines():
        heading, *rest = row.split()
        codes.update(heading.lstrip("~") + one for one in rest)
        if not heading.startswith("~"):
            codes.add(heading)
    return frozenset(codes)


def _rates() -> Mapping[Decimal, tuple[date | None, date | None]]:
    table: list[dict[str, Any]] = tomllib.loads(
        schemas.path("codelists/in-rates.toml").read_text(encoding="utf-8")
    )["rate"]
    return {Decimal(row["percent"]): (row.get("since"), row.get("until")) for row in table}


_HSN: Final = _hsn_codes()
_RATES: Final = _rates()


def goods(case: Case) -> Iterator[Fault]:
    """Every item on its own."""
    for where, item in case.items():
        yield from _codes(case, where, item)
        yield from _rate(case, where, item)
    yield from tax(case)
    discount, total = (
        case.block("ValDtls").get("Discount", ZERO),
        case.block("ValDtls").get("TotInvVal", ZERO),
    )
    if discount and total and discount >= total:
        yield case.fault("2220", "ValDtls.Discount", expected=f"less than {total}", actual=discount)


def tax(case: Case) -> Iterator[Fault]:
    """The parts of every item's tax: which are due, and how much."""
    for where, item in case.items():
        yield from _which_tax(case, where, item)
        yield from _totalled(case, where, item)
        yield from _how_much(case, where, item)


def _codes(case: Case, where: str, item: Tree) -> Iterator[Fault]:
    code = item.get("HsnCd", "")
    if code and len(code) < SIX and case.settings.turnover_above_5_crore:
        fault = case.fault("in/hsn-digits", f"{where}.HsnCd", expected="six or eight digits", actual=code)
        yield hard(fault) if case.production else fault
    if code and code not in _HSN:
        yield case.fault("2176", f"{where}.HsnCd", actual=code)
    index = int(where[len("ItemList[") : -1])
    unit = case.invoice.lines[case.wire.lines[index]].unit_of_measure_code
    if item.get("Unit") == OTHER_UNIT and unit not in (OTHER_UNIT, *UNITS.get(OTHER_UNIT, ())):
        yield case.fault(
            "2177", f"{where}.Unit", expected=f"a unit that has a UQC; {OTHER_UNIT} is sent", actual=unit
        )
    gross = item.get("Qty", ZERO) * item.get("UnitPrice", ZERO)
    if abs(item.get("TotAmt", ZERO) - gross) > WITHIN:
        yield case.fault("2192", f"{where}.TotAmt", expected=gross, actual=item.get("TotAmt"))


def _rate(case: Case, where: str, item: Tree) -> Iterator[Fault]:
    rate = item.get("GstRt", ZERO)
    if rate not in _RATES:
        known = ", ".join(str(one) for one in sorted(_RATES))
        yield case.fault("2240", f"{where}.GstRt", expected=f"one of {known}", actual=rate)
        return
    since, until = _RATES[rate]
    issued = case.invoice.issue_date
    if (since and issued < since) or (until and issued > until):
        span = f"in general use {f'from {since}' if since else ''}{f'until {until}' if until else ''}"
        yield case.fault("in/rate-of-its-time", f"{where}.GstRt", expected=span, actual=rate)


def _which_tax(case: Case, where: str, item: Tree) -> Iterator[Fault]:
    """The two halves within a state, the integrated tax otherwise; the halves are equal."""
    central, state = item.get("CgstAmt", ZERO), item.get("SgstAmt", ZERO)
    supply = case.wire.supply
    if central != state:
        yield case.fault("2227", f"{where}.CgstAmt", expected=central, actual=state)
    if not supply.igst:
        if item.get("IgstAmt", ZERO):
            yield case.fault("2172", f"{where}.IgstAmt", expected=0, actual=item["IgstAmt"])
    elif central or state:
        number = "2180" if supply.export else "2237" if supply.kind in SPECIAL_ZONES else "2174"
        yield case.fault(number, f"{where}.CgstAmt", expected=0, actual=central or state)


def _totalled(case: Case, where: str, item: Tree) -> Iterator[Fault]:
    """Every tax that is shown is in the item's total; under reverse charge none need be."""
    shown: Decimal = sum((item.get(name, ZERO) for name in _TAXES), ZERO)
    untaxed = item.get("AssAmt", ZERO) + item.get("OthChrg", ZERO)
    total = item.get("TotItemVal", ZERO)
    left_out = case.block("TranDtls").get("RegRev") == "Y" and near(total, untaxed)
    if not left_out and not near(total, untaxed + shown):
        yield case.fault("2194", f"{where}.TotItemVal", expected=untaxed + shown, actual=total)


def _how_much(case: Case, where: str, item: Tree) -> Iterator[Fault]:
    """Tax follows from value and rate, within the portal's tolerance; notes are not held to it."""
    if case.wire.supply.document != "INV":
        return
    value, rate = item.get("AssAmt", ZERO), item.get("GstRt", ZERO)
    if not case.wire.supply.igst:
        for name in ("CgstAmt", "SgstAmt"):
            if not near(item.get(name, ZERO), value * rate / 200):
                yield _follows(case, "2234", where, name, item, rate / 2)
                break
    elif case.wire.supply.kind in WITHOUT_PAYMENT:
        if item.get("IgstAmt", ZERO):
            yield case.fault("in/tax-without-payment", f"{where}.IgstAmt", expected=0, actual=item["IgstAmt"])
    elif not near(item.get("IgstAmt", ZERO), value * rate / 100):
        yield _follows(case, "2235", where, "IgstAmt", item, rate)
    for number, amount, of in _ON_VALUE:
        if not near(item.get(amount, ZERO), value * item.get(of, ZERO) / 100):
            yield _follows(case, number, where, amount, item, item.get(of, ZERO))


def _follows(case: Case, number: str, where: str, name: str, item: Tree, rate: Decimal) -> Fault:
    value: Decimal = item.get("AssAmt", ZERO)
    exact = value * rate / 100
    step = Step("taxable value x rate / 100", (str(value), str(rate)), str(exact))
    least, most = span(exact)
    return case.fault(
        number,
        f"{where}.{name}",
        expected=f"{exact} (from {least} to {most})",
        actual=item.get(name, ZERO),
        calculation=(step,),
    )


def span(exact: Decimal) -> tuple[Decimal, Decimal]:
    """What the portal takes for an exact amount: a rupee below the whole rupee under it to one above."""
    return exact.to_integral_value(ROUND_FLOOR) - 1, exact.to_integral_value(ROUND_CEILING) + 1


def near(given: Decimal, exact: Decimal) -> bool:
    """Whether the portal takes it for the exact amount."""
    least, most = span(exact)
    return least <= given <= most
