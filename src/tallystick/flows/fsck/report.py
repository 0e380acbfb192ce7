"""What the checker found: which invariant does not hold, how, and where."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct, field

__all__ = ["Finding", "Report", "entry_of", "invoice"]

MOST: Final = 1000  # findings that are kept; beyond, they are only counted


class Finding(Struct, frozen=True):
    """One thing that is not as it must be. `invariant` is I1 to I9 of the list in `docs/decisions`."""

    invariant: str
    what: str
    where: str


class Report(Struct, kw_only=True):
    """All findings (the first thousand), how many there were in all, and what was looked at."""

    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return self.found == 0

    def add(self, findings: Iterable[Finding]) -> None:
        """Note findings."""
        for finding in findings:
            self.found += 1
            if len(self.findings) < MOST:
                self.findings.append(finding)

    def of(self, invariant: str) -> Iterator[Finding]:
        """The findings of one invariant."""
        return (finding for finding in self.findings if finding.invariant == invariant)


def invoice(id_: object) -> str:
    """How a finding names an invoice."""
    return f"invoice {id_}"


def entry_of(kind: str, stream: object, place: int) -> str:
    """How a finding names an entry of the log."""
    return f"{kind} {stream} entry {place}"
