"""Bodies encrypted beside TLS: what one side seals the other opens, and nothing else passes for it."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import given
from hypothesis import strategies as some

from tallystick.formats.sealing import Unsealable, opened, public_der, rsa_sealed, sealed

KEY = bytes(range(32))
PAIR = rsa.generate_private_key(65537, 2048)
CERTIFICATE = x509.Certificate


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()


def _ones(size: int) -> bytes:
    return b"\x01" * size


@given(some.binary(max_size=100))
def test_what_is_sealed_is_opened(plain: bytes) -> None:
    assert opened(sealed(plain, KEY), KEY) == plain


def test_the_cipher_is_the_published_one() -> None:
    """NIST SP 800-38A, F.1.5: the first block of ECB-AES256."""
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")

    block = sealed(bytes.fromhex("6bc1bee22e409f96e93d7e117393172a"), key)[:16]

    assert block.hex() == "f3eed1bdb5d2a03c064b5a7e3db181f8"


@pytest.mark.parametrize("cipher", [b"", b"x", b"x" * 15, b"x" * 17, b"x" * 32])
def test_what_was_not_sealed_with_the_key_is_not_opened(cipher: bytes) -> None:
    with pytest.raises(Unsealable):
        opened(cipher, KEY)


@pytest.mark.parametrize("key", [b"", b"k" * 16, b"k" * 31, b"k" * 33])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(Unsealable):
        sealed(b"x", key)
    with pytest.raises(Unsealable):
        opened(b"x" * 16, key)


@given(some.binary(max_size=245))
def test_the_private_key_opens_what_its_public_half_sealed(message: bytes) -> None:
    locked = rsa_sealed(message, _pem(PAIR), _ones)

    assert PAIR.decrypt(locked, padding.PKCS1v15()) == message


def test_zeros_in_the_filling_do_not_end_it() -> None:
    locked = rsa_sealed(b"word", _pem(PAIR), bytes)

    assert PAIR.decrypt(locked, padding.PKCS1v15()) == b"word"


def test_the_same_filling_gives_the_same_bytes_and_another_others() -> None:
    pem = _pem(PAIR)

    assert rsa_sealed(b"word", pem, _ones) == rsa_sealed(b"word", pem, _ones)
    assert rsa_sealed(b"word", pem, _ones) != rsa_sealed(b"word", pem, lambda size: b"\x02" * size)


def test_a_message_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(Unsealable, match="246 bytes, the key takes 245"):
        rsa_sealed(b"x" * 246, _pem(PAIR), _ones)


def test_a_filling_of_another_length_is_refused() -> None:
    with pytest.raises(Unsealable):
        rsa_sealed(b"x", _pem(PAIR), lambda size: b"\x01" * (size - 1))


@pytest.mark.parametrize("pem", ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_key_is_refused(pem: str) -> None:
    with pytest.raises(Unsealable):
        rsa_sealed(b"x", pem, _ones)
    with pytest.raises(Unsealable):
        public_der(pem)


def test_only_an_rsa_key_can_seal() -> None:
    with pytest.raises(Unsealable, match="no RSA key"):
        rsa_sealed(b"x", _pem(ec.generate_private_key(ec.SECP256R1())), _ones)
