"""The six calls over HTTP: headers first, then the fault of the day, then the work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, Router, patch, post
from litestar.params import FromPath

from tallystick.sandbox.fatoora import answers
from tallystick.sandbox.fatoora.answers import Answer
from tallystick.sandbox.fatoora.canned import OBSERVED, canned, refuses
from tallystick.sandbox.fatoora.counter import Counter
from tallystick.sandbox.fatoora.environments import ENVIRONMENTS, Environment
from tallystick.sandbox.fatoora.form import BadForm, Form, read_form
from tallystick.sandbox.fatoora.judgement import Flow
from tallystick.sandbox.fatoora.office import Fatoora
from tallystick.sandbox.fatoora.registry import AUTHORITY, Credential, Kind
from tallystick.sandbox.faults import Fault
from tallystick.sandbox.wire import tell

_LARGEST = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: where, what for, by whom it claims to be, and what it brings."""

    office: Fatoora
    environment: Environment
    operation: str
    flow: str
    headers: dict[str, str]
    body: bytes
    form: Form | None

    @property
    def claimed(self) -> Credential | None:
        """Whose token is shown, good or not."""
        return self.office.registry.claimed(self.environment.segment, self.headers.get("authorization", ""))

    def facts(self) -> dict[str, str]:
        """What a standing order can match on."""
        owner = self.claimed
        return {
            "dialect": AUTHORITY,
            "operation": self.operation,
            "environment": self.environment.segment,
            "flow": self.flow,
            "unit": "" if owner is None else owner.unit,
            "sender": "" if owner is None else owner.vat,
            "number": "" if self.form is None else self.form.number,
            "instance_id": "" if self.form is None else self.form.uuid,
        }

    def owner(self, kind: Kind) -> Credential | None:
        """The credential, if it is good and of this kind."""
        header = self.headers.get("authorization", "")
        known = self.office.registry.authenticated(self.environment.segment, header)
        return known if known is not None and known.kind == kind else None


Work = Callable[[Visit, Fault | None], Answer]


async def _served(
    request: Request[Any, Any, Any], segment: str, operation: str, flow: str, work: Work
) -> Response[bytes]:
    environment = ENVIRONMENTS.get(segment)
    if environment is None:
        return Response(b"", status_code=404)
    body = await request.body()
    visit = Visit(
        request.app.state.fatoora,
        environment,
        operation,
        flow,
        dict(request.headers),
        body,
        _form(body) if operation in ("submit", "compliance_invoice") else None,
    )
    try:
        fault = request.app.state.point.faults.pick(visit.facts(), visit.headers.get("x-sandbox-fault", ""))
        told = await _under(visit, fault, work)
    except ValueError as problem:
        return Response(str(problem).encode(), status_code=400, media_type="text/plain")
    if fault is not None and not _ours(fault):
        tell(request.scope, fault)
    return Response(told.body, status_code=told.status, media_type=told.media_type, headers=told.headers)


def _form(body: bytes) -> Form | None:
    if len(body) > _LARGEST:
        return None
    try:
        return read_form(body)
    except BadForm:
        return None


async def _under(visit: Visit, fault: Fault | None, work: Work) -> Answer:
    """The answer under a fault. Raises ValueError for an answer that nobody knows."""
    if fault is None:
        return _admitted(visit, None, work)
    if not _processes(fault):
        if fault.kind != "stall":
            visit.office.note_fault(visit.environment, visit.facts(), fault, visit.body)
            return _instead(fault, None)
        await asyncio.sleep(fault.seconds())
    return _instead(fault, _admitted(visit, fault, work))


def _processes(fault: Fault) -> bool:
    if fault.kind == "answer" and not fault.placed:
        return not refuses(fault.argument)
    return fault.processes


def _ours(fault: Fault) -> bool:
    """Whether the answer itself was already changed; what is left is misbehaviour of the connection."""
    return fault.kind == "answer" or f"any-{fault.kind}" in OBSERVED


def _instead(fault: Fault, told: Answer | None) -> Answer:
    if fault.kind == "answer":
        return canned(fault.argument, None if told is None else told.given)
    if f"any-{fault.kind}" in OBSERVED:
        found = canned(f"any-{fault.kind}")
        headers = {"Retry-After": fault.argument} if fault.argument else {}
        return Answer(found.status, found.body, found.media_type, headers)
    return told or Answer(503, b"")


def _admitted(visit: Visit, fault: Fault | None, work: Work) -> Answer:
    if visit.headers.get("accept-version") != "V2":
        return answers.no_version()
    if len(visit.body) > _LARGEST:
        return answers.too_large()
    return work(visit, fault)


def _take(flow: Flow) -> Work:
    def work(visit: Visit, fault: Fault | None) -> Answer:
        owner = visit.owner("production")
        if owner is None:
            return answers.unauthorized(visit.office.now().timestamp())
        if flow == "clearance" and visit.headers.get("clearance-status") == "0":
            return answers.clearance_off()
        if visit.form is None:
            return answers.unreadable()
        return visit.office.take(visit.environment, flow, owner, visit.form, fault)

    return work


def _comply(visit: Visit, fault: Fault | None) -> Answer:
    owner = visit.owner("compliance")
    if owner is None:
        return answers.unauthorized(visit.office.now().timestamp())
    if visit.form is None:
        return answers.unreadable()
    return visit.office.comply(visit.environment, owner, visit.form, fault)


def _compliance(visit: Visit, _: Fault | None) -> Answer:
    return Counter(visit.office).compliance(visit.environment, visit.headers.get("otp"), visit.body)


def _production(visit: Visit, _: Fault | None) -> Answer:
    owner = visit.owner("compliance")
    if owner is None:
        return answers.unauthorized(visit.office.now().timestamp())
    return Counter(visit.office).production(visit.environment, owner, visit.body)


def _renewal(visit: Visit, _: Fault | None) -> Answer:
    owner = visit.owner("production")
    if owner is None:
        return answers.unauthorized(visit.office.now().timestamp())
    return Counter(visit.office).renewal(visit.environment, owner, visit.headers.get("otp"), visit.body)


@post("/compliance", status_code=200)
async def compliance(request: Request[Any, Any, Any], segment: FromPath[str]) -> Response[bytes]:
    """A compliance credential for a request and a one-time code."""
    return await _served(request, segment, "compliance", "", _compliance)


@post("/compliance/invoices", status_code=200)
async def compliance_invoices(request: Request[Any, Any, Any], segment: FromPath[str]) -> Response[bytes]:
    """One compliance document."""
    return await _served(request, segment, "compliance_invoice", "", _comply)


@post("/production/csids", status_code=200)
async def production(request: Request[Any, Any, Any], segment: FromPath[str]) -> Response[bytes]:
    """A production credential for a compliance credential."""
    return await _served(request, segment, "production", "", _production)


@patch("/production/csids", status_code=200)
async def renewal(request: Request[Any, Any, Any], segment: FromPath[str]) -> Response[bytes]:
    """A new key for a unit."""
    return await _served(request, segment, "renewal", "", _renewal)


@post("/invoices/reporting/single", status_code=200)
async def reporting(request: Request[Any, Any, Any], segment: FromPath[str]) -> Response[bytes]:
    """A simplified document, after the fact."""
    return await _served(request, segment, "submit", "reporting", _take("reporting"))


@post("/invoices/clearance/single", status_code=200)
async def clearance(request: Request[Any, Any, Any], segment: FromPath[str]) -> Response[bytes]:
    """A standard document, before it is handed over."""
    return await _served(request, segment, "submit", "clearance", _take("clearance"))


def router() -> Router:
    """All calls of all environments."""
    calls = [compliance, compliance_invoices, production, renewal, reporting, clearance]
    return Router("/e-invoicing/{segment:str}", route_handlers=calls)
