"""Registers a document, and finds out what became of it.

Generate once; ask before anything else when the outcome is unknown; a number that is there already is the
first success told once more, if the portal's copy says what ours says. Nothing is registered that is not
verified: both tokens, by keys the registration knows.
"""

import re
from collections.abc import Generator
from typing import Any, Final
from urllib.parse import quote

from httpx import Request, Response
from msgspec import Struct

from tallystick.strategy import Conversation, Document, Enrolment, Outcome, Verdict

from .answers import Answer, asked_to_wait, detail_of, fault_of, heard, one_line, quiet
from .binding import parsed
from .registered import FEW, Copy, copy_of, registered
from .session import headers_of, key_of, opened_data, request_body, settings_of, url_of
from .signed import names

Asking = Generator[Request, Response, "Outcome | Copy"]

NO_SESSION: Final = Outcome(verdict=Verdict.RETRY, detail="there is no session", stale_session=True)

_irn: Final = re.compile(r"[0-9a-f]{64}").fullmatch
_gstin: Final = re.compile(r"[0-9]{2}[0-9A-Z]{13}").findall


class Case(Struct, frozen=True, kw_only=True):
    """A document under way. `first`: nobody has it yet, so what is not served was certainly not taken."""

    document: Document
    content: dict[str, Any]
    enrolment: Enrolment
    key: bytes
    first: bool

    def undone(self, detail: str, after: int | None = None, *, stale: bool = False) -> Outcome:
        """Not served: certainly not taken if this was the first try."""
        verdict = Verdict.RETRY if self.first else Verdict.UNKNOWN
        return Outcome(verdict=verdict, detail=detail, after=after, stale_session=stale)


def case_of(document: Document, enrolment: Enrolment, *, first: bool) -> Case | None:
    """The document with its content and the session's key; None where there is no session."""
    key = key_of(enrolment)
    if key is None:
        return None
    content = parsed(document.body)
    return Case(document=document, content=content, enrolment=enrolment, key=key, first=first)


def submit(document: Document, enrolment: Enrolment) -> Conversation:
    """Registers the document."""
    case = case_of(document, enrolment, first=True)
    if case is None:
        return NO_SESSION
    return (yield from _generate(case, synced=False))


def inquire(document: Document, enrolment: Enrolment) -> Conversation:
    """Asks for the document under its own details; ABSENT where the portal finds none."""
    case = case_of(document, enrolment, first=False)
    if case is None:
        return NO_SESSION
    about = case.content["DocDtls"]
    number, day = quote(about["No"], safe=""), quote(about["Dt"], safe="")
    query = f"?doctype={about['Typ']}&docnum={number}&docdate={day}"
    found = yield from _fetch(case, settings_of(enrolment).paths.by_document + query)
    if isinstance(found, Outcome):
        return found
    return registered(found, case.content, enrolment)


def _generate(case: Case, *, synced: bool) -> Conversation:
    answer = yield _posted(case)
    said = heard(answer)
    idle = idle_of(case, answer, said)
    if idle is not None:
        return idle
    if said is None:
        return unclear(answer)
    if said.good:
        return _first(case, answer, said)
    if said.has("duplicate"):
        return (yield from _duplicate(case, said))
    if (
        said.has("sync")
        and not said.has("fix")
        and not synced
        and settings_of(case.enrolment).sync_unknown_gstins
    ):
        return (yield from _synced(case, said))
    return _refused(case, said)


def _posted(case: Case) -> Request:
    path = settings_of(case.enrolment).paths.generate
    return Request(
        "POST",
        url_of(case.enrolment, path),
        headers=headers_of(case.enrolment),
        content=request_body(case.document.body, case.key),
    )


def _first(case: Case, answer: Response, said: Answer) -> Outcome:
    copy = copy_of(opened_data(said.data, case.key), said)
    return unclear(answer) if copy is None else registered(copy, case.content, case.enrolment)


def _duplicate(case: Case, said: Answer) -> Conversation:
    """It has a number: ours, if the portal's copy says what ours says. Another portal's nobody can see."""
    for one in said.said("DUPIRNGLP"):
        portal = one_line(one.get("RegIrp")) if isinstance(one, dict) else one_line(one)
        return _elsewhere(f": {quiet(portal, case.enrolment)}" if portal else "")
    if any(error.code == "2295" for error in said.errors):
        return _elsewhere("")
    irn = _known(case, said)
    found = yield from _fetch(case, settings_of(case.enrolment).paths.by_irn.replace("{irn}", irn), irn)
    if isinstance(found, Outcome):
        return found
    return registered(found, case.content, case.enrolment)


def _elsewhere(which: str) -> Outcome:
    return Outcome(verdict=Verdict.CONFLICT, detail=f"another portal has registered the document{which}")


def _known(case: Case, said: Answer) -> str:
    """The number as the portal tells it, if it is one the document can have; else the one we computed."""
    own = names(case.content)
    for one in said.said("DUPIRN"):
        told = one_line(one.get("Irn")) if isinstance(one, dict) else ""
        if told in own:
            return told
    return case.document.marks.get("irn", "") or min(own)


def _synced(case: Case, said: Answer) -> Conversation:
    """Has the portal look the GSTIN up in the tax authority's register, once, and tries once more."""
    gstin = _doubted(case, said)
    path = settings_of(case.enrolment).paths.sync.replace("{gstin}", gstin)
    answer = yield Request("GET", url_of(case.enrolment, path), headers=headers_of(case.enrolment))
    told = heard(answer)
    idle = idle_of(case, answer, told)
    if idle is not None:
        return idle
    if told is None:
        return case.undone(f"the portal cannot look a GSTIN up just now ({answer.status_code})")
    data = opened_data(told.data, case.key)
    status = one_line(data.get("Status")) if isinstance(data, dict) else ""
    if not told.good or status != "ACT":
        return _refused(case, said)
    return (yield from _generate(case, synced=True))


def _doubted(case: Case, said: Answer) -> str:
    """Which of the document's GSTINs the errors speak of; the buyer's if they name none."""
    parties = (case.content.get(name, {}) for name in ("BuyerDtls", "SellerDtls", "ShipDtls"))
    own = [party["Gstin"] for party in parties if "Gstin" in party]
    named = [gstin for error in said.errors for gstin in _gstin(error.text.upper()) if gstin in own]
    return quote((named or own)[0], safe="")


def _refused(case: Case, said: Answer) -> Outcome:
    """A refusal of the document, for good; or what is no refusal of it.

    One error of its data is enough, whatever else the portal complains of: it is never sent unchanged again.
    """
    detail = detail_of(said.errors, case.enrolment)
    if said.has("fix"):
        faults = tuple(fault_of(error, case.enrolment) for error in said.errors if error.kind != "retry")
        return Outcome(verdict=Verdict.REJECTED, detail=detail, faults=faults)
    if said.has("retry"):
        return Outcome(verdict=Verdict.UNKNOWN, detail=detail)
    if said.has("account", "portal"):
        return Outcome(verdict=Verdict.HALTED, detail=detail)
    if not said.errors or said.has("unknown", "state"):
        detail = detail or "the portal refuses without a reason"
        return Outcome(verdict=Verdict.UNKNOWN, detail=detail, tries=FEW)
    faults = tuple(fault_of(error, case.enrolment) for error in said.errors)
    return Outcome(verdict=Verdict.REJECTED, detail=detail, faults=faults)


def _fetch(case: Case, path: str, irn: str = "") -> Asking:
    """The portal's copy of the document, or what keeps us from having it. `irn`: known to be there."""
    answer = yield Request("GET", url_of(case.enrolment, path), headers=headers_of(case.enrolment))
    said = heard(answer)
    asked = Case(
        document=case.document, content=case.content, enrolment=case.enrolment, key=case.key, first=False
    )
    idle = idle_of(asked, answer, said)
    if idle is not None:
        return idle
    if said is None:
        return unclear(answer)
    if not said.good:
        return _not_shown(case, said, irn)
    return copy_of(opened_data(said.data, case.key), said) or unclear(answer)


def _not_shown(case: Case, said: Answer, irn: str) -> Outcome:
    detail = detail_of(said.errors, case.enrolment)
    gone = any(error.code == "2283" for error in said.errors)
    if gone or (irn and said.has("state")):
        known = irn or case.document.marks.get("irn", "")
        lost = f"registered as {known}, but the signed copy is no longer shown: fetch it from the GST portal"
        return Outcome(verdict=Verdict.CONFLICT, reference=known, detail=f"{lost} ({detail})")
    if said.has("state"):
        return Outcome(verdict=Verdict.ABSENT, detail=detail)
    if said.has("account"):
        return Outcome(verdict=Verdict.HALTED, detail=detail)
    return Outcome(verdict=Verdict.UNKNOWN, detail=detail or "the portal does not show the document")


def idle_of(case: Case, answer: Response, said: Answer | None) -> Outcome | None:
    """What says nothing of the document: the session is over, the door is shut, too many have come."""
    status = answer.status_code
    if status == 401 or (said is not None and said.has("login")):
        return case.undone("the portal no longer honours the session", stale=True)
    if status == 403:
        return Outcome(verdict=Verdict.HALTED, detail="the portal refuses us (403)")
    if status == 429:
        return case.undone("the portal is busy (429)", asked_to_wait(answer))
    if status >= 500:
        detail = f"the portal has trouble ({status})"
        return Outcome(verdict=Verdict.UNKNOWN, detail=detail, after=asked_to_wait(answer))
    return None


def unclear(answer: Response) -> Outcome:
    """Nothing is known of the document after this answer."""
    return Outcome(verdict=Verdict.UNKNOWN, detail=f"an answer that cannot be read ({answer.status_code})")
