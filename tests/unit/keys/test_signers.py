"""Signers: published vectors, and keys that do not leak."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tallystick.keys import (
    EcSigner,
    Ed25519Signer,
    Secret,
    Signer,
    SignerError,
    signer_from_pem,
    signers,
    verifies,
)


def pem(key: object) -> bytes:
    return key.private_bytes(  # type: ignore[attr-defined, no-any-return]
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_ed25519_meets_the_vector_of_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    signer = Ed25519Signer(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
    assert signer.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )


def test_p256_meets_the_vector_of_rfc_6979() -> None:
    number = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    signer = EcSigner(ec.derive_private_key(number, ec.SECP256R1()))
    assert signer.algorithm == "ES256"
    assert signer.sign(b"sample").hex() == (
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    )


def test_secp256k1_signs_what_its_public_key_verifies() -> None:
    key = ec.generate_private_key(ec.SECP256K1())
    signer = signer_from_pem(Secret(pem(key)))
    assert signer.algorithm == "ES256K"
    raw = signer.sign(b"data")
    assert raw == signer.sign(b"data")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, b"data", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        key.public_key().verify(der, b"other", ec.ECDSA(hashes.SHA256()))


def test_every_signer_is_a_signer_and_shows_only_its_key_id() -> None:
    for key in (ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())):
        signer = signer_from_pem(pem(key))
        assert isinstance(signer, Signer)
        assert signer.key_id in repr(signer)


def test_keys_we_do_not_sign_with_are_refused() -> None:
    for wrong in (
        pem(rsa.generate_private_key(65537, 2048)),
        pem(ec.generate_private_key(ec.SECP384R1())),
        b"-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n",
        b"",
    ):
        with pytest.raises(SignerError) as error:
            signer_from_pem(wrong)
        assert "canary" not in str(error.value).lower()
        assert error.value.__cause__ is None


ORDER_OF_SECP256K1 = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def test_secp256k1_signs_the_same_bytes_with_and_without_libsecp256k1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("coincurve", reason="there is no wheel of coincurve for this Python")
    for number in (1, 2, 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721):
        key = ec.derive_private_key(number, ec.SECP256K1())
        fast = EcSigner(key)
        with monkeypatch.context() as without:
            without.setattr(signers, "_LIBSECP256K1", None)
            slow = EcSigner(key)
        for turn in range(40):
            data = b"document %d" % turn
            raw = fast.sign(data)
            assert raw == slow.sign(data)
            assert int.from_bytes(raw[32:], "big") <= ORDER_OF_SECP256K1 // 2


def test_secp256k1_meets_the_published_vector() -> None:
    """The vector that the implementations of RFC 6979 on this curve share."""
    signer = EcSigner(ec.derive_private_key(1, ec.SECP256K1()))
    text = b"All those moments will be lost in time, like tears in rain. Time to die..."
    assert signer.sign(text).hex() == (
        "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
        "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"
    )


@pytest.mark.parametrize("library", [True, False])
@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP256K1()])
def test_only_the_signature_of_the_data_under_the_key_verifies(
    curve: ec.EllipticCurve, library: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not library:
        monkeypatch.setattr(signers, "_LIBSECP256K1", None)
    signers._verifying.cache_clear()
    signer = EcSigner(ec.derive_private_key(7, curve))
    other = EcSigner(ec.derive_private_key(8, curve))
    raw = signer.sign(b"data")
    assert verifies(signer.public_der, b"data", raw)
    assert not verifies(signer.public_der, b"datum", raw)
    assert not verifies(other.public_der, b"data", raw)
    assert not verifies(signer.public_der, b"data", raw[:63])
    assert not verifies(signer.public_der, b"data", bytes(64))
    assert not verifies(signer.public_der, b"data", b"\xff" * 64)
    signers._verifying.cache_clear()


def test_the_higher_value_of_s_verifies_too() -> None:
    signer = EcSigner(ec.derive_private_key(7, ec.SECP256K1()))
    raw = signer.sign(b"data")
    high = ORDER_OF_SECP256K1 - int.from_bytes(raw[32:], "big")
    assert verifies(signer.public_der, b"data", raw[:32] + high.to_bytes(32, "big"))


def test_a_key_that_is_no_ec_key_verifies_nothing() -> None:
    rsa_key = rsa.generate_private_key(65537, 2048).public_key()
    der = rsa_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    for wrong in (der, b"", b"no key"):
        with pytest.raises(SignerError):
            verifies(wrong, b"data", bytes(64))
