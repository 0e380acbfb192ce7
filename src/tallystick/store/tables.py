"""The tables as SQLAlchemy knows them: for queries, and for the comparison with the migrated database.

Checks, triggers, roles and row security stand in the migrations; a test compares both sides.
"""

from tallystick.store.tables_invoice import (
    attempt,
    authority_chain,
    breaker,
    compliance_log,
    idempotency_key,
    invoice,
    log_pending,
    object_,
    registration_poll,
    submission,
)
from tallystick.store.tables_tenant import (
    api_key,
    metadata,
    registration,
    registration_process,
    registration_session,
    seller,
    tenant,
)
from tallystick.store.tables_webhook import webhook_cursor, webhook_delivery, webhook_endpoint, webhook_event

__all__ = [
    "api_key",
    "attempt",
    "authority_chain",
    "breaker",
    "compliance_log",
    "idempotency_key",
    "invoice",
    "log_pending",
    "metadata",
    "object_",
    "registration",
    "registration_poll",
    "registration_process",
    "registration_session",
    "seller",
    "submission",
    "tenant",
    "webhook_cursor",
    "webhook_delivery",
    "webhook_endpoint",
    "webhook_event",
]
