"""The verifier: it agrees with every published vector, and sees every single change."""

import base64
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from unit.strategies.sa_zatca.official import ABSENT, WHY_ABSENT, ZATCA, vectors

FIXTURES = Path(__file__).parents[4] / "fixtures" / "sa_zatca"
verifying: Any = import_module("tallystick.strategies.sa_zatca.verifying")


@pytest.mark.oracle
@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["file"])
def test_the_verifier_agrees_with_the_vector(vector: dict[str, Any]) -> None:
    found = verifying.examine((ZATCA / vector["file"]).read_bytes())

    assert found.hash == vector["invoice_hash"]
    assert found.stated_hash == vector["digest_in_file"]
    assert base64.b64decode(found.properties_digest).decode() == vector["signed_properties_sha256_hex"]
    assert found.stated_properties_digest == vector["signed_properties_digest_in_file"]
    assert found.certificate.digest == found.stated_certificate_digest == vector["cert_digest"]
    assert found.certificate.issuer == found.stated_issuer == vector["issuer"]
    assert found.certificate.serial == found.stated_serial == vector["serial"]
    assert found.signature == vector["signature_value"]
    assert found.signature_good
    assert (found.icv, found.pih) == (vector["icv"], vector["pih"])
    assert len(found.qr) == vector["qr_chars"]
    assert {str(tag): _as_said(tag, value) for tag, value in found.tags.items()} == vector["qr"]


def _as_said(tag: int, value: bytes) -> str:
    return value.hex() if tag in (8, 9) else value.decode()


@pytest.mark.oracle
@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["file"])
def test_an_official_sample_verifies(vector: dict[str, Any]) -> None:
    wrong = verifying.verify((ZATCA / vector["file"]).read_bytes())
    assert [one for one in wrong if "tag 4" not in one] == []  # older samples have BT-112 there


def _wire(case: str) -> bytes:
    return (FIXTURES / case / "wire.xml").read_bytes()


@pytest.mark.parametrize("case", sorted(path.parent.name for path in FIXTURES.glob("*/wire.xml")))
def test_every_golden_document_verifies(case: str) -> None:
    body = _wire(case)
    marks = json.loads((FIXTURES / case / "marks.json").read_text(encoding="utf-8"))
    assert verifying.verify(body) == ()
    found = verifying.examine(body)
    assert found.hash == marks["link"] == marks["marks"]["hash"]
    assert (found.uuid, found.icv, found.qr) == tuple(marks["marks"][name] for name in ("uuid", "icv", "qr"))


CHANGES = {
    "a price": (b">149.90<", b">149.91<"),
    "a letter": (b"Najd Supplies", b"Nojd Supplies"),
    "a blank between elements": (b"</cbc:UUID><cbc:IssueDate>", b"</cbc:UUID> <cbc:IssueDate>"),
    "the time": (b"<cbc:IssueTime>10:24:37<", b"<cbc:IssueTime>10:24:38<"),
    "the counter": (b"<cbc:ID>ICV</cbc:ID><cbc:UUID>1<", b"<cbc:ID>ICV</cbc:ID><cbc:UUID>2<"),
    "the signing time": (b"<xades:SigningTime>2024", b"<xades:SigningTime>2025"),
    "the issuer": (b"<ds:X509IssuerName>CN=T", b"<ds:X509IssuerName>CN=U"),
    "the serial number": (b"<ds:X509SerialNumber>2", b"<ds:X509SerialNumber>3"),
    "the extension's namespace": (b' xmlns:ext="urn:', b' xmlns:ext2="urn:x" xmlns:ext="urn:'),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_verifier_sees_a_change_of(change: str) -> None:
    body = _wire("simplified")
    before, after = CHANGES[change]
    assert body.count(before) >= 1
    assert verifying.verify(body.replace(before, after, 1)) != ()


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("ds:SignatureValue", b"signature"),
        ("ds:DigestValue", b"digest"),
        ("ds:X509Certificate", b"certificate"),
    ],
)
def test_the_verifier_sees_a_changed_value(tag: str, kind: bytes) -> None:
    body = _wire("simplified")
    start = body.index(f"<{tag}>".encode()) + len(tag) + 2
    at = start + 20
    other = b"A" if body[at : at + 1] != b"A" else b"B"
    assert verifying.verify(body[:at] + other + body[at + 1 :]) != ()


def test_every_byte_of_the_qr_code_counts() -> None:
    body, found = _wire("simplified"), verifying.examine(_wire("simplified"))
    code = base64.b64decode(found.qr)
    for at in range(0, len(code), 3):
        changed = code[:at] + bytes((code[at] ^ 1,)) + code[at + 1 :]
        other = body.replace(found.qr.encode(), base64.b64encode(changed))
        assert verifying.verify(other) != (), at


def test_a_missing_tag_is_seen() -> None:
    body, found = _wire("simplified"), verifying.examine(_wire("simplified"))
    code = base64.b64decode(found.qr)
    last = len(found.tags[9]) + 2
    other = body.replace(found.qr.encode(), base64.b64encode(code[:-last]))
    assert any("tags" in one for one in verifying.verify(other))


@pytest.mark.parametrize("body", [b"", b"<a/>", b"not xml", b"\xff\xfe", _wire("simplified")[:-20]])
def test_what_is_no_invoice_does_not_verify(body: bytes) -> None:
    (said,) = verifying.verify(body)
    assert said.startswith("unreadable")


def test_a_document_without_a_stamp_does_not_verify() -> None:
    body = _wire("standard")
    start, end = body.index(b"<ext:UBLExtensions>"), body.index(b"</ext:UBLExtensions>") + 20
    assert verifying.verify(body[:start] + body[end:]) == ("it has no signature, or no certificate",)
