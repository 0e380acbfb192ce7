"""Ending things: a registration within its day, an e-way bill within its own; and e-way bills for numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tallystick.sandbox.irp.answers import Refused, Reply
from tallystick.sandbox.irp.bills import bill_for, failed
from tallystick.sandbox.irp.call import Call
from tallystick.sandbox.irp.clock import to_minute, written
from tallystick.sandbox.irp.judge.binding import Unbound, bound_block
from tallystick.sandbox.irp.judge.fields import BILL_REQUEST
from tallystick.sandbox.irp.judge.shape import breaches
from tallystick.sandbox.irp.reading import own_record

if TYPE_CHECKING:
    from tallystick.sandbox.irp.desk import Desk

__all__ = ["bill_details", "cancel", "cancel_bill", "make_bill"]

_REASONS = ("1", "2", "3", "4")
_LONGEST_REMARK = 100
_DAY = timedelta(hours=24)


def cancel(desk: Desk, call: Call) -> Reply:
    """`Irn`, `CnlRsn`, `CnlRem`: within 24 hours, whole, not while an e-way bill lives."""
    reason, remark = call.text("CnlRsn"), call.text("CnlRem")
    irn = call.text("Irn")
    if reason not in _REASONS or not 1 <= len(remark) <= _LONGEST_REMARK:
        raise Refused("2142", "CnlRsn must be 1 to 4 and CnlRem must have 1 to 100 characters")
    record = own_record(desk, call, irn, unknown="2154", foreign="2143")
    if record.status != "ACT":
        raise Refused("9999")
    now = desk.clock.now()
    if now - record.ack_dt > timedelta(hours=call.portal.habits.cancel_hours):
        raise Refused("2270")
    if record.bill is not None:
        raise Refused("2230")
    at = to_minute(now)
    desk.note_record(call, "cancelled", record, verdict="cancelled", moment=written(at), reason=reason)
    record.status, record.cancelled = "CNL", at
    return Reply({"Irn": record.irn, "CancelDate": written(at)})


def make_bill(desk: Desk, call: Call) -> Reply:
    """An e-way bill for a registration number."""
    try:
        wanted = bound_block(call.raw, BILL_REQUEST)
    except Unbound as error:
        raise Refused("2140", str(error)) from error
    broken = list(breaches(wanted, BILL_REQUEST))
    if broken:
        return Reply(errors=[(one.code, one.message) for one in broken])
    record = own_record(desk, call, call.text("Irn"), unknown="4003", foreign="4037")
    if record.status != "ACT":
        raise Refused("4000")
    if record.bill is not None:
        raise Refused("4002")
    now = desk.clock.now().replace(microsecond=0)
    troubles, infos = bill_for(desk, record, wanted, now)
    if troubles:
        return Reply(errors=[(one["ErrorCode"], one["ErrorMessage"]) for one in failed(troubles)])
    bill = record.bills[-1]
    desk.note_bill(call, record, bill)
    until = None if bill.valid_until is None else written(bill.valid_until)
    data = {"EwbNo": bill.number, "EwbDt": written(bill.made), "EwbValidTill": until, "Remarks": None}
    return Reply(data, infos=infos)


def bill_details(desk: Desk, call: Call) -> Reply:
    """The last e-way bill of a registration number, with what is printed on it."""
    record = own_record(desk, call, call.path, unknown="4003", foreign="4037")
    if not record.bills:
        raise Refused("4005")
    bill = record.bills[-1]
    return Reply(
        {
            "EwbNo": bill.number,
            "Status": "ACT" if bill.cancelled is None else "CNL",
            "GenGstin": record.identity.gstin,
            "EwbDt": written(bill.made),
            "EwbValidTill": None if bill.valid_until is None else written(bill.valid_until),
            **{name: value for name, value in bill.details.items() if name != "Irn"},
        }
    )


def cancel_bill(desk: Desk, call: Call) -> Reply:
    """`ewbNo`, `cancelRsnCode`, `cancelRmrk`: within 24 hours of the bill."""
    if call.text("cancelRsnCode") not in _REASONS:
        raise Refused("4059")
    said = call.text("ewbNo")
    found = desk.records(call.portal).bill(int(said)) if said.isascii() and said.isdigit() else None
    if found is None or found[0].identity.gstin != call.gstin or found[1].cancelled is not None:
        raise Refused("4057")
    record, bill = found
    now = desk.clock.now()
    if now - bill.made > _DAY:
        raise Refused("4055")
    at = to_minute(now)
    desk.note_record(
        call, "bill_cancelled", record, verdict="accepted", ewb_no=bill.number, moment=written(at)
    )
    bill.cancelled = at
    return Reply({"ewayBillNo": str(bill.number), "cancelDate": written(at)})
