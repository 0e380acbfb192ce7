"""Reading back: by registration number, by document, the rejected, a taxpayer, whether the portal is up."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tallystick.sandbox.irp.answers import Refused, Reply
from tallystick.sandbox.irp.call import Call
from tallystick.sandbox.irp.clock import written
from tallystick.sandbox.irp.judge.customs import Taxpayer
from tallystick.sandbox.irp.judge.finding import day
from tallystick.sandbox.irp.portal import PORTALS
from tallystick.sandbox.irp.records import Identity, Record, fiscal_year
from tallystick.sandbox.irp.registering import shown

if TYPE_CHECKING:
    from tallystick.sandbox.irp.desk import Desk

__all__ = ["by_document", "by_number", "own_record", "rejected", "synchronised", "taxpayer"]

_NUMBER = re.compile(r"[0-9a-fA-F]{64}")
_TAXPAYER = re.compile(r"[0-9]{2}[0-9A-Z]{13}")


def own_record(desk: Desk, call: Call, irn: str, *, unknown: str, foreign: str) -> Record:
    """The registration under a number, if this portal holds it and it is the caller's. Raises Refused.

    The two public portals reach each other's with the header `irp`.
    """
    if not _NUMBER.fullmatch(irn):
        raise Refused("2145")
    record = desk.records(call.portal).by_irn(irn.lower())
    reachable = {call.portal.name.split("-")[0]}
    sister = call.headers.get("irp", "").lower()
    if sister in ("nic1", "nic2") and reachable <= {"nic1", "nic2"}:
        reachable = {sister}
    if record is None or record.portal.split("-")[0] not in reachable:
        raise Refused(unknown)
    if call.gstin not in (record.identity.gstin, record.operator):
        raise Refused(foreign)
    return record


def _served(desk: Desk, call: Call, record: Record) -> Reply:
    age = desk.clock.now() - record.ack_dt
    if age > timedelta(days=call.portal.habits.read_days):
        raise Refused("2283")
    return Reply(shown(desk, record))


def by_number(desk: Desk, call: Call) -> Reply:
    """The registration under a number, for three days."""
    return _served(desk, call, own_record(desk, call, call.path, unknown="2148", foreign="2226"))


def by_document(desk: Desk, call: Call) -> Reply:
    """The registration of a document: `doctype`, `docnum`, `docdate` in the query, or as headers."""
    kind, number, said = (
        call.query.get(name) or call.headers.get(name, "") for name in ("doctype", "docnum", "docdate")
    )
    if not (kind and number and said):
        raise Refused("3009")
    when = day(said)
    if when is None:
        raise Refused("2144", "the document's date is malformed")
    supplier = call.headers.get("sup_gstin") or call.gstin
    irn = Identity(supplier, fiscal_year(when), kind.upper(), number.upper()).irn
    return _served(desk, call, own_record(desk, call, irn, unknown="2148", foreign="2226"))


def rejected(desk: Desk, call: Call) -> Reply:
    """Numbers that lost to another portal on a day (`date`, dd/mm/yyyy): a list, or 3001 if none."""
    when = day(call.query.get("date") or call.headers.get("date", ""))
    if when is None:
        raise Refused("3009", "date is missing or malformed")
    found = [
        _lost(record)
        for record in desk.records(call.portal).all()
        if record.rejected is not None
        and record.rejected.date() == when
        and record.portal == call.portal.name
        and record.identity.gstin == call.gstin
    ]
    if not found:
        raise Refused("3001")
    return Reply(found)


def _lost(record: Record) -> dict[str, Any]:
    return {
        "Irn": record.irn,
        "AckNo": record.ack_no,
        "AckDt": written(record.ack_dt),
        "DocTyp": record.identity.kind,
        "DocNo": record.identity.number,
        "Status": record.status,
        "RegIrp": record.first_at or PORTALS["nic2"][0],
        "RejectedDt": None if record.rejected is None else written(record.rejected),
    }


def taxpayer(desk: Desk, call: Call) -> Reply:
    """A line of the registry; anybody well-formed is active unless the sandbox was told otherwise."""
    gstin = call.path
    if not _TAXPAYER.fullmatch(gstin):
        raise Refused("3030")
    known = call.portal.taxpayers.get(gstin) or Taxpayer(gstin)
    if not known.status:
        raise Refused("3028")
    name = known.legal_name or f"Taxpayer {gstin[2:12]}"
    return Reply(
        {
            "Gstin": gstin,
            "TradeName": known.trade_name or name,
            "LegalName": name,
            "AddrBnm": "",
            "AddrBno": "1",
            "AddrFlno": "",
            "AddrSt": "Main Road",
            "AddrLoc": "Town",
            "StateCode": int(gstin[:2]),
            "AddrPncd": 0,
            "TxpType": known.kind,
            "Status": known.status,
            "BlkStatus": "U",
            "DtReg": _iso(known.registered),
            "DtDReg": _iso(known.deregistered),
        }
    )


def _iso(said: str) -> str | None:
    when = day(said)
    return None if when is None else when.isoformat()


def synchronised(desk: Desk, call: Call) -> Reply:
    """Ask the tax portal anew, then answer as `taxpayer` does."""
    known = call.portal.taxpayers.get(call.path)
    if known is not None and known.later:
        known.status, known.later = known.later, ""
    return taxpayer(desk, call)
