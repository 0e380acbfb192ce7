"""I1: every 201 that was ever answered has its invoice, every idempotency key exactly one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tallystick.flows.fsck.journal import lines
from tallystick.flows.fsck.proof import parsed
from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story
from tallystick.store.fsck import Row

__all__ = ["Client", "key"]


class Client:
    """The client's journal: a line for each answer, `{"key", "status", "invoice_id", "number"}`."""

    def __init__(self, path: Path | None) -> None:
        """Raises ValueError or OSError when the journal cannot be read."""
        self._of_key: dict[str, set[str]] = {}
        self._number: dict[str, str] = {}
        self.answers = 0
        for event in lines(path):
            if event.get("status") == 201:
                self.answers += 1
                id_ = str(event.get("invoice_id"))
                self._of_key.setdefault(str(event.get("key")), set()).add(id_)
                self._number[id_] = str(event.get("number"))

    def compare(self, story: Story) -> Iterator[Finding]:
        """Whether the invoice is the one the client was told of. Call it once for each invoice."""
        number = self._number.pop(str(story.invoice["id"]), None)
        if number is not None and number != story.invoice["number"]:
            yield Finding("I1", f"the client was told of it as number {number}", story.where)

    def leftovers(self) -> Iterator[Finding]:
        """201s without an invoice, keys with several. Call it after every invoice."""
        for id_, number in self._number.items():
            yield Finding(
                "I1", "a 201 was answered, and the invoice is not there", f"invoice {id_} ({number})"
            )
        for name, ids in self._of_key.items():
            if name != "None" and len(ids) > 1:
                yield Finding("I1", f"it was answered with {len(ids)} invoices", f"key {name}")


def key(row: Row) -> Iterator[Finding]:
    """Whatever is wrong with one stored idempotency key."""
    where = f"key {row['key']}"
    if row["invoice_tenant"] is None:
        yield Finding("I1", f"its invoice {row['invoice_id']} is not there", where)
        return
    if (row["tenant_id"], row["mode"]) != (row["invoice_tenant"], row["invoice_mode"]):
        yield Finding("I1", "its invoice is another tenant's, or of another mode", where)
    body: Any = parsed(row["body"])
    if "/acts/" in row["path"]:
        yield from _of_act(row, body, where)
        return
    if not isinstance(body, dict) or body.get("id") != str(row["invoice_id"]) or row["status"] != 201:
        yield Finding("I1", "its stored answer is not that of its invoice", where)
    headers: Any = parsed(row["headers"].encode())
    first = row["first_hash"]
    if not isinstance(headers, dict) or first is None or headers.get("etag") != first.hex():
        yield Finding("I1", "its stored answer does not name the invoice's first entry", where)


def _of_act(row: Row, body: Any, where: str) -> Iterator[Finding]:
    """The stored answer to who asked for an act: that act, asked of that invoice, where its entry says so."""
    entry: Any = parsed(row["named_entry"] or b"")
    data: Any = entry.get("data") if isinstance(entry, dict) else None
    asked = isinstance(data, dict) and entry.get("event") == "act.requested"
    if not isinstance(body, dict) or body.get("invoice_id") != str(row["invoice_id"]) or row["status"] != 201:
        yield Finding("I1", "its stored answer is not that of its invoice", where)
    elif not asked or data.get("act_id") != body.get("id"):
        yield Finding("I1", "its stored answer does not name the entry of its act", where)
