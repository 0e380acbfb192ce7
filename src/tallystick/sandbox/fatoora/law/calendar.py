"""What depends on the authority's clock: nothing from the future, and simplified documents within a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from tallystick.sandbox.fatoora.finding import Finding, error
from tallystick.sandbox.judge.paper import Part, date_in

RIYADH = timezone(timedelta(hours=3))
_DAY = timedelta(days=1)
LATE = Finding(
    "WARNING",
    "BR-KSA-98",
    "KSA",
    "[BR-KSA-98] - The simplified invoice should be submitted within 24 hours of issuing the invoice.",
)


def clock(root: Part, now: datetime) -> Iterator[Finding]:
    """BR-KSA-04 and BR-KSA-98, by the time of Riyadh."""
    issued, local = date_in(root.text("cbc:IssueDate")), now.astimezone(RIYADH)
    if issued is None:
        return
    if issued > local.date():
        yield error("BR-KSA-04", "The issue date must not be after the current date")
    code = root.one("cbc:InvoiceTypeCode")
    moment = _moment(f"{issued.isoformat()}T{root.text('cbc:IssueTime')}")
    simplified = code is not None and code.attribute("name").startswith("02")
    if simplified and moment is not None and local - moment > _DAY:
        yield LATE


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        return None
    return found.replace(tzinfo=RIYADH)
