"""Why an administrative change is refused. None of these knows HTTP."""

from tallystick.canonical import Fault
from tallystick.flows.errors import Refused

__all__ = ["BadBody", "Conflict", "Forbidden"]


class BadBody(Refused):
    """What was sent has faults; each names its place by JSON pointer."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


class Conflict(Refused):
    """It cannot stand beside what exists; `existing` names that, where the caller may see it."""

    def __init__(self, detail: str, existing: str | None = None) -> None:
        super().__init__(detail)
        self.existing = existing


class Forbidden(Refused):
    """A key of this mode may not do this."""
