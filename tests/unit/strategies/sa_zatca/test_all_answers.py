"""Each of the 43 answers on record is an answer to something, and has there the verdict that it deserves."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpx import Request, Response

from tallystick.conformance.trial import trial_signer
from tallystick.keys import Secret
from tallystick.strategy import GOOD, Enrolment, Outcome, Stage, Verdict
from unit.strategies.sa_zatca.cases import CASES
from unit.strategies.sa_zatca.test_answers import SEEN as OF_DOCUMENTS
from unit.strategies.sa_zatca.test_answers import document, fixture, talk
from unit.strategies.sa_zatca.test_onboarding import CODE, SIGNER, enrolment, onboarding

CREDENTIAL = {"token": Secret("dG9rZW4tb2YtdGhlLWNoZWNrcw=="), "secret": Secret("secret-of-the-checks")}


def stage(name: str, **facts: str) -> Stage:
    """A stage at which an answer comes in; its certificate is that of the test enrolment."""
    told = json.loads((CASES / "enrolment.json").read_bytes())["settings"]
    return Stage(
        name=name,
        wants_code=name in ("compliance", "renewal"),
        drains=name == "renewal",
        facts={"request_id": "1", **facts},
        secrets=CREDENTIAL,
        settings={"certificate": told["certificate"]},
    )


COMPLIANCE, RENEWAL, PRODUCTION = stage("compliance"), stage("renewal"), stage("production")
SIMPLIFIED = stage("checks", checks_left="simplified-compliant,simplified-credit-note-compliant")
STANDARD = stage("checks", checks_left="standard-compliant")

OF_ONBOARDING: list[tuple[Stage, str, Verdict | str]] = [
    (COMPLIANCE, "compliance-200", "checks"),
    (COMPLIANCE, "compliance-200-with-tokentype", "checks"),
    *(
        (COMPLIANCE, f"compliance-400-{name}", Verdict.REJECTED)
        for name in ("csr-flat", "invalid-csr", "invalid-otp", "missing-otp", "not-compliant")
    ),
    (SIMPLIFIED, "compliance-invoices-200-simplified", "checks"),
    (STANDARD, "compliance-invoices-200-standard", "production"),
    (STANDARD, "compliance-invoices-200-simplified", Verdict.UNKNOWN),
    (SIMPLIFIED, "compliance-invoices-200-standard", Verdict.UNKNOWN),
    (SIMPLIFIED, "compliance-invoices-400-hash", Verdict.REJECTED),
    (PRODUCTION, "production-csids-200", "done"),
    (PRODUCTION, "production-csids-400-invalid-request-id", Verdict.REJECTED),
    (PRODUCTION, "production-csids-400-missing-steps", "checks"),
    (RENEWAL, "renewal-200", "done"),
    (RENEWAL, "renewal-200-not-compliant", "checks"),
    (RENEWAL, "renewal-428", "checks"),
    *(
        (each, name, verdict)
        for each in (COMPLIANCE, SIMPLIFIED, PRODUCTION, RENEWAL)
        for name, verdict in {
            "any-401": Verdict.HALTED,
            "any-406": Verdict.REJECTED,
            "any-413": Verdict.REJECTED,
            "any-429": Verdict.RETRY,
            "any-500": Verdict.UNKNOWN,
            "any-500-invalid-request": Verdict.UNKNOWN,
            "any-503": Verdict.UNKNOWN,
            "any-504": Verdict.UNKNOWN,
        }.items()
    ),
]


SAME_WORDS = {"clearance": "standard", "reporting": "simplified"}
"""A checked document is told of in the words of a cleared or reported one."""


class Named:
    """A signer that passes for the one of a certificate on record: its key is nobody's."""

    algorithm = SIGNER.algorithm
    sign = staticmethod(SIGNER.sign)

    def __init__(self, public_der: bytes) -> None:
        self.public_der = public_der


def asks(here: Stage, answer: Response) -> Enrolment:
    """Who asks at this stage: the checks' documents are really stamped, elsewhere the key is the answer's."""
    if here.name == "checks":
        return enrolment(trial_signer("sa_zatca", "ES256K"))
    body = answer.json() if answer.headers["content-type"] == "application/json" else {}
    content = body.get("value") or body
    if not content.get("binarySecurityToken"):
        return enrolment()
    text = content["binarySecurityToken"]
    certificate = x509.load_der_x509_certificate(base64.b64decode(base64.b64decode(text)))
    named: Any = Named(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return enrolment(named)


def comes_to(here: Stage, answer: Response) -> Stage | Outcome:
    """What the stage makes of the answer."""
    steps = onboarding.advance(here, asks(here, answer), CODE if here.wants_code else None)
    answer.request = Request(next(steps).method, "https://fatoora.test")
    with pytest.raises(StopIteration) as stop:
        steps.send(answer)
    found: Stage | Outcome = stop.value.value
    return found


@pytest.mark.parametrize(("here", "name", "end"), OF_ONBOARDING, ids=lambda each: getattr(each, "name", each))
def test_each_answer_of_an_onboarding_leads_where_it_should(
    shared: Path, here: Stage, name: str, end: Verdict | str
) -> None:
    found = comes_to(here, fixture(shared, name))

    assert (found.name if isinstance(found, Stage) else found.verdict) == end, found
    assert not isinstance(found, Stage) or found.done == (end == "done")


def test_all_43_answers_are_on_one_list_with_their_verdicts(shared: Path) -> None:
    recorded = {path.stem for path in (shared / "official/zatca/api-fixtures").glob("*.json")}
    switched, requests = talk(
        document("clearance"), fixture(shared, "clearance-303"), fixture(shared, "reporting-200")
    )
    tried = {name for _, name, _ in OF_DOCUMENTS} | {name for _, name, _ in OF_ONBOARDING} | {"clearance-303"}

    assert (switched.verdict, len(requests)) == (Verdict.REPORTED, 2)
    assert len(recorded) == 43
    assert tried == recorded


def test_no_answer_to_one_question_is_a_success_of_another(shared: Path) -> None:
    """A body that came to the wrong place is not taken for what was hoped for, unless it says so in full."""
    names = sorted(path.stem for path in (shared / "official/zatca/api-fixtures").glob("*.json"))
    good = {(flow, name) for flow, name, verdict in OF_DOCUMENTS if verdict in GOOD}
    good |= {(flow, f"compliance-invoices-200-{kind}") for flow, kind in SAME_WORDS.items()}
    taken = {
        (flow, name)
        for name in names
        for flow in ("clearance", "reporting")
        if talk(document(flow), fixture(shared, name))[0].verdict in GOOD
    }

    assert taken <= good
