"""The worker's enrolment: the one place where wrapped secrets are opened and handed to a strategy."""

from base64 import b64decode
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from tallystick.flows.gateway import Gateway
from tallystick.flows.hosts import endpoint_of
from tallystick.keys import Secret, Signer, new_private_key, pkcs11, signer_from_pem
from tallystick.store import ids
from tallystick.store.enrolled import Enrolled
from tallystick.store.work import Glimpse
from tallystick.strategy import Enrolment, Enrols, Session, Slot, Strategy

__all__ = ["enrolment_for", "made_key", "opened_enrolment", "signer_of"]


def enrolment_for(
    gateway: Gateway,
    strategy: Strategy,
    seen: Glimpse,
    row: Enrolled | None,
    now: datetime,
    slot: Slot | None = None,
    session: Session | None = None,
) -> Enrolment:
    """What `strategy` may know of the taxpayer, secrets open. `now` is the database's time.

    Raises KeyringError when a secret cannot be opened, msgspec.ValidationError for settings of another shape.
    """
    if row is None:
        return Enrolment(now=now, reference=seen.external_ref, signer=gateway.keyring.document, slot=slot)
    opened = opened_enrolment(gateway, strategy, row, now)
    return structs.replace(opened, reference=seen.external_ref, slot=slot, session=session)


def opened_enrolment(gateway: Gateway, strategy: Strategy, row: Enrolled, now: datetime) -> Enrolment:
    """A registration as its strategy may know it, apart from any document. Raises as `enrolment_for`."""
    owner = f"{row.tenant_id}|registration|{row.id}"
    return Enrolment(
        registration=str(row.id),
        taxpayer=row.taxpayer,
        tax_identifier=row.tax_identifier,
        environment=row.environment,
        endpoint=endpoint_of(strategy, row.environment, row.endpoint),
        settings=_settings(strategy, row.settings),
        secrets={name: _opened(gateway, owner, name, wrapped) for name, wrapped in row.secrets.items()},
        signer=_signer(gateway, owner, row.signer_wrapped),
        now=now,
    )


def _settings(strategy: Strategy, stored: dict[str, Any]) -> Any:
    return msgspec.convert(stored, strategy.settings_type) if isinstance(strategy, Enrols) else None


def _opened(gateway: Gateway, owner: str, name: str, wrapped: str) -> Secret:
    return gateway.keyring.unwrap(b64decode(wrapped), f"{owner}|{name}".encode())


def _signer(gateway: Gateway, owner: str, wrapped: bytes | None) -> Signer | None:
    if wrapped is None:
        return None
    return signer_of(gateway, gateway.keyring.unwrap(wrapped, f"{owner}|signer".encode()))


def signer_of(gateway: Gateway, stored: Secret) -> Signer:
    """The signer of what is stored for a key: its PEM, or the name of one that never leaves its token.

    Raises SignerError.
    """
    if pkcs11.is_name(stored):
        return pkcs11.signer(stored.reveal(), gateway.settings.pkcs11_module, _pin(gateway))
    return signer_from_pem(stored)


def made_key(gateway: Gateway, key_store: str, algorithm: str, label: UUID) -> Secret:
    """A new key as it is stored: in PEM form, or made inside the token that `key_store` names and named so.

    Raises SignerError when it cannot be made.
    """
    if not key_store:
        return new_private_key(algorithm)
    name = pkcs11.named(key_store, f"{label}-{ids.random()}")
    return pkcs11.make_key(name, algorithm, gateway.settings.pkcs11_module, _pin(gateway))


def _pin(gateway: Gateway) -> Secret:
    return Secret(gateway.settings.pkcs11_pin or "")
