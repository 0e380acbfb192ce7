"""The worker's enrolment: the one place where wrapped secrets are opened and handed to a strategy."""

from base64 import b64decode
from datetime import datetime
from typing import Any

import msgspec

from tallystick.flows.gateway import Gateway
from tallystick.keys import Secret, Signer, signer_from_pem
from tallystick.store.enrolled import Enrolled
from tallystick.store.work import Glimpse
from tallystick.strategy import Enrolment, Enrols, Session, Slot, Strategy

__all__ = ["enrolment_for"]


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
    owner = f"{seen.tenant_id}|registration|{row.id}"
    return Enrolment(
        registration=str(row.id),
        environment=row.environment,
        endpoint=row.endpoint,
        settings=_settings(strategy, row.settings),
        secrets={name: _opened(gateway, owner, name, wrapped) for name, wrapped in row.secrets.items()},
        signer=_signer(gateway, owner, row.signer_wrapped),
        now=now,
        reference=seen.external_ref,
        slot=slot,
        session=session,
    )


def _settings(strategy: Strategy, stored: dict[str, Any]) -> Any:
    return msgspec.convert(stored, strategy.settings_type) if isinstance(strategy, Enrols) else None


def _opened(gateway: Gateway, owner: str, name: str, wrapped: str) -> Secret:
    return gateway.keyring.unwrap(b64decode(wrapped), f"{owner}|{name}".encode())


def _signer(gateway: Gateway, owner: str, wrapped: bytes | None) -> Signer | None:
    if wrapped is None:
        return None
    return signer_from_pem(gateway.keyring.unwrap(wrapped, f"{owner}|signer".encode()))
