"""How a unit comes to its production CSID: enrolment by OTP, renewal, takeover of a unit that ran elsewhere.

enrol: `compliance` (OTP; CSR for a compliance CSID) → `checks` (one document each) → `production` → done.
renew: `renewal` (OTP; drains) → done, or, where the authority wants the documents again, `checks` and so on.
takeover: `takeover` compares key and certificate, and asks nobody.
"""

import base64
import hashlib
import re
from collections.abc import Generator, Mapping
from typing import Any, Final

import msgspec
from httpx import Request, Response
from msgspec import structs

from tallystick.canonical import Fault
from tallystick.keys import Secret
from tallystick.strategy import Enrolment, Onboarding, Outcome, Purpose, Slot, Stage, Verdict

from .answers import heard, object_in
from .certificate import certificate_of
from .onboarding_answers import (
    Credential,
    certificate_in,
    credential_in,
    expiry_of,
    refusal,
    refused_in,
    unread,
)
from .onboarding_documents import STEPS, document_of, steps_of
from .onboarding_request import faults_of, request_of
from .settings import SECRET, TOKEN, Settings
from .submitting import content_of, headers_of

__all__ = ["advance", "begin"]

_COMPLIANCE: Final = "compliance"
_CHECKS: Final = "checks"
_PRODUCTION: Final = "production"
_RENEWAL: Final = "renewal"
_TAKEOVER: Final = "takeover"
_DONE: Final = "done"
_NEEDED_TO_TAKE_OVER: Final = frozenset({"/tax_identifier", "/environment"})
_hash: Final = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII).fullmatch
_number: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII).fullmatch
_step_names: Final = re.compile(r"[a-z-]+-compliant", re.ASCII)


def begin(purpose: Purpose, given: Mapping[str, str], enrolment: Enrolment) -> Stage | tuple[Fault, ...]:
    """The first stage, or every fault. `given` for a takeover: `icv` and `last_hash` of the last document."""
    if purpose == "takeover":
        return _takeover(given, enrolment)
    faults = tuple(faults_of(enrolment))
    if faults:
        return faults
    if purpose == "renew":
        return Stage(name=_RENEWAL, wants_code=True, drains=True)
    return Stage(name=_COMPLIANCE, wants_code=True)


def advance(stage: Stage, enrolment: Enrolment, code: Secret | None) -> Onboarding:
    """The step that the stage is named for."""
    if stage.name == _TAKEOVER:
        return _taken_over(stage, enrolment)
    if stage.name == _COMPLIANCE:
        return (yield from _compliance(enrolment, code))
    if stage.name == _RENEWAL:
        return (yield from _renewal(enrolment, code))
    if stage.name == _CHECKS:
        return (yield from _check(stage, enrolment))
    if stage.name == _PRODUCTION:
        return (yield from _production(stage, enrolment))
    return Outcome(verdict=Verdict.HALTED, detail=f"There is no stage {stage.name}.")


def _compliance(enrolment: Enrolment, code: Secret | None) -> Generator[Request, Response, Stage | Outcome]:
    """OTP and request for the compliance CSID."""
    answer = yield _with_code("POST", "/compliance", enrolment, code, {})
    credential = credential_in(object_in(answer, {})) if answer.status_code == 200 else None
    if credential is None or not credential.compliant:
        return _no_credential(answer, "the certificate request")
    return _to_be_checked(credential, enrolment)


def _renewal(enrolment: Enrolment, code: Secret | None) -> Generator[Request, Response, Stage | Outcome]:
    """OTP and request under the credential in force: its successor, or a compliance CSID to be checked."""
    answer = yield _with_code("PATCH", "/production/csids", enrolment, code, headers_of(enrolment))
    credential = credential_in(object_in(answer, {})) if answer.status_code in (200, 428) else None
    if credential is None:
        return _no_credential(answer, "the renewal")
    if credential.compliant and answer.status_code == 200:
        return _owned(credential, enrolment, "")
    return _to_be_checked(credential, enrolment)


def _check(stage: Stage, enrolment: Enrolment) -> Generator[Request, Response, Stage | Outcome]:
    """The next document for which the authority has not yet said that it complies."""
    step, *rest = stage.facts["checks_left"].split(",")
    checked = _under(stage, enrolment)
    document = document_of(step, checked)
    answer = yield Request(
        "POST",
        _url(enrolment, "/compliance/invoices"),
        headers=headers_of(checked),
        content=content_of(document),
    )
    said = object_in(answer, {}) or {}
    member, word = (
        ("clearanceStatus", "CLEARED") if STEPS[step][0] == "standard" else ("reportingStatus", "REPORTED")
    )
    read = heard(said, member)
    if answer.status_code in (200, 202) and read.word == word and not read.against:
        return _checked(stage, step, rest)
    if answer.status_code == 400 and read.errors:
        return refusal(answer, (*read.errors, *read.warnings), f"the document for {step}")
    return unread(answer, f"the document for {step}")


def _checked(stage: Stage, step: str, rest: list[str]) -> Stage:
    """One document less to be checked."""
    done = ",".join(filter(None, (stage.facts.get("checked", ""), step)))
    facts = {**stage.facts, "checked": done, "checks_left": ",".join(rest)}
    return structs.replace(stage, name=_CHECKS if rest else _PRODUCTION, facts=facts)


def _production(stage: Stage, enrolment: Enrolment) -> Generator[Request, Response, Stage | Outcome]:
    """The production CSID, where all documents comply; what the authority misses is checked once more."""
    answer = yield Request(
        "POST",
        _url(enrolment, "/production/csids"),
        headers=headers_of(_under(stage, enrolment)),
        content=msgspec.json.encode({"compliance_request_id": stage.facts["request_id"]}),
    )
    said = object_in(answer, {})
    credential = credential_in(said) if answer.status_code == 200 else None
    if credential is not None and credential.compliant:
        return _owned(credential, enrolment, stage.settings.get("certificate", ""))
    missing = _missing(said) if answer.status_code == 400 else ()
    if missing and "again" not in stage.facts:
        facts = {**stage.facts, "checks_left": ",".join(missing), "again": "yes"}
        return structs.replace(stage, name=_CHECKS, facts=facts)
    return _no_credential(answer, "the production certificate")


def _missing(said: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The checks that a refusal names as missing."""
    faults = tuple(refused_in(said or {}))
    named = {
        name
        for fault in faults
        if fault.rule is not None and fault.rule.id == "Missing-ComplianceSteps"
        for name in _step_names.findall(fault.message)
    }
    return tuple(step for step in STEPS if step in named)


def _takeover(given: Mapping[str, str], enrolment: Enrolment) -> Stage | tuple[Fault, ...]:
    """The unit as it is said to run elsewhere, if all of it is there and can be read."""
    token, secret = enrolment.secrets.get(TOKEN), enrolment.secrets.get(SECRET)
    certificate = certificate_in(token.reveal()) if token else None
    icv, last = given.get("icv", ""), given.get("last_hash", "")
    faults = [fault for fault in faults_of(enrolment) if fault.pointer in _NEEDED_TO_TAKE_OVER]
    if not _number(icv):
        faults.append(_given("/given/icv", "The ICV of the unit's last document, a whole number from 1."))
    if not _hash(last):
        faults.append(_given("/given/last_hash", "The hash of the unit's last document, 32 bytes in base64."))
    if certificate is None:
        faults.append(_given("/secrets/token", "The binarySecurityToken exactly as it was returned."))
    if not secret:
        faults.append(_given("/secrets/secret", "The secret that came with the token."))
    if faults or token is None or secret is None or certificate is None:
        return tuple(faults)
    return Stage(
        name=_TAKEOVER,
        facts={"icv": icv, "last_hash": last},
        secrets={TOKEN: token, SECRET: secret},
        settings={"certificate": certificate},
    )


def _given(pointer: str, wanted: str) -> Fault:
    return Fault(
        code="registration/bad-takeover", pointer=pointer, message="Missing or malformed.", expected=wanted
    )


def _taken_over(stage: Stage, enrolment: Enrolment) -> Stage | Outcome:
    """The unit as it ran elsewhere, if key, certificate and taxpayer belong together."""
    text = stage.settings["certificate"]
    certificate = certificate_of(text)
    if enrolment.signer is None or certificate.public_der != enrolment.signer.public_der:
        return Outcome(
            verdict=Verdict.REJECTED, detail="The private key is not the one of the token's certificate."
        )
    if certificate.tax_number != enrolment.tax_identifier:
        return Outcome(
            verdict=Verdict.REJECTED,
            detail=f"The certificate is of VAT number {certificate.tax_number}, not of the registration's.",
        )
    chain = _chain(text)
    return Stage(
        name=_DONE,
        secrets=stage.secrets,
        settings={"certificate": text, "chain": chain},
        done=True,
        slot=Slot(int(stage.facts["icv"]), stage.facts["last_hash"]),
        chain=chain,
        expires_at=expiry_of(text),
    )


def _with_code(
    method: str, path: str, enrolment: Enrolment, code: Secret | None, headers: Mapping[str, str]
) -> Request:
    """A call that uses up an OTP, with the new key's certificate request."""
    if enrolment.signer is None or code is None:
        raise ValueError("the step wants a key and a code")
    plain = {
        "Accept-Version": "V2",
        "Accept": "application/json",
        "Accept-Language": "en",
        "Content-Type": "application/json",
    }
    return Request(
        method,
        _url(enrolment, path),
        headers={**plain, **headers, "OTP": code.reveal()},
        content=msgspec.json.encode({"csr": request_of(enrolment, enrolment.signer)}),
    )


def _url(enrolment: Enrolment, path: str) -> str:
    return f"{enrolment.endpoint.rstrip('/')}{path}"


def _to_be_checked(credential: Credential, enrolment: Enrolment) -> Stage | Outcome:
    """A compliance CSID in hand: its documents come next."""
    if not _is_ours(credential, enrolment):
        return _foreign()
    steps = steps_of(_settings(enrolment).title)
    return Stage(
        name=_CHECKS,
        facts={"request_id": credential.request_id, "checks_left": ",".join(steps)},
        secrets={TOKEN: credential.token, SECRET: credential.secret},
        settings={"certificate": credential.certificate},
    )


def _owned(credential: Credential, enrolment: Enrolment, checked: str) -> Stage | Outcome:
    """A production CSID in hand: the unit's own from here on, and its documents a new chain.

    The developers' sandbox hands out the same certificate to everybody: there the compliance certificate,
    which is of our key, goes on stamping.
    """
    certificate = credential.certificate
    if not _is_ours(credential, enrolment):
        if enrolment.environment != "sandbox" or not checked:
            return _foreign()
        certificate = checked
    return Stage(
        name=_DONE,
        facts={"request_id": credential.request_id},
        secrets={TOKEN: credential.token, SECRET: credential.secret},
        settings={"certificate": certificate, "chain": _chain(certificate)},
        done=True,
        expires_at=expiry_of(credential.certificate),
    )


def _is_ours(credential: Credential, enrolment: Enrolment) -> bool:
    signer = enrolment.signer
    return signer is not None and certificate_of(credential.certificate).public_der == signer.public_der


def _foreign() -> Outcome:
    return Outcome(verdict=Verdict.REJECTED, detail="The certificate that came is not of the unit's key.")


def _chain(certificate: str) -> str:
    """A new certificate, a new chain: its fingerprint, so that a unit that is taken over twice, under two
    registrations, is one chain all the same.
    """
    return hashlib.sha256(base64.b64decode(certificate)).hexdigest()


def _no_credential(answer: Response, what: str) -> Outcome:
    """Why there is no CSID: what the authority says, or that it cannot be read."""
    said = object_in(answer, {})
    faults = tuple(refused_in(said)) if said is not None and answer.status_code in (200, 400, 428) else ()
    return refusal(answer, faults, what) if faults else unread(answer, what)


def _under(stage: Stage, enrolment: Enrolment) -> Enrolment:
    """The enrolment under the compliance CSID: its credential, and its certificate in what is built."""
    settings = structs.replace(_settings(enrolment), certificate=str(stage.settings["certificate"]))
    return structs.replace(enrolment, secrets=stage.secrets, settings=settings)


def _settings(enrolment: Enrolment) -> Settings:
    return enrolment.settings if isinstance(enrolment.settings, Settings) else Settings()
