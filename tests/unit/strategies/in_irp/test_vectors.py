"""Numbers and sessions as the portals' own: every published vector, and the rules around it."""

import hashlib
import json
from base64 import b64decode, b64encode
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from msgspec.structs import replace

from unit.strategies.in_irp import portal
from unit.strategies.in_irp.official import ABSENT, WHY_ABSENT, vectors
from unit.strategies.in_irp.talks import irp, judged, module, ready

irn, session = module("irn"), module("session")
official = pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
NUMBERS = vectors("irn_vectors.json")
SESSION: Any = vectors("session_vectors.json")


@official
@pytest.mark.parametrize("one", NUMBERS, ids=lambda one: one["no"])
def test_a_number_is_the_one_the_portal_gave(one: dict[str, str]) -> None:
    assert irn.irn_of(one["gstin"], one["typ"], one["no"], one["dt"]) == one["irn"]
    assert one["irn"] in irn.irns_of(one["gstin"], one["typ"], one["no"], one["dt"])


def test_the_number_of_the_published_example() -> None:
    digest = hashlib.sha256(b"01AAAAA9999A19N2019-20INVABC01234").hexdigest()

    assert irn.irn_of("01AAAAA9999A19N", "INV", "ABC01234", "30/06/2019") == digest


@pytest.mark.parametrize(("day", "upper"), [("31/05/2025", False), ("01/06/2025", True)])
def test_the_number_is_in_upper_case_since_june_2025(day: str, upper: bool) -> None:
    shown = irn.irn_of("29AABCT4821K1Z4", "INV", "ab/1", day)

    assert (shown == irn.irn_of("29AABCT4821K1Z4", "INV", "AB/1", day)) is upper
    assert irn.irns_of("29AABCT4821K1Z4", "INV", "ab/1", day) >= {shown}


@pytest.mark.parametrize(("sent", "upper"), [((2025, 5, 31), False), ((2025, 6, 1), True)])
def test_what_counts_is_the_day_on_which_the_document_is_sent(
    sent: tuple[int, int, int], upper: bool
) -> None:
    document, trial = ready("of_the_time_before_upper_case")
    about = json.loads(document.body)
    parts = (about["SellerDtls"]["Gstin"], about["DocDtls"]["Typ"], about["DocDtls"]["No"])
    late = replace(trial, now=datetime(*sent, 12, tzinfo=UTC))
    invoice = judged("of_the_time_before_upper_case").invoice
    assert invoice is not None

    marks = irp().build(invoice, late).marks

    assert marks["irn"] == irn.irn(*parts, date(2025, 5, 20), upper=upper)


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2025, 3, 31), "2024-25"), (date(2025, 4, 1), "2025-26"), (date(2099, 4, 1), "2099-00")],
)
def test_a_financial_year_begins_in_april(day: date, year: str) -> None:
    assert irn.financial_year(day) == year


def test_three_types_of_one_number_are_three_documents() -> None:
    kinds = ("INV", "CRN", "DBN")

    assert len({irn.irn_of("29AABCT4821K1Z4", kind, "7", "01/06/2025") for kind in kinds}) == 3


@pytest.mark.parametrize("day", ["2025-06-01", "32/01/2025", "", "1/6/2025", "٠١/٠٦/٢٠٢٥"])
def test_what_is_no_day_has_no_number(day: str) -> None:
    assert irn.irn_of("29AABCT4821K1Z4", "INV", "7", day) == ""
    assert irn.irns_of("29AABCT4821K1Z4", "INV", "7", day) == frozenset()


@official
def test_a_login_is_written_as_the_vector_writes_it() -> None:
    key = b64decode(SESSION["app_key_b64"])
    said = session.login_text("apiuser", "Secret@123", key, force=False)

    assert said.decode() == SESSION["login_json"]
    assert b64encode(said).decode() == SESSION["login_b64"]


@official
def test_the_vectors_login_opens_with_its_private_key() -> None:
    """PKCS #1 v1.5 is random: compared is what the portal reads out of the vector, and out of ours."""
    numbers = SESSION["rsa_private_numbers_hex"]
    private = portal.key_of((int(numbers["p"], 16), int(numbers["q"], 16)))
    said = SESSION["login_b64"].encode()
    ours = module("session").rsa_sealed(said, SESSION["rsa_public_key_pem"], lambda size: b"\x07" * size)

    assert private.decrypt(b64decode(SESSION["login_rsa_pkcs1v15"]), padding.PKCS1v15()) == said
    assert private.decrypt(ours, padding.PKCS1v15()) == said


@official
def test_the_sessions_key_is_read_as_the_vector_reads_it() -> None:
    key = b64decode(SESSION["app_key_b64"])

    assert session.session_key(SESSION["sek_encrypted_under_app_key"], key) == b64decode(SESSION["sek_b64"])


@official
def test_a_body_is_encrypted_as_the_vector_encrypts_it() -> None:
    key = b64decode(SESSION["sek_b64"])
    body = session.request_body(SESSION["request_plain"].encode(), key)

    assert json.loads(body) == {"Data": SESSION["request_data"]}
    assert session.opened_data(SESSION["request_data"], key) == json.loads(SESSION["request_plain"])


def test_the_portal_reads_our_login() -> None:
    _, trial = ready("standard")
    body = json.loads(session.login_body(trial, session.app_key(trial)))
    said = json.loads(b64decode(portal.LOGIN.decrypt(b64decode(body["Data"]), padding.PKCS1v15())))

    assert said == {
        "UserName": "trial_user_4471",
        "Password": "trial-Password#9921",
        "AppKey": b64encode(session.app_key(trial)).decode(),
        "ForceRefreshAccessToken": True,
    }


def test_the_longest_credential_fits_the_key_and_a_longer_one_is_told() -> None:
    """66 characters together, with a key of 2048 bits."""
    key = bytes(32)
    fits = len(b64encode(session.login_text("u" * 30, "p" * 36, key, force=True)))
    longer = len(b64encode(session.login_text("u" * 30, "p" * 40, key, force=True)))

    assert fits <= 245 < longer
