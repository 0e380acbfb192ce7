"""E-way bills: what transport needs, how long a bill is good for, and its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tallystick.sandbox.irp.codes import said
from tallystick.sandbox.irp.judge.finding import block, day, items, number, state, text
from tallystick.sandbox.irp.records import Bill, Record

if TYPE_CHECKING:
    from tallystick.sandbox.irp.answers import Info
    from tallystick.sandbox.irp.desk import Desk

__all__ = ["bill_for", "distance_between", "failed", "transport_of", "transport_troubles"]

_KM_A_DAY, _KM_A_DAY_ODC = 200, 20
_FARTHEST = 4000
_ABROAD = 999999
_VEHICLE = re.compile(r"[A-Za-z]{2}[A-Za-z0-9]{4,13}")
_TRANSPORTER = re.compile(r"[0-9]{2}[0-9A-Z]{13}")


def transport_of(document: dict[str, Any]) -> dict[str, Any]:
    """The transport block of a document; empty when no bill is wanted."""
    return block(document, "EwbDtls")


def failed(codes: list[str]) -> list[dict[str, str]]:
    """What EWBERR lists."""
    return [{"ErrorCode": code, "ErrorMessage": said(code)} for code in codes]


def distance_between(first: int, second: int) -> int:
    """Kilometres between two postal codes, as far as this portal knows: the same for the same pair."""
    return max(1, min(3000, abs(first - second) // 100 + 11))


def bill_for(
    desk: Desk, record: Record, wanted: dict[str, Any], now: datetime
) -> tuple[list[str], list[Info]]:
    """Make the bill, or say why not; and what the portal adds to it."""
    document = record.document
    troubles = list(dict.fromkeys(_troubles(document, wanted, now.date())))
    if troubles:
        return troubles, []
    kilometres, infos = int(number(wanted, "Distance")), []
    if not kilometres:
        kilometres = distance_between(*_ends(document, wanted))
        infos.append(("EWBPPD", f"Pin-Pin calc distance: {kilometres}KM"))
    moving = bool(text(wanted, "TransMode"))
    daily = _KM_A_DAY_ODC if text(wanted, "VehType") == "O" else _KM_A_DAY
    last = now + timedelta(days=-(-kilometres // daily))
    until = last.replace(hour=23, minute=59, second=0) if moving else None
    details = {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in wanted.items()
        if isinstance(value, (str, Decimal))
    }
    record.bills.append(Bill(desk.bill_no(record), now, until, {**details, "Distance": kilometres}))
    return [], infos


def _troubles(document: dict[str, Any], wanted: dict[str, Any], today: date) -> Iterator[str]:
    transport = list(transport_troubles(document, wanted, today))
    if transport:
        yield from transport
        return
    if text(block(document, "DocDtls"), "Typ") != "INV":
        yield "4010"
    elif all(text(line, "IsServc") == "Y" for line in items(document)):
        yield "4009"
    yield from _places(document, wanted)


def transport_troubles(document: dict[str, Any], wanted: dict[str, Any], today: date) -> Iterator[str]:
    """What is missing for the mode of transport."""
    mode, vehicle, paper = (text(wanted, name) for name in ("TransMode", "VehNo", "TransDocNo"))
    transporter = text(wanted, "TransId")
    if transporter and not _TRANSPORTER.fullmatch(transporter):
        yield "4018"
    if mode not in ("1", "2", "3", "4"):
        if vehicle or (paper and not transporter):
            yield "4028"
        elif not transporter:
            yield "4019"
        return
    yield from _vehicle(mode, vehicle, text(wanted, "VehType"), paper)
    yield from _paper(mode, paper, text(wanted, "TransDocDt"), document, today)


def _vehicle(mode: str, vehicle: str, kind: str, paper: str) -> Iterator[str]:
    if mode == "1" and not vehicle:
        yield "4011"
    if mode == "1" and not kind:
        yield "4022"
    if mode == "4" and not (vehicle or paper):
        yield "4040"
    if vehicle and not _VEHICLE.fullmatch(vehicle):
        yield "4014"
    if kind not in ("", "R", "O"):
        yield "4020"
    if kind == "O" and mode in ("2", "3"):
        yield "4024"
    if kind == "R" and mode == "4":
        yield "4039"


def _paper(mode: str, paper: str, dated: str, document: dict[str, Any], today: date) -> Iterator[str]:
    if mode in ("2", "3") and not paper:
        yield "4012"
    if not dated:
        if mode in ("2", "3"):
            yield "4023"
        return
    when, invoice = day(dated), day(text(block(document, "DocDtls"), "Dt"))
    if when is None:
        yield "4017"
    elif when > today:
        yield "4016"
    elif invoice is not None and when < invoice:
        yield "4021"


def _ends(document: dict[str, Any], wanted: dict[str, Any]) -> tuple[int, int]:
    start = block(wanted, "DispDtls") or block(document, "DispDtls") or block(document, "SellerDtls")
    target = block(wanted, "ExpShipDtls") or block(document, "ShipDtls") or block(document, "BuyerDtls")
    return int(number(start, "Pin")), int(number(target, "Pin"))


def _places(document: dict[str, Any], wanted: dict[str, Any]) -> Iterator[str]:
    distance = number(wanted, "Distance")
    start, target = _ends(document, wanted)
    if distance > _FARTHEST or distance < 0:
        yield "4038"
    ship = block(wanted, "ExpShipDtls") or block(document, "ShipDtls")
    if text(block(document, "TranDtls"), "SupTyp").startswith("EXP"):
        if not ship:
            yield "4031"
        elif state(ship, "Stcd") == "96":
            yield "4032"
        elif target == _ABROAD:
            yield "4033"
    leaving = block(wanted, "DispDtls") or block(document, "DispDtls")
    if state(leaving, "Stcd") == "96":
        yield "4035"
    elif start == _ABROAD:
        yield "4036"
    if not distance and start == target:
        yield "4029"
