"""I7, the replay: the entries alone give the invoice's state, and what was accepted is what is stored."""

import hashlib
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story, id_of, named, unlike

__all__ = ["replay"]

FIRST: Final = "invoice.accepted"
ASKED: Final = "act.requested"
ENDS: Final = frozenset({"accepted", "cancelled", "rejected"})  # how an act may come to its end
# UNTDID 1001: what makes a document a series of its own
FAMILIES: Final = {
    "credit_note": "81 83 262 296 308 381 396 420 458 502 532",
    "debit_note": "80 84 383",
    "self_billed_invoice": "389 500 501",
    "self_billed_credit_note": "261",
    "self_billed_debit_note": "527",
}
FAMILY_OF: Final = {code: name for name, codes in FAMILIES.items() for code in codes.split()}


def replay(story: Story) -> Iterator[Finding]:
    """Whatever the log does not tell as the invoice's row does."""
    if not story.entries:
        yield Finding("I7", "it has no log", story.where)
        return
    yield from _head(story)
    yield from _state(story)
    yield from _accepted(story)
    yield from _content(story)


def _head(story: Story) -> Iterator[Finding]:
    row, last = story.invoice, story.rows[-1]
    if row["stream_seq"] != last["stream_seq"]:
        what = f"its log ends at entry {last['stream_seq']}, its head is entry {row['stream_seq']}"
        yield Finding("I7", what, story.where)
    elif row["stream_hash"] != last["hash"]:
        yield Finding("I7", f"its head is not the hash of entry {last['stream_seq']}", story.where)
    superseded = row["superseded_by"] is not None
    if row["version"] != row["stream_seq"] + superseded:
        yield Finding("I7", "its version does not count its changes", story.where)
    if row["created_at"] != story.rows[0]["at"]:
        yield Finding("I7", "created_at is not the time of its first entry", story.where)
    if not superseded and row["updated_at"] != last["at"]:
        yield Finding("I7", "updated_at is not the time of its last entry", story.where)


def _state(story: Story) -> Iterator[Finding]:
    """Replay: the last word on each axis is the invoice's."""
    state: dict[str, Any] = {"authority_reference": None}
    for entry in story.entries:
        data = entry.get("data") or {}
        for name in ("processing_status", "authority_status"):
            if name not in data:
                yield Finding("I7", f"entry {entry.get('stream_seq')} does not say the state", story.where)
            state[name] = data.get(name)
        state["authority_reference"] = data.get("reference") or state["authority_reference"]
    for name, value in state.items():
        if story.invoice[name] != value:
            told = f"{name} is {story.invoice[name]}, the log says {value}"
            yield Finding("I7", told, story.where)
    over = state["processing_status"] == "completed" and not _open_acts(story)
    if bool(story.entries[-1].get("terminal")) != over:
        yield Finding("I7", "the last entry is wrong about whether the story is over", story.where)


def _open_acts(story: Story) -> set[object]:
    """The acts that were asked for and have not come to their end, as the log tells it."""
    waiting: set[object] = set()
    for entry in story.entries:
        data = entry.get("data") or {}
        act = data.get("act_id")
        if act is None:
            continue
        if entry.get("event") == ASKED or ("attempts" in data and data.get("verdict") not in ENDS):
            waiting.add(act)
        elif "attempts" in data:
            waiting.discard(act)
    return waiting


def _accepted(story: Story) -> Iterator[Finding]:
    """What acceptance fixed stands in the first entry."""
    row, first = story.invoice, story.entries[0]
    if first.get("event") != FIRST:
        yield Finding("I7", f"its first entry is no {FIRST}", story.where)
        return
    remarks = "\n".join((*row["computed"], row["warnings"])).encode()
    stored = {
        "mode": row["mode"],
        "strategy": row["strategy"],
        "strategy_reason": row["strategy_reason"],
        "registration": _text(row["registration_id"]),
        "supersedes": _text(row["supersedes"]),
        "computed": len(row["computed"]),
        "remarks_sha256": hashlib.sha256(remarks).hexdigest(),
    }
    data = first.get("data") or {}
    yield from unlike("I7", story.where, {name: data.get(name) for name in stored}, stored)
    kept = [id_ for id_, _ in named(first)]
    wanted = [id_of(each) for each in (row["payload_object"], row["original_object"]) if each is not None]
    if kept != wanted:
        yield Finding("I7", "payload_object or original_object is not what the log says", story.where)


def _content(story: Story) -> Iterator[Finding]:
    """The columns that are searched say what the invoice says. Nothing to compare once it was erased."""
    body = story.bodies.get(id_of(story.invoice["payload_object"]))
    if body is None or body.erased:
        return
    if not isinstance(body.json, dict):
        yield Finding("I7", "its canonical JSON cannot be read", story.where)
        return
    row, said = story.invoice, body.json
    seller = said.get("seller") or {}
    stored = {
        "invoice_number": row["number"],
        "type_code": row["type_code"],
        "issue_date": row["issue_date"].isoformat(),
        "currency_code": row["currency_code"],
    }
    yield from unlike("I7", story.where, {name: said.get(name) for name in stored}, stored)
    derived = {
        "seller_country": (seller.get("postal_address") or {}).get("country_code"),
        "seller_key": _seller_key(seller),
        "doc_family": FAMILY_OF.get(str(said.get("type_code")), "invoice"),
        "fiscal_year": int(str(said.get("issue_date"))[:4] or 0),
        "total_with_tax": _decimal((said.get("document_totals") or {}).get("total_amount_with_tax")),
    }
    for name, value in derived.items():
        if row[name] != value:
            yield Finding("I7", f"{name} is not what the invoice says", story.where)


def _seller_key(seller: dict[str, Any]) -> str:
    country = (seller.get("postal_address") or {}).get("country_code")
    registered = seller.get("legal_registration_identifier")
    if seller.get("tax_identifier"):
        return f"tax:{_plain(seller['tax_identifier'])}"
    if registered:
        return f"legal:{country}:{registered.get('scheme') or ''}:{_plain(registered['value'])}"
    if seller.get("tax_registration_identifier"):
        return f"local:{country}:{_plain(seller['tax_registration_identifier'])}"
    return f"name:{country}:{' '.join(str(seller.get('name')).casefold().split())}"


def _plain(identifier: object) -> str:
    return "".join(str(identifier).split()).upper()


def _decimal(text: object) -> Decimal | None:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
