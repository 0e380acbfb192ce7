"""The desk behind all portals: one clock, one set of registrations for each environment, one journal.

Whatever must be known after a restart is in the journal: registrations with their tokens, cancellations,
e-way bills, users, taxpayers, habits, the clock. Sessions are not: a restart ends them, as it would there.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from tallystick.sandbox.faults import FaultBook
from tallystick.sandbox.irp.accounts import User
from tallystick.sandbox.irp.call import Call
from tallystick.sandbox.irp.clock import Clock, moment, written
from tallystick.sandbox.irp.judge.binding import bound
from tallystick.sandbox.irp.judge.customs import Taxpayer
from tallystick.sandbox.irp.keys import Keys
from tallystick.sandbox.irp.portal import PORTALS, PRODUCTION, Portal, portal_named
from tallystick.sandbox.irp.records import Bill, Identity, Record, Records
from tallystick.sandbox.journal import Journal

__all__ = ["DIALECT", "Desk"]

DIALECT = "irp"
_UNANSWERED = frozenset({"drop", "garbage", "html", "empty", "truncated"})
_RUNNING = 10**11
"""The last eleven digits of acknowledgements and e-way bills count up."""


class Desk:
    """All portals. `folder`: where their keys are kept, None for keys that end with the process."""

    def __init__(self, journal: Journal, faults: FaultBook, folder: Path | None) -> None:
        self.begin(journal, faults, folder)

    def begin(self, journal: Journal, faults: FaultBook, folder: Path | None) -> None:
        """Forget everything and begin with what a journal tells."""
        self.journal = journal
        self.faults = faults
        self.clock = Clock()
        self.keys = Keys(folder)
        self.turns = 0
        self._portals: dict[str, Portal] = {}
        self._records = {"sandbox": Records(), "production": Records()}
        for event in journal.events:
            if event.get("authority") == DIALECT:
                self._recall(event)

    @property
    def names(self) -> list[str]:
        """Every portal there is."""
        return [name + suffix for suffix in ("", PRODUCTION) for name in PORTALS]

    def portal(self, name: str) -> Portal:
        """A portal by its name. Raises KeyError."""
        if name not in self._portals:
            made = portal_named(name)
            if made is None:
                raise KeyError(name)
            self._portals[name] = made
        return self._portals[name]

    def records(self, portal: Portal) -> Records:
        """What is registered in the portal's environment."""
        return self._records[portal.environment]

    def ack_no(self, portal: Portal) -> int:
        """The next acknowledgement: fifteen digits, the first one the portal's."""
        year = self.clock.now().year % 100
        return (portal.digit * 1000 + 100 + year) * _RUNNING + self.records(portal).next_number()

    def bill_no(self, record: Record) -> int:
        """The next e-way bill's number, twelve digits."""
        portal = self.portal(record.portal)
        return portal.digit * _RUNNING + self.records(portal).next_number()

    def turn(self) -> int:
        """Counts up: for what shall come out differently each time."""
        self.turns += 1
        return self.turns

    def note(self, call: Call, event: str, **facts: Any) -> None:
        """Journal one exchange; it has reached the disk when this returns."""
        fault = call.fault
        answered = fault is None or not (fault.kind in _UNANSWERED or fault.kind.isdigit())
        call.noted = True
        self.journal.write(
            {
                "event": event,
                "dialect": DIALECT,
                "authority": DIALECT,
                "portal": call.portal.name,
                "environment": call.portal.environment,
                "operation": call.operation,
                "sender": call.gstin.encode("utf-8", "replace").decode()[:32],
                "fault": "" if fault is None else fault.text,
                "answered": answered,
                **facts,
            }
        )

    def note_record(self, call: Call, event: str, record: Record, **facts: Any) -> None:
        """Journal what happened to a registration."""
        number = record.identity.number
        self.note(call, event, instance_id=record.irn, irn=record.irn, number=number, **facts)

    def note_bill(self, call: Call, record: Record, bill: Bill) -> None:
        """Journal an e-way bill that was made for a number."""
        self.note_record(call, "bill", record, verdict="accepted", bill=_kept(bill))

    def remember(self, call: Call, record: Record, troubles: list[str]) -> None:
        """Journal a registration, then hold it."""
        self.note_record(
            call,
            "processed",
            record,
            verdict="accepted",
            sha256=record.sha256,
            document_sha256=record.sha256,
            size=len(call.raw),
            receiver=record.buyer,
            doc_type=record.identity.kind,
            year=record.identity.year,
            gstin=record.identity.gstin,
            ack_no=record.ack_no,
            ack_dt=written(record.ack_dt),
            signed_invoice=record.signed_invoice,
            signed_qr=record.signed_qr,
            bills=[_kept(bill) for bill in record.bills],
            rules=troubles,
        )
        self.records(call.portal).add(record)

    def forced_bill_errors(self, call: Call) -> Iterable[str]:
        """The e-way bill's error that an order `answer:ewb-NNNN` names."""
        fault = call.fault
        if fault is not None and fault.kind == "answer" and fault.argument.startswith("ewb-"):
            yield fault.argument.removeprefix("ewb-")

    def reject(self, irn: str, environment: str, first_at: str) -> bool:
        """Another portal was first: the number is rejected here. False when it is not in force."""
        record = self._records[environment].by_irn(irn)
        if record is None or record.status != "ACT":
            return False
        facts = {"irn": irn, "instance_id": irn, "first_at": first_at, "verdict": "rejected"}
        self.configure("rejected", record.portal, moment=written(self.clock.now()), **facts)
        return True

    def configure(self, event: str, portal: str, **facts: Any) -> None:
        """Journal a change from outside the interface, then make it."""
        environment = self.portal(portal).environment
        said = {"event": event, "dialect": DIALECT, "authority": DIALECT}
        self._recall(self.journal.write({**said, "portal": portal, "environment": environment, **facts}))

    def _recall(self, event: dict[str, Any]) -> None:
        """Bring the memory to where it was after this event."""
        portal, kind = self.portal(event["portal"]), event["event"]
        records = self.records(portal)
        if kind == "processed":
            records.add(_restored(event))
            records.at_least(event["ack_no"] % _RUNNING)
            for bill in event["bills"]:
                records.at_least(bill["number"] % _RUNNING)
        elif kind in ("cancelled", "rejected", "bill", "bill_cancelled"):
            record = records.by_irn(event["irn"])
            if record is not None:
                _happened(record, event)
                records.at_least(event.get("bill", {}).get("number", 0) % _RUNNING)
        elif kind == "clock":
            self.clock.offset = event["offset"]
        else:
            _configured(portal, event)


def _configured(portal: Portal, event: dict[str, Any]) -> None:
    kind = event["event"]
    if kind == "client":
        portal.accounts.put_client(event["client_id"], event["secret"])
    elif kind == "user":
        portal.accounts.put_user(msgspec.convert(event["user"], User))
    elif kind == "taxpayer":
        known = msgspec.convert(event["taxpayer"], Taxpayer)
        portal.taxpayers[known.gstin] = known
    elif kind == "habits":
        for name, value in event["habits"].items():
            _habit(portal, name, value)


def _habit(portal: Portal, name: str, value: Any) -> None:
    if name == "floor":
        portal.habits.floor = None if value is None else date.fromisoformat(value)
    elif name in ("life", "renewal_revokes"):
        setattr(portal.sessions, name, value)
    elif name == "renewal_window":
        portal.sessions.window = value
    elif name in ("lock_after", "open"):
        setattr(portal.accounts, name, value)
    else:
        setattr(portal.habits, name, value)


def _kept(bill: Bill) -> dict[str, Any]:
    return {
        "number": bill.number,
        "made": written(bill.made),
        "valid_until": None if bill.valid_until is None else written(bill.valid_until),
        "details": bill.details,
    }


def _bill(kept: dict[str, Any]) -> Bill:
    until = kept["valid_until"]
    return Bill(
        kept["number"], moment(kept["made"]), None if until is None else moment(until), kept["details"]
    )


def _restored(event: dict[str, Any]) -> Record:
    claims = event["signed_invoice"].split(".")[1]
    data = msgspec.json.decode(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["data"]
    return Record(
        identity=Identity(event["gstin"], event["year"], event["doc_type"], event["number"]),
        portal=event["portal"],
        sha256=event["sha256"],
        buyer=event["receiver"],
        ack_no=event["ack_no"],
        ack_dt=moment(event["ack_dt"]),
        signed_invoice=event["signed_invoice"],
        signed_qr=event["signed_qr"],
        document={name: value for name, value in bound(data.encode()).items() if name != "Irn"},
        bills=[_bill(one) for one in event["bills"]],
    )


def _happened(record: Record, event: dict[str, Any]) -> None:
    kind = event["event"]
    if kind == "bill":
        record.bills.append(_bill(event["bill"]))
    elif kind == "bill_cancelled":
        for bill in record.bills:
            if bill.number == event["ewb_no"]:
                bill.cancelled = moment(event["moment"])
    elif kind == "cancelled":
        record.status, record.cancelled = "CNL", moment(event["moment"])
    else:
        record.status, record.rejected = "REJ", moment(event["moment"])
        record.first_at = event["first_at"]
