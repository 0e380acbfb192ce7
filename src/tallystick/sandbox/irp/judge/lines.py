"""The lines apart from their sums: goods and services, units, tariff codes, rates, which tax is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tallystick.sandbox.irp.judge import masters
from tallystick.sandbox.irp.judge.customs import Customs
from tallystick.sandbox.irp.judge.finding import Finding, items, number, text
from tallystick.sandbox.irp.judge.sums import line_sums
from tallystick.sandbox.irp.judge.supply import Supply

__all__ = ["lines"]

_SHORTEST_TARIFF = 6
_SERVICES = "99"


def lines(document: dict[str, Any], supply: Supply, customs: Customs) -> Iterator[Finding]:
    """Every line, and serial numbers across them."""
    found = items(document)
    serials = Counter(text(line, "SlNo") for line in found)
    repeated = [serial for serial, times in serials.items() if serial and times > 1]
    if repeated:
        yield Finding("2233", "ItemList", f"serial numbers repeat: {len(repeated)}")
    for place, line in enumerate(found):
        path = f"ItemList[{place}]"
        yield from _goods(line, path)
        yield from _tariff(line, path, customs)
        yield from _taxes(line, path, supply)
        yield from line_sums(line, path, supply)


def _goods(line: dict[str, Any], path: str) -> Iterator[Finding]:
    unit = text(line, "Unit")
    if text(line, "IsServc") == "N":
        if "Qty" not in line:
            yield Finding("2238", f"{path}.Qty", "is mandatory for goods")
        if not unit:
            yield Finding("2239", f"{path}.Unit", "is mandatory for goods")
    if unit and unit.upper() not in masters.UNITS:
        yield Finding("2177", f"{path}.Unit", "is not in the master")


def _tariff(line: dict[str, Any], path: str, customs: Customs) -> Iterator[Finding]:
    code = text(line, "HsnCd")
    if code and (text(line, "IsServc") == "Y") != code.startswith(_SERVICES):
        yield Finding("2199", f"{path}.HsnCd", "begins with 99 for services, and only for them")
    if code and customs.strict and (len(code) < _SHORTEST_TARIFF or not masters.heading_known(code)):
        yield Finding("2176", f"{path}.HsnCd", "is not in the master, or has fewer than six digits")
    if "GstRt" in line and number(line, "GstRt") not in masters.RATES:
        yield Finding("2240", f"{path}.GstRt", "is not in the rate master")


def _taxes(line: dict[str, Any], path: str, supply: Supply) -> Iterator[Finding]:
    if supply.split:
        if number(line, "IgstAmt"):
            yield Finding("2172", f"{path}.IgstAmt", "on a supply within a state")
    elif number(line, "CgstAmt") or number(line, "SgstAmt"):
        code = "2180" if supply.export else "2237" if supply.zone else "2174"
        yield Finding(code, f"{path}.CgstAmt", "or SgstAmt where integrated tax is due")
