"""Certification requests are read by others: by the cryptography library and by OpenSSL."""

import shutil
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from tallystick.formats import csr, der
from tallystick.keys import Signer, new_private_key, signer_from_pem

NAME = der.directory(("2.5.4.6", der.printable("SA")), ("2.5.4.3", der.utf8("وحدة الرياض 1")))
INNER = der.directory(("2.5.4.4", der.utf8("1-a|2-b|3-c")), ("2.5.4.12", der.utf8("1100")))


def made(signer: Signer) -> bytes:
    extensions = (csr.extension("1.3.6.1.4.1.311.20.2", der.utf8("Template")), csr.alternative_name(INNER))
    return csr.request(NAME, extensions, signer)


@pytest.mark.parametrize("algorithm", ["ES256K", "ES256", "EdDSA"])
def test_a_request_is_signed_by_the_key_it_names(algorithm: str) -> None:
    signer = signer_from_pem(new_private_key(algorithm))

    read = x509.load_der_x509_csr(made(signer))

    assert read.is_signature_valid
    spki = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert read.public_key().public_bytes(*spki) == signer.public_der
    assert [part.rfc4514_string() for part in read.subject.rdns] == ["C=SA", "CN=وحدة الرياض 1"]
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    inner = names.get_values_for_type(x509.DirectoryName)[0]
    assert [(each.oid.dotted_string, each.value) for each in inner] == [
        ("2.5.4.4", "1-a|2-b|3-c"),
        ("2.5.4.12", "1100"),
    ]
    assert all(not each.critical for each in read.extensions)


def test_one_altered_octet_is_no_valid_request_any_more() -> None:
    body = bytearray(made(signer_from_pem(new_private_key("ES256K"))))
    body[-5] ^= 1

    assert not x509.load_der_x509_csr(bytes(body)).is_signature_valid


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_reads_and_verifies_the_pem() -> None:
    text = csr.pem(made(signer_from_pem(new_private_key("ES256K"))))

    done = subprocess.run(
        ["openssl", "req", "-text", "-noout", "-verify"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "verify OK" in done.stdout + done.stderr
    assert "ASN1 OID: secp256k1" in done.stdout
    assert "ecdsa-with-SHA256" in done.stdout


@given(st.integers(0, 2**80))
def test_a_whole_number_is_as_short_as_der_wants(number: int) -> None:
    content = der.integer(number)

    assert int.from_bytes(content[2:], "big", signed=True) == number
    assert len(content) == 3 or not (content[2] == 0 and content[3] < 128)


@given(st.integers(0, 300_000))
def test_a_length_is_in_its_shortest_form(size: int) -> None:
    encoded = der.octets(bytes(size))

    head = encoded[: len(encoded) - size]
    if size < 128:
        assert head == bytes((4, size))
    else:
        assert head[1] & 127 == len(head) - 2
        assert int.from_bytes(head[2:], "big") == size
        assert head[2] != 0


def test_what_a_type_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="printable"):
        der.printable("ü")
    with pytest.raises(ValueError, match="object identifier"):
        der.oid("3.1")
