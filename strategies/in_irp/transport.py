"""The e-way bill: what the portal wants to know of the transport. Registered is the invoice all the same."""

from collections.abc import Iterator
from typing import Final

from tallystick.canonical import Fault

from .case import Case

__all__ = ["transport"]

ROAD, RAIL, AIR, SHIP = "1", "2", "3", "4"
_WANTED: Final = (
    ("4011", (ROAD,), ("VehNo",)),
    ("4022", (ROAD,), ("VehType",)),
    ("4012", (RAIL, AIR), ("TransDocNo",)),
    ("4023", (RAIL, AIR), ("TransDocDt",)),
    ("4040", (SHIP,), ("VehNo", "TransDocNo")),
)


def transport(case: Case) -> Iterator[Fault]:
    """What the e-way bill lacks."""
    said = case.block("EwbDtls")
    if not said:
        return
    only_services = all(item.get("IsServc") == "Y" for _, item in case.items())
    if case.wire.supply.document != "INV" or only_services:
        yield case.fault("4010", "EwbDtls", pointer="/regime_data/in/eway_bill")
    mode = said.get("TransMode")
    for number, modes, names in _WANTED:
        if mode in modes and not any(said.get(name) for name in names):
            yield case.fault(number, f"EwbDtls.{names[0]}")
    if mode is None and not said.get("TransId"):
        yield case.fault("4019", "EwbDtls.TransId")
