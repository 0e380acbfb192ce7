"""What is on record elsewhere: receipts that were given away are witnesses of the log they were cut from.

A rewrite of an invoice's whole chain, done consistently, shows in nothing that stands in the database. It
shows here. Whether a receipt is genuine is for `verify` to say, with the ledger's key.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from tallystick.flows.fsck.proof import parsed, sha256
from tallystick.flows.fsck.report import Finding, entry_of
from tallystick.flows.fsck.story import Story

__all__ = ["Witnesses"]


class Witnesses:
    """Entries as earlier receipts have them."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Raises ValueError for what is no receipt, OSError when a file cannot be read."""
        self._known: dict[str, dict[int, str]] = {}
        self.receipts = 0
        for path in paths:
            self.receipts += 1
            self._note(path)

    def _note(self, path: Path) -> None:
        try:
            with ZipFile(path) as archive:
                bodies = [archive.read(name) for name in archive.namelist() if name.startswith("entries/")]
        except BadZipFile as error:
            raise ValueError(f"{path.name} is no receipt") from error
        for body in bodies:
            entry = parsed(body)
            place = entry.get("stream_seq") if isinstance(entry, dict) else None
            if place is None:
                raise ValueError(f"{path.name} holds an entry that cannot be read")
            self._known.setdefault(str(entry["stream_id"]), {})[place] = sha256(body)

    def compare(self, story: Story) -> Iterator[Finding]:
        """Entries that are not what a receipt says they were. Once for each invoice."""
        known = self._known.pop(str(story.invoice["id"]), {})
        here = {row["stream_seq"]: sha256(row["entry"]) for row in story.rows} if known else {}
        for place, digest in sorted(known.items()):
            where = entry_of("invoice", story.invoice["id"], place)
            if place not in here:
                yield Finding("I7", "an earlier receipt has it, and it is gone", where)
            elif here[place] != digest:
                yield Finding("I7", "an earlier receipt has other bytes", where)

    def leftovers(self) -> Iterator[Finding]:
        """Invoices of receipts that are not there any more. After every invoice."""
        for id_ in self._known:
            yield Finding("I7", "an earlier receipt tells of it, and it is gone", f"invoice {id_}")
