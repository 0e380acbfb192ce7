"""One invoice's whole story as the checker reads it: its rows, its entries, the bodies they name."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from tallystick.flows.fsck.proof import parsed, salted, sha256
from tallystick.flows.fsck.report import Finding, invoice
from tallystick.store.fsck import Row

__all__ = ["Body", "Story", "body_of", "id_of", "named", "unlike"]

READ = frozenset({"invoice.json", "outcome.json"})


class Body(Struct, frozen=True, kw_only=True):
    """A stored body: what its row says, and what its bytes give. `json` only for the few that are read."""

    tenant: str
    salt: str | None
    digest: str
    size: int
    media: str
    name: str
    erased: bool
    given: str | None
    length: int | None
    sha256: str | None
    json: Any


class Story(Struct, kw_only=True):
    """Everything of one invoice. `entries` are the log's JSON, beside their `rows`; `bodies` by id.

    `submission` is the document's own, or in an act's chapter the act; `acts` are the submissions of acts,
    and `told` the entries of the whole story, whichever chapter this is.
    """

    invoice: Row
    rows: Sequence[Row]
    entries: Sequence[dict[str, Any]]
    submission: Row | None
    acts: Sequence[Row] = ()
    attempts: Sequence[Row]
    events: Sequence[Row]
    deliveries: Sequence[Row]
    bodies: dict[bytes, Body]
    told: Sequence[dict[str, Any]] = ()

    @property
    def where(self) -> str:
        """How findings name it."""
        return invoice(self.invoice["id"])

    def chapter(self, act: Row | None = None) -> "Story":
        """The part of the story that is the document's own, or this act's: its entries, its attempts."""
        wanted = None if act is None else str(act["id"])
        submission = self.submission if act is None else act
        id_ = None if submission is None else submission["id"]
        return structs.replace(
            self,
            submission=submission,
            told=self.told or self.entries,
            entries=[entry for entry in self.entries if (entry.get("data") or {}).get("act_id") == wanted],
            attempts=[row for row in self.attempts if row["submission_id"] == id_],
        )

    def of_event(self, *names: str) -> Iterator[dict[str, Any]]:
        """The entries of these events, in order."""
        return (entry for entry in self.entries if entry.get("event") in names)


def body_of(row: Row) -> Body:
    """A stored body, hashed here and let go."""
    body, salt = row["body"], row["salt"]
    return Body(
        tenant=str(row["tenant_id"]),
        salt=None if salt is None else salt.hex(),
        digest=row["digest"].hex(),
        size=row["size"],
        media=row["media_type"],
        name=row["name"],
        erased=row["erased_at"] is not None,
        given=None if body is None or salt is None else salted(salt, body).hex(),
        length=None if body is None else len(body),
        sha256=None if body is None else sha256(body),
        json=parsed(body) if body is not None and row["name"] in READ else None,
    )


def named(entry: dict[str, Any]) -> list[tuple[bytes, dict[str, Any]]]:
    """The bodies an entry names, by the id they are kept under (its 16 bytes); nonsense is left out."""
    found = []
    for item in entry.get("objects") or ():
        try:
            found.append((bytes.fromhex(item["digest"][:32]), item))
        except (TypeError, KeyError, ValueError):
            continue
    return found


def id_of(id_: UUID | None) -> bytes:
    """The key under which a stored body is found here."""
    return b"" if id_ is None else id_.bytes


def unlike(invariant: str, where: str, said: dict[str, Any], stored: dict[str, Any]) -> Iterator[Finding]:
    """A finding for each name under which two sides differ."""
    for name, value in said.items():
        if stored.get(name) != value:
            yield Finding(invariant, f"{name} is not what the log says", where)
