"""The counter where credentials are given: compliance, production, renewal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from tallystick.sandbox.fatoora import answers
from tallystick.sandbox.fatoora.answers import Answer, Particulars, answer, credential
from tallystick.sandbox.fatoora.environments import Environment
from tallystick.sandbox.fatoora.office import Fatoora
from tallystick.sandbox.fatoora.registry import AUTHORITY, Credential, Kind
from tallystick.sandbox.fatoora.request_file import Refused, UnitRequest, read_request


class _Asked(msgspec.Struct):
    csr: str


class _Production(msgspec.Struct):
    compliance_request_id: str


class Counter:
    """Gives credentials out. A refusal's reason is in the journal (`refused_request`), not in the answer."""

    def __init__(self, office: Fatoora) -> None:
        self.office = office

    def compliance(self, environment: Environment, code: str | None, body: bytes) -> Answer:
        """A one-time code and a request, for a compliance credential."""
        asked = self._admitted(environment, code, body)
        if isinstance(asked, Answer):
            return asked
        request, text = asked
        return answer(200, *self._given(environment, request, "compliance", text, typed=False))

    def production(self, environment: Environment, owner: Credential, body: bytes) -> Answer:
        """A compliance credential whose documents have passed, for a production credential."""
        try:
            said = msgspec.json.decode(body, type=_Production)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return answers.invalid_request_id()
        if said.compliance_request_id != owner.unit:
            return answers.invalid_request_id()
        missing = owner.missing() if environment.gate else []
        if missing:
            self._refused(environment, "Missing-ComplianceSteps", unit=owner.unit)
            return answers.missing_steps(missing)
        request = read_request(owner.request_pem, environment.template)
        former = self.office.registry.of_parent(environment.segment, owner.unit)
        told = self._given(
            environment, request, "production", owner.request_pem, parent=owner.unit, renews=owner.renews
        )
        for one in former:
            self.office.registry.revoke(one, "given once more")
        self._retire(environment, owner.renews)
        return answer(200, *told)

    def renewal(self, environment: Environment, owner: Credential, code: str | None, body: bytes) -> Answer:
        """A new key for a unit: a new compliance credential, or at once a production one."""
        asked = self._admitted(environment, code, body, owner)
        if isinstance(asked, Answer):
            return asked
        request, text = asked
        way = self.office.habits.renewal
        if way == "200" or (way == "auto" and environment.wraps):
            told, given = self._given(environment, request, "production", text, renews=owner.unit)
            self._retire(environment, owner.unit)
            return answer(200, {"value": told} if environment.wraps else told, given)
        told, given = self._given(
            environment, request, "compliance", text, renews=owner.unit, disposition="NOT_COMPLIANT"
        )
        return answer(200 if way == "not_compliant" else 428, told, given)

    def _retire(self, environment: Environment, unit: str) -> None:
        """The old certificate is revoked once the new one is out."""
        old = self.office.registry.find(environment.segment, unit) if unit else None
        if old is not None:
            self.office.registry.revoke(old, "renewed")

    def _admitted(
        self, environment: Environment, code: str | None, body: bytes, owner: Credential | None = None
    ) -> tuple[UnitRequest, str] | Answer:
        """The request if code and request are good; the code is used up either way."""
        if not code:
            return answers.missing_otp()
        vat, trouble = self.office.registry.use_code(environment, code)
        if trouble:
            self._refused(environment, f"one-time code: {trouble}")
            return answers.invalid_otp(f"The provided OTP is {trouble}")
        try:
            text = msgspec.json.decode(body, type=_Asked).csr
            request = read_request(text, environment.template)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            self._refused(environment, f"no JSON with csr: {problem}")
            return answers.invalid_csr()
        except Refused as problem:
            self._refused(environment, problem.reason)
            return answers.long_csr() if problem.kind == "too_long" else answers.invalid_csr()
        return self._welcome(environment, request, text, vat, owner)

    def _welcome(
        self, environment: Environment, request: UnitRequest, text: str, vat: str, owner: Credential | None
    ) -> tuple[UnitRequest, str] | Answer:
        if vat and vat != request.vat:
            self._refused(environment, "the one-time code is another taxpayer's")
            return answers.invalid_otp()
        if owner is not None and owner.vat != request.vat:
            self._refused(environment, "a renewal for another VAT number")
            return answers.invalid_csr()
        if self.office.registry.known_key(request.key):
            self._refused(environment, "this key was certified before")
            return answers.not_compliant()
        return request, text

    def _given(
        self,
        environment: Environment,
        request: UnitRequest,
        kind: Kind,
        text: str,
        *,
        parent: str = "",
        renews: str = "",
        disposition: str = "ISSUED",
        typed: bool = True,
    ) -> tuple[dict[str, Any], Particulars]:
        issued, secret = self.office.registry.certify(
            environment,
            request,
            kind=kind,
            lifetime=timedelta(days=self.office.habits.lifetime_days),
            pem=text,
            parent=parent,
            renews=renews,
        )
        given = Particulars(request_id=int(issued.unit), token=issued.token, secret=secret)
        return credential(given, disposition, typed=typed), given

    def _refused(self, environment: Environment, reason: str, **facts: str) -> None:
        self.office.journal.write(
            {
                "event": "refused_request",
                "authority": AUTHORITY,
                "environment": environment.segment,
                "reason": reason,
                **facts,
            }
        )
