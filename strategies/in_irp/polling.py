"""Several portals, one number: whoever was second has his rejected afterwards, and must ask to hear of it."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from httpx import Request, Response

from tallystick.strategy import Enrolment, Notice, Outcome, Polling, Verdict

from .answers import Answer, asked_to_wait, detail_of, heard, one_line, quiet
from .session import INDIA, headers_of, key_of, opened_data, settings_of, url_of
from .submitting import NO_SESSION
from .tree import day

EVERY: Final = timedelta(days=1)
MOST_DAYS: Final = 7

_irn: Final = re.compile(r"[0-9a-f]{64}").fullmatch


def polled(enrolment: Enrolment) -> bool:
    """Only where several portals are used."""
    return settings_of(enrolment).multi_irp


def poll(enrolment: Enrolment, since: datetime) -> Polling:
    """The numbers that were rejected since that day (Indian time), at most a week back."""
    key = key_of(enrolment)
    if key is None:
        return NO_SESSION
    notices: list[Notice] = []
    for when in _days(since, enrolment.now):
        path = f"{settings_of(enrolment).paths.rejected}?date={quote(day(when) or '', safe='')}"
        answer: Response = yield Request("GET", url_of(enrolment, path), headers=headers_of(enrolment))
        said = heard(answer)
        failed = _failed(answer, said, enrolment)
        if failed is not None or said is None:
            return failed or Outcome(verdict=Verdict.RETRY, detail="an answer that cannot be read")
        notices += _notices(opened_data(said.data, key) if said.good else [], enrolment)
    return tuple(notices)


def _days(since: datetime, now: datetime) -> list[date]:
    last = now.astimezone(INDIA).date()
    first = max(since.astimezone(INDIA).date(), last - timedelta(days=MOST_DAYS - 1))
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


def _failed(answer: Response, said: Answer | None, enrolment: Enrolment) -> Outcome | None:
    """Why there is no news; None also where the portal says that nothing was rejected."""
    if answer.status_code == 401 or (said is not None and said.has("login")):
        return Outcome(verdict=Verdict.RETRY, detail="the session is over", stale_session=True)
    if answer.status_code == 403 or (said is not None and said.has("account")):
        return Outcome(verdict=Verdict.HALTED, detail="the portal refuses to tell of rejected numbers")
    if said is None or answer.status_code >= 400:
        detail = f"the portal does not tell of rejected numbers ({answer.status_code})"
        return Outcome(verdict=Verdict.RETRY, detail=detail, after=asked_to_wait(answer))
    if not said.good and not (said.errors and all(error.kind == "state" for error in said.errors)):
        return Outcome(verdict=Verdict.RETRY, detail=detail_of(said.errors, enrolment))
    return None


def _notices(found: Any, enrolment: Enrolment) -> Iterator[Notice]:
    """Every number in a list, or in a list that is a member; the answer's form is not published."""
    rows = found if isinstance(found, list) else list(found.values()) if isinstance(found, dict) else []
    for row in rows:
        if isinstance(row, list):
            yield from _notices(row, enrolment)
        elif isinstance(row, dict):
            irn = next((one_line(row[name]) for name in row if name.lower() == "irn"), "")
            if _irn(irn):
                portal = next((one_line(row[name]) for name in row if name.lower() == "regirp"), "")
                detail = "another portal has registered the document first"
                yield Notice(
                    reference=irn,
                    verdict=Verdict.REJECTED,
                    detail=f"{detail}: {quiet(portal, enrolment)}" if portal else detail,
                )
