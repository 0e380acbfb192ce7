"""Generate: judge a document, give it its number, sign it; the e-way bill with it may fail by itself."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from tallystick.sandbox.irp.answers import Refused, Reply
from tallystick.sandbox.irp.bills import bill_for, failed, transport_of
from tallystick.sandbox.irp.call import Call
from tallystick.sandbox.irp.clock import to_minute, written
from tallystick.sandbox.irp.codes import said
from tallystick.sandbox.irp.judge import Customs, Unbound, bound, judged
from tallystick.sandbox.irp.judge.finding import block, day, text
from tallystick.sandbox.irp.records import Identity, Record, fiscal_year
from tallystick.sandbox.irp.sealing import signed
from tallystick.sandbox.irp.tokens import extract, rewritten, upper_number

if TYPE_CHECKING:
    from tallystick.sandbox.irp.desk import Desk

__all__ = ["generate", "identity_of", "shown", "sums"]


def sums(raw: bytes) -> str:
    """What the journal says of a content."""
    return hashlib.sha256(raw).hexdigest()


def identity_of(document: dict[str, Any]) -> Identity | None:
    """The identity, None while a part of it cannot be read."""
    what = block(document, "DocDtls")
    gstin, kind, number = text(block(document, "SellerDtls"), "Gstin"), text(what, "Typ"), text(what, "No")
    when = day(text(what, "Dt"))
    if when is None or not (gstin.isascii() and kind.isascii() and number.isascii() and gstin and number):
        return None
    return Identity(gstin, fiscal_year(when), kind, number.upper())


def shown(desk: Desk, record: Record) -> dict[str, Any]:
    """A registration as answers show it."""
    bill = record.bill
    as_text = desk.portal(record.portal).habits.ack_as_text
    until = bill.valid_until if bill is not None else None
    return {
        "AckNo": str(record.ack_no) if as_text else record.ack_no,
        "AckDt": written(to_minute(record.ack_dt)),
        "Irn": record.irn,
        "SignedInvoice": record.signed_invoice,
        "SignedQRCode": record.signed_qr,
        "Status": record.status,
        "EwbNo": None if bill is None else bill.number,
        "EwbDt": None if bill is None else written(bill.made),
        "EwbValidTill": None if until is None else written(until),
        "Remarks": None,
    }


def generate(desk: Desk, call: Call) -> Reply:
    """One document in, its number and both tokens out. Raises Refused."""
    try:
        document = bound(call.raw)
    except Unbound as error:
        desk.note(call, "refused", verdict="refused", codes=["2140"], **_content(call))
        raise Refused("2140", str(error)) from error
    identity = identity_of(document)
    known = None if identity is None else desk.records(call.portal).by_irn(identity.irn)
    if known is not None:
        _again(desk, call, known)
    refused = _judged(desk, call, document)
    if refused or identity is None:
        codes = [code for code, _ in refused] or ["2140"]
        desk.note(call, "refused", verdict="refused", codes=codes, **_facts(call, document, identity))
        return Reply(errors=refused or [("2140", said("2140"))])
    return _registered(desk, call, document, identity)


def _judged(desk: Desk, call: Call, document: dict[str, Any]) -> list[tuple[str, str]]:
    habits, portal = call.portal.habits, call.portal
    found = judged(
        document,
        Customs(
            today=desk.clock.now().date(),
            window=habits.window,
            floor=habits.floor,
            strict=habits.strict,
            known=portal.taxpayers.get,
        ),
    )
    errors = [(one.code, one.message) for one in found]
    seller = text(block(document, "SellerDtls"), "Gstin")
    operator = text(block(document, "TranDtls"), "EcmGstin")
    if seller and seller != call.gstin:
        behalf = call.headers.get("sup_gstin", "")
        if behalf != seller:
            errors.append(("2143", said("2143")))
        elif operator != call.gstin:
            errors.append(("2169", said("2169")))
    return errors


def _again(desk: Desk, call: Call, known: Record) -> None:
    """What a document gets that is registered already. Always raises Refused."""
    same = known.sha256 == sums(call.raw)
    event = "duplicate" if same else "conflict"
    verdict = {"ACT": "accepted", "CNL": "cancelled"}.get(known.status, "rejected")
    desk.note(call, event, verdict=verdict, first_sha256=known.sha256, **_of(call, known))
    if known.status == "CNL":
        raise Refused("2278")
    if known.portal != call.portal.name or known.status == "REJ":
        at = known.first_at or desk.portal(known.portal).label
        raise Refused("2295", infos=(("DUPIRNGLP", {"Irn": known.irn, "RegIrp": at}),))
    raise duplicate(desk, known)


def duplicate(desk: Desk, known: Record) -> Refused:
    """2150, with the first registration beside it."""
    first = {name: value for name, value in shown(desk, known).items() if name in ("AckNo", "AckDt", "Irn")}
    return Refused("2150", infos=(("DUPIRN", first),))


def _registered(desk: Desk, call: Call, document: dict[str, Any], identity: Identity) -> Reply:
    now = desk.clock.now().replace(microsecond=0)
    document = upper_number(document)
    ack_no = desk.ack_no(call.portal)
    key, issuer = desk.keys.signing(call.portal.name), call.portal.issuer
    invoice = rewritten(document, ack_no, written(now), identity.irn)
    record = Record(
        identity=identity,
        portal=call.portal.name,
        sha256=sums(call.raw),
        buyer=text(block(document, "BuyerDtls"), "Gstin"),
        ack_no=ack_no,
        ack_dt=now,
        signed_invoice=signed(invoice, issuer, key),
        signed_qr=signed(extract(document, identity.irn, written(now)), issuer, key),
        document=document,
    )
    infos = []
    wanted = transport_of(document)
    trouble = list(desk.forced_bill_errors(call)) if wanted else []
    if wanted and not trouble:
        trouble, information = bill_for(desk, record, wanted, now)
        infos.extend(information)
    desk.remember(call, record, trouble)
    if trouble:
        infos.append(("EWBERR", failed(trouble)))
    return Reply(shown(desk, record), infos=infos)


def _content(call: Call) -> dict[str, Any]:
    digest = sums(call.raw)
    return {"sha256": digest, "document_sha256": digest, "size": len(call.raw)}


def _facts(call: Call, document: dict[str, Any], identity: Identity | None) -> dict[str, Any]:
    number = text(block(document, "DocDtls"), "No").encode("utf-8", "replace").decode()[:64]
    irn = "" if identity is None else identity.irn
    return {"instance_id": irn, "irn": irn, "number": number, **_content(call)}


def _of(call: Call, record: Record) -> dict[str, Any]:
    return {
        "instance_id": record.irn,
        "irn": record.irn,
        "number": record.identity.number,
        "receiver": record.buyer,
        **_content(call),
    }
