"""Telling subscribers: endpoints, events, deliveries, and how far each endpoint has come with each
invoice.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from tallystick.store.tables_tenant import Time, metadata, now

__all__ = ["webhook_cursor", "webhook_delivery", "webhook_endpoint", "webhook_event"]

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenant.id"), nullable=False),
    Column("mode", Text),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("events", ARRAY(Text), nullable=False, server_default=text("'{*}'")),
    Column("secrets_wrapped", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default="active"),
    Column("first_failure_at", Time),
    Column("created_at", Time, nullable=False, server_default=now),
    Index("webhook_endpoint_tenant", "tenant_id"),
)

webhook_event = Table(
    "webhook_event",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("invoice_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Time, nullable=False),
    Column("subject", Text, nullable=False, server_default="invoice"),
    UniqueConstraint("invoice_id", "seq", name="webhook_event_place"),
    Index("webhook_event_list", "tenant_id", "at", "id"),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("event_id", Uuid, ForeignKey("webhook_event.id"), primary_key=True),
    Column("endpoint_id", Uuid, ForeignKey("webhook_endpoint.id"), primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("invoice_id", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Time, server_default=now),
    Column("lease_until", Time),
    Column("token", BigInteger, nullable=False, server_default="0"),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("delivered_at", Time),
    UniqueConstraint("endpoint_id", "invoice_id", "seq", name="webhook_delivery_place"),
    Index("webhook_delivery_due", "endpoint_id", "next_at", postgresql_where=text("state = 'queued'")),
    Index("webhook_delivery_leased", "lease_until", postgresql_where=text("state = 'in_flight'")),
)

webhook_cursor = Table(
    "webhook_cursor",
    metadata,
    Column("endpoint_id", Uuid, ForeignKey("webhook_endpoint.id"), primary_key=True),
    Column("invoice_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("delivered_seq", Integer, nullable=False, server_default="0"),
)
