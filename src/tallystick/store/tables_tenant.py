"""Who uses the gateway: tenants, their keys, sellers and registrations."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
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

__all__ = [
    "Time",
    "api_key",
    "metadata",
    "now",
    "registration",
    "registration_process",
    "registration_session",
    "seller",
    "tenant",
]

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
    Column("expires_at", Time),
    Column("expiry_told", Integer),
    Column("key_store", Text, nullable=False, server_default=""),
    Column("raised_rules", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("event_seq", Integer, nullable=False, server_default="0"),
    Index("registration_tenant", "tenant_id", "id"),
    Index(
        "registration_expiry",
        "expires_at",
        postgresql_where=text("expires_at IS NOT NULL AND state <> 'retired'"),
    ),
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

registration_process = Table(
    "registration_process",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("registration_id", Uuid, ForeignKey("registration.id"), nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("settings", JSONB, nullable=False, server_default=text("'{}'")),
    Column("secrets_wrapped", LargeBinary),
    Column("signer_wrapped", LargeBinary),
    Column("code_wrapped", LargeBinary),
    Column("wants_code", Boolean, nullable=False, server_default=text("false")),
    Column("drains", Boolean, nullable=False, server_default=text("false")),
    Column("state", Text, nullable=False),
    Column("steps", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", Time, server_default=now),
    Column("lease_until", Time),
    Column("token", BigInteger, nullable=False, server_default="0"),
    Column("owner", Text),
    Column("detail", Text, nullable=False, server_default=""),
    Column("faults", Text, nullable=False, server_default="[]"),
    Column("created_at", Time, nullable=False, server_default=now),
    Column("updated_at", Time, nullable=False, server_default=now),
    Index("registration_process_of", "registration_id", "created_at"),
    Index("registration_process_due", "next_at", postgresql_where=text("state IN ('due', 'draining')")),
    Index("registration_process_leased", "lease_until", postgresql_where=text("state = 'running'")),
)
Index(
    "registration_process_alone",
    registration_process.c.registration_id,
    unique=True,
    postgresql_where=text("state NOT IN ('failed', 'done')"),
)
