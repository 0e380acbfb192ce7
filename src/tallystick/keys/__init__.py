"""Secrets that refuse to print, signers that refuse to leak, and the keyring that holds both."""

from tallystick.keys.keyring import Keyring, KeyringError, raw_public, vkey
from tallystick.keys.making import new_private_key
from tallystick.keys.secret import Secret
from tallystick.keys.signers import EcSigner, Ed25519Signer, Signer, SignerError, signer_from_pem, verifies

__all__ = [
    "EcSigner",
    "Ed25519Signer",
    "Keyring",
    "KeyringError",
    "Secret",
    "Signer",
    "SignerError",
    "new_private_key",
    "raw_public",
    "signer_from_pem",
    "verifies",
    "vkey",
]
