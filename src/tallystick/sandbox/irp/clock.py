"""The portal's own clock: it may be moved, so that windows open and close without waiting."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

__all__ = ["ZONE", "Clock", "moment", "to_minute", "written"]

ZONE = timezone(timedelta(hours=5, minutes=30))
_FORM = "%Y-%m-%d %H:%M:%S"


class Clock:
    """Real time plus `offset` seconds, in the portal's zone."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> datetime:
        """The present moment, aware."""
        return datetime.now(ZONE) + timedelta(seconds=self.offset)


def written(when: datetime) -> str:
    """As the portal writes a moment: `yyyy-MM-dd HH:mm:ss`, without a zone."""
    return when.strftime(_FORM)


def moment(said: str) -> datetime:
    """The opposite of `written`. Raises ValueError."""
    return datetime.strptime(said, _FORM).replace(tzinfo=ZONE)


def to_minute(when: datetime) -> datetime:
    """Rounded to the nearest minute, as answers of the interface show a moment."""
    return (when + timedelta(seconds=30)).replace(second=0, microsecond=0)
