"""From a request to the access point: choose the fault, then process the document or not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tallystick.sandbox.judge import number_of
from tallystick.sandbox.judge.paper import Unreadable, parse
from tallystick.sandbox.wire import tell

if TYPE_CHECKING:
    from litestar.types import Scope

    from tallystick.sandbox.access_point import AccessPoint, Result, Submission


def number_in(document: bytes) -> str:
    """The document's own number, for standing orders; empty when it cannot be read."""
    try:
        return number_of(parse(document))
    except Unreadable:
        return ""


async def settled(point: AccessPoint, submission: Submission, scope: Scope, header: str) -> Result | None:
    """Run one submission under whatever fault it meets; None when it was never processed.

    Raises ValueError when the fault header names no fault.
    """
    number = number_in(submission.document)
    fault = point.faults.pick(point.facts(submission, number), header)
    tell(scope, fault)
    if fault is not None and not fault.processes:
        if fault.kind != "stall":
            point.note_fault(submission, fault, number)
            return None
        await asyncio.sleep(fault.seconds())
    return point.take(submission, fault)
