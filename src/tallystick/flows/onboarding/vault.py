"""What is secret in an onboarding: wrapped for its place by whoever has it, opened by the worker alone."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from msgspec import json

from tallystick.keys import Keyring, Secret
from tallystick.store.onboarding import Process

__all__ = [
    "CODE",
    "SIGNER",
    "opened",
    "opened_secrets",
    "owned_secrets",
    "owned_signer",
    "place",
    "wrapped_secrets",
]

CODE: Final = "code"
SIGNER: Final = "signer"


def place(tenant: UUID, process: UUID, name: str) -> bytes:
    """Where something wrapped belongs: it opens nowhere else."""
    return f"{tenant}|onboarding|{process}|{name}".encode()


def wrapped_secrets(
    keyring: Keyring, tenant: UUID, process: UUID, secrets: Mapping[str, Secret]
) -> bytes | None:
    """A stage's secrets, each wrapped for its name; None where there are none."""
    if not secrets:
        return None
    return json.encode(
        {
            name: b64encode(
                keyring.wrap(secret.reveal_bytes(), place(tenant, process, f"secret|{name}"))
            ).decode()
            for name, secret in secrets.items()
        }
    )


def opened_secrets(keyring: Keyring, seen: Process) -> dict[str, Secret]:
    """A stage's secrets. Raises KeyringError, also in the API."""
    return {
        name: keyring.unwrap(b64decode(text), place(seen.tenant_id, seen.id, f"secret|{name}"))
        for name, text in seen.secrets.items()
    }


def opened(keyring: Keyring, seen: Process, wrapped: bytes | None, name: str) -> Secret | None:
    """The code or the key of an onboarding, if there is one. Raises KeyringError, also in the API."""
    return None if wrapped is None else keyring.unwrap(wrapped, place(seen.tenant_id, seen.id, name))


def owned_secrets(keyring: Keyring, seen: Process, secrets: Mapping[str, Secret]) -> bytes:
    """Secrets as the registration itself keeps them."""
    owner = f"{seen.tenant_id}|registration|{seen.registration_id}"
    return json.encode(
        {
            name: b64encode(keyring.wrap(secret.reveal_bytes(), f"{owner}|{name}".encode())).decode()
            for name, secret in secrets.items()
        }
    )


def owned_signer(keyring: Keyring, seen: Process, key: Secret) -> bytes:
    """A private key as the registration itself keeps it."""
    owner = f"{seen.tenant_id}|registration|{seen.registration_id}"
    return keyring.wrap(key.reveal_bytes(), f"{owner}|signer".encode())
