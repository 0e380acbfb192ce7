"""How a unit comes to its credentials, and every way not to."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.name import _ASN1Type

from unit.sandbox.fatoora.egs import (
    OTHER_VAT,
    SIX,
    TEMPLATES,
    Credential,
    Unit,
    Wish,
    codes,
    credential,
    invented,
    new_key,
)

Newcomer = Callable[..., Unit]
INVALID = {
    "errorCode": "400",
    "errorCategory": "Invalid-CSR",
    "errorMessage": "The provided Certificate Signing Request (CSR) is invalid.",
}


def refused_code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["code"])


@pytest.mark.parametrize("environment", sorted(TEMPLATES))
def test_a_unit_is_onboarded_in_every_environment(newcomer: Newcomer, environment: str) -> None:
    unit = newcomer(environment).enrol()
    assert unit.report().status_code == 200
    assert unit.clear().status_code == 200


def test_the_certificates_are_of_the_unit_s_own_key_from_the_two_issuers(unit: Unit) -> None:
    for given, issuer in (
        (unit.compliance, "CN=eInvoicing"),
        (unit.production, "CN=PRZEINVOICESCA4-CA,DC=extgazt,DC=gov,DC=local"),
    ):
        assert given is not None
        certificate = x509.load_der_x509_certificate(b64decode(given.certificate))
        assert certificate.issuer.rfc4514_string() == issuer
        assert certificate.public_key() == unit.key.public_key()
        assert certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=1800)
        assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)


def test_a_version_must_be_asked_for(newcomer: Newcomer) -> None:
    unit = newcomer()
    for version in ("", "V1"):
        answer = unit.call("POST", "/compliance", {"csr": "x"}, Accept_Version=version, OTP="123456")
        assert (answer.status_code, answer.text) == (
            406,
            "This Version is not supported or not provided in the header.",
        )


REFUSED = [
    (Wish(template=TEMPLATES["core"]), "template 'ZATCA-Code-Signing'"),
    (Wish(template_tag=0x1E), "neither UTF8String nor PrintableString"),
    (Wish(template_tag=0x04), "neither UTF8String nor PrintableString"),
    (Wish(vat="3999999999"), "15 digits"),
    (Wish(vat="199999999900003"), "15 digits"),
    (Wish(title="0011"), "the title"),
    (Wish(title="0000"), "the title"),
    (Wish(title="11000"), "the title"),
    (Wish(serial="TST|TST|7"), "1-solution|2-model|3-serial"),
    (Wish(serial="1-A|2-B|3-C=D"), "1-solution|2-model|3-serial"),
    (Wish(country="AE"), "the country"),
    (Wish(subject=("C", "O", "OU", "CN")), "the subject"),
    (Wish(subject=("C", "OU", "O", "CN", "serialNumber")), "the subject"),
    (Wish(subject=("C", "O", "CN")), "the subject"),
    (Wish(names=("UID", "SN", "title", "address", "category")), "directoryName"),
    (Wish(names=("SN", "UID", "title", "address")), "directoryName"),
    (Wish(names=("serialNumber", "UID", "title", "address", "category")), "directoryName"),
    (Wish(text_type=_ASN1Type.PrintableString), "the subject"),
    (Wish(together=True), "several attributes in one set"),
    (Wish(vat="399999999910003", unit="Riyadh Branch"), "VAT group"),
]


@pytest.mark.parametrize(("wish", "reason"), REFUSED, ids=str)
def test_a_request_that_is_not_quite_right_is_refused(newcomer: Newcomer, wish: Wish, reason: str) -> None:
    unit = newcomer(wish=wish)
    answer = unit.ask()
    assert (answer.status_code, answer.json()) == (400, INVALID)
    assert reason in unit.events("refused_request")[-1]["reason"]


def test_a_member_of_a_vat_group_names_itself(newcomer: Newcomer) -> None:
    assert newcomer(wish=Wish(vat="399999999910003", unit="3999999999")).ask().status_code == 200


def test_a_printable_template_name_is_taken_too(newcomer: Newcomer) -> None:
    assert newcomer(wish=Wish(template_tag=0x13)).ask().status_code == 200


def test_other_keys_and_digests_are_refused(newcomer: Newcomer) -> None:
    unit, wish = newcomer(), Wish()
    for key in (ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)):
        assert unit.ask(wish.signed(key)).json() == INVALID
    assert unit.ask(wish.signed(unit.key, hashes.SHA384())).json() == INVALID


def test_a_request_signed_by_somebody_else_is_refused(newcomer: Newcomer) -> None:
    unit = newcomer()
    pem = b64decode(Wish().signed(unit.key)).decode().splitlines()
    der = bytearray(b64decode("".join(pem[1:-1])))
    der[-1] ^= 1
    forged = f"{pem[0]}\n{b64encode(bytes(der)).decode()}\n{pem[-1]}\n"
    assert unit.ask(b64encode(forged.encode()).decode()).json() == INVALID


@pytest.mark.parametrize("csr", ["", "!", "bm8=", b64encode(b"-----BEGIN CERTIFICATE REQUEST-----").decode()])
def test_what_is_no_request_is_refused(newcomer: Newcomer, csr: str) -> None:
    unit = newcomer()
    answer = unit.call("POST", "/compliance", {"csr": csr}, OTP=unit.otp())
    assert (answer.status_code, answer.json()) == (400, INVALID)


def test_a_serial_number_that_is_too_long_is_refused_in_the_flat_shape(newcomer: Newcomer) -> None:
    answer = newcomer(wish=Wish(serial="1-TST|2-TST|3-" + "7" * 60)).ask()
    assert (answer.status_code, answer.json()["code"]) == (400, "EXCEED_CHARACTER_LIMIT")


def test_a_key_is_certified_once_only(newcomer: Newcomer) -> None:
    unit = newcomer()
    assert unit.ask().status_code == 200
    again = unit.ask()
    assert (again.status_code, again.json()["dispositionMessage"]) == (400, "NOT_COMPLIANT")


def test_a_one_time_code_is_needed(newcomer: Newcomer) -> None:
    unit = newcomer()
    answer = unit.call("POST", "/compliance", {"csr": unit.wish.signed(unit.key)})
    assert (answer.status_code, answer.json()["code"]) == (400, "Missing-OTP")


def test_a_code_is_used_up_by_a_call_that_fails(newcomer: Newcomer) -> None:
    unit = newcomer()
    code = unit.otp()
    assert unit.ask(Wish(title="0000").signed(unit.key), otp=code).json() == INVALID
    assert refused_code(unit.ask(otp=code)) == "Invalid-OTP"


def test_codes_of_another_environment_or_taxpayer_or_of_nobody_are_refused(newcomer: Newcomer) -> None:
    unit, other = newcomer(), newcomer("core")
    assert refused_code(unit.ask(otp=other.otp())) == "Invalid-OTP"
    assert refused_code(unit.ask(otp=unit.otp(OTHER_VAT))) == "Invalid-OTP"
    assert refused_code(unit.ask(otp=invented())) == "Invalid-OTP"
    assert refused_code(unit.ask(otp="123345")) == "Invalid-OTP"
    assert unit.ask(otp=unit.otp(unit.wish.vat)).status_code == 200


def test_a_code_is_good_for_an_hour(newcomer: Newcomer) -> None:
    unit = newcomer()
    code = unit.otp()
    unit.admin("POST", "fatoora/habits", {"ahead": 3601})
    try:
        assert refused_code(unit.ask(otp=code)) == "Invalid-OTP"
    finally:
        unit.admin("POST", "fatoora/habits", {"ahead": 0})


@pytest.mark.parametrize(("code", "status"), [("123345", 200), ("111111", 400), ("222222", 400)])
def test_the_developer_portal_has_fixed_codes(newcomer: Newcomer, code: str, status: int) -> None:
    assert newcomer("developer-portal").ask(otp=code).status_code == status


def test_credentials_are_of_one_environment(newcomer: Newcomer, unit: Unit) -> None:
    stranger = newcomer("core")
    answer = stranger.report(by=unit.production, stamper=unit.stamper())
    assert answer.status_code == 401
    assert set(answer.json()) == {"timestamp", "status", "error", "message"}


def test_a_wrong_secret_or_no_credential_is_refused(unit: Unit) -> None:
    assert unit.production is not None
    wrong = Credential(unit.production.token, unit.production.secret[::-1], "")
    assert unit.report(by=wrong).status_code == 401
    assert unit.call("POST", "/invoices/reporting/single", {}).status_code == 401
    assert unit.call("POST", "/invoices/reporting/single", {}, Authorization="Basic !!").status_code == 401
    assert unit.call("POST", "/invoices/reporting/single", {}, Authorization="Bearer x").status_code == 401


def test_each_kind_of_credential_opens_only_its_own_doors(unit: Unit) -> None:
    assert unit.compliance is not None and unit.production is not None
    assert unit.report(by=unit.compliance, stamper=unit.stamper()).status_code == 401
    assert unit.comply("02", "388", unit.production).status_code == 401
    assert unit.promote(unit.production).status_code == 401
    assert unit.renew(unit.compliance, new_key()).status_code == 401


@pytest.mark.parametrize(("title", "count"), [("1000", 3), ("0100", 3), ("1100", 6)])
def test_production_waits_for_the_documents_of_the_title(newcomer: Newcomer, title: str, count: int) -> None:
    unit = newcomer(wish=Wish(title=title))
    ours = credential(unit.ask())
    wanted = [(flow, code) for flow, code in SIX if title[int(flow) - 1] == "1"]
    assert len(wanted) == count
    for flow, code in wanted:
        answer = unit.promote(ours)
        assert (answer.status_code, refused_code(answer)) == (400, "Missing-ComplianceSteps")
        assert unit.comply(flow, code, ours).status_code == 200
    assert unit.promote(ours).status_code == 200


def test_what_is_missing_is_named(newcomer: Newcomer) -> None:
    unit = newcomer(wish=Wish(title="1000"))
    ours = credential(unit.ask())
    assert unit.comply("01", "388", ours).status_code == 200
    (said,) = unit.promote(ours).json()["errors"]
    assert said["message"].endswith("[standard-credit-note-compliant,standard-debit-note-compliant]")


def test_a_compliance_document_that_fails_does_not_count(newcomer: Newcomer) -> None:
    unit = newcomer(wish=Wish(title="0100"))
    ours = credential(unit.ask())
    answer = unit.comply("02", "388", ours, changes=(("15.00", "14.00"),))
    assert answer.status_code == 400
    assert "BR-KSA-84" in codes(answer)
    assert "simplified-compliant" in unit.promote(ours).json()["errors"][0]["message"]


def test_the_developer_portal_has_no_gate(newcomer: Newcomer) -> None:
    unit = newcomer("developer-portal")
    assert unit.promote(credential(unit.ask())).status_code == 200


def test_the_request_id_must_be_the_credential_s(newcomer: Newcomer) -> None:
    unit = newcomer("developer-portal")
    ours = credential(unit.ask())
    assert refused_code(unit.promote(ours, "1234567890123")) == "Invalid-ComplianceRequestId"
    number = unit.call("POST", "/production/csids", {"compliance_request_id": int(ours.request_id)}, by=ours)
    assert number.status_code == 400


def test_a_lost_production_credential_can_be_asked_for_again_and_the_first_is_void(
    newcomer: Newcomer,
) -> None:
    unit = newcomer().enrol()
    lost = unit.production
    assert unit.compliance is not None and lost is not None
    unit.production = credential(unit.promote(unit.compliance))
    assert unit.report(by=lost, stamper=unit.stamper(lost)).status_code == 401
    assert unit.report().status_code == 200


def test_renewal_gives_a_compliance_credential_and_the_old_one_lives_until_the_new_one_is_out(
    newcomer: Newcomer,
) -> None:
    unit = newcomer().enrol()
    old, old_stamper = unit.production, unit.stamper()
    assert old is not None
    key = new_key()
    answer = unit.renew(old, key)
    assert (answer.status_code, answer.json()["dispositionMessage"]) == (428, "NOT_COMPLIANT")
    unit.key, fresh = key, credential(answer)
    assert refused_code(unit.promote(fresh)) == "Missing-ComplianceSteps"
    for flow, code in SIX:
        assert unit.comply(flow, code, fresh).status_code == 200
        assert unit.report(by=old, stamper=old_stamper).status_code == 200
    unit.production = credential(unit.promote(fresh))
    assert unit.report(by=old, stamper=old_stamper).status_code == 401
    assert unit.report().status_code == 200


def test_the_developer_portal_renews_at_once_in_a_wrapper(newcomer: Newcomer) -> None:
    unit = newcomer("developer-portal").enrol()
    old, key = unit.production, new_key()
    assert old is not None
    answer = unit.renew(old, key)
    assert (answer.status_code, answer.json()["value"]["dispositionMessage"]) == (200, "ISSUED")
    unit.production, unit.key = credential(answer), key
    assert unit.report().status_code == 200
    assert unit.report(by=old).status_code == 401


def test_renewal_can_say_200_and_not_mean_it(newcomer: Newcomer) -> None:
    unit = newcomer().enrol()
    assert unit.production is not None
    unit.admin("POST", "fatoora/habits", {"renewal": "not_compliant"})
    try:
        answer = unit.renew(unit.production, new_key())
    finally:
        unit.admin("POST", "fatoora/habits", {"renewal": "auto"})
    assert (answer.status_code, answer.json()["dispositionMessage"]) == (200, "NOT_COMPLIANT")
    assert unit.report().status_code == 200


def test_renewal_is_for_the_same_taxpayer_with_a_new_key_and_a_code(newcomer: Newcomer) -> None:
    unit = newcomer().enrol()
    assert unit.production is not None
    assert unit.renew(unit.production, unit.key).json()["dispositionMessage"] == "NOT_COMPLIANT"
    assert refused_code(unit.renew(unit.production, new_key(), otp=invented())) == "Invalid-OTP"
    unit.wish = Wish(vat=OTHER_VAT)
    assert unit.renew(unit.production, new_key()).json() == INVALID


def test_a_revoked_or_expired_credential_is_refused(newcomer: Newcomer) -> None:
    unit = newcomer().enrol()
    assert unit.production is not None
    unit.admin("POST", "fatoora/habits", {"ahead": 1826 * 86400})
    try:
        assert unit.report().status_code == 401
    finally:
        unit.admin("POST", "fatoora/habits", {"ahead": 0})
    assert unit.report().status_code == 200
    unit.admin("POST", "fatoora/revoke", {"environment": "simulation", "unit": unit.production.request_id})
    assert unit.report().status_code == 401


def test_the_reason_of_a_refusal_is_in_the_journal_only(newcomer: Newcomer) -> None:
    unit = newcomer(wish=Wish(title="0000"))
    answer = unit.ask()
    assert "title" not in answer.text
    assert unit.events("refused_request")[-1]["reason"] == "the title is none of 1000, 0100, 1100"


def test_no_secret_and_no_code_stands_in_the_journal(enrolled: Unit) -> None:
    code = enrolled.otp()
    written = str(enrolled.events())
    assert enrolled.production is not None and enrolled.compliance is not None
    assert enrolled.production.token in written
    for secret in (enrolled.production.secret, enrolled.compliance.secret, f"'{code}'"):
        assert secret not in written
