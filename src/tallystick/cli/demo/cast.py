"""Which invoices the demo posts and how their sellers register: told by the files of `fixtures/demo/cast`.

One file for each strategy, named as the strategy. A country joins the demo by its file alone.
"""

import re
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from tallystick.cli.intake import body_of
from tallystick.cli.printing import Failure

__all__ = ["DROPPED", "OVERLOADED", "OWN", "REFUSED", "Cast", "Enrolling", "Piece", "cast_of"]

OWN: Final = "demo-invoice.json"
REFUSED: Final = "refused"
DROPPED: Final = "process_then_drop"
OVERLOADED: Final = "503"

AGO: Final = timedelta(minutes=2)
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Closed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file says, and nothing else."""


class Enrolling(Closed, frozen=True, kw_only=True):
    """How a seller registers. `endpoint` is a name from the sandbox's list; `asks` is a call of the sandbox
    whose answer's members fill the `{name}` in the settings; `code` starts an onboarding.
    """

    endpoint: str
    unit: str = ""
    settings: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    code: str = ""
    asks: str = ""

    def settings_from(self, told: dict[str, Any]) -> Any:
        """The settings with what the sandbox told."""
        return filled(self.settings, told)


class Part(Closed, frozen=True, kw_only=True):
    """An invoice of the strategy's fixtures. `ends` is the authority's last word, `fault` what the authority
    is told to do `times` times (or that we must refuse the invoice), `has_code` that a QR code is to be seen.
    """

    fixture: str
    shows: str
    ends: str = ""
    fault: str = ""
    times: int = 0
    has_code: bool = False


class Act(Closed, frozen=True, kw_only=True):
    """A strategy's part. Sellers take the registrations in turn; `issued_now_at` (an offset from UTC) moves
    every date so that the invoice was issued just now there; `number` is made of `{number}` and `{mark}`.
    """

    pieces: tuple[Part, ...]
    registrations: tuple[Enrolling, ...] = ()
    issued_now_at: Annotated[str, Meta(pattern=r"^([+-]\d\d:\d\d)?$")] = ""
    number: str = "{number}-{mark}"


class Piece(Struct, frozen=True, kw_only=True):
    """One invoice of the demo. `number` is fresh in every run; the rest is as its part says."""

    number: str
    shows: str
    invoice: dict[str, Any]
    ends: str = ""
    fault: str = ""
    times: int = 0
    has_code: bool = False
    is_own: bool = False

    @property
    def body(self) -> bytes:
        """What is posted."""
        return msgspec.json.encode(self.invoice)

    @property
    def seller(self) -> dict[str, Any]:
        """Who issues it, as far as it says; empty for an invoice that is none."""
        found = self.invoice.get("seller")
        return found if isinstance(found, dict) else {}


class Cast(Struct, frozen=True, kw_only=True):
    """Everything that is posted, and how sellers register, by strategy."""

    pieces: list[Piece]
    enrolling: dict[str, tuple[Enrolling, ...]]


def cast_of(fixtures: Path, own: Path, run: str) -> Cast:
    """The cast of this run. `own` is the user's invoice, the last piece: put there when it is missing.

    Raises Failure when the user's file is no JSON object.
    """
    acts = {
        path.stem: msgspec.json.decode(path.read_bytes(), type=Act)
        for path in sorted((fixtures / "demo" / "cast").glob("*.json"))
    }
    parts = [(name, act, part) for name, act in acts.items() for part in act.pieces]
    pieces = [
        piece(act, part, document(fixtures / name / part.fixture / "invoice.json"), f"{run}{place:02}")
        for place, (name, act, part) in enumerate(parts, 1)
    ]
    mine = Part(fixture="", shows="yours to edit")
    last = msgspec.structs.replace(piece(Act(pieces=()), mine, owned(fixtures, own), f"{run}00"), is_own=True)
    return Cast(pieces=[*pieces, last], enrolling={name: act.registrations for name, act in acts.items()})


def document(path: Path) -> dict[str, Any]:
    """A fixture's invoice."""
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])


def owned(fixtures: Path, own: Path) -> dict[str, Any]:
    """The user's invoice. Raises Failure when his file is no JSON object."""
    if not own.is_file():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(fixtures / "demo" / "invoice.json", own)
    try:
        mine = msgspec.json.decode(body_of(own))
    except ValueError as error:
        raise Failure(f"{own} is not JSON: {error}. Mend it, or delete it to begin anew.") from None
    if not isinstance(mine, dict):
        raise Failure(f"{own} holds no JSON object")
    return mine


def piece(act: Act, part: Part, invoice: dict[str, Any], mark: str) -> Piece:
    """An invoice under a fresh number: its own, and a mark that nothing else has."""
    number = act.number.format(number=invoice.get("invoice_number", "MY"), mark=mark)
    if act.issued_now_at:
        zone = datetime.fromisoformat(f"2000-01-01T00:00:00{act.issued_now_at}").tzinfo
        invoice = issued(invoice, datetime.now(zone) - AGO)
    return Piece(
        number=number,
        shows=part.shows,
        invoice={**invoice, "invoice_number": number},
        ends=part.ends,
        fault=part.fault,
        times=part.times,
        has_code=part.has_code,
    )


def issued(invoice: dict[str, Any], there: datetime) -> dict[str, Any]:
    """The invoice as if issued then: every date moves with the date of issue."""
    by = there.date() - date.fromisoformat(invoice["issue_date"])
    found: dict[str, Any] = moved(invoice, by)
    if "issue_time" in found:
        found["issue_time"] = there.time().isoformat("seconds")
    return found


def moved(value: Any, by: timedelta) -> Any:
    """The value with every date moved."""
    if isinstance(value, str) and DATE.fullmatch(value):
        return (date.fromisoformat(value) + by).isoformat()
    return within(value, lambda each: moved(each, by))


def filled(value: Any, told: dict[str, Any]) -> Any:
    """The value with `{name}` in its texts replaced by what was told."""
    if isinstance(value, str):
        return value.format_map(told)
    return within(value, lambda each: filled(each, told))


def within(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with a change made to each member, if it has any."""
    if isinstance(value, dict):
        return {name: change(each) for name, each in value.items()}
    return [change(each) for each in value] if isinstance(value, list) else value
