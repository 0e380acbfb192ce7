"""I5: in an authority's chain each number is there once, and each document carries the link before it."""

from collections.abc import AsyncIterator

from tallystick.flows.fsck.report import Finding
from tallystick.store.fsck import Row, Snapshot

__all__ = ["chains"]


async def chains(snapshot: Snapshot) -> AsyncIterator[Finding]:
    """Whatever is wrong with the chains of all devices."""
    last: Row | None = None
    async for row in snapshot.linked():
        if last is not None and last["chain_id"] != row["chain_id"]:
            for finding in _ended(last):
                yield finding
            last = None
        for finding in _linked(last, row):
            yield finding
        last = row
    if last is not None:
        for finding in _ended(last):
            yield finding
    async for row in snapshot.unused_chains():
        yield Finding("I5", f"it counts to {row['next_no'] - 1} and has no document", f"chain {row['id']}")


def _linked(last: Row | None, row: Row) -> list[Finding]:
    found = []
    where = f"chain {row['chain_id']} number {row['chain_no']}"
    first = (row["first_no"] or 1, row["first_link"] or "")
    expected, link = first if last is None else (last["chain_no"] + 1, last["link"])
    if row["chain_no"] != expected:
        found.append(Finding("I5", f"number {expected} is missing or doubled before it", where))
    elif row["prev_link"] != link:
        found.append(Finding("I5", "it does not carry the link of the number before", where))
    if row["chain_tenant"] is None:
        found.append(Finding("I5", "its chain is not there", where))
    elif row["chain_tenant"] != row["tenant_id"]:
        found.append(Finding("I5", "it stands in another tenant's chain", where))
    return found


def _ended(last: Row) -> list[Finding]:
    where = f"chain {last['chain_id']}"
    found = []
    if last["next_no"] is not None and last["next_no"] != last["chain_no"] + 1:
        found.append(
            Finding("I5", f"it ends at {last['chain_no']}, its next number is {last['next_no']}", where)
        )
    if last["last_link"] is not None and last["last_link"] != last["link"]:
        found.append(Finding("I5", "its last link is not that of its last document", where))
    return found
