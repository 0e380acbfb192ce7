"""A key made inside a token signs there, and what is stored of it is its name."""

import pytest

from onboarding import softhsm
from onboarding.softhsm import MISSING, MODULE, PIN
from tallystick.keys import Secret, SignerError, pkcs11, verifies

needs_token = pytest.mark.skipif(bool(MISSING), reason=MISSING or "-")


@pytest.fixture(scope="module")
def token() -> str:
    """A fresh token, as a registration names it."""
    return softhsm.token()


@needs_token
@pytest.mark.parametrize("algorithm", ["ES256K", "ES256"])
def test_a_key_made_in_a_token_signs_and_never_leaves_it(token: str, algorithm: str) -> None:
    stored = pkcs11.make_key(pkcs11.named(token, f"unit {algorithm}"), algorithm, MODULE, PIN)
    signer = pkcs11.signer(stored.reveal(), MODULE, PIN)

    signature = signer.sign(b"a document")

    assert pkcs11.is_name(stored)
    assert (signer.algorithm, len(signature)) == (algorithm, 64)
    assert verifies(signer.public_der, b"a document", signature)
    assert not verifies(signer.public_der, b"another", signature)


@needs_token
def test_two_keys_of_a_token_are_told_apart_by_their_names(token: str) -> None:
    names = [pkcs11.named(token, label) for label in ("one", "two")]
    made = [pkcs11.make_key(name, "ES256K", MODULE, PIN).reveal() for name in names]

    signers = [pkcs11.signer(name, MODULE, PIN) for name in made]

    assert signers[0].key_id != signers[1].key_id


@needs_token
@pytest.mark.parametrize(
    ("name", "pin"), [("pkcs11:token=nobody", PIN), ("pkcs11:token=till%20keys;object=none", PIN)]
)
def test_a_token_or_key_that_is_not_there_is_a_plain_error(token: str, name: str, pin: Secret) -> None:
    with pytest.raises(SignerError) as refused:
        pkcs11.signer(f"{name};object=none" if "object" not in name else name, MODULE, pin)

    assert PIN.reveal() not in str(refused.value)


def test_without_a_module_nothing_is_signed() -> None:
    with pytest.raises(SignerError, match="PKCS11_MODULE"):
        pkcs11.signer("pkcs11:token=a;object=b", None, PIN)


def test_a_pem_is_no_name_of_a_key() -> None:
    assert not pkcs11.is_name(Secret("-----BEGIN PRIVATE KEY-----"))
