"""The shapes of the authority's answers, its misspellings included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tallystick.sandbox.fatoora.finding import Finding

TOKEN_TYPE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"  # noqa: S105
_JSON = "application/json"
VALID = {
    "type": "INFO",
    "code": "XSD_ZATCA_VALID",
    "category": "XSD validation",
    "message": "Complied with UBL 2.1 standards in line with ZATCA specifications",
    "status": "PASS",
}
CLEARED_EARLIER = Finding(
    "WARNING", "Invoice-Errors", "Duplicate-Invoice", "Invoice was already cleared successfully earlier."
)
REPORTED_EARLIER = Finding(
    "ERROR", "Invoice-Errors", "Duplicate-Invoice", "Invoice was already reported successfully earlier."
)
WRONG_HASH = Finding(
    "ERROR",
    "invalid-invoice-hash",
    "INVOICE_HASHING_ERRORS",
    "The invoice hash API body does not match the (calculated) Hash of the XML",
)
WRONG_VAT = Finding(
    "ERROR",
    "certificate-permissions",
    "certificate-permissions",
    "User only allowed to use the vat number that exists in the authentication certificate",
)


@dataclass(frozen=True, slots=True)
class Particulars:
    """What was really given, for an answer of a certain shape to carry it."""

    request_id: int = 1234567890123
    token: str = ""
    secret: str = ""
    cleared: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `given` is kept so that the same result can be told in another shape."""

    status: int
    body: bytes
    media_type: str = _JSON
    headers: dict[str, str] = field(default_factory=dict)
    given: Particulars | None = None


def answer(status: int, body: Any, given: Particulars | None = None, **headers: str) -> Answer:
    """A JSON answer."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Answer(status, msgspec.json.encode(body), _JSON, named, given)


def text(status: int, body: str) -> Answer:
    """An answer that is no JSON."""
    return Answer(status, body.encode(), "text/plain")


def validation(findings: Iterable[Finding], *, valid: bool = True) -> dict[str, Any]:
    """`validationResults`: what was found, sorted by severity, with the word for all of it."""
    listed = list(findings)
    errors = [one.item() for one in listed if one.severity == "ERROR"]
    warnings = [one.item() for one in listed if one.severity == "WARNING"]
    word = "ERROR" if errors else "WARNING" if warnings else "PASS"
    return {
        "infoMessages": [VALID] if valid else [],
        "warningMessages": warnings,
        "errorMessages": errors,
        "status": word,
    }


def judged(
    results: dict[str, Any], *, reporting: str | None = None, clearance: str | None = None
) -> dict[str, Any]:
    """The body about a document: the validation results and one word for each flow."""
    return {
        "validationResults": results,
        "reportingStatus": reporting,
        "clearanceStatus": clearance,
        "qrSellertStatus": None,
        "qrBuyertStatus": None,
    }


def credential(given: Particulars, disposition: str = "ISSUED", *, typed: bool = True) -> dict[str, Any]:
    """The body that carries a credential."""
    named = {"tokenType": TOKEN_TYPE} if typed else {}
    return {
        "requestID": given.request_id,
        **named,
        "dispositionMessage": disposition,
        "binarySecurityToken": given.token,
        "secret": given.secret,
        "errors": None,
    }


def coded(code: str, message: str) -> dict[str, Any]:
    """A refusal as a list of codes."""
    return {"errors": [{"code": code, "message": message}]}


def invalid_otp(message: str = "The provided OTP is invalid") -> Answer:
    """The code is unknown, used up, too old, or somebody else's."""
    return answer(400, coded("Invalid-OTP", message))


def missing_otp() -> Answer:
    """No code was sent."""
    return answer(400, {"code": "Missing-OTP", "message": "OTP is required field"})


def invalid_csr() -> Answer:
    """A request that is not as it must be; the reason is never told."""
    text = "The provided Certificate Signing Request (CSR) is invalid."
    return answer(400, {"errorCode": "400", "errorCategory": "Invalid-CSR", "errorMessage": text})


def long_csr() -> Answer:
    """The flat shape, about a serial number that is too long."""
    return answer(
        400,
        {
            "type": "ERROR",
            "code": "EXCEED_CHARACTER_LIMIT",
            "category": "CSR_VALIDATION",
            "message": "The provided Certificate Signing Request (CSR) is invalid. Maximum number of "
            "characters for Serial Number should be less than or equal to 64.",
            "status": "ERROR",
        },
    )


def not_compliant() -> Answer:
    """The shape with a disposition and texts: the authority could not certify the request."""
    body = {
        "requestID": None,
        "dispositionMessage": "NOT_COMPLIANT",
        "errors": ["unable to submit and sign the csr..."],
    }
    return answer(400, body)


def invalid_request_id() -> Answer:
    """A compliance request id that is not the one of the credential."""
    return answer(400, coded("Invalid-ComplianceRequestId", "The provided compliance request id is invalid"))


def missing_steps(steps: Iterable[str]) -> Answer:
    """Compliance documents that have not passed yet."""
    message = f"Compliance steps for this CSID are not yet complete. Missing steps: [{','.join(steps)}]"
    return answer(400, coded("Missing-ComplianceSteps", message))


def unauthorized(at: float = 1654514661.409) -> Answer:
    """No credential, a wrong one, or one that is no longer good. `at`: seconds of the epoch."""
    body = {"timestamp": int(at * 1000), "status": 401, "error": "Unauthorized", "message": ""}
    return answer(401, body)


def no_version() -> Answer:
    """`Accept-Version` is missing or unknown."""
    return text(406, "This Version is not supported or not provided in the header.")


def too_large() -> Answer:
    """The gateway did not take it in."""
    return text(413, "<html><body>Request Entity Too Large</body></html>")


def unreadable() -> Answer:
    """A body that is not the JSON it should be."""
    return answer(400, {"code": "Invalid-Request", "message": "System failed to process your request"})


def clearance_off() -> Answer:
    """Sent to clearance while it is switched off. The misspelling is the authority's."""
    place = "Please use the /invoices/reporting/single endpoint instead."
    return answer(303, {"message": f"Clearance is deactiviated. {place}"})


def clearance_on() -> Answer:
    """A standard document was reported while clearance is on."""
    place = "Please use the /invoices/clearance/single endpoint instead."
    return answer(303, {"message": f"Clearance is activated. {place}"})
