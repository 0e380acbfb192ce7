"""Who uses the gateway: tenants, their keys, sellers and registrations."""

from sqlalchemy import (
    ARRAY,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import DateTime

__all__ = ["Time", "api_key", "metadata", "now", "registration", "registration_session", "seller", "tenant"]

metadata = MetaData()
Time = DateTime(timezone=True)
now = func.clock_timestamp()

tenant = Table(
    "tenant",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", Time, nullable=False, server_default=now),
)

api_key = Table(
    "api_key",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenant.id"), nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("name", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("created_at", Time, nullable=False, server_default=now),
    Column("expires_at", Time),
    Column("last_used_at", Time),
    Column("revoked_at", Time),
    Index("api_key_tenant", "tenant_id"),
)

seller = Table(
    "seller",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenant.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("country_code", Text, nullable=False),
    Column("tax_identifier", Text),
    Column("legal_registration_identifier", Text),
    Column("tax_region", Text),
    Column("created_at", Time, nullable=False, server_default=now),
    Index("seller_by_tax", "tenant_id", "tax_identifier"),
    Index("seller_by_legal", "tenant_id", "legal_registration_identifier"),
)

registration = Table(
    "registration",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenant.id"), nullable=False),
    Column("seller_id", Uuid, ForeignKey("seller.id"), nullable=False),
    Column("strategy", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("unit", Text),
    Column("tax_identifier", Text),
    Column("endpoint", Text, nullable=False, server_default=""),
    Column("settings", JSONB, nullable=False, server_default=text("'{}'")),
    Column("secrets_wrapped", LargeBinary),
    Column("signer_wrapped", LargeBinary),
    Column("state", Text, nullable=False, server_default="active"),
    Column("paused_reason", Text),
    Column("created_at", Time, nullable=False, server_default=now),
    Column("version", Integer, nullable=False, server_default="1"),
    Index("registration_tenant", "tenant_id", "id"),
)
Index(
    "registration_once",
    registration.c.seller_id,
    registration.c.strategy,
    registration.c.environment,
    registration.c.unit,
    unique=True,
    postgresql_nulls_not_distinct=True,
    postgresql_where=text("state <> 'retired'"),
)

registration_session = Table(
    "registration_session",
    metadata,
    Column("registration_id", Uuid, ForeignKey("registration.id"), primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("created_at", Time, nullable=False, server_default=now),
)
