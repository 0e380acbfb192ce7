"""The onboarding's certificate request, its documents, and what it makes of each answer that was observed."""

import base64
import importlib
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from httpx import Request, Response
from msgspec import structs

from tallystick import strategies
from tallystick.keys import Secret, Signer, new_private_key, signer_from_pem
from tallystick.strategy import Enrolment, Outcome, Stage, Verdict

onboarding: Any = importlib.import_module("tallystick.strategies.sa_zatca.onboarding")
documents: Any = importlib.import_module("tallystick.strategies.sa_zatca.onboarding_documents")
requesting: Any = importlib.import_module("tallystick.strategies.sa_zatca.onboarding_request")
Settings: Any = importlib.import_module("tallystick.strategies.sa_zatca.settings").Settings
VAT = "399999999900003"
SETTINGS = Settings(
    common_name="TST-886431145-399999999900003",
    organization_unit="Riyadh Branch",
    serial="ed22f1d8-e6a2-1118-9b58-d9a8f11e445f",
    registered_address="RRRD2929",
    business_category="Supply activities",
)
SIGNER = signer_from_pem(new_private_key("ES256K"))
CODE = Secret("481516")
TEMPLATES = {
    "sandbox": "TSTZATCA-Code-Signing",
    "simulation": "PREZATCA-Code-Signing",
    "production": "ZATCA-Code-Signing",
}


def enrolment(signer: Signer | None = SIGNER, **changes: Any) -> Enrolment:
    plain = Enrolment(
        registration="riyadh-1",
        taxpayer="Maximum Speed Tech Supply LTD",
        tax_identifier=VAT,
        environment="simulation",
        endpoint="https://fatoora.test/e-invoicing/simulation",
        settings=SETTINGS,
        secrets={"token": Secret("dG9rZW4="), "secret": Secret("a secret of theirs")},
        signer=signer,
        now=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    )
    return structs.replace(plain, **changes)


def csr_text(one: Enrolment) -> str:
    return base64.b64decode(requesting.request_of(one, SIGNER)).decode()


@pytest.mark.parametrize(("environment", "template"), TEMPLATES.items())
def test_the_request_is_what_the_authority_wants(environment: str, template: str) -> None:
    read = x509.load_pem_x509_csr(csr_text(enrolment(environment=environment)).encode())

    assert read.is_signature_valid
    assert [(each.oid.dotted_string, each.value) for each in read.subject] == [
        ("2.5.4.6", "SA"),
        ("2.5.4.11", "Riyadh Branch"),
        ("2.5.4.10", "Maximum Speed Tech Supply LTD"),
        ("2.5.4.3", "TST-886431145-399999999900003"),
    ]
    assert len(read.subject.rdns) == 4, "each attribute in a relative name of its own"
    kind = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2")
    value: Any = read.extensions.get_extension_for_oid(kind).value
    assert value.value == b"\x0c" + bytes((len(template),)) + template.encode()
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    (unit,) = names.get_values_for_type(x509.DirectoryName)
    assert [(each.oid.dotted_string, each.value) for each in unit] == [
        ("2.5.4.4", "1-Tallystick|2-1|3-ed22f1d8-e6a2-1118-9b58-d9a8f11e445f"),
        ("0.9.2342.19200300.100.1.1", VAT),
        ("2.5.4.12", "1100"),
        ("2.5.4.26", "RRRD2929"),
        ("2.5.4.15", "Supply activities"),
    ]
    assert len(unit.rdns) == 5


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_shows_the_request_as_the_authority_wants_it() -> None:
    done = subprocess.run(
        ["openssl", "req", "-text", "-noout", "-verify", "-nameopt", "RFC2253"],
        input=csr_text(enrolment()),
        capture_output=True,
        text=True,
        check=True,
    )
    shown = done.stdout

    assert "verify OK" in shown + done.stderr
    assert "ASN1 OID: secp256k1" in shown
    assert "ecdsa-with-SHA256" in shown
    assert "CN=TST-886431145-399999999900003,O=Maximum Speed Tech Supply LTD,OU=Riyadh Branch,C=SA" in shown
    assert "1.3.6.1.4.1.311.20.2" in shown
    assert "..PREZATCA-Code-Signing" in shown
    assert "DirName" in shown
    for part in (f"UID={VAT}", "SN=1-Tallystick|2-1|3-ed22f1d8-e6a2-1118-9b58-d9a8f11e445f", "title=1100"):
        assert part in shown.replace(" = ", "=")


def test_names_that_a_certificate_refuses_are_written_otherwise() -> None:
    read = x509.load_pem_x509_csr(
        csr_text(enrolment(taxpayer="Al Noor & Sons <Trading> *" + "x" * 60)).encode()
    )

    (name,) = read.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    assert str(name.value).startswith("Al Noor and Sons Trading> x")
    assert len(name.value) <= 64


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"tax_identifier": "123"}, ["/tax_identifier"]),
        ({"tax_identifier": "399999999910003"}, ["/settings/organization_unit"]),
        ({"taxpayer": "***"}, ["/seller_id"]),
        ({"environment": "moon"}, ["/environment"]),
        (
            {"settings": Settings()},
            ["/settings/registered_address", "/settings/business_category"],
        ),
        (
            {"settings": structs.replace(SETTINGS, serial="s" * 60, common_name="", title="0100")},
            ["/settings/serial"],
        ),
    ],
)
def test_what_the_authority_would_refuse_is_told_before_a_code_is_spent(
    changes: dict[str, Any], pointers: list[str]
) -> None:
    found = onboarding.begin("enrol", {}, enrolment(**changes))

    assert not isinstance(found, Stage)
    assert [fault.pointer for fault in found] == pointers


def test_a_member_of_a_vat_group_is_named_by_its_own_number() -> None:
    member = structs.replace(SETTINGS, organization_unit="3999999999")

    found = onboarding.begin("enrol", {}, enrolment(tax_identifier="399999999910003", settings=member))

    assert isinstance(found, Stage)
    assert found.wants_code


@pytest.mark.parametrize(("title", "number"), [("1000", 3), ("0100", 3), ("1100", 6)])
def test_the_title_says_which_documents_are_shown(title: str, number: int) -> None:
    assert len(documents.steps_of(title)) == number
    assert all(
        ("standard" in step) == (title == "1000") for step in documents.steps_of(title) if title != "1100"
    )


def recorded(shared: Path, name: str) -> tuple[int, Any]:
    """An answer that was observed."""
    found = json.loads((shared / "official/zatca/api-fixtures" / f"{name}.json").read_text())
    return found["status"], found["body"]


def answered(stage: Stage, status: int, body: Any) -> Stage | Outcome:
    """What a step makes of an answer, over the certificate's own key if there is a certificate."""
    talk = onboarding.advance(stage, enrolment(), CODE if stage.wants_code else None)
    next(talk)
    content = body if isinstance(body, str) else json.dumps(body)
    with pytest.raises(StopIteration) as stop:
        talk.send(Response(status, content=content.encode(), request=Request("POST", "https://fatoora.test")))
    found: Stage | Outcome = stop.value.value
    return found


COMPLIANCE = Stage(name="compliance", wants_code=True)
RENEWAL = Stage(name="renewal", wants_code=True, drains=True)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("compliance-400-csr-flat", "EXCEED_CHARACTER_LIMIT"),
        ("compliance-400-invalid-csr", "Invalid-CSR"),
        ("compliance-400-invalid-otp", "Invalid-OTP"),
        ("compliance-400-missing-otp", "Missing-OTP"),
        ("compliance-400-not-compliant", "NOT_COMPLIANT"),
    ],
)
def test_each_shape_of_a_refusal_says_why(shared: Path, name: str, rule: str) -> None:
    found = answered(COMPLIANCE, *recorded(shared, name))

    assert isinstance(found, Outcome)
    assert found.verdict is Verdict.REJECTED
    assert [fault.rule.id for fault in found.faults if fault.rule] == [rule]
    assert found.faults[0].message


@pytest.mark.parametrize("name", ["compliance-200", "compliance-200-with-tokentype"])
def test_a_certificate_of_another_key_is_not_used(shared: Path, name: str) -> None:
    found = answered(COMPLIANCE, *recorded(shared, name))

    assert isinstance(found, Outcome)
    assert found.verdict is Verdict.REJECTED
    assert "key" in found.detail


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (401, Verdict.HALTED),
        (403, Verdict.HALTED),
        (404, Verdict.REJECTED),
        (406, Verdict.REJECTED),
        (413, Verdict.REJECTED),
        (429, Verdict.RETRY),
        (500, Verdict.UNKNOWN),
        (503, Verdict.UNKNOWN),
        (200, Verdict.UNKNOWN),
        (204, Verdict.UNKNOWN),
        (303, Verdict.UNKNOWN),
        (428, Verdict.REJECTED),
    ],
)
@pytest.mark.parametrize("body", ["", "<html>no</html>", "{}", "[1]", '{"dispositionMessage": "ISSUED"}'])
def test_garbage_is_never_a_credential(status: int, verdict: Verdict, body: str) -> None:
    for stage in (COMPLIANCE, RENEWAL):
        found = answered(stage, status, body)
        assert isinstance(found, Outcome)
        assert found.verdict is verdict, (stage.name, found)


def test_the_code_goes_out_in_its_header_and_nowhere_else() -> None:
    talk = onboarding.advance(COMPLIANCE, enrolment(), CODE)
    request = next(talk)

    assert request.headers["otp"] == CODE.reveal()
    assert CODE.reveal() not in str(request.url)
    assert (
        request.content
        == json.dumps({"csr": json.loads(request.content)["csr"]}, separators=(",", ":")).encode()
    )
    assert "authorization" not in request.headers


def test_a_renewal_speaks_under_the_credential_in_force() -> None:
    request = next(onboarding.advance(RENEWAL, enrolment(), CODE))

    assert (request.method, request.url.path) == ("PATCH", "/e-invoicing/simulation/production/csids")
    assert request.headers["authorization"] == (
        "Basic " + base64.b64encode(b"dG9rZW4=:a secret of theirs").decode()
    )


def test_the_strategy_onboards() -> None:
    strategy: Any = strategies.load().by_name("sa_zatca")

    assert strategy.key_algorithm == "ES256K"
    assert strategy.begin("enrol", {}, enrolment()) == COMPLIANCE
