"""The authority without HTTP: it takes documents, judges them, remembers and journals each of them."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tallystick.sandbox.fatoora import answers
from tallystick.sandbox.fatoora.answers import (
    CLEARED_EARLIER,
    REPORTED_EARLIER,
    Answer,
    Particulars,
    answer,
    validation,
)
from tallystick.sandbox.fatoora.clearing import cleared
from tallystick.sandbox.fatoora.environments import Environment
from tallystick.sandbox.fatoora.finding import Finding, error
from tallystick.sandbox.fatoora.form import Form
from tallystick.sandbox.fatoora.judgement import Case, Flow, judged, schema_valid
from tallystick.sandbox.fatoora.registry import AUTHORITY, STEPS, Credential, Registry
from tallystick.sandbox.faults import Fault
from tallystick.sandbox.journal import Journal

_WORDS = {"reporting": ("REPORTED", "NOT_REPORTED"), "clearance": ("CLEARED", "NOT_CLEARED")}


@dataclass(slots=True)
class Habits:
    """How the authority behaves. `clearance_off`: environments (segments) where clearance is switched off.

    strict: what the authority is known to let through with a warning, a bad signature and some tags of the
    QR code, is refused; renewal: `auto` (as the environment does), `428`, `200` (issued at once) or
    `not_compliant` (200 with a compliance credential); lifetime_days, duplicate_hours: as they say.
    """

    strict: bool = True
    clearance_off: set[str] = field(default_factory=set)
    renewal: str = "auto"
    lifetime_days: float = 1825
    duplicate_hours: float = 24


class Fatoora:
    """All three environments. What the journal names is remembered."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.habits = Habits()
        self.ahead = 0.0
        self.registry = Registry(journal, self.now)
        self.accepted: dict[tuple[str, str], dict[str, Any]] = {}
        self.processed: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._seen: set[tuple[str, str, str]] = set()
        for event in journal.events:
            if event.get("authority") == AUTHORITY:
                self.registry.recall(event)
                self._recall(event)

    def now(self) -> datetime:
        """The authority's clock, UTC, `ahead` seconds before ours."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def _recall(self, event: dict[str, Any]) -> None:
        if event["event"] not in ("processed", "duplicate"):
            return
        self._seen.add((event["environment"], event["instance_id"], event["sha256"]))
        if event["event"] == "processed" or event["judged"]:
            self.processed.setdefault((event["environment"], event["unit"]), []).append(event)
        if event["judged"] and event["verdict"] == "accepted":
            self.accepted[event["environment"], event["hash"]] = event

    def take(
        self, environment: Environment, flow: Flow, owner: Credential, form: Form, fault: Fault | None
    ) -> Answer:
        """One document for reporting or clearance. It is journaled, and remembered, when this returns."""
        turned_away = self._wrong_door(environment, flow, form)
        if turned_away is not None:
            self._write("turned_away", environment, flow, owner.unit, form, fault, verdict="not_processed")
            return turned_away
        known = self._known(environment, form)
        if known is not None:
            return self._again(environment, flow, owner, form, fault, known)
        findings = self._findings(environment, flow, owner, form)
        if fault is not None and fault.kind == "reject":
            findings.insert(0, error(fault.argument or "SANDBOX-REJECT", "refused as told"))
        return self._settled(environment, flow, owner, form, fault, findings)

    def _wrong_door(self, environment: Environment, flow: Flow, form: Form) -> Answer | None:
        off = environment.segment in self.habits.clearance_off
        if flow == "clearance" and off:
            return answers.clearance_off()
        if flow == "reporting" and not off and form.kind[0] == "01":
            return answers.clearance_on()
        return None

    def _known(self, environment: Environment, form: Form) -> dict[str, Any] | None:
        """The same document, accepted before and not too long ago."""
        known = self.accepted.get((environment.segment, form.hash))
        if known is None or form.hash != form.claimed_hash:
            return None
        age = self.now() - datetime.fromisoformat(known["judged"])
        return known if age < timedelta(hours=self.habits.duplicate_hours) else None

    def _again(
        self,
        environment: Environment,
        flow: Flow,
        owner: Credential,
        form: Form,
        fault: Fault | None,
        known: dict[str, Any],
    ) -> Answer:
        told = _already(flow, known["cleared"])
        self._write(
            "duplicate", environment, flow, owner.unit, form, fault, verdict="accepted", status=told.status
        )
        return told

    def _findings(self, environment: Environment, flow: Flow, owner: Credential, form: Form) -> list[Finding]:
        parent = self.registry.find(environment.segment, owner.parent)
        case = Case(
            form,
            flow,
            owner,
            self.now(),
            parent_text=parent.certificate_text if parent is not None else "",
            strict=self.habits.strict,
        )
        return judged(case)

    def _settled(
        self,
        environment: Environment,
        flow: Flow,
        owner: Credential,
        form: Form,
        fault: Fault | None,
        findings: list[Finding],
    ) -> Answer:
        refused = any(one.severity == "ERROR" for one in findings)
        status = 400 if refused else 202 if findings else 200
        stamped = ""
        if flow == "clearance" and not refused and form.root is not None:
            stamped = b64encode(cleared(form.root.element, environment.segment, self.now())).decode()
        again = (environment.segment, form.uuid, form.wire_sha256) in self._seen
        self._write(
            "duplicate" if again else "processed",
            environment,
            flow,
            owner.unit,
            form,
            fault,
            verdict="refused" if refused else "accepted",
            status=status,
            findings=findings,
            cleared=stamped,
        )
        if fault is not None and fault.kind == "duplicate" and not refused:
            return _already(flow, stamped)
        return _told(flow, status, findings, stamped)

    def comply(self, environment: Environment, owner: Credential, form: Form, fault: Fault | None) -> Answer:
        """One compliance document: judged as in earnest, but not recorded as submitted."""
        findings = self._findings(environment, "compliance", owner, form)
        if fault is not None and fault.kind == "reject":
            findings.insert(0, error(fault.argument or "SANDBOX-REJECT", "refused as told"))
        refused = any(one.severity == "ERROR" for one in findings)
        status = 400 if refused else 202 if findings else 200
        self._write(
            "compliance",
            environment,
            "compliance",
            owner.unit,
            form,
            fault,
            verdict="refused" if refused else "accepted",
            status=status,
            findings=findings,
        )
        step = STEPS.get(form.kind)
        if not refused and step is not None:
            self.registry.passed(owner, step)
        results = validation(findings, valid=schema_valid(findings))
        if form.kind[0] == "02":
            body = answers.judged(results, reporting=_WORDS["reporting"][refused])
        else:
            body = answers.judged(results, clearance=_WORDS["clearance"][refused])
        return answer(status, body)

    def note_fault(self, environment: Environment, facts: dict[str, str], fault: Fault, body: bytes) -> None:
        """Journal a request that was turned away before anything in it was looked at."""
        self.journal.write(
            {
                "event": "fault",
                "authority": AUTHORITY,
                **facts,
                "environment": environment.segment,
                "sha256": hashlib.sha256(body).hexdigest(),
                "verdict": "not_processed",
                "fault": fault.text,
                "answered": False,
            }
        )

    def _write(
        self,
        event: str,
        environment: Environment,
        flow: Flow,
        unit: str,
        form: Form,
        fault: Fault | None,
        *,
        verdict: str,
        status: int = 303,
        findings: list[Finding] | None = None,
        cleared: str = "",
    ) -> None:
        listed = findings or []
        written = self.journal.write(
            {
                "event": event,
                "authority": AUTHORITY,
                "dialect": AUTHORITY,
                "environment": environment.segment,
                "flow": flow,
                "unit": unit,
                "instance_id": form.uuid,
                "number": form.number,
                "type": "".join(form.kind),
                "icv": form.icv,
                "pih": form.pih,
                "hash": form.hash,
                "sha256": form.wire_sha256,
                "document_sha256": hashlib.sha256(form.document).hexdigest(),
                "size": form.size,
                "verdict": verdict,
                "status": status,
                "rules": [one.code for one in listed],
                "details": [one.message for one in listed[:20]],
                "fault": "" if fault is None else fault.text,
                "answered": fault is None or fault.kind in ("stall", "reject", "duplicate"),
                "judged": "" if findings is None else self.now().isoformat(),
                "cleared": cleared,
                "document": b64encode(form.document).decode(),
            }
        )
        self._recall(written)


def _told(flow: Flow, status: int, findings: list[Finding], stamped: str) -> Answer:
    refused = status == 400
    results = validation(findings, valid=schema_valid(findings))
    word = _WORDS[flow][refused]
    if flow == "reporting":
        return answer(status, answers.judged(results, reporting=word), Particulars())
    body = {**answers.judged(results, clearance=word), "clearedInvoice": None if refused else stamped}
    return answer(status, body, Particulars(cleared=stamped))


def _already(flow: Flow, stamped: str) -> Answer:
    """The answer to a document that was accepted before: 208 or 409, the latter with its misleading body."""
    if flow == "reporting":
        body = answers.judged(validation([REPORTED_EARLIER]), reporting="NOT_REPORTED")
        return answer(409, body, Particulars())
    results = answers.judged(validation([CLEARED_EARLIER]), clearance="CLEARED")
    whole = {**results, "clearedInvoice": stamped} if stamped else results
    return answer(208, whole, Particulars(cleared=stamped))
