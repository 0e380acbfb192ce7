"""What may be asked about a registered document: to cancel it, to make an e-way bill, to show that bill."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from httpx import Request, Response
from msgspec import Meta, Struct
from msgspec.structs import replace

from tallystick.canonical import Fault, RuleRef
from tallystick.strategy import Artifact, Conversation, Document, Enrolment, Issued, Outcome, Verdict

from .answers import EDITION, MEANINGS, RULES, Answer, Heard, detail_of, fault_of, heard, one_line
from .binding import parsed
from .blocks import Dispatch, EwayBill
from .codes import document_type
from .details import eway_bill
from .fields import FIELDS, fits
from .registered import CANCELLED, FEW
from .session import INDIA, headers_of, key_of, opened_data, request_body, settings_of, url_of
from .submitting import NO_SESSION, Case, idle_of, unclear
from .tree import Tree, block, text, written
from .writing import MEDIA_TYPE

CANCEL: Final = "cancel"
EWAY: Final = "eway_bill"
DETAILS: Final = "eway_bill_details"

WINDOW: Final = timedelta(hours=24)
IN_FORCE: Final = "the number is in force"

_REASONS: Final = {"duplicate": "1", "data_entry": "2", "order_cancelled": "3", "other": "4"}
_PRINTED: Final = {
    "EwbNo": "eway_bill_number",
    "EwbDt": "eway_bill_date",
    "EwbValidTill": "eway_bill_valid_until",
    "GenGstin": "eway_bill_made_by",
    "Status": "eway_bill_status",
}
_BLOCK: Final = "/regime_data/in/eway_bill"
_PLACE: Final = "/regime_data/in/dispatch"
_NOT_IN_FORCE: Final = frozenset({"9999", "4000"})


class Cancel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the document shall no longer count."""

    reason: Literal["duplicate", "data_entry", "order_cancelled", "other"]
    remark: Annotated[str, Meta(min_length=1, max_length=100, pattern=r'^[^"\\]*$')]


class Transport(EwayBill, frozen=True, kw_only=True):
    """How the goods travel. `dispatch` and `ship_to` where they are others than the document's own."""

    dispatch: Dispatch | None = None
    ship_to: Dispatch | None = None


class Nothing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing need be said."""


ACTS: Final[Mapping[str, type[Struct]]] = MappingProxyType(
    {CANCEL: Cancel, EWAY: Transport, DETAILS: Nothing}
)


def check_act(act: str, asked: Any, issued: Issued, enrolment: Enrolment) -> Iterator[Fault]:
    """Every reason not to ask the portal at all."""
    if "ack_no" not in issued.marks and issued.verdict is not Verdict.REGISTERED:
        yield Fault(code="act/not-registered", pointer="", message="No portal has registered the document.")
    elif act == CANCEL and enrolment.now - registered_at(issued) > WINDOW:
        yield _broken("2270", "")
    elif act == EWAY:
        yield from _transport_faults(asked, issued)


def build_act(act: str, asked: Any, issued: Issued, enrolment: Enrolment) -> Document:
    """The request's content, and what it is about."""
    irn = issued.marks.get("irn") or issued.reference
    content: Tree = {"Irn": irn}
    if act == CANCEL and isinstance(asked, Cancel):
        content |= {"CnlRsn": _REASONS[asked.reason], "CnlRem": text(asked.remark) or "-"}
    if act == EWAY and isinstance(asked, Transport):
        content |= eway_bill(asked)
        content |= block((("DispDtls", _place(asked.dispatch, "Nm")), ("ExpShipDtls", _place(asked.ship_to))))
    return Document(media_type=MEDIA_TYPE, body=written(content), marks={"irn": irn})


def submit_act(act: str, document: Document, enrolment: Enrolment) -> Conversation:
    """Does it."""
    case = _case(document, enrolment, first=True)
    if case is None:
        return NO_SESSION
    if act == DETAILS:
        return (yield from _look(case))
    paths = settings_of(enrolment).paths
    path = paths.cancel if act == CANCEL else paths.eway_bill
    answer = yield Request(
        "POST",
        url_of(enrolment, path),
        headers=headers_of(enrolment),
        content=request_body(document.body, case.key),
    )
    said = heard(answer)
    idle = idle_of(case, answer, said)
    if idle is not None or said is None:
        return idle or unclear(answer)
    if act == CANCEL:
        return (yield from _cancelled(case, answer, said))
    return (yield from _billed(case, answer, said))


def inquire_act(act: str, document: Document, enrolment: Enrolment) -> Conversation:
    """Was it done? ABSENT where the portal knows nothing of it."""
    case = _case(document, enrolment, first=False)
    if case is None:
        return NO_SESSION
    if act == CANCEL:
        return (yield from _state(case))
    return (yield from _look(case))


def registered_at(issued: Issued) -> datetime:
    """When the portal registered the document: as it signed it (Indian time), else as we heard of it."""
    try:
        return datetime.fromisoformat(issued.marks.get("ack_date", "")).replace(tzinfo=INDIA)
    except ValueError:
        return issued.at.astimezone(UTC)


def _case(document: Document, enrolment: Enrolment, *, first: bool) -> Case | None:
    key = key_of(enrolment)
    if key is None:
        return None
    return Case(document=document, content=parsed(document.body), enrolment=enrolment, key=key, first=first)


def _broken(code: str, pointer: str, expected: str = "", actual: object = "") -> Fault:
    known = MEANINGS[code]
    return Fault(
        code=f"rule/{code}",
        pointer=pointer,
        message=known.text,
        rule=RuleRef(RULES, code, EDITION),
        expected=expected,
        actual=str(actual),
        hint=known.hint,
    )


def _transport_faults(asked: Transport, issued: Issued) -> Iterator[Fault]:
    """What the e-way bill system would refuse."""
    if document_type(issued.invoice.type_code) != "INV":
        yield _broken("4010", "")
    lacks: Iterable[tuple[bool, str, str]] = (
        (asked.mode == "1" and not asked.vehicle_number, "4011", "/vehicle_number"),
        (asked.mode == "1" and not asked.vehicle_type, "4022", "/vehicle_type"),
        (asked.mode in ("2", "3") and not asked.document_number, "4012", "/document_number"),
        (asked.mode in ("2", "3") and not asked.document_date, "4023", "/document_date"),
        (
            asked.mode == "4" and not (asked.vehicle_number or asked.document_number),
            "4040",
            "/document_number",
        ),
        (asked.mode is None and not asked.transporter_identifier, "4019", "/transporter_identifier"),
    )
    yield from (_broken(code, pointer) for wrong, code, pointer in lacks if wrong)
    yield from _misshapen("EwbDtls", eway_bill(asked), _BLOCK, "")
    if asked.dispatch is not None:
        yield from _misshapen("DispDtls", _place(asked.dispatch, "Nm"), _PLACE, "/dispatch")
    if asked.ship_to is not None:
        whole = _place(asked.ship_to, "Nm")
        yield from _misshapen("DispDtls", whole, _PLACE, "/ship_to")


def _misshapen(block_name: str, said: Tree, old: str, new: str) -> Iterator[Fault]:
    """Fields of a block that are missing or not of the form of the document's own block."""
    for path, field in FIELDS.items():
        name = path.removeprefix(f"{block_name}.")
        if name == path or (name not in said and not field.must):
            continue
        if name not in said or not fits(field, said[name]):
            pointer = new + field.at.removeprefix(old)
            yield _broken("5002", pointer, field.expected(), said.get(name, ""))


def _place(place: Dispatch | None, name: str = "") -> Tree:
    if place is None:
        return {}
    return block(
        (
            (name, place.name if name else None),
            ("Addr1", text(place.line_1)),
            ("Addr2", text(place.line_2, shortest=3)),
            ("Loc", text(place.city)),
            (
                "Pin",
                int(place.post_code) if place.post_code.isascii() and place.post_code.isdigit() else None,
            ),
            ("Stcd", place.state),
        )
    )


def _cancelled(case: Case, answer: Response, said: Answer) -> Conversation:
    data = opened_data(said.data, case.key) if said.good else None
    if isinstance(data, dict) and one_line(data.get("Irn")) == case.content["Irn"]:
        return _void(case, data)
    if said.good:
        return unclear(answer)
    if not any(error.code in _NOT_IN_FORCE for error in said.errors):
        return _denied(case, said)
    found = yield from _state(case)
    if found.verdict is Verdict.ABSENT and found.detail == IN_FORCE:
        return Outcome(
            verdict=Verdict.UNKNOWN, detail="the portal contradicts itself: not in force, and in force"
        )
    if found.verdict is Verdict.ABSENT:
        return _void(case, {})
    return found


def _void(case: Case, data: Mapping[str, Any]) -> Outcome:
    """The number is cancelled."""
    when = one_line(data.get("CancelDate"))
    return Outcome(
        verdict=Verdict.CANCELLED,
        reference=case.content["Irn"],
        marks={"cancelled_at": when} if when else {},
    )


def _state(case: Case) -> Conversation:
    """Whether the number is in force: CANCELLED if not, ABSENT (not cancelled) if it is or is not shown."""
    irn = case.content["Irn"]
    path = settings_of(case.enrolment).paths.by_irn.replace("{irn}", irn)
    answer, said = yield from _asked(case, path)
    idle = idle_of(case, answer, said)
    if idle is not None or said is None:
        return idle or unclear(answer)
    data = opened_data(said.data, case.key) if said.good else None
    status = one_line(data.get("Status")) if isinstance(data, dict) else ""
    if isinstance(data, dict) and one_line(data.get("Irn")) == irn and status == CANCELLED:
        return _void(case, data)
    if isinstance(data, dict) and one_line(data.get("Irn")) == irn and status == "ACT":
        return Outcome(verdict=Verdict.ABSENT, detail=IN_FORCE)
    if said.has("state", "late"):
        return Outcome(verdict=Verdict.ABSENT, detail="the portal no longer shows the number")
    return _denied(case, said) if said.errors else unclear(answer)


def _billed(case: Case, answer: Response, said: Answer) -> Conversation:
    if said.good:
        outcome = _bill(case, said)
        return outcome or unclear(answer)
    if said.has("duplicate"):
        return (yield from _look(case))
    return _denied(case, said)


def _look(case: Case) -> Conversation:
    """The e-way bill of the number; ABSENT where there is none."""
    path = settings_of(case.enrolment).paths.eway_bill_by_irn.replace("{irn}", case.content["Irn"])
    answer, said = yield from _asked(case, path)
    idle = idle_of(case, answer, said)
    if idle is not None or said is None:
        return idle or unclear(answer)
    if said.good:
        return _bill(case, said) or unclear(answer)
    if said.has("state") and not case.first:
        return Outcome(verdict=Verdict.ABSENT, detail=detail_of(said.errors, case.enrolment))
    return _denied(case, said, final=("state",))


def _asked(case: Case, path: str) -> Generator[Request, Response, tuple[Response, Heard]]:
    answer: Response = yield Request("GET", url_of(case.enrolment, path), headers=headers_of(case.enrolment))
    return answer, heard(answer)


def _bill(case: Case, said: Answer) -> Outcome | None:
    """The e-way bill that the answer holds, if it holds one; its printed fields are marks."""
    data = opened_data(said.data, case.key)
    number = one_line(data.get("EwbNo")) if isinstance(data, dict) else ""
    if not number or not isinstance(data, dict):
        return None
    marks = {mark: one_line(data.get(member)) for member, mark in _PRINTED.items()}
    return Outcome(
        verdict=Verdict.ACCEPTED,
        reference=number,
        marks={name: value for name, value in marks.items() if value},
        artifacts=(Artifact("eway_bill.json", MEDIA_TYPE, written(data)),),
    )


def _denied(case: Case, said: Answer, final: tuple[str, ...] = ()) -> Outcome:
    """A refusal of the act: for good, of us, or for now."""
    detail = detail_of(said.errors, case.enrolment)
    if said.has("account", "portal"):
        return Outcome(verdict=Verdict.HALTED, detail=detail)
    settled = {"fix", "late", "eway", "duplicate", "sync", *final}
    refused = bool(said.errors) and all(
        error.kind in settled or error.code == "2230" for error in said.errors
    )
    if not refused:
        detail = detail or "the portal refuses without a reason"
        return Outcome(verdict=Verdict.UNKNOWN, detail=detail, tries=None if said.has("retry") else FEW)
    faults = tuple(_asked_for(fault_of(error, case.enrolment)) for error in said.errors)
    return Outcome(verdict=Verdict.REJECTED, detail=detail, faults=faults)


def _asked_for(fault: Fault) -> Fault:
    """The fault at the field of the act's own request, where it is about one that the request has."""
    return replace(fault, pointer=fault.pointer.removeprefix(_BLOCK)) if fault.pointer else fault
