"""A strategy's fixture folder: cases, golden files, refusals. `fixtures/README.md` draws the layout."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from tallystick.canonical import Fault
from tallystick.conformance.patch import Operation, patched
from tallystick.conformance.talk import Talk
from tallystick.strategy import Document

__all__ = ["Case", "Golden", "Refusal", "cases_of", "refusals_of", "suffix_of"]

INVOICE: Final = "invoice.json"
ENROLMENT: Final = "enrolment.json"
ARTIFACTS: Final = "artifacts"


class Refusal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case's invoice, changed so that it breaks one rule.

    `enrolment` holds members of the enrolment file that are otherwise for this one.
    """

    breaks: str
    case: str
    patch: list[Operation] = []
    enrolment: dict[str, Any] = {}


class Golden(Struct, frozen=True):
    """One golden file: what it must hold. None: it must not be there."""

    path: Path
    content: bytes | None

    def problem(self, *, update: bool) -> str:
        """How the file differs, in one line; empty if it does not. With `update` it is rewritten instead."""
        there = self.path.read_bytes() if self.path.is_file() else None
        if there == self.content:
            return ""
        if not update:
            return f"{self.path}: {_difference(there, self.content)} (--update rewrites it)"
        if self.content is None:
            self.path.unlink()
        else:
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_bytes(self.content)
        return ""


class Case(Struct, frozen=True):
    """One folder below `<cases>/<strategy>/`."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder's name: what is special about the invoice."""
        return self.folder.name

    @property
    def invoice(self) -> bytes:
        """The canonical input."""
        return (self.folder / INVOICE).read_bytes()

    @property
    def enrolment(self) -> dict[str, Any]:
        """Members of the strategy's enrolment file that are otherwise for this case; mostly none."""
        path = self.folder / ENROLMENT
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any]) if path.is_file() else {}

    @property
    def refused(self) -> bool:
        """Whether this invoice must be refused: golden faults stand beside it."""
        return (self.folder / "faults.json").is_file()

    @property
    def talks(self) -> dict[str, Talk]:
        """The recorded conversations by name; none if nothing is sent."""
        path = self.folder / "talk.json"
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Talk]) if path.is_file() else {}

    def wires(self) -> list[Path]:
        """The golden wire documents: one, or none for a refused invoice."""
        return sorted(self.folder.glob("wire.*"))

    def golden_document(self, document: Document | None) -> Iterator[Golden]:
        """Every file that `build` must reproduce, and those that must not be there."""
        wanted = {} if document is None else dict(_files(document))
        there = {*self.wires(), *self.folder.glob("marks.json"), *self.folder.glob(f"{ARTIFACTS}/*")}
        for path in sorted({*there, *(self.folder / name for name in wanted)}):
            yield Golden(path, wanted.get(path.relative_to(self.folder).as_posix()))

    def golden_faults(self, faults: tuple[Fault, ...]) -> Golden:
        """The faults of a refused invoice, or of one with warnings."""
        return Golden(self.folder / "faults.json", pretty(faults) if faults else None)

    def golden_json(self, name: str, content: object) -> Golden:
        """A golden JSON file; empty content means no file."""
        return Golden(self.folder / name, pretty(content) if content else None)


def cases_of(root: Path, name: str) -> list[Case]:
    """The cases of the strategy called `name`, by name."""
    return [Case(path.parent) for path in sorted((root / name).glob(f"*/{INVOICE}"))]


def refusals_of(root: Path, name: str) -> list[tuple[Refusal, bytes]]:
    """The strategy's refusals, each with its broken invoice. Raises PatchInvalid, or OSError (no case)."""
    path = root / name / "refusals.json"
    if not path.is_file():
        return []
    refusals = msgspec.json.decode(path.read_bytes(), type=list[Refusal])
    return [(refusal, _broken(root / name / refusal.case / INVOICE, refusal)) for refusal in refusals]


def suffix_of(media_type: str) -> str:
    """What a wire document's file is called after `wire.`: json, xml, or bin."""
    kind = media_type.partition(";")[0].strip().rpartition("/")[2].rpartition("+")[2]
    return kind if kind in ("json", "xml") else "bin"


def pretty(content: object) -> bytes:
    """JSON for people to read and for version control to compare."""
    plain = msgspec.to_builtins(content, enc_hook=str)
    return json.dumps(plain, indent=2, ensure_ascii=False).encode() + b"\n"


def _broken(path: Path, refusal: Refusal) -> bytes:
    document: Any = json.loads(path.read_bytes())
    return json.dumps(patched(document, refusal.patch), ensure_ascii=False).encode()


def _files(document: Document) -> Iterator[tuple[str, bytes]]:
    yield f"wire.{suffix_of(document.media_type)}", document.body
    for artifact in document.artifacts:
        yield f"{ARTIFACTS}/{artifact.name}", artifact.body
    marks = {"marks": dict(document.marks), "link": document.link}
    if any(marks.values()):
        yield "marks.json", pretty({key: value for key, value in marks.items() if value})


def _difference(there: bytes | None, wanted: bytes | None) -> str:
    if there is None or wanted is None:
        return "is missing" if there is None else "should not be there"
    at = next((i for i, (a, b) in enumerate(zip(there, wanted, strict=False)) if a != b), -1)
    at = min(len(there), len(wanted)) if at < 0 else at
    near = slice(max(0, at - 40), at + 40)
    return f"differs at byte {at}: has {there[near]!r}, should have {wanted[near]!r}"
