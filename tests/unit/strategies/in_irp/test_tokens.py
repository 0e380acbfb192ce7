"""What portals have signed: every official token verifies, and no other token does."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tallystick.conformance.trial import enrolment
from tallystick.strategy import Enrolment, Outcome, Verdict
from unit.strategies.in_irp import portal
from unit.strategies.in_irp.official import ABSENT, WHY_ABSENT, files
from unit.strategies.in_irp.talks import irp, module, ready

answers, registered, signed, settings = (
    module(name) for name in ("answers", "registered", "signed", "settings")
)
official = pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)

TOKENS = files("jws", "*.jws")
PAIRS = [
    (path, path.with_name(path.name.replace("_invoice", "_qr"))) for path in files("jws", "*_invoice.jws")
]
ADDED = ("AckNo", "AckDt", "Irn")


def _settings() -> Any:
    keys = tuple(
        settings.Key(kid=path.name.partition(".")[0], pem=path.read_text()) for path in files("keys", "*.pem")
    )
    return settings.Settings(keys=keys)


def _keys() -> Any:
    return signed.keys_of(_settings())


def _flipped(token: str, at: int, bit: int) -> str:
    """The token with one bit of one of its decoded bytes changed; parts are numbered through."""
    parts = [bytearray(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in token.split(".")]
    for part in parts:
        if at < len(part):
            part[at] ^= 1 << bit
            break
        at -= len(part)
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@official
def test_there_are_tokens() -> None:
    assert len(TOKENS) == 8
    assert len(PAIRS) == 4


@official
@pytest.mark.parametrize("path", TOKENS, ids=lambda path: path.stem)
def test_an_official_token_verifies(path: Path) -> None:
    claims = json.loads(path.with_suffix(".claims.json").read_bytes())
    found = signed.verified(path.read_text().strip(), _keys())

    assert found.kid == claims.get("kid", found.kid)
    assert path.name.upper().startswith(found.kid[:4])
    assert len(found.data["Irn"]) == 64


@official
@pytest.mark.parametrize("path", TOKENS, ids=lambda path: path.stem)
def test_one_flipped_bit_anywhere_fails(path: Path) -> None:
    token, keys = path.read_text().strip(), _keys()
    length = sum(len(part) * 3 // 4 for part in token.split("."))
    passed = []
    for at in range(length):
        try:
            signed.verified(_flipped(token, at, at % 8), keys)
        except signed.Unverified:
            continue
        passed.append(at)

    assert passed == []


@official
@pytest.mark.parametrize("path", TOKENS, ids=lambda path: path.stem)
def test_one_changed_character_fails(path: Path) -> None:
    token, keys = path.read_text().strip(), _keys()
    for at in range(0, len(token), 53):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(signed.Unverified):
            signed.verified(other, keys)


@official
@pytest.mark.parametrize("path", TOKENS, ids=lambda path: path.stem)
def test_the_key_of_another_time_proves_nothing(path: Path) -> None:
    token, keys = path.read_text().strip(), _keys()
    kid = signed.verified(token, keys).kid
    others = [key for name, key in keys.items() if name != kid]

    with pytest.raises(signed.Unverified):
        signed.verified(token, {kid: others[0]})
    with pytest.raises(signed.UnknownKey):
        signed.verified(token, {name: key for name, key in keys.items() if name != kid})


@official
@pytest.mark.parametrize(("invoice", "code"), PAIRS, ids=lambda path: path.stem[:13])
def test_an_official_pair_is_registered(invoice: Path, code: Path) -> None:
    """The document is the portal's own copy without what the portal adds."""
    outcome = _registered(invoice.read_text().strip(), code.read_text().strip())

    assert outcome.verdict is Verdict.REGISTERED, outcome.detail
    assert outcome.marks["qr"] == code.read_text().strip()
    assert [artifact.body.decode() for artifact in outcome.artifacts] == [
        invoice.read_text().strip(),
        code.read_text().strip(),
    ]


@official
def test_the_code_of_another_document_is_a_conflict() -> None:
    outcome = _registered(PAIRS[0][0].read_text().strip(), PAIRS[1][1].read_text().strip())

    assert outcome.verdict is Verdict.CONFLICT
    assert "contradicts" in outcome.detail


def _registered(invoice: str, code: str) -> Outcome:
    claims = signed.verified(invoice, _keys()).data
    content = {name: part for name, part in claims.items() if name not in ADDED}
    content["ItemList"] = [
        {name: part for name, part in item.items() if name != "ItemNo"} for item in content["ItemList"]
    ]
    record = {
        "Irn": claims["Irn"],
        "SignedInvoice": invoice,
        "SignedQRCode": code,
        "Status": "ACT",
    }
    copy = registered.copy_of(record, answers.Answer(good=True))
    outcome: Outcome = registered.registered(copy, content, _enrolment())
    return outcome


def _enrolment() -> Enrolment:
    return replace(enrolment(irp()), settings=_settings())


@pytest.mark.parametrize(
    ("algorithm", "key", "kid"),
    [
        ("none", portal.SIGNING, ""),
        ("HS256", portal.SIGNING, ""),
        ("RS384", portal.SIGNING, ""),
        ("RS256", portal.LOGIN, portal.kid_of(portal.SIGNING)),
    ],
)
def test_a_token_by_another_algorithm_or_key_proves_nothing(algorithm: str, key: Any, kid: str) -> None:
    _, trial = ready("standard")
    token = portal.signed({"Irn": "x"}, key, kid or portal.kid_of(portal.SIGNING), algorithm)

    with pytest.raises(signed.Unverified):
        signed.verified(token, signed.keys_of(trial.settings))


@pytest.mark.parametrize("algorithm", ["RS256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"])
def test_a_key_is_known_in_any_case_and_its_algorithm_by_both_names(algorithm: str) -> None:
    _, trial = ready("standard")
    token = portal.signed({"Irn": "x"}, portal.SIGNING, portal.kid_of(portal.SIGNING).lower(), algorithm)

    proven = signed.verified(token, signed.keys_of(trial.settings))

    assert (proven.data, proven.kid) == ({"Irn": "x"}, portal.kid_of(portal.SIGNING))


@pytest.mark.parametrize(
    "payload",
    [
        '{"data":"{\\"Irn\\":\\"a\\",\\"Irn\\":\\"b\\"}","iss":"NIC"}',
        '{"data":{"Irn":"a"},"data":{"Irn":"b"}}',
    ],
)
def test_a_token_that_says_a_thing_twice_proves_nothing(payload: str) -> None:
    _, trial = ready("standard")
    token = portal.signed_text(payload)

    with pytest.raises(signed.Unverified, match="no document"):
        signed.verified(token, signed.keys_of(trial.settings))


@pytest.mark.parametrize(
    ("environment", "issuer", "verdict"),
    [
        ("production", "NIC", Verdict.REGISTERED),
        ("production", "NIC Sandbox", Verdict.UNKNOWN),
        ("sandbox", "NIC Sandbox", Verdict.REGISTERED),
    ],
)
def test_a_sandbox_registers_nothing_in_production(environment: str, issuer: str, verdict: Verdict) -> None:
    document, trial = ready("standard")
    content, irn = json.loads(document.body, parse_float=Decimal), document.marks["irn"]
    record = portal.record(document.body, irn, issuer=issuer)
    copy = registered.copy_of(record, answers.Answer(good=True))

    outcome = registered.registered(copy, content, replace(trial, environment=environment))

    assert outcome.verdict is verdict


@pytest.mark.parametrize("token", [None, "", 7, "a.b", "a.b.c", "....", "{}.{}.{}", "é.é.é"])
def test_what_is_no_token_proves_nothing(token: object) -> None:
    _, trial = ready("standard")

    with pytest.raises(signed.Unverified):
        signed.verified(token, signed.keys_of(trial.settings))


def test_a_token_that_holds_no_document_proves_nothing() -> None:
    _, trial = ready("standard")
    odd: tuple[Any, ...] = ("x", [], 7)
    for data in odd:
        token = portal.signed(data)
        with pytest.raises(signed.Unverified, match="no document"):
            signed.verified(token, signed.keys_of(trial.settings))


def test_numbers_are_compared_by_value_names_in_any_case_and_zeros_do_not_count() -> None:
    ours = {"DocDtls": {"No": "ab/1"}, "ValDtls": {"TotInvVal": Decimal("10.00"), "CesVal": Decimal("0.00")}}
    theirs = {"docdtls": {"NO": "AB/1"}, "ValDtls": {"TotInvVal": 10, "StCesVal": 0}, "AckNo": 1}

    assert signed.others_than(ours, theirs) == []


@pytest.mark.parametrize(
    ("theirs", "path"),
    [
        ({"A": {"B": 11, "C": "x"}}, "/a/b"),
        ({"A": {"B": "10", "C": "x"}}, "/a/b"),
        ({"A": {"B": 10, "C": "y"}}, "/a/c"),
        ({"A": {"B": 10}}, "/a/c"),
        ({"A": {"B": 10, "C": "x", "D": "more"}}, "/a/d"),
        ({"A": {"B": 10, "C": "x", "D": 3}}, "/a/d"),
        ({"A": [{"B": 10, "C": "x"}]}, "/a/b"),
    ],
)
def test_other_content_is_seen(theirs: dict[str, Any], path: str) -> None:
    assert path in signed.others_than({"A": {"B": 10, "C": "x"}}, theirs)
